//! Signed notes (C2SP `signed-note`) in checkpoint form, and the keys that sign them.

use super::fault::BadReceipt;
use super::hash::{Hash, hash_from_text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The longest note that is parsed: a tree's three lines and the sixteen signatures that the format
/// requires readers to accept.
pub const NOTE_BYTES_MAX: usize = 4 * 1024;
/// The most signatures that are read.
pub const SIGNATURES_MAX: usize = 16;
/// Longest name of a key.
pub const KEY_NAME_BYTES_MAX: usize = 255;
/// Longest text form of a key.
const KEY_TEXT_BYTES_MAX: usize = KEY_NAME_BYTES_MAX + 64;
/// The signature type of C2SP's registry.
const ED25519: u8 = 1;
/// The part of a receipt key's name between the operator's origin and the key's own name.
const PURPOSE: &str = "/receipt/";
/// The beginning of a note over receipts, after the operator's origin.
const BATCH: &str = "/receipt-batch/v1";

/// The public half of a key that signs receipts, in C2SP's form:
/// `<origin>/receipt/<key>+<key id, hex>+<base64 of 0x01 and the key>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// The text form of a key is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a signer of receipts")]
pub struct BadKey;

impl VerifierKey {
    pub(super) fn new(origin: &str, key: VerifyingKey) -> Result<Self, BadKey> {
        let own_name = hex::encode(&Sha256::digest(key.as_bytes())[..4]);
        Self::named(format!("{origin}{PURPOSE}{own_name}"), key)
    }

    fn named(name: String, key: VerifyingKey) -> Result<Self, BadKey> {
        let (origin, own_name) = name.rsplit_once(PURPOSE).ok_or(BadKey)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        let sound = !origin.is_empty()
            && !own_name.is_empty()
            && name.len() <= KEY_NAME_BYTES_MAX
            && name.chars().all(plain)
            && !key.is_weak();
        sound.then_some(Self { name, key }).ok_or(BadKey)
    }

    /// The key's name: `<origin>/receipt/<key>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operator's name, with which receipts begin.
    pub fn origin(&self) -> &str {
        self.name.rsplit_once(PURPOSE).map_or("", |(origin, _)| origin)
    }

    /// The first four bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)`.
    pub fn id(&self) -> [u8; 4] {
        let mut hasher = Sha256::new();
        hasher.update(self.name.as_bytes());
        hasher.update([b'\n', ED25519]);
        hasher.update(self.key.as_bytes());
        let hash = hasher.finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(typed))
    }
}

impl FromStr for VerifierKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        if text.len() > KEY_TEXT_BYTES_MAX {
            return Err(BadKey);
        }
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(typed)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadKey);
        };
        let typed = STANDARD.decode(typed).map_err(|_| BadKey)?;
        let bytes = typed.strip_prefix(&[ED25519]).ok_or(BadKey)?;
        let bytes = bytes.try_into().map_err(|_| BadKey)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| BadKey)?;
        let key = Self::named(name.to_owned(), key)?;
        // One key has one text: the id in it is right, and no other spelling is accepted.
        (key.to_string() == text).then_some(key).ok_or(BadKey)
    }
}

impl TryFrom<String> for VerifierKey {
    type Error = BadKey;

    fn try_from(text: String) -> Result<Self, BadKey> {
        text.parse()
    }
}

impl From<VerifierKey> for String {
    fn from(key: VerifierKey) -> Self {
        key.to_string()
    }
}

/// Signs that a batch of `size` receipts of `origin` has the tree `root`, with each of the keys.
pub(super) fn sign<'a>(
    origin: &str,
    size: u64,
    root: &Hash,
    keys: impl Iterator<Item = (&'a SigningKey, &'a VerifierKey)>,
) -> String {
    let text = format!("{origin}{BATCH}\n{size}\n{}\n", STANDARD.encode(root));
    let mut note = format!("{text}\n");
    for (signing, public) in keys {
        let signature = signing.sign(text.as_bytes()).to_bytes();
        let signature = STANDARD.encode([public.id().as_slice(), &signature].concat());
        note.push_str(&format!("— {} {signature}\n", public.name()));
    }
    note
}

/// The size and root of a batch that `trusted` signed. Signatures of other keys are skipped, so
/// that witnesses may add theirs.
pub(super) fn open(note: &str, trusted: &VerifierKey) -> Result<(u64, Hash), BadReceipt> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(BadReceipt::TooLong);
    }
    let (text, signatures) = note.rsplit_once("\n\n").ok_or(BadReceipt::Note)?;
    let text = format!("{text}\n");
    let signatures = signatures.strip_suffix('\n').ok_or(BadReceipt::Note)?;
    let batch = parse(&text, trusted.origin())?;
    let mut by_the_trusted = false;
    for (position, line) in signatures.split('\n').enumerate() {
        if position == SIGNATURES_MAX {
            return Err(BadReceipt::TooLong);
        }
        let (name, signature) = line
            .strip_prefix("— ")
            .and_then(|line| line.split_once(' '))
            .ok_or(BadReceipt::Note)?;
        let signature = STANDARD.decode(signature).map_err(|_| BadReceipt::Note)?;
        let (id, signature) = signature.split_at_checked(4).ok_or(BadReceipt::Note)?;
        if name != trusted.name() || id != trusted.id() {
            continue;
        }
        let signature = Signature::from_slice(signature).map_err(|_| BadReceipt::Signature)?;
        let sound = trusted.key.verify_strict(text.as_bytes(), &signature);
        sound.map_err(|_| BadReceipt::Signature)?;
        by_the_trusted = true;
    }
    by_the_trusted.then_some(batch).ok_or(BadReceipt::Signature)
}

/// The origin that a note over receipts names, unverified; `None` if it is no such note.
pub(super) fn origin(note: &str) -> Option<&str> {
    note.split_once('\n')?.0.strip_suffix(BATCH)
}

fn parse(text: &str, origin: &str) -> Result<(u64, Hash), BadReceipt> {
    let lines: Vec<&str> = text.split('\n').collect();
    let [first, size, root, ""] = lines[..] else { return Err(BadReceipt::Note) };
    if first.strip_suffix(BATCH) != Some(origin) {
        return Err(BadReceipt::Origin);
    }
    let parsed: u64 = size.parse().map_err(|_| BadReceipt::Note)?;
    if parsed.to_string() != size {
        return Err(BadReceipt::Note);
    }
    Ok((parsed, hash_from_text(root).ok_or(BadReceipt::Note)?))
}
