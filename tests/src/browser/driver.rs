//! The program between a test and Chromium.

use super::NEEDED;
use anyhow::{Context as _, bail, ensure};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A part of the line that chromedriver prints once it listens.
const LISTENING: &str = "started successfully on port ";
/// Lines it says before that, at most.
const GREETING_LINES_MAX: usize = 20;

/// A running chromedriver. Dropped, it is killed.
pub struct Driver {
    child: Child,
    url: String,
    /// Kept open: a process that writes into a closed pipe is killed.
    _said: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts chromedriver on a free port.
    ///
    /// # Errors
    /// When it or Chromium is not installed.
    pub async fn start() -> anyhow::Result<Self> {
        let chromium = Command::new("chromium").arg("--version").output();
        ensure!(chromium.is_ok_and(|answer| answer.status.success()), "no chromium: {NEEDED}");
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("no chromedriver: {NEEDED}"))?;
        let said = child.stdout.take().context("chromedriver has no output")?;
        let listening = tokio::task::spawn_blocking(|| listening(said)).await?;
        let (port, said) = match listening {
            Ok(listening) => listening,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error);
            }
        };
        Ok(Self { child, url: format!("http://127.0.0.1:{port}"), _said: said })
    }

    /// The address at which chromedriver listens.
    pub fn url(&self) -> &str {
        &self.url
    }
}

fn listening(said: ChildStdout) -> anyhow::Result<(u16, BufReader<ChildStdout>)> {
    let mut said = BufReader::new(said);
    for _ in 0..GREETING_LINES_MAX {
        let mut line = String::new();
        said.read_line(&mut line)?;
        if let Some((_, port)) = line.split_once(LISTENING) {
            return Ok((port.trim().trim_end_matches('.').parse()?, said));
        }
    }
    bail!("chromedriver does not say its port")
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
