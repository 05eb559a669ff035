//! The place of a statement in a signed batch, whatever the statement is about.

use super::fault::BadReceipt;
use super::hash::{Hash, PATH_HASHES_MAX, hash_from_text};
use super::note::{self, VerifierKey};
use super::tree;

/// The separator between a receipt's text and its proof.
const PROOF: &str = "\nc2sp.org/tlog-proof@v1\n";

/// The leaf's index, the hashes up to the root's child, and the signed note.
pub(super) struct Proof {
    pub index: u64,
    pub path: Vec<String>,
    pub note: String,
}

/// A proof's parts, as a receipt holds them.
type Parts<'a> = (u64, &'a [String], &'a str);

impl Proof {
    /// Parses what [`file()`] wrote after the statement, which begins with `origin`.
    pub fn parse(proof: &str, origin: &str) -> Result<Self, BadReceipt> {
        let (path, note) = proof.split_once("\n\n").ok_or(BadReceipt::Note)?;
        let mut path = path.split('\n');
        let index = path.next().and_then(|line| line.strip_prefix("index "));
        let index = index.ok_or(BadReceipt::Path)?;
        let parsed: u64 = index.parse().map_err(|_| BadReceipt::Path)?;
        if parsed.to_string() != index {
            return Err(BadReceipt::Path);
        }
        if note::origin(note) != Some(origin) {
            return Err(BadReceipt::Origin);
        }
        let path = path.map(str::to_owned).collect();
        Ok(Self { index: parsed, path, note: note.to_owned() })
    }
}

/// Checks that `trusted` signed a batch with exactly this text in it.
pub(super) fn check(
    text: &str,
    (index, path, note): Parts<'_>,
    trusted: &VerifierKey,
) -> Result<(), BadReceipt> {
    if path.len() > PATH_HASHES_MAX {
        return Err(BadReceipt::TooLong);
    }
    let path: Option<Vec<Hash>> = path.iter().map(|text| hash_from_text(text)).collect();
    let path = path.ok_or(BadReceipt::Path)?;
    let (size, root) = note::open(note, trusted)?;
    let reached = tree::climb(tree::leaf(text.as_bytes()), index, size, &path);
    if reached == Some(root) { Ok(()) } else { Err(BadReceipt::Inclusion) }
}

/// A statement with its proof: an empty line, a C2SP `tlog-proof`, whose last part is the note.
pub(super) fn file(mut text: String, (index, path, note): Parts<'_>) -> String {
    text.push_str(PROOF);
    text.push_str(&format!("index {index}\n"));
    for hash in path {
        text.push_str(hash);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(note);
    text
}

/// Splits a file into the statement and what follows it.
pub(super) fn split(file: &str, bytes_max: usize) -> Result<(&str, &str), BadReceipt> {
    if file.len() > bytes_max {
        return Err(BadReceipt::TooLong);
    }
    file.split_once(PROOF).ok_or(BadReceipt::Note)
}
