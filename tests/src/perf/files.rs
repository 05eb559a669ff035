//! Room for many sockets: the process starts itself once more with the highest limit it may have.
//!
//! # Why not by a system call
//! That would be the only unsafe code of the house; a shell can do it.

use anyhow::{Context as _, bail};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Set in the process that was started again.
const AGAIN: &str = "TORUK_PERF_AGAIN";

/// Most files this process may have open: now, and at most.
///
/// # Errors
/// When the system does not say.
pub fn limits() -> anyhow::Result<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/self/limits")?;
    let line = text.lines().find(|line| line.starts_with("Max open files")).context("no limit")?;
    let mut numbers = line.split_whitespace().filter_map(|word| match word {
        "unlimited" => Some(u64::MAX),
        word => word.parse().ok(),
    });
    numbers.next().zip(numbers.next()).context("limits that can't be read")
}

/// Goes on with the highest limit. Returns when there is nothing to raise.
///
/// # Errors
/// When the process can't be started again.
pub fn raise_limit() -> anyhow::Result<()> {
    let (now, most) = limits()?;
    if now >= most || std::env::var_os(AGAIN).is_some() {
        return Ok(());
    }
    let failed = Command::new("sh")
        .args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(AGAIN, "1")
        .exec();
    Err(failed).context("the limit of open files could not be raised")
}

/// Checks that there is room for so many sockets.
///
/// # Errors
/// When there is not; says what to do.
pub fn need(sockets: usize) -> anyhow::Result<()> {
    /// Files that are open anyway.
    const OTHERS: u64 = 200;
    let (now, _) = limits()?;
    let needed = sockets as u64 + OTHERS;
    if now < needed {
        bail!("{needed} open files are needed and {now} are allowed; raise `ulimit -Hn`");
    }
    Ok(())
}
