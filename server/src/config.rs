//! The operator's settings. Each has a flag and an environment variable (`toruk serve --help`);
//! secrets are read from files, never from flags.

use crate::address::TrustedProxies;
use crate::disk::{DiskLimits, FLOOR_BYTES, SystemFreeSpace};
use crate::ports::Ids;
use crate::rate_limits::CallerLimits;
use anyhow::Context as _;
use ed25519_dalek::SigningKey;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::protocol::deposit::BankAccount;
use toruk_sync::receipt::Signer;
use webauthn_rs::prelude::Url;

/// Default for the most observers of one node: what two cores and 512 MB can serve.
pub const OBSERVERS_MAX: usize = 10_000;

/// Default for the most bytes of files that no application refers to: a hundred accounts' full
/// allowance.
pub const UPLOADS_BYTES_MAX: u64 = 20 * 1024 * 1024 * 1024;

/// An app of this server, as its platform names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MobileApp {
    /// The package, such as `kg.toruk.app`.
    Android(String),
    /// The team and the bundle, such as `ABCDE12345.kg.toruk.app`.
    Ios(String),
}

/// The state's sign-in (eID): an OpenID provider at which this server is a client.
#[derive(Debug, Clone)]
pub struct EidConfig {
    /// The provider's issuer, such as `https://esia.tunduk.kg`; its description is at
    /// `/.well-known/openid-configuration` below it.
    pub issuer: String,
    /// The name of this server at the provider.
    pub client_id: String,
    /// The secret shared with the provider.
    pub client_secret: ClientKey,
    /// The only way of authentication (`acr`) that is accepted; any, if absent.
    pub acr: Option<String>,
    /// Real time allowed for one request to the provider, the connection included.
    pub timeout: Duration,
}

/// Default for [`EidConfig::timeout`].
pub const EID_TIMEOUT: Duration = Duration::from_secs(8);

/// A secret shared with another service. `Debug` does not show it.
#[derive(Clone)]
pub struct ClientKey(String);

impl ClientKey {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, to be sent to the other service alone.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientKey")
    }
}

/// The configuration of one server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address of the database: `sqlite://FILE` or `postgres://…`.
    pub database_url: String,
    /// Folder of files, keys and, by default, the database.
    pub data_dir: PathBuf,
    /// The server's address for browsers and phones, such as `https://auction.example.kg`. Its host
    /// is the passkeys' relying party.
    pub public_origin: String,
    /// Further origins whose passkeys are accepted, such as `android:apk-key-hash:…`.
    pub app_origins: Vec<String>,
    /// Accepts passkeys that sign by RSA, as Windows Hello makes them: with 2 048 bits, which is less
    /// than 128 bits of security.
    pub rsa_passkeys: bool,
    /// The apps that may use this host's passkeys, as their platforms name them.
    pub mobile_apps: Vec<MobileApp>,
    /// The rules for new auctions.
    pub rules: RuleProfile,
    /// File to which the first administrator's one-time link is written instead of being printed.
    pub invite_file: Option<PathBuf>,
    /// Sets `Secure` on cookies, which then need TLS; `false` only on loopback.
    pub secure_cookies: bool,
    /// Lifetime in seconds of the promise that browsers are given in `Strict-Transport-Security`,
    /// to reach this host by TLS alone (RFC 6797); none by default.
    pub hsts_seconds: Option<u32>,
    /// Extends the promise to this host's subdomains.
    pub hsts_subdomains: bool,
    /// Address of `/readyz` and `/metrics`, which need no session; port 0 for any free port.
    pub operations_listen: SocketAddr,
    /// Time limits for slow clients.
    pub timeouts: ClientTimeouts,
    /// The proxies in front of the server.
    pub proxies: TrustedProxies,
    /// Limits of one address and of one session.
    pub limits: CallerLimits,
    /// Most live streams of people who are not signed in, on this node.
    pub observers_max: usize,
    /// Limits of the data folder's disk.
    pub disk: DiskLimits,
    /// Most bytes of all accounts' files that no application refers to.
    pub uploads_bytes_max: u64,
    /// Files or folders with the certificates to which signatures by certificate (ЭЦП) must lead;
    /// without any, none is accepted.
    pub signature_roots: Vec<PathBuf>,
    /// Addresses of lists of revoked certificates, asked before those that certificates name.
    pub signature_crls: Vec<String>,
    /// Address of a program on officials' own computers that signs for them; `None` where there is
    /// none. On loopback, without a fragment or white space.
    pub local_signer: Option<String>,
    /// Object identifiers of purposes (extended key usage) that let a key sign, beside those that
    /// count everywhere.
    pub signature_purposes: Vec<String>,
    /// Set where a door proves who a person is (eID, or roots for certificates): an application then
    /// needs a proven identity.
    pub proves_identity: bool,
    /// The state's sign-in, if there is one.
    pub eid: Option<EidConfig>,
    /// The account for bank transfers; without one, none are offered to payers.
    pub bank_account: Option<BankAccount>,
    /// Marks each page as part of a demonstration.
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
            rsa_passkeys: true,
            mobile_apps: Vec::new(),
            rules: RuleProfile::standard(),
            invite_file: None,
            secure_cookies: false,
            hsts_seconds: None,
            hsts_subdomains: false,
            operations_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            timeouts: ClientTimeouts::default(),
            proxies: TrustedProxies::default(),
            limits: CallerLimits::default(),
            observers_max: OBSERVERS_MAX,
            disk: DiskLimits {
                floor_bytes: FLOOR_BYTES,
                reserve_bytes: 0,
                probe: Arc::new(SystemFreeSpace),
            },
            uploads_bytes_max: UPLOADS_BYTES_MAX,
            signature_roots: Vec::new(),
            signature_crls: Vec::new(),
            local_signer: None,
            signature_purposes: Vec::new(),
            proves_identity: false,
            eid: None,
            bank_account: None,
            demo: false,
        }
    }

    /// The key in `person.key` in the data folder, from which people's hashes and the wrapping of
    /// their keys are derived. With `may_make` a missing one is made there, mode 0600. All nodes on
    /// one database share it.
    ///
    /// # Errors
    /// When it can't be read or made, or is missing and must not be made.
    pub fn person_key(&self, ids: &dyn Ids, may_make: bool) -> anyhow::Result<[u8; 32]> {
        let there = self.data_dir.join(PERSON_KEY).exists();
        anyhow::ensure!(
            may_make || there,
            "{PERSON_KEY} is missing in the data folder, and this database's people are sealed with \
             it; bring it back from its backup"
        );
        shared_key(&self.data_dir, PERSON_KEY, ids)
    }

    /// The signer of receipts: the public origin's host, with the key in `receipt.key` in the data
    /// folder, which is made there (mode 0600) at the first start, and the one in
    /// `receipt.key.former` while it is being replaced. All nodes on one database share them.
    ///
    /// # Errors
    /// When a key can't be read or made, or the public origin has no host.
    pub fn signer(&self, ids: &dyn Ids) -> anyhow::Result<Signer> {
        let (path, former) = (self.data_dir.join(RECEIPT_KEY), self.data_dir.join(FORMER_KEY));
        if !path.exists() {
            anyhow::ensure!(!former.exists(), "{FORMER_KEY} is there, but no {RECEIPT_KEY}");
            std::fs::create_dir_all(&self.data_dir)?;
            write_secret(&path, &hex::encode(ids.secret()))?;
        }
        let url = Url::parse(&self.public_origin).context("the public origin is not a URL")?;
        let host = url.host_str().context("the public origin has no host")?;
        let signer = Signer::new(host, signing_key(&path)?).context("the host can't name a key")?;
        if !former.exists() {
            return Ok(signer);
        }
        signer.replacing(signing_key(&former)?).with_context(|| {
            format!("{FORMER_KEY} is the same key as {RECEIPT_KEY}; run `toruk receipt-key` again")
        })
    }
}

