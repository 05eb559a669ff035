//! Arguments of `cargo demo phone`, and their defaults.

use super::help::help;
use crate::day::demo_folder;
use anyhow::Context as _;
use std::path::PathBuf;

/// Joins a demo with a bidder's phone in this terminal.
#[derive(Debug, clap::Args)]
#[command(after_help = help("en"))]
pub struct PhoneArguments {
    /// Port of the demo on this machine
    #[arg(long, default_value_t = crate::day::PORT, conflicts_with = "server")]
    port: u16,
    /// Another server, such as http://localhost:8080
    #[arg(long, requires = "data")]
    server: Option<String>,
    /// This phone's folder: started again on the same folder it is the same phone [default: "you"
    /// in the demo's folder]
    #[arg(long)]
    data: Option<PathBuf>,
    /// ky, ru or en [default: the terminal's language, else en]
    #[arg(long, value_parser = ["ky", "ru", "en"])]
    lang: Option<String>,
    /// A second phone of the same person: "tablet" in the demo's folder, with the first one's
    /// passkeys
    #[arg(long, conflicts_with_all = ["server", "data", "passkeys"])]
    tablet: bool,
    /// File of the passkeys, when another phone of the same person has them already
    #[arg(long)]
    passkeys: Option<PathBuf>,
    /// Origin the passkey names, when it is not the server's address
    #[arg(long)]
    origin: Option<String>,
}

/// Settings of a terminal's phone.
#[derive(Debug, Clone)]
pub struct PhoneSettings {
    /// The server, such as `http://localhost:8080`.
    pub server: String,
    /// The folder with the phone's data.
    pub data: PathBuf,
    /// `ky`, `ru` or `en`.
    pub language: String,
    /// The file of another phone's passkeys.
    pub passkeys: Option<PathBuf>,
    /// The origin the passkey names.
    pub origin: String,
}

impl PhoneArguments {
    /// The settings, with the demo's address and folder where nothing else is said.
    ///
    /// # Errors
    /// When the demo's folder is needed and no demo has run on that port.
    pub fn settings(self) -> anyhow::Result<PhoneSettings> {
        let demo = || {
            let port = self.port;
            demo_folder::find(port).with_context(|| {
                format!("no demo has run on port {port}; start `cargo demo` first, or give --data")
            })
        };
        let (data, passkeys) = match self.data {
            Some(data) => (data, self.passkeys),
            None if self.tablet => {
                let folder = demo()?;
                (folder.join("tablet"), Some(folder.join("you/secrets/passkeys.json")))
            }
            None => (demo()?.join("you"), self.passkeys),
        };
        let server = self.server.unwrap_or_else(|| format!("http://localhost:{}", self.port));
        let server = server.trim_end_matches('/').to_owned();
        let origin = self.origin.unwrap_or_else(|| server.clone());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
        let locale = locale.map(|name| name.to_string_lossy().into_owned());
        let language =
            self.lang.unwrap_or_else(|| language_of(locale.into_iter().find(|l| !l.is_empty())));
        Ok(PhoneSettings { server, data, language, passkeys, origin })
    }
}

/// The language of a locale such as `ky_KG.UTF-8`.
fn language_of(locale: Option<String>) -> String {
    let locale = locale.unwrap_or_default();
    let known = ["ky", "ru"].into_iter().find(|language| locale.starts_with(language));
    known.unwrap_or("en").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phone_speaks_the_terminals_language() {
        for (locale, expected) in [
            (Some("ky_KG.UTF-8"), "ky"),
            (Some("ru_RU.UTF-8"), "ru"),
            (Some("en_GB.UTF-8"), "en"),
            (Some("C"), "en"),
            (None, "en"),
        ] {
            assert_eq!(language_of(locale.map(str::to_owned)), expected, "{locale:?}");
        }
    }
}
