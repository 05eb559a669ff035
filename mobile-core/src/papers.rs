//! The papers of lots that this phone keeps for use without a connection: one file each, under the
//! hash of its content.
//!
//! # Why files, and not rows of the store
//! A viewer of the platform opens a file by its path. Papers are public, so nothing is sealed, and
//! all accounts of the phone share them.

use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use toruk_sync::domain::file::FileKind;

/// The most bytes of papers that are kept. Beyond it, those that were not opened for longest go.
pub const PAPERS_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The endings of whole files: a viewer chooses by them.
const ENDINGS: [(FileKind, &str); 3] =
    [(FileKind::Pdf, "pdf"), (FileKind::Jpeg, "jpg"), (FileKind::Png, "png")];
/// The ending of a file that is not whole yet.
const PART: &str = "part";

/// The folder of the kept papers.
#[derive(Debug, Clone)]
pub struct Papers {
    folder: PathBuf,
    bytes_max: u64,
}

impl Papers {
    /// The papers in a core's folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.join("papers"), bytes_max: PAPERS_BYTES_MAX }
    }

    /// The bytes of a paper that are here; of a whole one all.
    pub fn kept_bytes(&self, sha256: &str) -> u64 {
        let kept = self.whole(sha256).unwrap_or_else(|| self.file(sha256, PART));
        fs::metadata(kept).map_or(0, |kept| kept.len())
    }

    /// Adds a piece at this offset. Returns the bytes that are here then; if another call has added
    /// to the file since, the piece is not of use.
    ///
    /// # Errors
    /// What the disk says.
    pub fn append(&self, sha256: &str, offset: u64, piece: &[u8]) -> io::Result<u64> {
        fs::create_dir_all(&self.folder)?;
        let path = self.file(sha256, PART);
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let length = file.metadata()?.len();
        if length != offset {
            return Ok(length);
        }
        file.write_all(piece)?;
        Ok(length + piece.len() as u64)
    }

    /// Makes a paper of the pieces, if they have its hash; otherwise they are dropped.
    ///
    /// # Errors
    /// What the disk says.
    pub fn finish(&self, sha256: &str, kind: FileKind, now: SystemTime) -> io::Result<bool> {
        if self.whole(sha256).is_some() {
            return Ok(true);
        }
        let part = self.file(sha256, PART);
        if !is_named(&part, sha256)? {
            fs::remove_file(part)?;
            return Ok(false);
        }
        let file = File::options().write(true).open(&part)?;
        file.set_modified(now)?;
        file.sync_all()?;
        let ending = ENDINGS.iter().find(|(known, _)| *known == kind);
        fs::rename(part, self.file(sha256, ending.map_or(PART, |(_, ending)| ending)))?;
        Ok(true)
    }

    /// The path of a whole paper, which was opened now; one that is damaged is removed.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(&self, sha256: &str, now: SystemTime) -> io::Result<Option<PathBuf>> {
        let Some(path) = self.whole(sha256) else { return Ok(None) };
        if !is_named(&path, sha256)? {
            fs::remove_file(path)?;
            return Ok(None);
        }
        File::options().write(true).open(&path)?.set_modified(now)?;
        Ok(Some(path))
    }

    /// Removes a paper, or what there is of it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self, sha256: &str) -> io::Result<()> {
        let part = self.file(sha256, PART);
        for path in self.whole(sha256).into_iter().chain(part.exists().then_some(part)) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Removes what was not opened for longest, until this paper has room.
    ///
    /// # Errors
    /// What the disk says.
    pub fn make_room(&self, sha256: &str, size_bytes: u64) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(()) };
        let mut others = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let about = fs::metadata(&path)?;
            if path.file_stem().is_none_or(|stem| stem != sha256) {
                others.push((about.modified()?, about.len(), path));
            }
        }
        others.sort();
        let mut total = size_bytes + others.iter().map(|(_, length, _)| length).sum::<u64>();
        for (_, length, path) in others {
            if total <= self.bytes_max {
                break;
            }
            fs::remove_file(path)?;
            total -= length;
        }
        Ok(())
    }

    fn whole(&self, sha256: &str) -> Option<PathBuf> {
        let paths = ENDINGS.iter().map(|(_, ending)| self.file(sha256, ending));
        paths.into_iter().find(|path| path.exists())
    }

    fn file(&self, sha256: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{sha256}.{ending}"))
    }
}

