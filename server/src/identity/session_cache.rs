//! Who was let in lately, so that a bid need not wait for two reads of the database.
//!
//! # Why it may be believed
//! Whatever ends a session or changes a phone on this node empties this memory after its commit;
//! what another node ended is found out within [`BELIEVED_FOR`]. An entry that was read before the
//! memory was emptied is not put in after.

use super::caller::Bidder;
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// A revoked phone is let in for at most so long by a node that did not hear of it.
const BELIEVED_FOR: TimeSpan = TimeSpan::seconds(1);
/// Sessions remembered; past that all are forgotten and read again.
const REMEMBERED_MAX: usize = 20_000;

/// Who was let in lately.
#[derive(Default)]
pub struct SessionCache(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    generation: u64,
    seen: HashMap<String, (Bidder, Timestamp)>,
}

/// When a reading began: see [`SessionCache::remember`].
pub struct Generation(u64);

impl SessionCache {
    /// Whose session this was a moment ago.
    pub fn bidder(&self, token_hash: &str, now: Timestamp) -> Option<Bidder> {
        let memory = lock(&self.0);
        let (bidder, seen_at) = memory.seen.get(token_hash)?;
        (now - *seen_at < BELIEVED_FOR).then(|| bidder.clone())
    }

    /// To be taken before the database is read.
    pub fn generation(&self) -> Generation {
        Generation(lock(&self.0).generation)
    }

    /// Remembers what was read, unless something ended meanwhile.
    pub fn remember(
        &self,
        since: &Generation,
        token_hash: String,
        bidder: &Bidder,
        now: Timestamp,
    ) {
        let mut memory = lock(&self.0);
        if memory.generation != since.0 {
            return;
        }
        if memory.seen.len() >= REMEMBERED_MAX {
            memory.seen.clear();
        }
        memory.seen.insert(token_hash, (bidder.clone(), now));
    }

    /// After a commit that ended a session or changed a phone.
    pub fn forget(&self) {
        let mut memory = lock(&self.0);
        memory.generation += 1;
        memory.seen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::id::{DeviceId, PersonId};
    use uuid::Uuid;

    fn aida() -> Bidder {
        Bidder {
            person: PersonId(Uuid::from_u128(1)),
            device: DeviceId(Uuid::from_u128(2)),
            actor: 1,
            public_key: vec![4],
        }
    }

    #[test]
    fn a_session_is_believed_for_less_than_a_second() {
        let (lately, now) = (SessionCache::default(), Timestamp(1_000_000));
        let since = lately.generation();
        lately.remember(&since, "token".to_owned(), &aida(), now);
        let end = now + BELIEVED_FOR;
        assert!(lately.bidder("token", end - Timestamp::TICK).is_some());
        assert!(lately.bidder("token", end).is_none());
        assert!(lately.bidder("another", now).is_none());
    }

    #[test]
    fn what_was_read_before_a_revocation_is_not_believed_after_it() {
        let (lately, now) = (SessionCache::default(), Timestamp(1_000_000));
        let since = lately.generation();
        lately.remember(&since, "known".to_owned(), &aida(), now);
        lately.forget();
        lately.remember(&since, "reading".to_owned(), &aida(), now);
        assert!(lately.bidder("known", now).is_none());
        assert!(lately.bidder("reading", now).is_none());
    }
}
