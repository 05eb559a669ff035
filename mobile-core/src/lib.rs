//! The core of a bidder's app: drafts without a connection, commands delivered exactly once, live
//! bidding.
//!
//! [`engine`] decides, the driver performs, [`store`] keeps data, [`api`] is the side of the app
//! and [`platform`] and [`transport`] are the side of the phone. The rules and the protocol
//! are `toruk_sync`'s, the same code that the server runs.
//!
//! # Example
//!
//! An app gives the core a folder and three services of its platform. This one has a keystore in
//! memory, no passkeys, and never goes online:
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::{Arc, Mutex};
//! use std::time::{Instant, SystemTime, UNIX_EPOCH};
//! use toruk_mobile_core::platform::{Clock, Passkeys, Platform, PlatformError, SecureStore};
//! use toruk_mobile_core::{Core, CoreConfig, CoreError};
//!
//! #[derive(Default)]
//! struct Keystore(Mutex<HashMap<String, Vec<u8>>>);
//!
//! impl SecureStore for Keystore {
//!     fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
//!         Ok(self.0.lock().unwrap().get(&name).cloned())
//!     }
//!
//!     fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
//!         self.0.lock().unwrap().insert(name, value);
//!         Ok(())
//!     }
//! }
//!
//! struct NoPasskeys;
//!
//! #[async_trait::async_trait]
//! impl Passkeys for NoPasskeys {
//!     async fn register(&self, _options_json: String) -> Result<String, PlatformError> {
//!         Err(PlatformError::Cancelled)
//!     }
//!
//!     async fn assert(&self, _options_json: String) -> Result<String, PlatformError> {
//!         Err(PlatformError::Cancelled)
//!     }
//! }
//!
//! struct SystemClock(Instant);
//!
//! impl Clock for SystemClock {
//!     fn monotonic_us(&self) -> i64 {
//!         self.0.elapsed().as_micros() as i64
//!     }
//!
//!     fn wall_us(&self) -> i64 {
//!         SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_micros() as i64)
//!     }
//! }
//!
//! let folder = tempfile::tempdir()?;
//! let config = CoreConfig {
//!     server_url: "https://auction.example".to_owned(),
//!     data_dir: folder.path().display().to_string(),
//!     language: "en".to_owned(),
//!     pins: Vec::new(),
//! };
//! let clock = Arc::new(SystemClock(Instant::now()));
//! let platform = Platform::new(Arc::new(Keystore::default()), Arc::new(NoPasskeys), clock);
//! let core = Core::open(config, platform)?;
//! core.set_online(false)?;
//!
//! assert!(!core.overview().signed_in);
//! // A draft belongs to a person, and nobody has signed in on this phone yet.
//! let auction = "0192f0c1-0000-7000-8000-000000000001".to_owned();
//! let answer = core.draft_set(auction, "phone".to_owned(), Some("+996 555 010203".to_owned()));
//! assert!(matches!(answer, Err(CoreError::SignedOut)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

mod account_registry;
mod account_scope;
mod account_store;
pub mod api;
mod device;
mod driver;
pub mod engine;
pub mod error;
pub mod events;
mod known_answers;
pub mod logging;
mod mutex;
mod obstacle;
mod overview;
mod papers;
pub mod platform;
pub mod store;
pub mod transport;

pub use api::{Core, CoreConfig};
pub use error::CoreError;
pub use known_answers::known_answer;
pub use obstacle::Obstacle;

uniffi::setup_scaffolding!();
