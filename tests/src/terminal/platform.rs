//! The platform that a terminal gives the core: files for secrets, the system's clocks, events on a
//! channel.

use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedSender;
use toruk_mobile_core::events::CoreEvent;
use toruk_mobile_core::platform::{Clock, Observer, PlatformError, SecureStore};

/// Secrets as files that only their owner reads; a phone has a keystore.
pub struct FileSecrets {
    folder: PathBuf,
}

impl FileSecrets {
    /// Secrets in `folder`, which is made.
    pub fn open(folder: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn file(&self, name: &str) -> PathBuf {
        // An account's secrets have its name in theirs.
        self.folder.join(name.replace('/', "."))
    }
}

impl SecureStore for FileSecrets {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        match std::fs::read(self.file(&name)) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PlatformError::Failed { reason: error.to_string() }),
        }
    }

    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        let write = || -> std::io::Result<()> {
            // Whole or not at all: a key that was half written loses everything.
            let part = self.file(&format!("{name}.part"));
            std::fs::write(&part, &value)?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o600))?;
            }
            std::fs::rename(part, self.file(&name))
        };
        write().map_err(|error| PlatformError::Failed { reason: error.to_string() })
    }
}

/// The wall clock and the monotonic clock of the system.
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock, which reads 0 now.
    #[allow(clippy::disallowed_methods)] // This is the platform: real clocks come from here.
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn monotonic_us(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    #[allow(clippy::disallowed_methods)] // As above.
    fn wall_us(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }
}

/// Events for the terminal's loop.
pub struct EventChannel(pub UnboundedSender<CoreEvent>);

impl Observer for EventChannel {
    fn on_event(&self, event: CoreEvent) {
        // The loop may have ended.
        let _ = self.0.send(event);
    }
}
