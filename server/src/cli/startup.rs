//! What is refused before anything is opened: each message says what is wrong, where, and what to
//! do. Messages never hold an address's password.

use crate::clock::{Clock, DatabaseClock, SystemClock};
use crate::config::{MobileApp, RECEIPT_KEY};
use crate::db::place::{self, sqlite_file};
use anyhow::{Context as _, anyhow, bail, ensure};
use reqwest::Url;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::rules::RuleProfile;

/// Longest wait for a database's machine to take a connection.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);
const POSTGRES_PORT: u16 = 5432;

/// The public origin, without a slash at its end.
///
/// # Errors
/// When browsers could not use it, or its passkeys.
pub fn public_origin(text: &str) -> anyhow::Result<String> {
    let url = web_origin("--public-origin", text)?;
    ensure!(
        url.domain().is_some(),
        "--public-origin {text}: passkeys need a host name, not an address; give \
         https://auction.example.kg, or http://localhost:8080 on this machine"
    );
    Ok(url.origin().ascii_serialization())
}

/// A further origin of the apps, as it was given.
///
/// # Errors
/// When it is not a URL, or an origin of the web that can't have passkeys.
pub fn app_origin(text: &str) -> anyhow::Result<String> {
    let url = Url::parse(text.trim());
    let url = url.with_context(|| {
        format!("--app-origin {text} is no origin; give android:apk-key-hash:… or https://…")
    })?;
    if ["http", "https"].contains(&url.scheme()) {
        web_origin("--app-origin", text.trim())?;
    }
    Ok(text.trim().to_owned())
}

/// The apps of the server.
///
/// # Errors
/// When one is neither `android:` with a package nor `ios:` with a team and a bundle.
pub fn mobile_apps(named: &[String]) -> anyhow::Result<Vec<MobileApp>> {
    let is_name = |name: &str| {
        let is_part = |part: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            !part.is_empty() && part.bytes().all(plain)
        };
        name.contains('.') && name.split('.').all(is_part)
    };
    let app = |text: &String| match text.trim().split_once(':') {
        Some(("android", name)) if is_name(name) => Ok(MobileApp::Android(name.to_owned())),
        Some(("ios", name)) if is_name(name) => Ok(MobileApp::Ios(name.to_owned())),
        _ => anyhow::bail!(
            "--mobile-app {text} is no app; give android:kg.toruk.app or ios:TEAM.kg.toruk.app"
        ),
    };
    named.iter().map(app).collect()
}

fn web_origin(option: &str, text: &str) -> anyhow::Result<Url> {
    let example = "give only its beginning, such as https://auction.example.kg";
    let url = Url::parse(text).with_context(|| format!("{option} {text} is no URL; {example}"))?;
    ensure!(
        ["http", "https"].contains(&url.scheme()) && url.host_str().is_some(),
        "{option} {text} is no address of a browser; {example}"
    );
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    ensure!(bare && anonymous, "{option} {text} has more than a host and a port; {example}");
    let host = url.host_str().unwrap_or_default();
    let here = host == "localhost" || host.ends_with(".localhost");
    ensure!(
        url.scheme() == "https" || here,
        "{option} {text}: browsers give passkeys to https alone, except on localhost; put a proxy \
         with TLS in front and give https://{host}"
    );
    Ok(url)
}

/// Fails if an address that is called over HTTP is of another kind.
///
/// # Errors
/// Names the option, not the address.
pub fn require_http(option: &str, address: Option<&str>) -> anyhow::Result<()> {
    let Some(address) = address else { return Ok(()) };
    let url = Url::parse(address).with_context(|| format!("{option} is no URL"))?;
    let fits = ["http", "https"].contains(&url.scheme()) && url.host_str().is_some();
    let scheme = url.scheme();
    ensure!(fits, "{option} begins with {scheme}:, but is called over HTTP; give https://…");
    Ok(())
}

/// Reads a file that an option names.
///
/// # Errors
/// Names the option and the file.
pub fn read(option: &str, file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file);
    text.with_context(|| {
        format!("{option} {}: the file can't be read; correct its name or its rights", named(file))
    })
}

/// Reads a secret, if there is a file for it, without the end of its line.
///
/// # Errors
/// Also when the file is empty: what is signed with an empty secret is signed by anybody.
pub fn secret(option: &str, file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let Some(file) = file else { return Ok(None) };
    let secret = read(option, file)?.trim().to_owned();
    let name = named(file);
    ensure!(!secret.is_empty(), "{option} {name}: the file is empty; write the secret into it");
    Ok(Some(secret))
}

/// The rules of new auctions; the built-in ones without a file.
///
/// # Errors
/// Names the file, and the place in it that is no rule, or the rule that no auction can run under.
pub fn rules(file: Option<&Path>) -> anyhow::Result<RuleProfile> {
    let Some(file) = file else { return Ok(RuleProfile::standard()) };
    let text = read("--rules", file)?;
    let rules: Result<RuleProfile, _> = serde_json::from_str(&text);
    let rules = rules.with_context(|| format!("--rules {}: not a file of rules", named(file)))?;
    let sound = rules.check();
    sound.map_err(|field| anyhow!("--rules {}: {field} has no possible value", named(file)))?;
    Ok(rules)
}

/// Creates a folder that only its owner can open: it holds bidders' data and the receipts' key.
///
/// # Errors
/// Names the folder.
pub fn create_data_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    let private = || {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
    };
    private().with_context(|| {
        format!("--data-dir {}: the folder can't be created or is another's", named(folder))
    })
}

