//! The meaning of an answer: first who gave it, then what it says.
//!
//! Between a phone and the server there are hotels' sign-in pages, companies' filters and proxies
//! that restart. They answer with any status and any body. An answer is the server's if it carries
//! [`PROTOCOL_HEADER`], or if it is a problem document with a code of this protocol; nothing else
//! may end, refuse, sign out or reset anything.
//!
//! # Why an unknown code decides nothing
//! A newer server may have a code that this version can't read. What it means for an operation is
//! unknown, so the operation waits, as it does without a connection.

use super::Input;
use super::bids::BidAnswer;
use super::failure::Failure;
use super::request_kind::{AnswerForm, RequestKind};
use super::uploads::UploadReply;
use crate::obstacle::Obstacle;
use serde::de::DeserializeOwned;
use toruk_sync::domain::file::FileKind;
use toruk_sync::protocol::bid::BidReply;
use toruk_sync::protocol::problem::{PROBLEM_TYPE, ProblemBody, ProblemCode};
use toruk_sync::protocol::pull::PROTOCOL_HEADER;

/// The server's upload state of a file that waits for its malware scan.
const SCANNING: &str = "scanning";

/// The part of an answer's head that the core reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerHead {
    /// The HTTP status.
    pub status: u16,
    /// `true` if it carries [`PROTOCOL_HEADER`].
    pub is_ours: bool,
    /// The media type in lower case, without parameters; empty if there is none.
    pub media_type: String,
    /// The header `Retry-After`, seconds; not if it is a date.
    pub retry_after_s: Option<u64>,
    /// The header `Upload-Offset`, bytes.
    pub upload_offset: Option<u64>,
    /// The header `Upload-State`, such as `scanning`.
    pub upload_state: Option<String>,
}

impl AnswerHead {
    /// Reads the headers, whose names may be in any case.
    pub fn new<'a>(status: u16, headers: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut head = Self { status, ..Self::default() };
        for (name, value) in headers {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                PROTOCOL_HEADER => head.is_ours = value.parse::<u32>().is_ok(),
                "content-type" => {
                    let kind = value.split(';').next().unwrap_or_default();
                    head.media_type = kind.trim().to_ascii_lowercase();
                }
                "retry-after" => head.retry_after_s = value.parse().ok(),
                "upload-offset" => head.upload_offset = value.parse().ok(),
                "upload-state" => head.upload_state = Some(value.to_owned()),
                _ => {}
            }
        }
        head
    }

    /// Returns `true` for the server's own success in the form of this kind of request.
    pub fn is_success(&self, kind: RequestKind) -> bool {
        let is_form = match kind.form() {
            AnswerForm::Json => self.media_type == "application/json",
            AnswerForm::Stream => self.media_type == "text/event-stream",
            AnswerForm::Document => FileKind::of_mime(&self.media_type).is_some(),
            AnswerForm::Headers => true,
        };
        (200..300).contains(&self.status) && self.is_ours && is_form
    }

    /// Returns `true` if the body of a failure is worth reading: it may be the server's.
    pub fn is_problem(&self) -> bool {
        self.media_type == PROBLEM_TYPE
    }

    /// The failure that anything but a success means.
    pub fn failure(&self, kind: RequestKind, body: &[u8]) -> Failure {
        let known = serde_json::from_slice::<ProblemBody>(body).ok();
        let known = known.filter(|body| self.is_problem() && body.status == self.status);
        let known = known.map(|body| (body.code, body.params)).or_else(|| {
            // An answer to HEAD has no body.
            let is_bare = kind.method() == "HEAD" && self.is_ours;
            Some((by_status(self.status).filter(|_| is_bare)?, Default::default()))
        });
        match known {
            Some((code, params)) => {
                let (status, retry_after_s) = (self.status, self.retry_after_s);
                Failure::Problem { status, code, params, retry_after_s }
            }
            None => Failure::NotReached(self.obstacle()),
        }
    }

    fn obstacle(&self) -> Obstacle {
        match self.status {
            // 511: Network Authentication Required.
            ..400 | 511 if !self.is_ours => Obstacle::SignInPage,
            400..500 if !self.is_ours => Obstacle::Filter,
            _ => Obstacle::Unavailable,
        }
    }
}

