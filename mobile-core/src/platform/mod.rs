//! Services of the phone's platform: secure storage, passkeys, clocks, randomness, a listener.
//!
//! Entropy enters only here. Apps implement these traits in Kotlin or Swift. An exception becomes a
//! typed error or a safe value ([`guarded()`]); a call that blocks delays only the call that needed
//! it.
//!
//! # Why connectivity is a call and no trait
//! Platforms report changes; asking repeatedly would be polling. See `Core::set_online`.

mod certificate_signer;
mod guarded;
mod signer;

pub use certificate_signer::{CertificateSigner, SignerError, SigningPurpose, SigningRequest};
pub(crate) use guarded::catch_panic;
pub use guarded::guarded;
pub use signer::SoftSigner;

use crate::events::CoreEvent;
use crate::transport::Transport;
use std::sync::Arc;

/// The reason why a platform service failed.
#[derive(Debug, Clone, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// The person cancelled.
    #[error("the person cancelled")]
    Cancelled,
    /// The service failed otherwise.
    #[error("the platform failed: {reason}")]
    Failed {
        /// Details for engineers.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PlatformError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

/// Small secrets by name: Android Keystore, iOS Keychain (`ThisDeviceOnly`), never backed up.
#[uniffi::export(with_foreign)]
pub trait SecureStore: Send + Sync {
    /// The value under `name`; an empty one counts as none. A store that can't be read now, for
    /// example before the first unlock after a start, must return an error: for "none" a new key is
    /// created.
    ///
    /// # Errors
    /// [`PlatformError`] if the store can't be read.
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Sets a value; an empty one removes it.
    ///
    /// # Errors
    /// [`PlatformError`] if the value could not be saved.
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError>;
}

/// The platform's passkeys, with user verification.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait Passkeys: Send + Sync {
    /// Creates a passkey from WebAuthn's creation options (JSON, `{"publicKey": …}`); returns the
    /// `PublicKeyCredential` as JSON.
    ///
    /// # Errors
    /// [`PlatformError`]; `Cancelled` if the person declined.
    async fn register(&self, options_json: String) -> Result<String, PlatformError>;

    /// Signs WebAuthn's request options (JSON, `{"publicKey": …}`); returns the
    /// `PublicKeyCredential` as JSON. It must work without a connection.
    ///
    /// # Errors
    /// [`PlatformError`]; `Cancelled` if the person declined.
    async fn assert(&self, options_json: String) -> Result<String, PlatformError>;
}

/// The phone's monotonic and wall clocks.
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// Microseconds that never go back and also pass while the phone sleeps (`elapsedRealtime`,
    /// `mach_continuous_time`).
    fn monotonic_us(&self) -> i64;

    /// The wall clock, Unix microseconds. It is used for labels only, because it may be wrong by
    /// days.
    fn wall_us(&self) -> i64;
}

/// Receives events, one at a time, on a thread of its own. It may block and may call the core;
/// meanwhile events wait, and if too many wait, some are dropped, which their numbers show.
#[uniffi::export(with_foreign)]
pub trait Observer: Send + Sync {
    /// Takes one event. Numbers grow by one; after a gap the app must read the state itself
    /// (`Core::overview`).
    fn on_event(&self, event: CoreEvent);
}

/// Randomness for keys and ids.
#[uniffi::export(with_foreign)]
pub trait Entropy: Send + Sync {
    /// `count` unpredictable bytes. Fewer bytes mean that there is no entropy, and are treated as a
    /// failure.
    fn bytes(&self, count: u32) -> Vec<u8>;
}

/// The operating system's entropy, right for almost every app.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods)] // This is the platform: entropy comes from here.
    fn bytes(&self, count: u32) -> Vec<u8> {
        let mut bytes = vec![0; count as usize];
        if getrandom::fill(&mut bytes).is_err() {
            bytes.clear();
        }
        bytes
    }
}

/// The operating system's entropy, for apps.
#[uniffi::export]
pub fn system_entropy() -> Arc<dyn Entropy> {
    Arc::new(SystemEntropy)
}

/// Keys that never leave the phone's hardware: Android Keystore, the Secure Enclave. P-256, ECDSA
/// with SHA-256. Signing must not ask the person: they have just confirmed the bid.
#[uniffi::export(with_foreign)]
pub trait DeviceSigner: Send + Sync {
    /// Creates a key under `name`, in place of any other; returns the public key: SEC 1,
    /// uncompressed, 65 bytes.
    ///
    /// # Errors
    /// [`PlatformError`] if the key could not be created.
    fn create(&self, name: String) -> Result<Vec<u8>, PlatformError>;

