//! Official protocols: each decision has one, made once as files whose hashes enter the log, and
//! signed by the organiser.
//!
//! # Why the log has hashes, and what they show
//! Who holds a file can tell whether it is the one that was made at the decision, and nobody can
//! put another in its place: the rules take one set of files for a decision and no second. The
//! winner's signature names the same hashes.
//!
//! # Why a confirmation has no protocol of its own
//! The protocol of an award is what the winner confirms, so it is made at the proposal, and stays
//! the same through confirmation and contract, which the log has after it.

use super::command::Rejection;
use super::event::Event;
use super::{Auction, Status};
use crate::domain::id::PersonId;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most files of one protocol: one for each language, and room for more languages.
pub const PAPERS_MAX: usize = 8;
/// Most protocols of one auction. A suspension and each announcement of its end have one.
pub const PROTOCOLS_MAX: usize = 200;
/// Largest file of a protocol, bytes.
pub const PAPER_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// Characters of a SHA-256 in hex.
const HASH_CHARS: usize = 64;

/// The decision that a protocol is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProtocolSubject {
    /// A winner was proposed.
    Award {
        /// The number of the award, from 1.
        number: u16,
    },
    /// The auction ended without a sale.
    Failure,
    /// The auction was cancelled.
    Cancellation,
    /// The clock was stopped, or its resumption announced.
    Suspension {
        /// The beginning of the suspension.
        since: Timestamp,
        /// The announced moment of the resumption.
        resume_at: Option<Timestamp>,
    },
}

/// A file of a protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProtocolFile {
    /// The language: `ky`, `ru` or `en`.
    pub language: String,
    /// SHA-256 of the PDF, in hex.
    pub sha256: String,
    /// The PDF's size, bytes.
    pub size_bytes: u64,
}

/// The organiser's signature under a protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProtocolSignature {
    /// The official who signed.
    pub by: PersonId,
    /// Hash of the signed bytes ([`crate::signing::ProtocolFilesPayload`]), in hex.
    pub document: String,
}

/// A protocol as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptProtocol {
    /// The decision.
    pub of: ProtocolSubject,
    /// Its files, one in each language.
    pub files: Vec<ProtocolFile>,
    /// The organiser's signature, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<ProtocolSignature>,
}

impl Auction {
    /// The decision by which the auction stands now; `None` while it goes on, and for what was
    /// never published.
    pub fn protocol_subject(&self) -> Option<ProtocolSubject> {
        if !self.is_public() {
            return None;
        }
        if let Some(suspension) = &self.suspension {
            let (since, resume_at) = (suspension.since, suspension.resume_at);
            return Some(ProtocolSubject::Suspension { since, resume_at });
        }
        match self.status {
            Status::Qualification | Status::Awarded | Status::Complete => {
                let number = u16::try_from(self.awards.len()).ok().filter(|number| *number > 0)?;
                Some(ProtocolSubject::Award { number })
            }
            Status::Unsuccessful => Some(ProtocolSubject::Failure),
            Status::Cancelled => Some(ProtocolSubject::Cancellation),
            _ => None,
        }
    }

    /// The protocol of this decision, once it is kept.
    pub fn kept_protocol(&self, of: ProtocolSubject) -> Option<&KeptProtocol> {
        self.protocols.iter().find(|kept| kept.of == of)
    }

    /// The protocol of the decision by which the auction stands now, once it is kept.
    pub fn current_protocol(&self) -> Option<&KeptProtocol> {
        self.protocol_subject().and_then(|of| self.kept_protocol(of))
    }

    /// The decision whose protocol has still to be made.
    pub fn protocol_due(&self) -> Option<ProtocolSubject> {
        let of = self.protocol_subject()?;
        let is_due = self.kept_protocol(of).is_none() && self.protocols.len() < PROTOCOLS_MAX;
        is_due.then_some(of)
    }
}

/// Takes in the files of the protocol that is due.
pub(super) fn keep(
    auction: &Auction,
    of: ProtocolSubject,
    files: &[ProtocolFile],
) -> Result<Event, Rejection> {
    let is_whole = !files.is_empty() && files.len() <= PAPERS_MAX;
    let is_apart = |position: usize, file: &ProtocolFile| {
        files[..position].iter().all(|other| other.language != file.language)
    };
    let is_sound = |(position, file): (usize, &ProtocolFile)| {
        is_hash(&file.sha256)
            && (1..=PAPER_BYTES_MAX).contains(&file.size_bytes)
            && is_language(&file.language)
            && is_apart(position, file)
    };
    if auction.protocol_due() != Some(of) || !is_whole || !files.iter().enumerate().all(is_sound) {
        return Err(Rejection::WrongState);
    }
    Ok(Event::ProtocolKept { of, files: files.to_vec() })
}

/// Takes in the organiser's signature under the protocol of the decision that stands.
pub(super) fn sign(
    auction: &Auction,
    of: ProtocolSubject,
    by: PersonId,
    document: &str,
) -> Result<Event, Rejection> {
    let current = auction.current_protocol().filter(|kept| kept.of == of);
    let unsigned = current.is_some_and(|kept| kept.signed.is_none());
    if !unsigned || !is_hash(document) {
        return Err(Rejection::WrongState);
    }
    Ok(Event::ProtocolSigned { of, by, document: document.to_owned() })
}

/// Folds an event about protocols; other events change nothing here.
pub(super) fn evolve(auction: &mut Auction, event: &Event) {
    match event {
        Event::ProtocolKept { of, files } => {
            let kept = KeptProtocol { of: *of, files: files.clone(), signed: None };
            auction.protocols.push(kept);
        }
        Event::ProtocolSigned { of, by, document } => {
            let kept = auction.protocols.iter_mut().find(|kept| kept.of == *of);
            if let Some(kept) = kept {
                let document = document.clone();
                kept.signed = Some(ProtocolSignature { by: *by, document });
            }
        }
        _ => {}
    }
}

fn is_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == HASH_CHARS && text.bytes().all(is_digit)
}

fn is_language(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}