/// The code that a status of the server stands for, where its answer has no body.
fn by_status(status: u16) -> Option<ProblemCode> {
    Some(match status {
        400 => ProblemCode::Malformed,
        401 => ProblemCode::SignedOut,
        403 => ProblemCode::Forbidden,
        404 => ProblemCode::NotFound,
        410 => ProblemCode::Infected,
        426 => ProblemCode::UpgradeRequired,
        429 => ProblemCode::TooManyRequests,
        500 => ProblemCode::Internal,
        503 => ProblemCode::Busy,
        _ => return None,
    })
}

/// Reads a success. A body that ends too early is a lost answer.
///
/// # Errors
/// [`Failure::Lost`], [`Failure::Malformed`].
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| match error.is_eof() {
        true => Failure::Lost,
        false => Failure::Malformed,
    })
}

/// The input that an answer to a request with the session's token implies about the session.
pub fn session_end<T>(answer: &Result<T, Failure>) -> Option<Input> {
    match answer {
        Err(Failure::Problem { code: ProblemCode::DeviceRevoked, .. }) => Some(Input::Revoked),
        Err(Failure::Problem { code: ProblemCode::SignedOut, .. }) => Some(Input::SignedOut),
        _ => None,
    }
}

/// The meaning of the answer to a bid. Only one that says so proves that nothing was decided.
pub fn placed(answer: Result<BidReply, Failure>) -> BidAnswer {
    match answer {
        Ok(reply) => BidAnswer::Reply(reply),
        Err(Failure::NotSent) => BidAnswer::NotSent,
        Err(Failure::Lost | Failure::Malformed | Failure::NotReached(_)) => BidAnswer::Lost,
        Err(Failure::Problem { status, code, .. }) => match code {
            ProblemCode::Unknown | ProblemCode::Internal => BidAnswer::Lost,
            _ if status >= 500 && code != ProblemCode::Busy => BidAnswer::Lost,
            _ => BidAnswer::Problem(super::failure::word(code)),
        },
    }
}

/// The meaning of the answer to the question for a bid's outcome.
pub fn outcome(answer: Result<BidReply, Failure>) -> BidAnswer {
    match answer {
        Ok(reply) => BidAnswer::Reply(reply),
        Err(Failure::Problem { code: ProblemCode::NotFound, .. }) => BidAnswer::NotFound,
        Err(_) => BidAnswer::Lost,
    }
}

/// The meaning of the answer to one request of an upload.
pub fn uploaded(answer: Result<&AnswerHead, Failure>) -> UploadReply {
    use ProblemCode as Code;
    match answer {
        Ok(head) if head.upload_state.as_deref() == Some(SCANNING) => UploadReply::Scanning,
        Ok(head) => head.upload_offset.map_or(UploadReply::Failed, UploadReply::At),
        Err(Failure::NotSent | Failure::Lost | Failure::Malformed | Failure::NotReached(_)) => {
            UploadReply::Failed
        }
        Err(Failure::Problem { status, code, .. }) => match code {
            Code::NotFound => UploadReply::Missing,
            // The whole content has another hash: from the start again.
            Code::UploadMismatch if status == 422 => UploadReply::Mismatch,
            Code::Malformed
            | Code::TooLarge
            | Code::Forbidden
            | Code::KeyCooldown
            | Code::ConflictOfInterest
            | Code::LimitReached
            | Code::IdReused
            | Code::Infected
            | Code::UnsupportedEncoding
            | Code::Missing
            | Code::RuleBroken
            | Code::BadSignature
            | Code::ConfirmationExpired
            | Code::SignatureRefused
            | Code::SignatureAlgorithmUnsupported => {
                UploadReply::Refused(super::failure::word(code))
            }
            // These pass by themselves, by signing in, or by an update of the app.
            Code::UploadMismatch
            | Code::TooSlow
            | Code::SignedOut
            | Code::DeviceRevoked
            | Code::CeremonyFailed
            | Code::EidFailed
            | Code::EidUnavailable
            | Code::WrongState
            | Code::SecondPersonNeeded
            | Code::DeadlinePassed
            | Code::GatewayUnavailable
            | Code::RevocationUnknown
            | Code::Busy
            | Code::TooManyRequests
            | Code::Unknown
            | Code::UpgradeRequired
            | Code::Internal => UploadReply::Failed,
        },
    }
}
