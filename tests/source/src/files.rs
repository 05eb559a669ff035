//! Files of the workspace, without what is built or downloaded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One file's path from the root of the workspace, with `/`, and its text.
#[derive(Debug, Clone)]
pub struct TextFile {
    pub path: String,
    pub text: String,
}

impl TextFile {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}

/// Folders whose content is not written by hand.
const GENERATED: &[&str] = &[".git", "target", "node_modules", "build", ".gradle", "generated"];

/// UTF-8 files below `folder` whose name ends with one of `endings`, sorted by path.
///
/// # Errors
/// What the file system reports.
pub fn below(root: &Path, folder: &str, endings: &[&str]) -> io::Result<Vec<TextFile>> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(path) = waiting.pop() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if path.is_dir() {
            if !GENERATED.contains(&name.as_str()) {
                for entry in fs::read_dir(&path)? {
                    waiting.push(entry?.path());
                }
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let from_root = path.strip_prefix(root).unwrap_or(&path);
            let path_from_root = from_root.to_string_lossy().replace('\\', "/");
            found.push(TextFile { path: path_from_root, text: fs::read_to_string(&path)? });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