    /// The public key under `name`, in the format of [`Self::create`].
    ///
    /// # Errors
    /// [`PlatformError`] if the keys can't be read.
    fn public_key(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Signs a message with the key under `name`; returns the signature in DER, as both platforms
    /// do, or r and s, 64 bytes.
    ///
    /// # Errors
    /// [`PlatformError`] if there is no such key.
    fn sign(&self, name: String, message: Vec<u8>) -> Result<Vec<u8>, PlatformError>;

    /// Destroys the key under `name`, if it exists.
    ///
    /// # Errors
    /// [`PlatformError`] if it could not be destroyed.
    fn delete(&self, name: String) -> Result<(), PlatformError>;
}

/// An upload that the platform finishes while the app is suspended.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct UploadJob {
    /// Identifies the job: the file's SHA-256, in hex.
    pub id: String,
    /// The HTTP method, `PATCH`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// All headers, including the session's token: never log them.
    pub headers: Vec<crate::transport::HttpHeader>,
    /// The path of a file with the remaining bytes. The core removes it.
    pub file: String,
    /// Length of that file, bytes.
    pub size_bytes: u64,
}

/// Uploads by the system: a background `URLSession`. It follows redirects and can't be told not to;
/// under TLS nobody can send one but the server, or a proxy whose certificate the phone trusts. Not
/// needed on Android, where WorkManager keeps the app alive and calls `sync_now`.
#[uniffi::export(with_foreign)]
pub trait BackgroundTransfers: Send + Sync {
    /// Takes over an upload, in place of another of the same `id`.
    ///
    /// # Errors
    /// [`PlatformError`]: the upload waits until the app is resumed.
    fn enqueue(&self, job: UploadJob) -> Result<(), PlatformError>;

    /// Cancels the upload if it is still running: the core continues it itself.
    fn cancel(&self, id: String);
}

/// Converts pictures that the server does not accept: HEIC of iPhones, WebP of messengers, and any
/// with too many pixels or bytes. Every platform can decode its own camera's files.
#[uniffi::export(with_foreign)]
pub trait PictureConverter: Send + Sync {
    /// The same picture as JPEG or PNG, upright, of at most 24 megapixels. Called off the main thread
    /// if `draft_attach_file` is used. The core checks the result like any other file.
    ///
    /// # Errors
    /// [`PlatformError`]: the file is refused with the reason that it had without conversion.
    fn convert(&self, content: Vec<u8>) -> Result<Vec<u8>, PlatformError>;
}

/// All services that the core gets from the platform.
#[derive(Clone, uniffi::Record)]
pub struct Platform {
    /// Storage for small secrets.
    pub secure_store: Arc<dyn SecureStore>,
    /// The platform's passkeys.
    pub passkeys: Arc<dyn Passkeys>,
    /// The phone's clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness; [`system_entropy`] is right for almost every app.
    pub entropy: Arc<dyn Entropy>,
    /// The transport to the server; without one, the built-in transport is used if the library has
    /// it.
    #[uniffi(default = None)]
    pub transport: Option<Arc<dyn Transport>>,
    /// The signer for bids; without one, the key is kept in `secure_store`.
    #[uniffi(default = None)]
    pub signer: Option<Arc<dyn DeviceSigner>>,
    /// Uploads while the app is suspended.
    #[uniffi(default = None)]
    pub transfers: Option<Arc<dyn BackgroundTransfers>>,
    /// The converter for pictures that the server does not accept; without one, they are refused
    /// when they are attached.
    #[uniffi(default = None)]
    pub pictures: Option<Arc<dyn PictureConverter>>,
    /// The signer by the person's certificate (ЭЦП); without one, nothing is confirmed by it.
    #[uniffi(default = None)]
    pub certificates: Option<Arc<dyn CertificateSigner>>,
}

impl Platform {
    /// A platform with the services that every phone has.
    pub fn new(
        secure_store: Arc<dyn SecureStore>,
        passkeys: Arc<dyn Passkeys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let entropy = system_entropy();
        Self {
            secure_store,
            passkeys,
            clock,
            entropy,
            transport: None,
            signer: None,
            transfers: None,
            pictures: None,
            certificates: None,
        }
    }
}