/// Fails if the folder is no server's: a mistyped one must not become an empty server.
///
/// # Errors
/// Names the folder.
pub fn require_key(folder: &Path) -> anyhow::Result<()> {
    ensure!(
        folder.join(RECEIPT_KEY).is_file(),
        "--data-dir {}: no server's data is there ({RECEIPT_KEY} is missing); give the folder of a \
         server, or start `toruk serve` first, which alone creates one",
        named(folder)
    );
    Ok(())
}

/// Fails if there is no server's data, the database included.
///
/// # Errors
/// Names the folder or the database.
pub fn require_data(folder: &Path, database_url: Option<&str>) -> anyhow::Result<()> {
    require_key(folder)?;
    let file = match database_url {
        None => folder.join("toruk.db"),
        Some(url) => match sqlite_file(url) {
            Some(file) => file,
            None => return Ok(()),
        },
    };
    ensure!(
        file.is_file(),
        "the database {} is missing; correct --data-dir or --database-url, or start `toruk serve` \
         first",
        named(&file)
    );
    Ok(())
}

/// Checks the kind of a database's address, and that its machine takes connections.
///
/// # Errors
/// Names the machine or the file.
pub fn reach_database(url: &str) -> anyhow::Result<()> {
    if let Some(file) = sqlite_file(url) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let there = folder.is_none_or(Path::is_dir);
        let name = named(&file);
        ensure!(there, "--database-url {name}: its folder is missing; create it or correct it");
        return Ok(());
    }
    let parsed = Url::parse(url).context("--database-url is no address")?;
    ensure!(
        ["postgres", "postgresql"].contains(&parsed.scheme()),
        "--database-url begins with {}:; give sqlite://FILE or postgres://…",
        parsed.scheme()
    );
    let elsewhere = parsed.query_pairs().any(|(name, _)| name == "host" || name == "hostaddr");
    let host = parsed.host_str().filter(|host| !host.starts_with("%2F") && !elsewhere);
    // A socket in the file system, or an address in the query: the connection itself tells.
    let Some(host) = host else { return Ok(()) };
    let port = parsed.port().unwrap_or(POSTGRES_PORT);
    let place = format!("{host}:{port}");
    let todo = "start PostgreSQL there, let this machine in, or correct the address";
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (bare, port).to_socket_addrs();
    let addresses = addresses.with_context(|| {
        format!("--database-url: the host {host} is unknown; correct the address")
    })?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, REACH_TIMEOUT) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => bail!("--database-url: nothing answers at {place} ({error}); {todo}"),
        None => bail!("--database-url: {place} has no address; {todo}"),
    }
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

/// The clock of this database: its own for PostgreSQL, the machine's for SQLite.
///
/// # Errors
/// When the database can't be reached.
pub async fn clock(database_url: Option<&str>) -> anyhow::Result<Arc<dyn Clock>> {
    let Some(url) = database_url else { return Ok(Arc::new(SystemClock::start())) };
    reach_database(url)?;
    if url.starts_with("sqlite:") {
        return Ok(Arc::new(SystemClock::start()));
    }
    let connected = DatabaseClock::connect(url).await;
    Ok(Arc::new(connected.with_context(|| place::refusal(url))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_host_that_browsers_give_passkeys_to() {
        for (given, expected) in [
            ("https://auction.example.kg", Some("https://auction.example.kg")),
            ("https://auction.example.kg/", Some("https://auction.example.kg")),
            ("https://Auction.Example.KG:8443", Some("https://auction.example.kg:8443")),
            ("https://auction.example.kg:443", Some("https://auction.example.kg")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://toruk.localhost", Some("http://toruk.localhost")),
            ("http://auction.example.kg", None),
            ("http://127.0.0.1:8080", None),
            ("https://192.0.2.1", None),
            ("https://auction.example.kg/console", None),
            ("https://auction.example.kg?a=b", None),
            ("https://auction.example.kg/#a", None),
            ("https://me:secret@auction.example.kg", None),
            ("ftp://auction.example.kg", None),
            ("auction.example.kg", None),
            ("", None),
        ] {
            assert_eq!(public_origin(given).ok().as_deref(), expected, "{given}");
        }
        for (given, expected) in [
            ("android:apk-key-hash:abc", true),
            ("https://www.auction.example.kg", true),
            ("https://www.auction.example.kg/app", false),
            ("http://www.auction.example.kg", false),
            ("apk-key-hash", false),
        ] {
            assert_eq!(app_origin(given).is_ok(), expected, "{given}");
        }
        for (given, expected) in [
            ("android:kg.toruk.app", true),
            (" ios:ABCDE12345.kg.toruk.app", true),
            ("kg.toruk.app", false),
            ("android:toruk", false),
            ("android:kg..app", false),
            ("ios:", false),
            ("windows:kg.toruk.app", false),
        ] {
            assert_eq!(mobile_apps(&[given.to_owned()]).is_ok(), expected, "{given}");
        }
    }

    #[test]
    fn a_database_is_of_a_known_kind_in_a_folder_that_exists() {
        for (url, expected) in [
            ("sqlite://toruk.db", true),
            ("sqlite:///no/such/folder/toruk.db", false),
            ("mysql://db/toruk", false),
            ("no address", false),
            ("postgres:///toruk?host=/run/postgresql", true),
        ] {
            assert_eq!(reach_database(url).is_ok(), expected, "{url}");
        }
    }
}
