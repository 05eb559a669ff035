//! File uploads: ask for the server's offset, send from there to the end, one file at a time; then
//! wait for the server's malware scan.
//!
//! A file that is being scanned has arrived, and operations that refer to it may be delivered:
//! waiting for the scan could make them late.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The size of the pieces in which a file is stored.
pub const CHUNK_BYTES: u64 = 256 * 1024;
/// The number of hash mismatches after which an upload is given up.
const RESTARTS_MAX: u32 = 3;

/// One file to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// Media type, such as `application/pdf`.
    pub mime: String,
    /// The progress of the upload.
    pub phase: Phase,
}

/// The progress of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The server does not know of the file yet.
    New,
    /// The server knows the file and has part of it.
    Begun,
    /// The server has the whole file, verified; the malware scan is not finished.
    Scanning,
    /// The server has the whole file, verified and ready to be used.
    Stored,
    /// The server refused the file; the reason's code.
    Refused(String),
}

/// The next request of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadStep {
    /// Announce the file to the server.
    Create(Upload),
    /// Ask how many bytes have arrived.
    Ask(Upload),
    /// Send everything from this offset.
    Send(Upload, u64),
}

/// The result of a request of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadReply {
    /// This many bytes have arrived at the server.
    At(u64),
    /// This many bytes have left the phone; the request is still under way.
    Sent(u64),
    /// Everything has arrived, and waits for the malware scan.
    Scanning,
    /// The server does not know the file.
    Missing,
    /// The server has another offset, or the hash does not match.
    Mismatch,
    /// The server refused the file; the reason's code.
    Refused(String),
    /// No answer came.
    Failed,
}

/// All files to upload, by SHA-256.
#[derive(Debug, Default)]
pub struct Uploads {
    rows: BTreeMap<String, Upload>,
    /// The server's offsets, as far as this process knows.
    offsets: BTreeMap<String, u64>,
    /// The most that has arrived of each file.
    furthest: BTreeMap<String, u64>,
    restarts: BTreeMap<String, u32>,
    in_flight: Option<String>,
}

impl Uploads {
    /// Continues with the uploads saved by an earlier process.
    pub fn load(rows: Vec<Upload>) -> Self {
        let rows = rows.into_iter().map(|row| (row.sha256.clone(), row)).collect();
        Self { rows, ..Self::default() }
    }

    /// The upload of one file.
    pub fn get(&self, sha256: &str) -> Option<&Upload> {
        self.rows.get(sha256)
    }

    /// The number of bytes that are not on the server yet.
    pub fn pending_bytes(&self) -> u64 {
        let arrived = |row: &&Upload| matches!(row.phase, Phase::Scanning | Phase::Stored);
        let pending = self.rows.values().filter(|row| !arrived(row));
        pending.map(|row| row.size_bytes).sum()
    }

    /// The files that are not on the server yet.
    pub fn to_go(&self) -> impl Iterator<Item = &Upload> {
        self.rows.values().filter(|row| is_to_go(row))
    }

    /// The files that the server refused, with the reason's code.
    pub fn refused(&self) -> impl Iterator<Item = (&Upload, &str)> {
        self.rows.values().filter_map(|row| match &row.phase {
            Phase::Refused(code) => Some((row, code.as_str())),
            _ => None,
        })
    }

    /// The number of files for which the server's final answer is missing.
    pub fn pending(&self) -> usize {
        let is_open = |row: &&Upload| is_to_go(row) || row.phase == Phase::Scanning;
        self.rows.values().filter(is_open).count()
    }

    /// Returns `true` if the server has the whole file. A file unknown to this phone came from
    /// another phone, and the server will decide.
    pub fn is_stored(&self, sha256: &str) -> bool {
        let arrived = |row: &Upload| matches!(row.phase, Phase::Scanning | Phase::Stored);
        self.rows.get(sha256).is_none_or(arrived)
    }

    /// Returns `true` if this is the offset that the server already had.
    pub fn is_at(&self, sha256: &str, offset: u64) -> bool {
        self.offsets.get(sha256).is_some_and(|known| offset <= *known)
    }

    /// Returns `true` if more of the file has arrived than ever before in this process.
    pub fn advances(&mut self, sha256: &str, offset: u64) -> bool {
        let furthest = self.furthest.entry(sha256.to_owned()).or_default();
        std::mem::replace(furthest, offset.max(*furthest)) < offset
    }