/// Returns `true` if the text is a hash, and so the name of a file in the folder and nowhere else.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns `true` if a file's content has this hash.
fn is_named(path: &Path, sha256: &str) -> io::Result<bool> {
    Ok(hex::encode(Sha256::digest(fs::read(path)?)) == sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tempfile::TempDir;

    fn shelf(bytes_max: u64) -> (TempDir, Papers) {
        let folder = tempfile::tempdir().unwrap();
        let papers = Papers { bytes_max, ..Papers::of(folder.path()) };
        (folder, papers)
    }

    fn named(content: &[u8]) -> String {
        hex::encode(Sha256::digest(content))
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn keep(papers: &Papers, content: &[u8], seconds: u64) -> String {
        let sha256 = named(content);
        papers.append(&sha256, 0, content).unwrap();
        assert!(papers.finish(&sha256, FileKind::Pdf, at(seconds)).unwrap());
        sha256
    }

    #[test]
    fn a_paper_comes_in_pieces_and_opens_when_its_hash_is_right() {
        let (_folder, papers) = shelf(100);
        let sha256 = named(b"%PDF-1.7");
        assert_eq!(papers.append(&sha256, 0, b"%PDF").unwrap(), 4);
        assert_eq!(papers.append(&sha256, 0, b"%PDF").unwrap(), 4, "a piece that is here");
        assert_eq!(papers.open(&sha256, at(1)).unwrap(), None);
        assert_eq!(papers.append(&sha256, 4, b"-1.7").unwrap(), 8);
        assert!(papers.finish(&sha256, FileKind::Pdf, at(1)).unwrap());
        assert!(papers.finish(&sha256, FileKind::Pdf, at(1)).unwrap(), "by two calls at once");
        let path = papers.open(&sha256, at(2)).unwrap().unwrap();
        assert_eq!(
            (fs::read(&path).unwrap().as_slice(), papers.kept_bytes(&sha256)),
            (&b"%PDF-1.7"[..], 8)
        );
        assert_eq!(path.extension().unwrap(), "pdf");
        fs::write(path, b"%PDF-1.8").unwrap();
        assert_eq!(papers.open(&sha256, at(3)).unwrap(), None, "damaged");
        assert_eq!(papers.kept_bytes(&sha256), 0);
    }

    #[test]
    fn pieces_of_another_paper_are_dropped_and_what_is_removed_is_gone() {
        let (_folder, papers) = shelf(100);
        let sha256 = named(b"%PDF-1.7");
        papers.append(&sha256, 0, b"%PDF-1.8").unwrap();
        assert!(!papers.finish(&sha256, FileKind::Pdf, at(1)).unwrap());
        assert_eq!(papers.kept_bytes(&sha256), 0);
        papers.append(&sha256, 0, b"%PDF").unwrap();
        papers.remove(&sha256).unwrap();
        let whole = keep(&papers, b"%PDF-1.7", 1);
        papers.remove(&whole).unwrap();
        papers.remove(&whole).unwrap();
        assert_eq!(papers.kept_bytes(&sha256), 0);
    }

    #[test]
    fn what_was_not_opened_for_longest_makes_room() {
        let (_folder, papers) = shelf(20);
        papers.make_room(&named(b"first"), 8).unwrap();
        let [one, two, three] = [&b"%PDF-1.1"[..], b"%PDF-1.2", b"%PDF-1.3"];
        let (one, two) = (keep(&papers, one, 1), keep(&papers, two, 2));
        papers.open(&one, at(3)).unwrap().unwrap();
        papers.make_room(&named(three), 8).unwrap();
        let three = keep(&papers, three, 4);
        let kept = [&one, &two, &three].map(|sha256| papers.kept_bytes(sha256));
        assert_eq!(kept, [8, 0, 8]);
        papers.make_room(&three, 8).unwrap();
        assert_eq!(papers.kept_bytes(&three), 8, "not for itself");
    }

    #[test]
    fn only_a_hash_names_a_paper() {
        assert!(is_hash(&named(b"")));
        let long = "a".repeat(65);
        let upper = "A".repeat(64);
        let path = format!("../{}", "a".repeat(61));
        for text in ["", "ab", &long, &upper, &path] {
            assert!(!is_hash(text), "{text}");
        }
    }
}
