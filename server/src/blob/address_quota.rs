//! The pending bytes of one address: files that its accounts have announced and that no application
//! refers to.
//!
//! Accounts are free, so a limit for each account limits nobody. The limit of all accounts together
//! must not be used up from one place: half of it is the most that comes from one address. It is
//! generous, because carriers put thousands of applicants behind one. Kept in memory only, since
//! addresses are personal data: a node that starts again forgets what came from where.

use crate::address::ClientAddress;
use crate::lock::lock;
use crate::rate_limits::{Exceeded, Scale};
use std::collections::HashMap;
use std::sync::Mutex;
use toruk_sync::domain::id::PersonId;

/// Files whose address is known; past that all are forgotten, and the limits of the account and of
/// all accounts hold alone.
const FILES_MAX: usize = 100_000;
/// Seconds after which an address with too many bytes may try again.
const RETRY_S: u64 = 60;

/// The pending bytes of each address.
pub struct AddressQuota {
    bytes_max: u64,
    pending: Mutex<PendingFiles>,
}

#[derive(Default)]
struct PendingFiles {
    files: HashMap<(PersonId, String), (ClientAddress, u64)>,
    bytes: HashMap<ClientAddress, u64>,
}

impl AddressQuota {
    /// With half of what all accounts together may have.
    pub fn new(uploads_bytes_max: u64) -> Self {
        Self { bytes_max: uploads_bytes_max / 2, pending: Mutex::default() }
    }

    /// Counts a file that is being announced. One that was counted already stays as it is.
    ///
    /// # Errors
    /// [`Exceeded`] if the address has no room for it.
    pub fn reserve(
        &self,
        address: ClientAddress,
        person: PersonId,
        sha256: &str,
        size_bytes: u64,
    ) -> Result<(), Exceeded> {
        let mut pending = lock(&self.pending);
        if pending.files.len() >= FILES_MAX {
            *pending = PendingFiles::default();
        }
        let key = (person, sha256.to_owned());
        if pending.files.contains_key(&key) {
            return Ok(());
        }
        let bytes = pending.bytes.get(&address).copied().unwrap_or_default();
        let bytes = bytes.saturating_add(size_bytes);
        if bytes > self.bytes_max {
            metrics::counter!("toruk_requests_limited_total", "limit" => "uploads").increment(1);
            let (quota, scale) = (self.bytes_max, Scale::Held("bytes"));
            return Err(Exceeded { limit: "uploads", quota, scale, retry_after_s: RETRY_S });
        }
        pending.bytes.insert(address, bytes);
        pending.files.insert(key, (address, size_bytes));
        Ok(())
    }

    /// Gives a file's bytes back: it is gone, or an application refers to it.
    pub fn release(&self, person: PersonId, sha256: &str) {
        let mut pending = lock(&self.pending);
        let file = pending.files.remove(&(person, sha256.to_owned()));
        let Some((address, size_bytes)) = file else { return };
        if let Some(bytes) = pending.bytes.get_mut(&address) {
            *bytes = bytes.saturating_sub(size_bytes);
            if *bytes == 0 {
                pending.bytes.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn one_address_uses_up_half_of_the_room_and_no_more() {
        let quota = AddressQuota::new(200);
        let (here, there) = (ClientAddress::UNKNOWN, ClientAddress::of([192, 0, 2, 1].into()));
        let [aida, bek] = [1, 2].map(|no| PersonId(Uuid::from_u128(no)));
        quota.reserve(here, aida, "one", 60).unwrap();
        quota.reserve(here, aida, "one", 60).unwrap();
        quota.reserve(here, bek, "one", 40).unwrap();
        let refused = quota.reserve(here, bek, "two", 1).unwrap_err();
        assert_eq!(refused.policy(), "\"uploads\";q=100;qu=\"bytes\"");
        quota.reserve(there, bek, "two", 100).unwrap();
        quota.release(aida, "one");
        quota.release(aida, "one");
        quota.reserve(here, bek, "three", 60).unwrap();
        for (person, name) in [(bek, "one"), (bek, "two"), (bek, "three")] {
            quota.release(person, name);
        }
        let pending = lock(&quota.pending);
        assert!(pending.files.is_empty() && pending.bytes.is_empty());
    }
}