    /// Returns `true` while a request is under way.
    pub fn is_sending(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Adds a file, or gives a refused one another chance.
    pub fn add(&mut self, sha256: String, size_bytes: u64, mime: String) -> Vec<Write> {
        let known = self.rows.get(&sha256);
        if known.is_some_and(|row| !matches!(row.phase, Phase::Refused(_))) {
            return Vec::new();
        }
        let row = Upload { sha256, size_bytes, mime, phase: Phase::New };
        self.keep(row)
    }

    /// Restarts a file that the server lost.
    pub fn lost(&mut self, sha256: &str) -> Vec<Write> {
        self.offsets.remove(sha256);
        self.set(sha256, Phase::New)
    }

    /// The next request, if there is one and none is under way.
    pub fn step(&mut self) -> Option<UploadStep> {
        if self.in_flight.is_some() {
            return None;
        }
        // Sending goes before asking for the result of a scan.
        let to_go = self.rows.values().find(|row| is_to_go(row));
        let scanning = || self.rows.values().find(|row| row.phase == Phase::Scanning);
        let row = to_go.or_else(scanning)?;
        self.in_flight = Some(row.sha256.clone());
        Some(match (&row.phase, self.offsets.get(&row.sha256)) {
            (Phase::New, _) => UploadStep::Create(row.clone()),
            (_, None) => UploadStep::Ask(row.clone()),
            (_, Some(offset)) => UploadStep::Send(row.clone(), *offset),
        })
    }

    /// Returns `true` if another file is still to be sent.
    pub fn has_more_than(&self, sha256: &str) -> bool {
        self.rows.values().any(|row| is_to_go(row) && row.sha256 != sha256)
    }

    /// Takes in the result of the request under way.
    pub fn answered(&mut self, sha256: &str, reply: UploadReply) -> Vec<Write> {
        if matches!(reply, UploadReply::Sent(_)) {
            return Vec::new();
        }
        self.in_flight = None;
        let Some(row) = self.rows.get(sha256) else { return Vec::new() };
        match reply {
            UploadReply::At(offset) if offset >= row.size_bytes => {
                self.offsets.remove(sha256);
                self.set(sha256, Phase::Stored)
            }
            UploadReply::At(offset) => {
                self.offsets.insert(sha256.to_owned(), offset);
                self.set(sha256, Phase::Begun)
            }
            UploadReply::Scanning => {
                self.offsets.remove(sha256);
                self.set(sha256, Phase::Scanning)
            }
            UploadReply::Sent(_) => Vec::new(),
            UploadReply::Missing => self.lost(sha256),
            UploadReply::Refused(code) => self.set(sha256, Phase::Refused(code)),
            UploadReply::Mismatch => {
                self.offsets.remove(sha256);
                let restarts = self.restarts.entry(sha256.to_owned()).or_default();
                *restarts += 1;
                if *restarts > RESTARTS_MAX {
                    return self.set(sha256, Phase::Refused("upload_mismatch".to_owned()));
                }
                Vec::new()
            }
            UploadReply::Failed => {
                // Part of it may have arrived.
                self.offsets.remove(sha256);
                Vec::new()
            }
        }
    }

    fn set(&mut self, sha256: &str, phase: Phase) -> Vec<Write> {
        match self.rows.get(sha256) {
            Some(row) if row.phase != phase => self.keep(Upload { phase, ..row.clone() }),
            _ => Vec::new(),
        }
    }

    fn keep(&mut self, row: Upload) -> Vec<Write> {
        let write = Write::json(Table::Blob, row.sha256.clone(), &row);
        self.rows.insert(row.sha256.clone(), row);
        vec![write]
    }
}

fn is_to_go(row: &Upload) -> bool {
    matches!(row.phase, Phase::New | Phase::Begun)
}

/// The key of one piece of a file's content.
pub fn chunk_key(sha256: &str, chunk: u64) -> String {
    format!("{sha256}/{chunk:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays replies against one file of 600 000 bytes; one word per request.
    fn play(uploads: &mut Uploads, replies: &[UploadReply]) -> Vec<String> {
        let mut words = Vec::new();
        for reply in replies {
            let Some(step) = uploads.step() else {
                words.push("nothing".to_owned());
                continue;
            };
            assert_eq!(uploads.step(), None, "one request at a time");
            words.push(match &step {
                UploadStep::Create(_) => "create".to_owned(),
                UploadStep::Ask(_) => "ask".to_owned(),
                UploadStep::Send(_, offset) => format!("send {offset}"),
            });
            uploads.answered("aa", reply.clone());
        }
        words
    }

    fn one() -> Uploads {
        let mut uploads = Uploads::default();
        assert_eq!(uploads.add("aa".into(), 600_000, "image/png".into()).len(), 1);
        assert!(!uploads.is_stored("aa"));
        uploads
    }

    #[test]
    fn a_file_goes_piece_by_piece_and_then_no_more() {
        let mut uploads = one();
        let replies = [
            UploadReply::At(0),
            UploadReply::At(262_144),
            UploadReply::At(600_000),
            UploadReply::Failed,
        ];
        assert_eq!(play(&mut uploads, &replies), ["create", "send 0", "send 262144", "nothing"]);
        assert!(uploads.is_stored("aa"));
        assert!(uploads.add("aa".into(), 600_000, "image/png".into()).is_empty());
    }

    #[test]
    fn after_a_lost_connection_the_server_is_asked_where_it_is() {
        let mut uploads = one();
        let replies = [
            UploadReply::At(0),
            UploadReply::Failed,
            UploadReply::Failed,
            UploadReply::At(100),
            UploadReply::At(200),
        ];
        let words = play(&mut uploads, &replies);
        assert_eq!(words, ["create", "send 0", "ask", "ask", "send 100"]);
    }

    #[test]
    fn another_process_asks_before_it_sends() {
        let mut uploads = one();
        play(&mut uploads, &[UploadReply::At(0), UploadReply::At(262_144)]);
        let row = uploads.get("aa").unwrap().clone();
        let mut next = Uploads::load(vec![row]);
        assert_eq!(
            play(&mut next, &[UploadReply::At(262_144), UploadReply::Failed]),
            ["ask", "send 262144"]
        );
    }

    #[test]
    fn an_upload_the_server_forgot_starts_again() {
        let mut uploads = one();
        let replies =
            [UploadReply::At(10), UploadReply::Failed, UploadReply::Missing, UploadReply::At(0)];
        assert_eq!(play(&mut uploads, &replies), ["create", "send 10", "ask", "create"]);
    }

    #[test]
    fn a_file_that_is_scanned_has_arrived_and_is_asked_for_until_it_is_stored() {
        let mut uploads = one();
        assert_eq!(play(&mut uploads, &[UploadReply::At(0)]), ["create"]);
        assert!(matches!(uploads.step(), Some(UploadStep::Send(_, 0))));
        assert!(uploads.answered("aa", UploadReply::Sent(262_144)).is_empty());
        assert!(uploads.is_sending(), "what has left is no answer");
        uploads.answered("aa", UploadReply::Scanning);
        assert!(uploads.is_stored("aa") && uploads.pending() == 1 && uploads.pending_bytes() == 0);
        // Another process, and another file, which goes first.
        let mut uploads = Uploads::load(vec![uploads.get("aa").unwrap().clone()]);
        uploads.add("bb".into(), 5, "image/png".into());
        assert!(uploads.has_more_than("aa"));
        assert!(matches!(uploads.step(), Some(UploadStep::Create(row)) if row.sha256 == "bb"));
        uploads.answered("bb", UploadReply::At(5));
        assert!(!uploads.has_more_than("aa"));
        let replies = [
            UploadReply::Scanning,
            UploadReply::Failed,
            UploadReply::At(600_000),
            UploadReply::Failed,
        ];
        assert_eq!(play(&mut uploads, &replies), ["ask", "ask", "ask", "nothing"]);
        assert_eq!(uploads.pending(), 0);
    }

    #[test]
    fn a_file_with_malware_is_refused_and_nothing_that_needs_it_goes() {
        let mut uploads = one();
        let refused = UploadReply::Refused("infected".into());
        let replies = [UploadReply::At(0), UploadReply::Scanning, refused, UploadReply::Failed];
        assert_eq!(play(&mut uploads, &replies), ["create", "send 0", "ask", "nothing"]);
        assert_eq!(uploads.get("aa").unwrap().phase, Phase::Refused("infected".into()));
        assert!(!uploads.is_stored("aa"));
    }

    #[test]
    fn a_file_whose_hash_never_fits_is_given_up_and_said() {
        let mut uploads = one();
        let mut replies = vec![UploadReply::At(0)];
        for _ in 0..RESTARTS_MAX {
            replies.extend([UploadReply::Mismatch, UploadReply::At(0)]);
        }
        replies.extend([UploadReply::Mismatch, UploadReply::At(0)]);
        assert_eq!(play(&mut uploads, &replies).last().unwrap(), "nothing");
        assert_eq!(uploads.get("aa").unwrap().phase, Phase::Refused("upload_mismatch".into()));
        assert_eq!(uploads.add("aa".into(), 600_000, "image/png".into()).len(), 1);
        assert_eq!(uploads.get("aa").unwrap().phase, Phase::New);
    }
}
