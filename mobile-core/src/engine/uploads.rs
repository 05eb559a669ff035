//! Files on their way: asked, sent from where the server is to the end, one at a time; then the
//! server's scanner has its say.
//!
//! A file that is only being scanned has arrived, and what refers to it may be delivered: who waits
//! with that for the scanner might be late.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file is kept in pieces of this size.
pub const CHUNK_BYTES: u64 = 256 * 1024;
/// The server found the whole file's hash wrong this often: something is broken here.
const RESTARTS_MAX: u32 = 3;

/// One file to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// Length.
    pub size_bytes: u64,
    /// Media type.
    pub mime: String,
    /// How far it is.
    pub phase: Phase,
}

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The server was not told of it.
    New,
    /// The server knows it.
    Begun,
    /// The server has it whole and verified, and its scanner has not looked at it yet.
    Scanning,
    /// The server has it whole, verified and ready to be used.
    Stored,
    /// The server does not take it; the reason's code.
    Refused(String),
}

/// The next request of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadStep {
    /// Tell the server of it.
    Create(Upload),
    /// Ask how much has arrived.
    Ask(Upload),
    /// Send all that follows from here.
    Send(Upload, u64),
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadReply {
    /// So much has arrived.
    At(u64),
    /// So much has left the phone; the request is still under way.
    Sent(u64),
    /// All has arrived, and waits for the server's scanner.
    Scanning,
    /// The server does not know it.
    Missing,
    /// The server has another offset than we think, or the hash does not fit.
    Mismatch,
    /// The server will not take it.
    Refused(String),
    /// No answer.
    Failed,
}

/// All files.
#[derive(Debug, Default)]
pub struct Uploads {
    rows: BTreeMap<String, Upload>,
    /// Where the server is, as far as this process was told.
    offsets: BTreeMap<String, u64>,
    restarts: BTreeMap<String, u32>,
    in_flight: Option<String>,
}

impl Uploads {
    /// Continues where the last process stopped.
    pub fn load(rows: Vec<Upload>) -> Self {
        let rows = rows.into_iter().map(|row| (row.sha256.clone(), row)).collect();
        Self { rows, ..Self::default() }
    }

    /// One file.
    pub fn get(&self, sha256: &str) -> Option<&Upload> {
        self.rows.get(sha256)
    }

    /// Bytes that are not on the server yet.
    pub fn pending_bytes(&self) -> u64 {
        let arrived = |row: &&Upload| matches!(row.phase, Phase::Scanning | Phase::Stored);
        let pending = self.rows.values().filter(|row| !arrived(row));
        pending.map(|row| row.size_bytes).sum()
    }

    /// Files that are not on the server yet.
    pub fn to_go(&self) -> impl Iterator<Item = &Upload> {
        self.rows.values().filter(|row| is_to_go(row))
    }

    /// Files of which the server's last word is still to come.
    pub fn pending(&self) -> usize {
        let is_open = |row: &&Upload| is_to_go(row) || row.phase == Phase::Scanning;
        self.rows.values().filter(is_open).count()
    }

    /// Whether the server has it whole. A file this phone knows nothing of came from another
    /// phone, and the server is the one to say.
    pub fn is_stored(&self, sha256: &str) -> bool {
        let arrived = |row: &Upload| matches!(row.phase, Phase::Scanning | Phase::Stored);
        self.rows.get(sha256).is_none_or(arrived)
    }

    /// Whether a request is under way.
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

    /// The server does not have it after all: from the start.
    pub fn lost(&mut self, sha256: &str) -> Vec<Write> {
        self.offsets.remove(sha256);
        self.set(sha256, Phase::New)
    }

    /// The next request, when there is one and none is under way.
    pub fn step(&mut self) -> Option<UploadStep> {
        if self.in_flight.is_some() {
            return None;
        }
        // What is still to go comes before asking for the scanner's word.
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

    /// Whether another file than this one is still to go.
    pub fn has_more_than(&self, sha256: &str) -> bool {
        self.rows.values().any(|row| is_to_go(row) && row.sha256 != sha256)
    }

    /// Takes in what came of the request under way.
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
                // Some of it may have arrived.
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

/// The name of one piece of a file's content.
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
    fn an_upload_the_server_forgot_begins_anew() {
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
