//! The wall clock of one process, set while it runs: a library between the process and the system
//! shifts what it reads. The monotonic clock goes on as it is, as when a machine's clock is set.
//!
//! # Why a library
//! Setting the machine's clock would move it for everything else; a time namespace shifts only the
//! monotonic clock, and only once.

use anyhow::{Context as _, ensure};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;
use toruk_sync::domain::time::TimeSpan;

const SOURCE: &str = include_str!("clock_shim.c");

/// A shift of the wall clock, for the processes that start with its [`Self::environment`].
pub struct ClockShift {
    folder: TempDir,
}

impl ClockShift {
    /// Compiles the library (needs a C compiler); the shift is zero.
    ///
    /// # Errors
    /// When there is no compiler.
    pub fn new() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        // A database's login of its own reads it, too.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let source = folder.path().join("clock_shim.c");
        std::fs::write(&source, SOURCE)?;
        let shift = Self { folder };
        let compile = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(shift.library())
            .arg(&source)
            .output()
            .context("there is no C compiler")?;
        ensure!(compile.status.success(), "{}", String::from_utf8_lossy(&compile.stderr));
        shift.jump(TimeSpan::ZERO)?;
        std::fs::set_permissions(shift.file(), std::fs::Permissions::from_mode(0o644))?;
        Ok(shift)
    }

    /// The variables of a process whose clock is to be shifted.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |path: PathBuf| path.display().to_string();
        vec![
            ("LD_PRELOAD".to_owned(), path(self.library())),
            ("TORUK_CLOCK_SHIFT".to_owned(), path(self.file())),
        ]
    }

    /// Sets the wall clock to be ahead of the machine's by so much.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn jump(&self, ahead: TimeSpan) -> anyhow::Result<()> {
        let file =
            std::fs::File::options().create(true).truncate(false).write(true).open(self.file())?;
        Ok(file.write_all_at(&(ahead.0 * 1_000).to_ne_bytes(), 0)?)
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("clock_shim.so")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("shift")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall_s(shift: &ClockShift) -> i64 {
        let mut date = Command::new("date");
        let said = date.arg("+%s").envs(shift.environment()).output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim().parse().unwrap()
    }

    #[test]
    fn a_process_reads_the_shifted_clock() {
        let shift = ClockShift::new().unwrap();
        let now = wall_s(&shift);
        for hours in [1, -1, 24] {
            shift.jump(TimeSpan::hours(hours)).unwrap();
            let apart = wall_s(&shift) - now - hours * 3_600;
            assert!((0..60).contains(&apart), "{hours} h: {apart} s off");
        }
    }
}
