//! Actions of one official on an auction, from its draft to its contract. Actions that take two
//! officials are in [`super::proposals`].

use super::service::{Error, Service};
use super::store;
use crate::audit::{Action, Principal};
use crate::db::Txn;
use crate::identity::{Official, Role};
use serde_json::json;
use toruk_sync::domain::auction::{
    Birth, Command, ContractFault, Offer, REASON_CHARS_MAX, Rejection, create, successor,
};
use toruk_sync::domain::id::{AuctionId, LotId, PersonId};
use toruk_sync::domain::text::{TextFault, paragraph};

/// An action of one official on an auction.
#[derive(Debug, Clone)]
pub enum OfficialAction {
    /// Changes the proposal of a draft.
    Edit { offer: Offer },
    /// Submits it to the second person.
    Submit,
    /// Returns it to the first person.
    Return { reason: String },
    /// Publishes the auction.
    Publish,
    /// Corrects published terms while that is allowed.
    Amend { offer: Offer },
    /// Records that the contract is signed.
    SignContract {
        /// SHA-256 of the contract, in hex.
        document: String,
    },
    /// Records that no contract was concluded.
    FailContract {
        /// The party at fault.
        fault: ContractFault,
    },
}

impl Service {
    /// Creates a new draft for a lot.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::HolderUnknown`].
    pub async fn create(
        &self,
        by: &Official,
        lot: LotId,
        offer: Offer,
    ) -> Result<AuctionId, Error> {
        let actor = Principal::official(by, &[Role::Organiser])?;
        let txn = self.context.db.begin().await?;
        let holder = self.catalogue.holder(&txn, lot).await?.ok_or(Error::HolderUnknown)?;
        let id = AuctionId(self.context.ports.ids.uuid());
        let birth = Birth {
            id,
            lot,
            lot_holder: holder,
            // The balance holder is the organiser until organisers are registered separately.
            procuring_entity: holder,
            rules: self.context.config.rules.clone(),
            offer,
            author: by.person,
            attempt: 1,
            previous: None,
            root: id,
            value_min: None,
        };
        self.insert(&txn, birth).await?;
        self.record(&txn, actor, Action::AuctionCreate, id, json!({})).await?;
        self.commit(txn, &[]).await?;
        Ok(id)
    }

    /// Performs an official's action, if their role and the rules allow it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Rejected`], [`Error::LotInUse`].
    pub async fn act(
        &self,
        by: &Official,
        id: AuctionId,
        act: OfficialAction,
    ) -> Result<(), Error> {
        let (role, action) = permission(&act);
        let actor = Principal::official(by, &[role])?;
        let act = match act {
            OfficialAction::Return { reason } => {
                OfficialAction::Return { reason: checked_reason(&reason)? }
            }
            other => other,
        };
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let lot = locked.auction.birth.lot;
        if matches!(act, OfficialAction::Publish) && store::is_in_use(&txn, lot).await? {
            return Err(Error::LotInUse);
        }
        let documents = self.catalogue.document_count(&txn, lot).await?;
        let command = command(by.person, act, u32::try_from(documents).unwrap_or(u32::MAX));
        let now = self.context.ports.clock.now();
        let locked = self.execute(&txn, locked, &command, now).await?;
        let detail = json!({ "seq": locked.seq });
        self.record(&txn, actor, action, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await
    }

    /// Relaunches a failed auction: a new draft linked to its predecessor (manual, step 24).
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Rejected`], also when the price is lowered too far or without
    /// a reason.
    pub async fn relaunch(
        &self,
        by: &Official,
        id: AuctionId,
        offer: Offer,
        reason: &str,
    ) -> Result<AuctionId, Error> {
        let actor = Principal::official(by, &[Role::Organiser])?;
        let reason = checked_reason(reason)?;
        let txn = self.context.db.begin().await?;
        let failed = store::lock(&txn, id).await?;
        let next = AuctionId(self.context.ports.ids.uuid());
        let birth = successor(&failed.auction, next, offer, by.person, &reason)?;
        let now = self.context.ports.clock.now();
        let command = Command::Relaunch { by: by.person, successor: next };
        let failed = self.execute(&txn, failed, &command, now).await?;
        self.insert(&txn, birth).await?;
        let detail = json!({ "successor": next, "reason": reason });
        self.record(&txn, actor, Action::AuctionRelaunch, id, detail).await?;
        self.commit(txn, &[(id, failed.seq)]).await?;
        Ok(next)
    }

    async fn insert(&self, txn: &Txn, birth: Birth) -> Result<(), Error> {
        let now = self.context.ports.clock.now();
        let number = super::number::public_number(now, store::count(txn).await? + 1);
        let (auction, events) = create(birth);
        store::insert(txn, number, auction, &events, now).await?;
        Ok(())
    }
}

/// A reason for the record; the rules say where it may be blank. They do not look at its
/// characters themselves: an auditor decides old records again with newer tables.
pub(super) fn checked_reason(reason: &str) -> Result<String, Rejection> {
    match paragraph(reason, REASON_CHARS_MAX) {
        Err(TextFault::Empty) => Ok(String::new()),
        checked => checked.map_err(|_| Rejection::ReasonNeeded),
    }
}

fn permission(act: &OfficialAction) -> (Role, Action) {
    match act {
        OfficialAction::Edit { .. } => (Role::Organiser, Action::AuctionEdit),
        OfficialAction::Submit => (Role::Organiser, Action::AuctionSubmit),
        OfficialAction::Return { .. } => (Role::Moderator, Action::AuctionReturn),
        OfficialAction::Publish => (Role::Moderator, Action::AuctionPublish),
        OfficialAction::Amend { .. } => (Role::Organiser, Action::AuctionAmend),
        OfficialAction::SignContract { .. } => (Role::Organiser, Action::AuctionContract),
        OfficialAction::FailContract { .. } => (Role::Organiser, Action::AuctionNoContract),
    }
}

fn command(by: PersonId, act: OfficialAction, documents: u32) -> Command {
    match act {
        OfficialAction::Edit { offer } => Command::Edit { by, offer },
        OfficialAction::Submit => Command::Submit { by },
        OfficialAction::Return { reason } => Command::Return { by, reason },
        OfficialAction::Publish => Command::Publish { by, documents },
        OfficialAction::Amend { offer } => Command::Amend { by, offer },
        OfficialAction::SignContract { document } => Command::SignContract { by, document },
        OfficialAction::FailContract { fault } => Command::FailContract { by, fault },
    }
}
