//! What an operator chooses. Everything has a flag and an environment variable (`toruk serve
//! --help`); secrets are read from files, never from flags.

use crate::ports::Ids;
use anyhow::Context as _;
use ed25519_dalek::SigningKey;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::receipt::Signer;
use webauthn_rs::prelude::Url;

/// Most observers of one node, unless the operator says otherwise: what two cores and 512 MB carry.
pub const OBSERVERS_MAX: usize = 10_000;

/// The configuration of one server.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite://FILE` or `postgres://…`.
    pub database_url: String,
    /// Files, keys and, by default, the database.
    pub data_dir: PathBuf,
    /// How browsers and phones reach the server, such as `https://auction.example.kg`. Its host is
    /// the passkeys' relying party.
    pub public_origin: String,
    /// Further origins whose passkeys are taken, such as `android:apk-key-hash:…`.
    pub app_origins: Vec<String>,
    /// The rules new auctions are created under.
    pub rules: RuleProfile,
    /// Where the first administrator's one-time link is written instead of being printed.
    pub invite_file: Option<PathBuf>,
    /// Whether cookies need TLS; false only on loopback.
    pub secure_cookies: bool,
    /// How long slow clients are waited for.
    pub timeouts: ClientTimeouts,
    /// Most live streams of people who are not signed in, on this node.
    pub observers_max: usize,
    /// Shown on each page of a demonstration.
    pub demo: bool,
}

impl Config {
    /// A server on loopback with its data in `data_dir`.
    pub fn local(data_dir: &Path, port: u16) -> Self {
        Self {
            database_url: format!("sqlite://{}", data_dir.join("toruk.db").display()),
            data_dir: data_dir.to_owned(),
            public_origin: format!("http://localhost:{port}"),
            app_origins: Vec::new(),
            rules: RuleProfile::standard(),
            invite_file: None,
            secure_cookies: false,
            timeouts: ClientTimeouts::default(),
            observers_max: OBSERVERS_MAX,
            demo: false,
        }
    }

    /// Who signs receipts: the public origin's host, with the key read from `receipt.key` in the
    /// data folder, or made there (mode 0600) at the first start.
    ///
    /// # Errors
    /// When the file can't be read or written, does not hold 32 bytes in hex, or the public origin
    /// has no host.
    pub fn signer(&self, ids: &dyn Ids) -> anyhow::Result<Signer> {
        let path = self.data_dir.join("receipt.key");
        if !path.exists() {
            std::fs::create_dir_all(&self.data_dir)?;
            write_secret(&path, &hex::encode(ids.secret()))?;
        }
        let text = std::fs::read_to_string(&path).context("receipt.key can't be read")?;
        let bytes = hex::decode(text.trim()).context("receipt.key is not hex")?;
        let bytes: [u8; 32] =
            bytes.try_into().map_err(|_| anyhow::anyhow!("receipt.key is not 32 bytes"))?;
        let url = Url::parse(&self.public_origin).context("the public origin is not a URL")?;
        let host = url.host_str().context("the public origin has no host")?;
        Signer::new(host, SigningKey::from_bytes(&bytes)).context("the host can't name a key")
    }
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// When it can't be written.
pub fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file =
        options.open(path).with_context(|| format!("{} can't be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

/// How long a client is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// From the first moment, or from the last answer, to the end of a request's head.
    pub head: Duration,
    /// A body may take so long whatever its length.
    pub body: Duration,
    /// After that it must have come at this pace, in bytes a second.
    pub pace: u64,
    /// A client that takes no byte of its answer for so long is gone.
    pub answer: Duration,
}

impl Default for ClientTimeouts {
    /// For the slowest mobile networks.
    fn default() -> Self {
        let (head, answer) = (Duration::from_secs(30), Duration::from_secs(30));
        Self { head, body: Duration::from_secs(10), pace: 4 * 1024, answer }
    }
}
