//! Names of the files that belong to a store, and removing one of them.

use super::StoreError;
use std::fs;
use std::path::{Path, PathBuf};

/// The last component of a path, as text.
pub(super) fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The path of a companion file: the store's path with a suffix.
pub(super) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.to_owned().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

/// Removes a file, if it exists.
pub(super) fn remove(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
