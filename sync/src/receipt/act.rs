//! The receipt of an act on an application: taken in, refused, withdrawn, admitted, excluded.
//!
//! # What it proves
//! That the operator stated, with its times, what was decided about the package with this hash and
//! why, and how long the auction's log was then and with which head: a log that is shown later and
//! has other records up to there contradicts it. It names the application by its random id and the
//! package by its hash, and no person; who holds the package can show that it is theirs.
//!
//! It does not prove what was never answered: a request that an operator drops leaves no receipt.
//! Nor does it prove that the decision was right; [`crate::verify`] checks what the log can show.
//!
//! # Why a refusal's word is not an enum here
//! A receipt is kept for years. A phone must be able to verify one whose reason a newer server
//! knows, so the reason is a word to it, with the one value that the word needs.

use super::fault::BadReceipt;
use super::hash::Hash;
use super::note::{self, VerifierKey};
use super::proof::{self, Proof};
use crate::domain::application::Status;
use crate::domain::id::{ApplicationId, AuctionId};
use crate::domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::{FromStr, Split};

/// The longest statement that is parsed; the longest reason in words has some 4 000 bytes.
pub const ACT_TEXT_BYTES_MAX: usize = 8 * 1024;
/// The longest file that is parsed.
pub const ACT_FILE_BYTES_MAX: usize = 16 * 1024;
/// The longest word of a refusal, with its value.
const WORD_BYTES_MAX: usize = 120;
/// The rest of the text's first line, after the operator's origin.
const KIND: &str = "/application-receipt/v1";

/// An act on an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApplicationAct {
    /// The person handed it in.
    Submit,
    /// The person signed it again, for terms that had changed.
    Reconfirm,
    /// The person withdrew it.
    Withdraw,
    /// A moderator admitted it.
    Admit,
    /// A moderator did not admit it.
    NotAdmit,
    /// A moderator excluded it before the start.
    Disqualify,
}

/// The decision on an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActDecision {
    /// It was carried out.
    Accepted,
    /// Nothing changed. The code of the rejection, and after a blank the value that it names: the
    /// end of applications in Unix microseconds, the version of the terms, an application's id.
    Refused(String),
}

/// The server's statement about an act on an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationReceiptBody {
    /// The auction of the application.
    pub auction: AuctionId,
    /// The application's id; absent if there was none, and the act made none.
    pub application: Option<ApplicationId>,
    /// The act that was decided.
    pub act: ApplicationAct,
    /// The decision on it.
    pub decision: ActDecision,
    /// The application's status after the decision, if there was one.
    pub status: Option<Status>,
    /// SHA-256 of the signed package's canonical bytes, hex.
    pub package: Option<String>,
    /// The version of the terms that the package names.
    pub terms_version: Option<u64>,
    /// The official's reason in words.
    pub reason: Option<String>,
    /// The server's time from which the act counts: of a package, when the last of it had arrived;
    /// of an official's act, its own.
    pub received_at: Timestamp,
    /// The server's time of the decision.
    pub decided_at: Timestamp,
    /// The number of records of the auction's log at the decision.
    pub seq: u64,
    /// The hash at the head of the log then, in lower-case hex.
    pub head: String,
}

/// The decision on an act, with the operator's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationReceipt {
    /// The statement; the hash of its text is a leaf of the signed tree.
    pub body: ApplicationReceiptBody,
    /// The leaf's index in its batch, from 0.
    pub index: u64,
    /// The hashes from the leaf's neighbour up to the root's child, base64.
    pub path: Vec<String>,
    /// The batch's size and root with the operator's signature: a C2SP signed note.
    pub note: String,
}

impl ApplicationReceipt {
    /// Checks that the operator whose key is `trusted` stated exactly this.
    ///
    /// # Errors
    /// [`BadReceipt`], the first that applies.
    pub fn verify(&self, trusted: &VerifierKey) -> Result<(), BadReceipt> {
        let text = self.body.text(trusted.origin());
        if ApplicationReceiptBody::parse(&text).is_none_or(|(_, body)| body != self.body) {
            return Err(BadReceipt::Body);
        }
        proof::check(&text, (self.index, &self.path, &self.note), trusted)
    }

    /// The receipt as a file to keep, in the form of [`super::Receipt::to_text`]. `None` if it is
    /// not in a form that can be signed; a verified receipt always has a file.
    pub fn to_text(&self) -> Option<String> {
        let said = self.body.text(note::origin(&self.note)?);
        let text = proof::file(said, (self.index, &self.path, &self.note));
        (Self::from_text(&text).as_ref() == Ok(self)).then_some(text)
    }

