//! What the phone's platform gives the core: safe keeping, passkeys, clocks, randomness, ears.
//!
//! The only place from which entropy comes. Apps implement these traits in Kotlin or Swift.

use crate::events::CoreEvent;
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
    /// The value under `name`; an empty one counts as none.
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

/// Hears what happened. Called one at a time, from a thread of the core; must not block long.
#[uniffi::export(with_foreign)]
pub trait Observer: Send + Sync {
    /// Something changed. Numbers grow by one; a gap says that the app must look for itself.
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

/// All services of the platform.
#[derive(Clone, uniffi::Record)]
pub struct Platform {
    /// Small secrets.
    pub secure_store: Arc<dyn SecureStore>,
    /// Passkeys.
    pub passkeys: Arc<dyn Passkeys>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Ears.
    pub observer: Arc<dyn Observer>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}
