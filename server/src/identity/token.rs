//! Session tokens: 32 random bytes and a tag that only this server can make.
//!
//! # Why a tag
//! Anyone can send any token. One that this server did not make is rejected by its tag, without a
//! read of the database, so that made-up tokens keep no reader from the people who are signed in.
//! A token from before there were tags is looked up as ever, but one at a time: these share one
//! reader with everything that is made up in their form.

use super::error::Error;
use crate::lock::lock;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::receipt::Signer;

/// The purpose for which the tokens' key is derived.
const SESSION_TOKENS: &str = "session tokens/v1";
/// Length of the random part, in bytes.
const SECRET_BYTES: usize = 32;
/// Length of the tag, in bytes.
const TAG_BYTES: usize = 16;
/// Length of a block of SHA-256, in bytes.
const BLOCK_BYTES: usize = 64;
/// Most lookups of tokens without a tag that wait for their turn; further ones are answered "busy".
const UNTAGGED_WAITING_MAX: usize = 512;
/// How long an ended session's token is rejected without a lookup. No token becomes valid later.
const ENDED_FOR: TimeSpan = TimeSpan::minutes(1);
/// Most tokens kept of ended sessions, and of those without a tag; past that they are forgotten.
const ENDED_MAX: usize = 20_000;

/// Makes tokens and sorts out made-up ones.
pub struct SessionTokens {
    key: [u8; 32],
    untagged: Semaphore,
    waiting: Semaphore,
    ended: Mutex<HashMap<String, Timestamp>>,
    /// Hashes of tokens without a tag that belong to a session.
    older: Mutex<HashSet<String>>,
}

/// The permission to look a token up; held until it is done.
pub struct Lookup<'a> {
    _turn: Option<(SemaphorePermit<'a>, SemaphorePermit<'a>)>,
}

impl SessionTokens {
    /// Those of the operator who signs with this; of all nodes alike.
    pub fn of(signer: &Signer) -> Self {
        Self::new(signer.derived_key(SESSION_TOKENS))
    }

    fn new(key: [u8; 32]) -> Self {
        let (untagged, waiting) = (Semaphore::new(1), Semaphore::new(UNTAGGED_WAITING_MAX));
        Self { key, untagged, waiting, ended: Mutex::default(), older: Mutex::default() }
    }

    /// The token of this secret.
    pub fn mint(&self, secret: [u8; SECRET_BYTES]) -> String {
        let mut token = secret.to_vec();
        token.extend_from_slice(&self.mac(&secret).finalize().into_bytes()[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Returns `true` if this server made the token, for a session that may have ended.
    pub fn is_ours(&self, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        match bytes.split_at_checked(SECRET_BYTES) {
            Some((secret, tag)) if tag.len() == TAG_BYTES => {
                self.mac(secret).verify_truncated_left(tag).is_ok()
            }
            _ => false,
        }
    }

    /// Waits for permission to look a token up.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if it can belong to no session; [`Error::Busy`] if too many tokens
    /// without a tag wait.
    pub async fn lookup(
        &self,
        token: &str,
        hash: &str,
        now: Timestamp,
    ) -> Result<Lookup<'_>, Error> {
        let ended_at = lock(&self.ended).get(hash).copied();
        if ended_at.is_some_and(|ended_at| now - ended_at < ENDED_FOR) {
            return Err(Error::SignedOut);
        }
        if self.is_ours(token) {
            return Ok(Lookup { _turn: None });
        }
        if token.len() == tagged_chars() {
            return Err(Error::SignedOut);
        }
        let waiting = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        // Never closed.
        let turn = self.untagged.acquire().await.map_err(|_| Error::Busy)?;
        Ok(Lookup { _turn: Some((waiting, turn)) })
    }

    /// Remembers that a token belongs to no session.
    pub fn remember_ended(&self, hash: String, now: Timestamp) {
        let mut ended = lock(&self.ended);
        if ended.len() >= ENDED_MAX {
            ended.clear();
        }
        ended.insert(hash, now);
    }

    /// Remembers that a token without a tag belongs to a session.
    pub fn remember_older(&self, hash: String) {
        let mut older = lock(&self.older);
        if older.len() >= ENDED_MAX {
            older.clear();
        }
        older.insert(hash);
    }

    /// Returns `true` for a token without a tag that belonged to a session when it was last looked
    /// up.
    pub fn is_known_older(&self, hash: &str) -> bool {
        lock(&self.older).contains(hash)
    }

    fn mac(&self, secret: &[u8]) -> Hmac<Sha256> {
        // HMAC pads a shorter key with zeros itself.
        let mut block = [0; BLOCK_BYTES];
        block[..self.key.len()].copy_from_slice(&self.key);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(secret);
        mac
    }
}

/// Length of a token with a tag, in characters.
fn tagged_chars() -> usize {
    (SECRET_BYTES + TAG_BYTES) * 4 / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_of_the_key_makes_tokens() {
        let (ours, others) = (SessionTokens::new([1; 32]), SessionTokens::new([2; 32]));
        let token = ours.mint([7; 32]);
        assert_eq!(token.len(), tagged_chars());
        assert!(ours.is_ours(&token));
        assert!(!others.is_ours(&token));
        let mut changed = token.clone().into_bytes();
        changed[3] = if changed[3] == b'A' { b'B' } else { b'A' };
        assert!(!ours.is_ours(&String::from_utf8(changed).unwrap()));
        for made_up in ["", "seat-1", &token[..43], &format!("{token}AAAA"), &"A".repeat(64)] {
            assert!(!ours.is_ours(made_up), "{made_up}");
        }
    }

    #[tokio::test]
    async fn made_up_tokens_wait_for_one_reader_or_for_none() {
        let (tokens, now) = (SessionTokens::new([1; 32]), Timestamp(1));
        let refused = tokens.lookup(&"A".repeat(64), "made up", now).await;
        assert!(matches!(refused, Err(Error::SignedOut)));
        let first = tokens.lookup("of an older form", "older", now).await.unwrap();
        let mut second = std::pin::pin!(tokens.lookup("another", "another", now));
        assert!(futures_util::poll!(&mut second).is_pending());
        // Neither waits for the other kind.
        let token = tokens.mint([3; 32]);
        assert!(tokens.lookup(&token, "ours", now).await.is_ok());
        drop(first);
        assert!(second.await.is_ok());
        tokens.remember_ended("ours".to_owned(), now);
        assert!(matches!(tokens.lookup(&token, "ours", now).await, Err(Error::SignedOut)));
        let later = now + ENDED_FOR;
        assert!(tokens.lookup(&token, "ours", later).await.is_ok());
    }
}
