//! Log messages for engineers, in the platform's own log: logcat, os_log.
//!
//! Only messages of this crate and of the rules; none carries a secret, a name or an amount.

use std::fmt::Write as _;
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The longest message; the rest is cut.
const MESSAGE_BYTES_MAX: usize = 2_000;

/// The severity of a log message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// A failure that should not happen.
    Error,
    /// A problem that was corrected.
    Warn,
    /// An occasional event.
    Info,
    /// Frequent details.
    Debug,
}

/// The platform's log. It is called from any thread; it must not block, and must not call the core.
#[uniffi::export(with_foreign)]
pub trait Logger: Send + Sync {
    /// Writes one message.
    fn log(&self, level: LogLevel, target: String, message: String);
}

/// Sends the core's messages up to `level` to `logger`, for the life of the process. Returns
/// `false` if a logger was set before: the first one stays.
#[uniffi::export]
pub fn set_logger(level: LogLevel, logger: Arc<dyn Logger>) -> bool {
    let most = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    };
    tracing::subscriber::set_global_default(Bridge { most, logger }).is_ok()
}

struct Bridge {
    most: Level,
    logger: Arc<dyn Logger>,
}

impl Subscriber for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && *metadata.level() <= self.most
            && metadata.target().starts_with("toruk")
    }

    fn event(&self, event: &Event<'_>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            _ => LogLevel::Debug,
        };
        let mut line = MessageWriter(String::new());
        event.record(&mut line);
        let mut message = line.0;
        let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
        message.truncate(end);
        let target = event.metadata().target().to_owned();
        // A panic of the logger can't be logged.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.logger.log(level, target, message);
        }));
    }

    // Spans are not used here.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Collects the message, then its fields.
struct MessageWriter(String);

impl Visit for MessageWriter {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a string can't fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
