//! What the phones of an account are told of a key that comes to it by a proof.
//!
//! A proof can be borrowed, bought or misread; the owner's phones then have the time until the new
//! key places its first bid to end it. They are told when it comes, and again when that time is over.

use super::service::{Error, Service};
use super::store;
use crate::db::Txn;
use crate::push::PersonNotice;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::notice::{NO_AUCTION, NOTICE_LIFE, NoticeKind};
use toruk_sync::domain::time::Timestamp;

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
        self.enqueue_of_account(txn, person, (kind, now), now).await
    }

    /// Enqueues the notice that a key which came at `added_at` can place bids, for the end of its
    /// wait by the configured rules; an auction whose own rules say otherwise goes by those. It is not
    /// sent if the key has ended by then.
    pub(super) async fn tell_when_ready(
        &self,
        txn: &Txn,
        person: PersonId,
        added_at: Timestamp,
    ) -> Result<(), Error> {
        let ready_at = added_at + self.context.config.rules.key_cooldown();
        self.enqueue_of_account(txn, person, (NoticeKind::KeyReady, added_at), ready_at).await
    }

    /// A notice of no auction counts by the moment that it is about: each is shown once.
    async fn enqueue_of_account(
        &self,
        txn: &Txn,
        person: PersonId,
        (kind, about): (NoticeKind, Timestamp),
        at: Timestamp,
    ) -> Result<(), Error> {
        let seq = u64::try_from(about.0).unwrap_or_default();
        let expires_at = at + NOTICE_LIFE;
        let notice = PersonNotice { person, kind, auction: NO_AUCTION, seq, expires_at };
        Ok(self.push.enqueue(txn, &[notice], Some(at)).await?)
    }
}
