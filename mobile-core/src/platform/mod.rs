//! What the phone's platform gives the core: safe keeping, passkeys, clocks, randomness, ears.
//!
//! The only place from which entropy comes. Apps implement these traits in Kotlin or Swift. What an
//! implementation throws becomes a typed error or a safe value ([`guarded`]); one that blocks holds
//! up the call that needed it, and nothing else.
//!
//! # Why connectivity is a call and no trait
//! Platforms report changes; asking again and again would be polling. See `Core::set_online`.

mod guarded;
mod signer;

pub(crate) use guarded::catch_panic;
pub use guarded::guarded;
pub use signer::SoftSigner;

use crate::events::CoreEvent;
use crate::transport::Transport;
use std::sync::Arc;

/// Why a platform service did not do what was asked.
#[derive(Debug, Clone, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// The person said no.
    #[error("the person cancelled")]
    Cancelled,
    /// The service failed.
    #[error("the platform failed: {reason}")]
    Failed {
        /// For engineers.
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
    /// The value under `name`; an empty one counts as none. A store that can't be read now, as
    /// before the first unlock after a start, must say so: for "none" a new key is made.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Sets a value; an empty one removes it.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError>;
}

/// The platform's passkeys, with user verification.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait Passkeys: Send + Sync {
    /// Makes a passkey from WebAuthn's creation options (JSON, `{"publicKey": …}`); answers the
    /// `PublicKeyCredential` as JSON.
    ///
    /// # Errors
    /// [`PlatformError`].
    async fn register(&self, options_json: String) -> Result<String, PlatformError>;

    /// Signs WebAuthn's request options (JSON, `{"publicKey": …}`); answers the
    /// `PublicKeyCredential` as JSON. Must work without a connection.
    ///
    /// # Errors
    /// [`PlatformError`].
    async fn assert(&self, options_json: String) -> Result<String, PlatformError>;
}

/// The phone's clocks.
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// Microseconds that only ever grow, also while the phone sleeps (`elapsedRealtime`,
    /// `mach_continuous_time`).
    fn monotonic_us(&self) -> i64;

    /// The wall clock, Unix microseconds. Used for labels only: it may be a day wrong.
    fn wall_us(&self) -> i64;
}

/// Hears what happened. Called one at a time, from a thread of its own: it may block and may call
/// the core; while it does, events wait, and too many of them are dropped, which numbers show.
#[uniffi::export(with_foreign)]
pub trait Observer: Send + Sync {
    /// Something changed. Numbers grow by one; a gap says that the app must look for itself
    /// (`Core::overview`).
    fn on_event(&self, event: CoreEvent);
}

/// Randomness for keys and names.
#[uniffi::export(with_foreign)]
pub trait Entropy: Send + Sync {
    /// That many unpredictable bytes; fewer when there are none, which the core takes for a
    /// failure.
    fn bytes(&self, count: u32) -> Vec<u8>;
}

/// The operating system's entropy, right for nearly every app.
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
/// with SHA-256. A signature must not need the person: a bid has just been confirmed by him.
#[uniffi::export(with_foreign)]
pub trait DeviceSigner: Send + Sync {
    /// Makes a key under `name`, in place of any; answers the public key, SEC 1, uncompressed, 65
    /// bytes.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn create(&self, name: String) -> Result<Vec<u8>, PlatformError>;

    /// The public key under `name`, as above.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn public_key(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Signs a message with the key under `name`; answers DER, as both platforms do, or r and s, 64
    /// bytes.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn sign(&self, name: String, message: Vec<u8>) -> Result<Vec<u8>, PlatformError>;

    /// Destroys the key under `name`, if there is one.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn delete(&self, name: String) -> Result<(), PlatformError>;
}

/// An upload for the platform to finish while the app sleeps.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct UploadJob {
    /// Names it; the file's SHA-256, hex.
    pub id: String,
    /// `PATCH`.
    pub method: String,
    /// Whole.
    pub url: String,
    /// With the session's token: never log them.
    pub headers: Vec<crate::transport::HttpHeader>,
    /// A file with the bytes that are still to go. The core removes it.
    pub file: String,
    /// Its length, bytes.
    pub size_bytes: u64,
}

/// Uploads by the system: a background `URLSession`. Android's WorkManager keeps the app alive
/// instead, and calls `sync_now`: there this is not needed.
#[uniffi::export(with_foreign)]
pub trait BackgroundTransfers: Send + Sync {
    /// Takes an upload over. Another one of the same `id` is replaced.
    ///
    /// # Errors
    /// [`PlatformError`]: it waits until the app is awake.
    fn enqueue(&self, job: UploadJob) -> Result<(), PlatformError>;

    /// Ends it if it still goes on: the app is awake and uploads by itself.
    fn cancel(&self, id: String);
}

/// All services of the platform.
#[derive(Clone, uniffi::Record)]
pub struct Platform {
    /// Small secrets.
    pub secure_store: Arc<dyn SecureStore>,
    /// Passkeys.
    pub passkeys: Arc<dyn Passkeys>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The way to the server; without one, the built-in, where the library has it.
    #[uniffi(default = None)]
    pub transport: Option<Arc<dyn Transport>>,
    /// The key that signs bids; without one, it is kept in `secure_store`.
    #[uniffi(default = None)]
    pub signer: Option<Arc<dyn DeviceSigner>>,
    /// Uploads while the app sleeps.
    #[uniffi(default = None)]
    pub transfers: Option<Arc<dyn BackgroundTransfers>>,
}

impl Platform {
    /// Of what every phone has.
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
        }
    }
}