    /// Parses a file that [`Self::to_text`] gave. Nothing is verified.
    ///
    /// # Errors
    /// [`BadReceipt`] if it is no such file.
    pub fn from_text(text: &str) -> Result<Self, BadReceipt> {
        let (said, proof) = proof::split(text, ACT_FILE_BYTES_MAX)?;
        let (origin, body) = ApplicationReceiptBody::parse(said).ok_or(BadReceipt::Body)?;
        let Proof { index, path, note } = Proof::parse(proof, origin)?;
        Ok(Self { body, index, path, note })
    }
}

impl ApplicationReceiptBody {
    /// The text whose hash is signed: a line for each field, in this order. Moments are Unix
    /// microseconds; the reason in words is a JSON string, so that it has one line.
    pub fn text(&self, origin: &str) -> String {
        let decision = match &self.decision {
            ActDecision::Accepted => "accepted".to_owned(),
            ActDecision::Refused(word) => format!("refused {word}"),
        };
        let reason = self.reason.as_ref().map(|words| serde_json::Value::from(words.as_str()));
        let lines = [
            format!("{origin}{KIND}"),
            format!("auction {}", self.auction),
            format!("application {}", or_none(self.application)),
            format!("act {}", code(&self.act)),
            decision,
            format!("status {}", or_none(self.status.as_ref().map(code))),
            format!("package {}", or_none(self.package.as_ref())),
            format!("terms {}", or_none(self.terms_version)),
            format!("reason {}", or_none(reason)),
            format!("received {}", self.received_at.0),
            format!("decided {}", self.decided_at.0),
            format!("seq {}", self.seq),
            format!("head {}", self.head),
        ];
        lines.join("\n") + "\n"
    }

    /// Parses a text into origin and body; `None` if it is not exactly what [`Self::text`] gives.
    pub fn parse(text: &str) -> Option<(&str, Self)> {
        if text.len() > ACT_TEXT_BYTES_MAX {
            return None;
        }
        let mut lines = text.split('\n');
        let origin = lines.next()?.strip_suffix(KIND)?;
        let body = Self {
            auction: value(&mut lines, "auction ")?.parse().ok()?,
            application: optional(&mut lines, "application ", parsed)?,
            act: of_code(value(&mut lines, "act ")?)?,
            decision: match lines.next()? {
                "accepted" => ActDecision::Accepted,
                line => ActDecision::Refused(word(line.strip_prefix("refused ")?)?),
            },
            status: optional(&mut lines, "status ", of_code)?,
            package: optional(&mut lines, "package ", hash)?,
            terms_version: optional(&mut lines, "terms ", parsed)?,
            reason: optional(&mut lines, "reason ", |json| serde_json::from_str(json).ok())?,
            received_at: Timestamp(value(&mut lines, "received ")?.parse().ok()?),
            decided_at: Timestamp(value(&mut lines, "decided ")?.parse().ok()?),
            seq: value(&mut lines, "seq ")?.parse().ok()?,
            head: hash(value(&mut lines, "head ")?)?,
        };
        (body.text(origin) == text).then_some((origin, body))
    }
}

fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn value<'a>(lines: &mut Split<'a, char>, name: &str) -> Option<&'a str> {
    lines.next()?.strip_prefix(name)
}

fn optional<'a, T>(
    lines: &mut Split<'a, char>,
    name: &str,
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Option<Option<T>> {
    match value(lines, name)? {
        "none" => Some(None),
        text => read(text).map(Some),
    }
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The name of a plain enum's variant on the wire.
fn code<T: Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).ok();
    value.as_ref().and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

fn of_code<T: DeserializeOwned>(code: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(code)).ok()
}

/// A hash in lower-case hex.
fn hash(text: &str) -> Option<String> {
    let bytes: Hash = hex::decode(text).ok()?.try_into().ok()?;
    (hex::encode(bytes) == text).then(|| text.to_owned())
}

/// A refusal's code, and at most one value of letters, digits and hyphens.
fn word(text: &str) -> Option<String> {
    let (code, value) = text.split_once(' ').unwrap_or((text, "-"));
    let is_code = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_value = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = !code.is_empty()
        && !value.is_empty()
        && code.chars().all(is_code)
        && value.chars().all(is_value)
        && text.len() <= WORD_BYTES_MAX;
    sound.then(|| text.to_owned())
}
