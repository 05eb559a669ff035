//! The operator's commands, as processes: what is refused, what is copied, and that the commands of
//! `server/README.md` and of `sync/README.md` do what they say.

mod backup;
mod readme;
mod refused;

use anyhow::{Context as _, ensure};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use toruk_tests::world::until;

/// What a program has said when it ended.
struct Said {
    succeeded: bool,
    status: Option<i32>,
    out: String,
    error: String,
}

/// A program of the workspace, which cargo builds beside the tests.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let built = tests.parent().and_then(|folder| folder.parent()).context("no build folder")?;
    let program = built.join(name);
    ensure!(program.exists(), "{} is not built", program.display());
    Ok(program)
}

fn command(name: &str, arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(program(name)?);
    command.args(arguments).env("RUST_LOG", "error").stdin(Stdio::null());
    Ok(command)
}

/// Runs a program to its end, which must come by itself.
async fn ended(mut command: Command) -> anyhow::Result<Said> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("not started")?;
    let waited =
        until("the end of a command", || std::future::ready(child.try_wait().map_err(Into::into)))
            .await;
    if waited.is_err() {
        child.kill()?;
    }
    let Output { status, stdout, stderr } = child.wait_with_output()?;
    let (out, error) = (String::from_utf8(stdout)?, String::from_utf8(stderr)?);
    waited.with_context(|| error.clone())?;
    Ok(Said { succeeded: status.success(), status: status.code(), out, error })
}

async fn toruk(arguments: &[&str]) -> anyhow::Result<Said> {
    ended(command("toruk", arguments)?).await
}
