//! strace at a running server: counts what it does to its files, and breaks one of these calls.

use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Between two looks at what strace says.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Looks before strace counts as unable.
const LOOKS_MAX: u32 = 5_000;

/// System calls that SQLite makes on its files during a commit.
pub const SYSCALLS: [&str; 4] = ["pwrite64", "fdatasync", "fsync", "ftruncate"];

/// strace at work. Dropped, it lets go.
pub struct Tracer {
    child: Child,
    output: PathBuf,
}

impl Tracer {
    /// Follows what process `id` does to `files`, and injects `fault` if there is one. Both of
    /// strace's own texts go to files in `folder`.
    ///
    /// # Errors
    /// When strace is not there or may not trace.
    pub async fn attach(
        id: u32,
        files: &[PathBuf],
        fault: Option<&str>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let (output, said) = (folder.join("strace.out"), folder.join("strace.err"));
        let mut command = Command::new("strace");
        command.args(["-f", "-p", &id.to_string(), "-e"]);
        command.arg(format!("trace={}", SYSCALLS.join(",")));
        for file in files {
            command.arg("-P").arg(file);
        }
        if let Some(fault) = fault {
            command.args(["-e", &format!("inject={fault}")]);
        }
        command.arg("-o").arg(&output).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(std::fs::File::create(&said)?).spawn();
        let mut tracer = Self { child: child.context("there is no strace")?, output };
        for _ in 0..LOOKS_MAX {
            let text = std::fs::read_to_string(&said)?;
            if text.contains("attached") {
                return Ok(tracer);
            }
            ensure!(tracer.child.try_wait()?.is_none(), "strace can't attach: {text}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::bail!("strace does not attach")
    }

    /// Number of times that a call was made so far.
    ///
    /// # Errors
    /// When strace's text can't be read.
    pub fn count(&self, syscall: &str) -> anyhow::Result<usize> {
        let (call, mut count) = (format!("{syscall}("), 0);
        for line in std::fs::read_to_string(&self.output)?.lines() {
            count += usize::from(line.contains(&call));
        }
        Ok(count)
    }

    /// Returns `true` if the fault has happened.
    ///
    /// # Errors
    /// When strace's text can't be read.
    pub fn has_struck(&self) -> anyhow::Result<bool> {
        let text = std::fs::read_to_string(&self.output)?;
        Ok(text.contains("(INJECTED)") || text.contains("(DELAYED)") || text.contains("+++ killed"))
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // Only fails when it has ended with the server.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
