//! Actions of one official on an auction, from its draft to its contract. Actions that take two
//! officials are in [`super::proposals`].

use super::service::{Error, Service};
use super::{store, trail};
use crate::audit::{Action, Principal};
use crate::catalogue::Publishable;
use crate::catalogue::rows::Sellers;
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use serde_json::json;
use toruk_sync::domain::auction::{
    Auction, Birth, Command, ContractFault, Offer, REASON_CHARS_MAX, Rejection, create, successor,
};
use toruk_sync::domain::id::{AuctionId, LotId, PersonId};
use toruk_sync::domain::lot::SealedLot;
use toruk_sync::domain::text::{TextFault, paragraph};
use toruk_sync::signing::seal_lot;

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
        by.any(&[Role::Organiser])?;
        let txn = self.context.db.begin().await?;
        let sellers = self.catalogue.sellers(&txn, lot).await?.ok_or(Error::HolderUnknown)?;
        let actor = Principal::official_in(by, &[Role::Organiser], Some(sellers.organiser))?;
        let id = AuctionId(self.context.ports.ids.uuid());
        let birth = Birth {
            id,
            lot,
            lot_holder: sellers.holder,
            procuring_entity: sellers.organiser,
            rules: self.rulebook.current(&txn).await?,
            offer,
            author: by.person,
            attempt: 1,
            previous: None,
            root: id,
            value_min: None,
            value_set: None,
        };
        let auction = self.insert(&txn, birth).await?;
        let detail = trail::created(&auction);
        self.record(&txn, actor, Action::AuctionCreate, id, detail).await?;
        self.commit(txn, &[]).await?;
        Ok(id)
    }

    /// Performs an official's action, if their role and the rules allow it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Conflict`], [`Error::Rejected`], [`Error::LotInUse`],
    /// [`Error::HolderChanged`]; [`StoreError::Conflict`] for a contract on paper whose file the winner
    /// has signed here.
    pub async fn act(
        &self,
        by: &Official,
        id: AuctionId,
        act: OfficialAction,
    ) -> Result<(), Error> {
        let (role, action) = permission(&act);
        by.any(&[role])?;
        let act = match act {
            OfficialAction::Return { reason } => {
                OfficialAction::Return { reason: checked_reason(&reason)? }
            }
            other => other,
        };
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let birth = &locked.auction.birth;
        let actor = Principal::official_in(by, &[role], Some(birth.procuring_entity))?;
        let partners = match &act {
            OfficialAction::Publish => {
                [Some(birth.author), locked.auction.submitted_by].into_iter().flatten().collect()
            }
            _ => Vec::new(),
        };
        let txn = self.without_conflict(txn, (by, actor), &locked.auction, &partners).await?;
        if matches!(act, OfficialAction::SignContract { .. }) {
            require_unsigned_file(&txn, id).await?;
        }
        let publishing = match act {
            OfficialAction::Publish => Some(self.publishing(&txn, birth).await?),
            _ => None,
        };
        let command = command(by.person, act, publishing);
        let now = self.context.ports.clock.now();
        let before = locked.auction.clone();
        let locked = self.execute(&txn, locked, &command, now).await?;
        let detail = trail::changed(&before, &locked);
        self.record(&txn, actor, action, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await
    }

    /// The lot that publication puts into the notice, if no other auction has it.
    async fn publishing(&self, txn: &Txn, birth: &Birth) -> Result<SealedLot, Error> {
        if store::is_in_use(txn, birth.lot).await? {
            return Err(Error::LotInUse);
        }
        let Publishable { lot, sellers } = self.catalogue.publishable(txn, birth.lot).await?;
        let (holder, organiser) = (birth.lot_holder, birth.procuring_entity);
        if sellers != Some(Sellers { holder, organiser }) {
            return Err(Error::HolderChanged);
        }
        Ok(seal_lot(lot))
    }

    /// Relaunches a failed auction: a new draft linked to its predecessor (manual, step 24).
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Rejected`], also when the price is lowered too far or without
    /// a reason, or is not the one that the rules set.
    pub async fn relaunch(
        &self,
        by: &Official,
        id: AuctionId,
        offer: Offer,
        reason: &str,
    ) -> Result<AuctionId, Error> {
        by.any(&[Role::Organiser])?;
        let reason = checked_reason(reason)?;
        let txn = self.context.db.begin().await?;
        let failed = store::lock(&txn, id).await?;
        let organisation = failed.auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &[Role::Organiser], Some(organisation))?;
        let next = AuctionId(self.context.ports.ids.uuid());
        let mut birth = successor(&failed.auction, next, offer, by.person, &reason)?;
        birth.rules.holidays = self.rulebook.current(&txn).await?.holidays;
        let value_set = birth.value_set;
        let now = self.context.ports.clock.now();
        let command = Command::Relaunch { by: by.person, successor: next };
        let before = failed.auction.clone();
        let failed = self.execute(&txn, failed, &command, now).await?;
        let created = self.insert(&txn, birth).await?;
        let detail = trail::created(&created);
        self.record(&txn, actor, Action::AuctionCreate, next, detail).await?;
        let mut detail = trail::changed(&before, &failed);
        detail["successor"] = json!(next);
        detail["reason"] = json!(reason);
        if let Some(value) = value_set {
            detail["value_set"] = json!(value);
        }
        self.record(&txn, actor, Action::AuctionRelaunch, id, detail).await?;
        self.commit(txn, &[(id, failed.seq)]).await?;
        Ok(next)
    }

    async fn insert(&self, txn: &Txn, birth: Birth) -> Result<Auction, Error> {
        let now = self.context.ports.clock.now();
        let number = super::number::public_number(now, store::count(txn).await? + 1);
        let (auction, events) = create(birth);
        Ok(store::insert(txn, number, auction, &events, now).await?.auction)
    }
}

/// What the winner has signed here is what the lot holder signs, and no other paper.
async fn require_unsigned_file(txn: &Txn, id: AuctionId) -> Result<(), StoreError> {
    let file = store::contract(txn, id).await?;
    let is_signed = file.is_some_and(|file| file.winner_signed_at.is_some());
    if is_signed { Err(StoreError::Conflict) } else { Ok(()) }
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
        OfficialAction::SignContract { .. } => (Role::Organiser, Action::AuctionContract),
        OfficialAction::FailContract { .. } => (Role::Organiser, Action::AuctionNoContract),
    }
}

fn command(by: PersonId, act: OfficialAction, lot: Option<SealedLot>) -> Command {
    match act {
        OfficialAction::Edit { offer } => Command::Edit { by, offer },
        OfficialAction::Submit => Command::Submit { by },
        OfficialAction::Return { reason } => Command::Return { by, reason },
        OfficialAction::Publish => {
            let documents = lot.as_ref().map_or(0, |lot| lot.lot().documents.len());
            let documents = u32::try_from(documents).unwrap_or(u32::MAX);
            Command::Publish { by, documents, lot }
        }
        OfficialAction::SignContract { document } => Command::SignContract { by, document },
        OfficialAction::FailContract { fault } => Command::FailContract { by, fault },
    }
}