/// A key in a file of the data folder, which is made there (mode 0600) if it is missing. All nodes on
/// one database share it.
///
/// # Errors
/// When it can't be read or made.
pub fn shared_key(data_dir: &Path, name: &str, ids: &dyn Ids) -> anyhow::Result<[u8; 32]> {
    let path = data_dir.join(name);
    if !path.exists() {
        std::fs::create_dir_all(data_dir)?;
        // Linked, not renamed: of two nodes that start at once, both read the first one's key.
        let new = data_dir.join(format!("{name}.{}", ids.uuid().simple()));
        write_secret(&new, &hex::encode(ids.secret()))?;
        let linked = std::fs::hard_link(&new, &path);
        std::fs::remove_file(&new)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("{name} can't be made"));
            }
            _ => {}
        }
    }
    key_bytes(&path)
}

/// The file of the key that signs receipts, in the data folder.
pub const RECEIPT_KEY: &str = "receipt.key";
/// The file of the key that signs beside it, while it is being replaced.
pub const FORMER_KEY: &str = "receipt.key.former";

/// The file of the key from which people's hashes and sealing are derived, in the data folder.
pub const PERSON_KEY: &str = "person.key";

/// The file of the key by which push services of browsers know the server, in the data folder.
pub const WEB_PUSH_KEY: &str = "web-push.key";

fn signing_key(path: &Path) -> anyhow::Result<SigningKey> {
    Ok(SigningKey::from_bytes(&key_bytes(path)?))
}

fn key_bytes(path: &Path) -> anyhow::Result<[u8; 32]> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{name} can't be read"))?;
    let bytes = hex::decode(text.trim()).with_context(|| format!("{name} is not hex"))?;
    bytes.try_into().map_err(|_| anyhow::anyhow!("{name} is not 32 bytes"))
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

/// Time limits for slow clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// Time from the start of the connection, or from the last response, to the end of a request's
    /// head.
    pub head: Duration,
    /// Time for a body of any length, before `pace` applies.
    pub body: Duration,
    /// Required average pace of a body after that, in bytes per second.
    pub pace: u64,
    /// A client that reads no byte of its response for this long is disconnected.
    pub answer: Duration,
}

impl Default for ClientTimeouts {
    /// Limits that the slowest mobile networks can keep.
    fn default() -> Self {
        let (head, answer) = (Duration::from_secs(30), Duration::from_secs(30));
        Self { head, body: Duration::from_secs(10), pace: 4 * 1024, answer }
    }
}
