//! The session's person and device: signing in, also as another device, and being revoked.

use super::load::{COPIED, PROFILE, Saved};
use super::{Effect, Engine};
use crate::events::EventKind;
use crate::store::{Table, Write};
use std::collections::BTreeSet;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::Actor;
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::operations::Operation;

impl Engine {
    pub(super) fn signed_in(&mut self, session: Session) {
        // The token is kept in the secure store only.
        let mut profile = Session { token: String::new(), ..session };
        if let Some(known) = self.profile.as_ref().filter(|it| it.person == profile.person)
            && profile.credential_id.is_empty()
        {
            // Signed in without a passkey, as by eID; the phone has its passkey still.
            profile.credential_id.clone_from(&known.credential_id);
        }
        let known = self.profile.as_ref().map(|known| (known.device, known.actor));
        let is_other = known.is_some_and(|known| known != (profile.device, profile.actor));
        // The device is known here and was created again there: the server lost it.
        let is_lost = is_other && known.is_some_and(|(device, _)| device == profile.device);
        self.writes.push(Write::json(Table::Meta, PROFILE, &profile));
        self.outbox.set_owner(profile.person);
        let actor = profile.actor;
        self.profile = Some(profile);
        if is_other {
            let former = known.map_or(actor, |(_, former)| former);
            self.become_another((former, actor), is_lost);
        }
        if std::mem::take(&mut self.is_copied) {
            self.writes.push(Write::delete(Table::Meta, COPIED));
        }
        self.signed_in = true;
        self.forget_sent_address();
        self.retry_now();
        // A signed-in person has a stream slot of their own.
        self.live.renew();
    }

    pub(super) fn signed_out(&mut self) {
        if self.signed_in {
            self.signed_in = false;
            self.effects.push(Effect::DropToken);
            self.notify(None, EventKind::SignedOut);
        }
    }

    /// Destroys everything: a revoked phone may be in the wrong hands.
    pub(super) fn revoked(&mut self) {
        // In memory at once; on disk before anything else is asked of it.
        self.restore(Saved::default());
        self.effects.push(Effect::DropToken);
        self.effects.push(Effect::Erase);
    }

    /// Two phones have one device name. The server no longer accepts either under it; waiting
    /// operations stay here, and are sent under a new name.
    pub(super) fn copied(&mut self) {
        if !self.is_copied {
            self.is_copied = true;
            self.signed_in = false;
            self.writes.push(Write::json(Table::Meta, COPIED, &true));
            self.effects.push(Effect::DropToken);
            self.notify(None, EventKind::DeviceCopied);
        }
    }

    /// This installation became a new device: numbers start from 1, edits that may not have arrived
    /// are written again under the new name, and applications that the old one signed must be
    /// signed again.
    ///
    /// A server that was restored from a backup and lost this device also gets the operations it
    /// had decided.
    fn become_another(&mut self, (former, actor): (Actor, Actor), is_lost: bool) {
        if is_lost {
            self.writes.extend(self.outbox.send_all_again());
        }
        self.writes.extend(self.outbox.forget_numbers());
        self.writes.push(self.pulls.forget_acked());
        // The outcomes come back as rows, as those of another device.
        for op_no in std::mem::take(&mut self.outcomes).into_keys() {
            self.writes.push(Write::delete(Table::Outcome, format!("{op_no:020}")));
        }
        let mut drafts: BTreeSet<AuctionId> = BTreeSet::new();
        let mut is_following = false;
        let mut taken = Vec::new();
        for row in self.outbox.waiting() {
            match &row.operation {
                Operation::EditDraft { auction, .. } => drop(drafts.insert(*auction)),
                Operation::EditFollowed { .. } => is_following = true,
                // The device is the same, so its signature is still valid.
                Operation::SubmitApplication { .. } if !is_lost => {}
                _ => continue,
            }
            taken.push(row.ticket);
        }
        for ticket in taken {
            let Some((row, write)) = self.outbox.remove(ticket) else { continue };
            self.writes.push(write);
            if row.is_submit() {
                self.require_attention(row, None);
            }
        }
        for auction in drafts {
            if is_lost {
                let write = self.drafts.forget_base(auction);
                self.writes.push(write);
            }
            self.reissue(auction, (former, actor));
        }
        if is_following {
            let base = self.followed_row().filter(|_| !is_lost).unwrap_or_default();
            self.refollow(&base, actor);
        }
    }
}
