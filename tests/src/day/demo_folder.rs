//! The path of a demo's folder, noted beside the program, so that `cargo demo phone` finds the
//! folder of the demo that ran last on a port.

use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Notes that the demo on `port` keeps its things in `folder`.
///
/// # Errors
/// When nothing can be written beside the program.
pub fn note(port: u16, folder: &Path) -> anyhow::Result<()> {
    let folder = folder.to_str().context("a folder with a name that is no text")?;
    Ok(std::fs::write(file(port)?, folder)?)
}

/// The folder of the demo that ran last on `port`.
///
/// # Errors
/// When there was none, or its folder is gone.
pub fn find(port: u16) -> anyhow::Result<PathBuf> {
    let folder = PathBuf::from(std::fs::read_to_string(file(port)?)?);
    anyhow::ensure!(folder.is_dir(), "{} is gone", folder.display());
    Ok(folder)
}

fn file(port: u16) -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(format!("demo-{port}.folder")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_finds_the_last_demo_of_its_port() {
        let folder = tempfile::tempdir().unwrap();
        // No server listens below 1024 in a test.
        let (port, other) = (7, 9);
        note(port, folder.path()).unwrap();
        assert_eq!(find(port).unwrap(), folder.path());
        assert!(find(other).is_err());
        folder.close().unwrap();
        assert!(find(port).is_err());
        std::fs::remove_file(file(port).unwrap()).unwrap();
    }
}
