//! Hashes of the chain and of trees, and their text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A link of the chain, or a node of a tree.
pub type Hash = [u8; 32];

/// The longest path to a root: a batch of a million receipts.
pub const PATH_HASHES_MAX: usize = 20;

/// A hash in base64, in canonical form only.
pub fn hash_from_text(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
