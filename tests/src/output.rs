//! Standard output that may end before the program does: `cargo demo | head` closes it, Ctrl-C ends
//! `tee` first, a disk fills up.
//!
//! # Why
//! `println!` panics on a failed write. Here the first failure is remembered, nothing is written
//! after it, and the program's main function awaits [`Output::lost`] and ends in order.

use std::io::{ErrorKind, Write};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// Lines for a person, until nobody can read them any more.
pub struct Output {
    to: Mutex<Box<dyn Write + Send>>,
    lost: watch::Sender<Option<ErrorKind>>,
}

impl Output {
    /// The process's standard output.
    pub fn stdout() -> Self {
        Self::new(Box::new(std::io::stdout()))
    }

    pub fn new(to: Box<dyn Write + Send>) -> Self {
        Self { to: Mutex::new(to), lost: watch::Sender::new(None) }
    }

    /// Writes `text` as it is and flushes it.
    pub fn write(&self, text: impl std::fmt::Display) {
        if self.is_lost() {
            return;
        }
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = write!(to, "{text}").and_then(|()| to.flush()) {
            self.lost.send_replace(Some(error.kind()));
        }
    }

    /// Writes a line; does nothing once a write has failed.
    pub fn line(&self, line: impl std::fmt::Display) {
        self.write(format_args!("{line}\n"));
    }

    /// Returns `true` once a write has failed.
    pub fn is_lost(&self) -> bool {
        self.lost.borrow().is_some()
    }

    /// Waits until a write has failed.
    ///
    /// # Errors
    /// Every reason but that the reader has gone, which is a way to end a program.
    pub async fn lost(&self) -> anyhow::Result<()> {
        let mut lost = self.lost.subscribe();
        let kind = match lost.wait_for(Option::is_some).await {
            Ok(kind) => *kind,
            Err(_) => None,
        };
        match kind {
            None | Some(ErrorKind::BrokenPipe) => Ok(()),
            Some(kind) => anyhow::bail!("the output cannot be written: {kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Takes `left` writes, then fails with `kind`; counts the attempts.
    struct Failing {
        left: usize,
        kind: ErrorKind,
        attempts: Arc<AtomicUsize>,
    }

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.attempts.fetch_add(1, Ordering::SeqCst);
            self.left = self.left.checked_sub(1).ok_or(self.kind)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_is_written_after_the_reader_has_gone() {
        for (kind, in_order) in [(ErrorKind::BrokenPipe, true), (ErrorKind::StorageFull, false)] {
            let attempts = Arc::new(AtomicUsize::new(0));
            let failing = Failing { left: 1, kind, attempts: Arc::clone(&attempts) };
            let output = Output::new(Box::new(failing));
            output.write("one");
            assert!(output.lost().now_or_never().is_none());
            output.write("two");
            output.write("three");
            assert_eq!(attempts.load(Ordering::SeqCst), 2);
            assert_eq!(output.lost().now_or_never().unwrap().is_ok(), in_order);
        }
    }
}
