//! What the phones of an account are told of a key that comes to it by a proof.
//!
//! A proof can be borrowed, bought or misread; the owner's phones then have the time until the new
//! key places its first bid to end it.

use super::service::{Error, Service};
use super::store;
use crate::db::Txn;
use crate::push::PersonNotice;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::notice::{NO_AUCTION, NOTICE_LIFE, NoticeKind};

impl Service {
    /// Enqueues a notice about the account to the person's phones; nothing if there are none.
    pub(super) async fn tell_account(
        &self,
        txn: &Txn,
        person: PersonId,
        kind: NoticeKind,
    ) -> Result<(), Error> {
        let is_active = |device: &store::Device| !device.is_revoked;
        if !store::devices(txn, person).await?.iter().any(is_active) {
            return Ok(());
        }
        let now = self.now();
        // A notice of no auction counts by its moment: each is shown once.
        let seq = u64::try_from(now.0).unwrap_or_default();
        let expires_at = now + NOTICE_LIFE;
        let notice = PersonNotice { person, kind, auction: NO_AUCTION, seq, expires_at };
        Ok(self.push.enqueue(txn, &[notice], None).await?)
    }
}
