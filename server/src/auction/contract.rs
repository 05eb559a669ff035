//! The contract of an award: an official uploads its file, the winner reads and signs it, and then
//! the official signs for the lot holder, which ends the auction (A15).
//!
//! # Why the winner signs first
//! The official's signature and the log's record of it are one transaction: when the log says that
//! the contract is signed, both signatures are there. A file that nobody has signed can be replaced;
//! one that the winner has signed can't be changed behind their back.

use super::evidence::SignedAct;
use super::service::{Error, Service};
use super::{store, trail};
use crate::audit::{Action, Principal};
use crate::catalogue::{self, Paper};
use crate::db::{StoreError, Txn};
use crate::identity::{Bidder, Confirmed, Official, Role};
use serde_json::json;
use toruk_sync::domain::auction::award::AwardStatus;
use toruk_sync::domain::auction::{Auction, Command, Rejection, Status};
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::contract::{ContractView, SignContract};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::{ContractPayload, SignedPayload};

/// The contract as officials see it.
#[derive(Debug, Clone)]
pub struct ContractFile {
    /// The file's title.
    pub title: String,
    /// The data that both sides sign.
    pub payload: ContractPayload,
    /// The moment of the winner's signature.
    pub winner_signed_at: Option<Timestamp>,
    /// The moment of the lot holder's signature.
    pub holder_signed_at: Option<Timestamp>,
}

/// The media type of a contract.
const PDF: &str = "application/pdf";

impl Service {
    /// Keeps the contract's file, a PDF, in place of one that nobody has signed yet.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Conflict`]; [`Error::Rejected`] unless the winner has
    /// confirmed and the time for the contract runs; [`StoreError::Conflict`] once the winner has
    /// signed; [`Error::Catalogue`] for what is no PDF.
    pub async fn upload_contract(
        &self,
        by: &Official,
        id: AuctionId,
        title: &str,
        content: &[u8],
    ) -> Result<(), Error> {
        by.any(&[Role::Organiser])?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        by.any_in(&[Role::Organiser], Some(auction.birth.procuring_entity))?;
        let now = self.context.ports.clock.now();
        award_in_time(&auction, now)?;
        if catalogue::media_type(content) != Some(PDF) {
            return Err(catalogue::Error::Malformed("a contract is a PDF").into());
        }
        let kept = self.catalogue.keep_document(title, content).await?;
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let organisation = locked.auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &[Role::Organiser], Some(organisation))?;
        let txn = self.without_conflict(txn, (by, actor), &locked.auction, &[]).await?;
        let (winner, price) = award_in_time(&locked.auction, now)?;
        let known = store::contract(&txn, id).await?;
        if known.is_some_and(|known| known.winner_signed_at.is_some()) {
            return Err(StoreError::Conflict.into());
        }
        let payload = ContractPayload {
            auction: id,
            number: locked.number.clone(),
            winner,
            price,
            sha256: kept.sha256,
            size_bytes: kept.size_bytes,
        };
        store::put_contract(&txn, (&kept.title, &payload), by.person, now).await?;
        let detail = json!({ "title": kept.title, "sha256": payload.sha256 });
        self.record(&txn, actor, Action::ContractUpload, id, detail).await?;
        self.wake_winner(&txn, id, winner).await?;
        self.commit(txn, &[]).await
    }

    /// The contract, for the winner.
    ///
    /// # Errors
    /// [`Error::NotParticipant`], [`Rejection::NotTheWinner`] for anyone else;
    /// [`StoreError::NotFound`] before a file was uploaded.
    pub async fn contract(&self, by: &Bidder, id: AuctionId) -> Result<ContractView, Error> {
        let db = self.context.db.read();
        let auction = self.catalogue.auction(db, id).await?;
        let number = store::number_of(db, id, by.person).await?.ok_or(Error::NotParticipant)?;
        if award(&auction).is_none_or(|(winner, _)| winner != number) {
            return Err(Rejection::NotTheWinner.into());
        }
        let known = store::contract(db, id).await?.ok_or(StoreError::NotFound)?;
        Ok(ContractView {
            contract: known.payload,
            title: known.title,
            contract_by: auction.contract_by,
            winner_signed_at: known.winner_signed_at,
            holder_signed_at: known.official_signed_at,
        })
    }

    /// The contract's file, for the winner.
    ///
    /// # Errors
    /// As [`Self::contract`].
    pub async fn contract_paper(&self, by: &Bidder, id: AuctionId) -> Result<Paper, Error> {
        let view = self.contract(by, id).await?;
        Ok(self.catalogue.kept_paper(view.title, PDF, view.contract.sha256))
    }

    /// Records the winner's signature under the contract; the same again changes nothing.
    ///
    /// # Errors
    /// As [`Self::contract`]; [`Error::BadSignature`]; [`Error::MethodNotAccepted`];
    /// [`Error::Rejected`] after the time for the contract.
    pub async fn sign_contract_as_winner(
        &self,
        by: &Bidder,
        id: AuctionId,
        signed: &SignContract,
    ) -> Result<(), Error> {
        // Verified before the transaction: the passkey's record is in the same database.
        let view = self.contract(by, id).await?;
        let now = self.context.ports.clock.now();
        let (contract, confirmation) = (&view.contract, &signed.confirmation);
        let confirmed = self.identity.confirm(by.person, contract, confirmation, now).await;
        let confirmed = self.signed(Principal::Bidder(by.person), id, confirmed).await?;
        let method = confirmed.method;
        let txn = self.context.db.begin().await?;
        let locked = store::lock_public(&txn, id).await?;
        if !locked.auction.birth.rules.award_confirmation.contains(&method) {
            return Err(Error::MethodNotAccepted);
        }
        let known = store::contract(&txn, id).await?.ok_or(StoreError::NotFound)?;
        if known.payload != view.contract {
            return Err(StoreError::Conflict.into());
        }
        if known.winner_signed_at.is_some() {
            return Ok(());
        }
        let (winner, _) = award_in_time(&locked.auction, now)?;
        if !self.identity.spend_confirmation(&txn, &confirmed).await? {
            return Err(Error::ConfirmationExpired);
        }
        store::sign_as_winner(&txn, id, &kept(&signed.confirmation), now).await?;
        let (object, content) =
            (SignedAct::Contract.object(&locked.auction), view.contract.canonical());
        self.identity.keep_evidence(&txn, &object, by.person, (&content, &confirmed)).await?;
        let digest = hex::encode(view.contract.digest());
        let detail = json!({ "bidder": winner, "contract": digest, "method": method });
        self.record(&txn, Principal::Bidder(by.person), Action::ContractSign, id, detail).await?;
        self.commit(txn, &[]).await
    }

    /// The contract, for the organiser's officials; `None` before a file was uploaded.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn contract_for(
        &self,
        by: &Official,
        auction: &Auction,
    ) -> Result<Option<ContractFile>, Error> {
        by.any_in(&[Role::Organiser, Role::Auditor], Some(auction.birth.procuring_entity))?;
        let known = store::contract(self.context.db.read(), auction.birth.id).await?;
        Ok(known.map(|known| ContractFile {
            title: known.title,
            payload: known.payload,
            winner_signed_at: known.winner_signed_at,
            holder_signed_at: known.official_signed_at,
        }))
    }

    /// The contract's file, for the organiser's officials.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] before a file was uploaded.
    pub async fn contract_paper_for(&self, by: &Official, id: AuctionId) -> Result<Paper, Error> {
        by.any(&[Role::Organiser, Role::Auditor])?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        let known = self.contract_for(by, &auction).await?.ok_or(StoreError::NotFound)?;
        Ok(self.catalogue.kept_paper(known.title, PDF, known.payload.sha256))
    }

    /// Signs the contract for the lot holder, by the official's passkey or certificate over exactly
    /// what the winner has signed: the contract is concluded (A15). A passkey always counts, since
    /// it is how the console knows the official; a certificate where the auction's rules accept it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Conflict`], [`Error::BadSignature`], [`Error::Signature`],
    /// [`Error::MethodNotAccepted`], [`Error::Rejected`]; [`Rejection::WrongState`] before the
    /// winner has signed.
    pub async fn sign_contract_as_holder(
        &self,
        by: &Official,
        id: AuctionId,
        confirmation: &Confirmation,
    ) -> Result<(), Error> {
        by.any(&[Role::Organiser])?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        by.any_in(&[Role::Organiser], Some(auction.birth.procuring_entity))?;
        let known = store::contract(self.context.db.read(), id).await?;
        let known = known.ok_or(StoreError::NotFound)?;
        // Before the confirmation is looked at: a certificate leaves its mark on the account.
        if known.winner_signed_at.is_none() {
            return Err(Rejection::WrongState.into());
        }
        let confirmed =
            self.confirmed_as_official(by, &auction, &known.payload, confirmation).await?;
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let organisation = locked.auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &[Role::Organiser], Some(organisation))?;
        let txn = self.without_conflict(txn, (by, actor), &locked.auction, &[]).await?;
        let current = store::contract(&txn, id).await?.ok_or(StoreError::NotFound)?;
        if current.payload != known.payload || current.winner_signed_at.is_none() {
            return Err(Rejection::WrongState.into());
        }
        let now = self.context.ports.clock.now();
        store::sign_as_holder(&txn, id, (by.person, &kept(confirmation)), now).await?;
        let (object, content) =
            (SignedAct::ContractHolder.object(&locked.auction), known.payload.canonical());
        self.identity.keep_evidence(&txn, &object, by.person, (&content, &confirmed)).await?;
        let document = hex::encode(known.payload.digest());
        let command = Command::SignContract { by: by.person, document };
        let before = locked.auction.clone();
        let locked = self.execute(&txn, locked, &command, now).await?;
        let mut detail = trail::changed(&before, &locked);
        detail["sha256"] = json!(known.payload.sha256);
        self.record(&txn, actor, Action::AuctionContract, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await
    }

    /// Verifies the official's confirmation, and that the auction accepts its kind.
    pub(super) async fn confirmed_as_official(
        &self,
        by: &Official,
        auction: &Auction,
        payload: &impl SignedPayload,
        confirmation: &Confirmation,
    ) -> Result<Confirmed, Error> {
        let method = confirmation.method();
        let accepted = &auction.birth.rules.award_confirmation;
        if method != ConfirmationMethod::Passkey && !accepted.contains(&method) {
            return Err(Error::MethodNotAccepted);
        }
        let (id, now) = (auction.birth.id, self.context.ports.clock.now());
        let confirmed =
            self.identity.confirm_as_official(by.person, payload, confirmation, now).await;
        let organisation = Some(auction.birth.procuring_entity);
        let actor = Principal::official_in(by, &[Role::Organiser], organisation)?;
        self.signed(actor, id, confirmed).await
    }

    /// Makes the winner's phones pull their application again: there is something to sign.
    async fn wake_winner(&self, txn: &Txn, id: AuctionId, winner: BidderNo) -> Result<(), Error> {
        let participants = store::participants(txn, id).await?.into_iter();
        for participant in participants.filter(|participant| participant.bidder_no == winner) {
            self.applications.numbered(txn, participant.person, id);
        }
        Ok(())
    }
}

/// The confirmation as a contract keeps it: a certificate names its person, and is kept sealed, as
/// evidence.
fn kept(confirmation: &Confirmation) -> Confirmation {
    match confirmation {
        Confirmation::Cms { .. } => Confirmation::Cms { signature: String::new() },
        whole => whole.clone(),
    }
}

/// The confirmed winner and the price.
fn award(auction: &Auction) -> Option<(BidderNo, Tyiyn)> {
    let award = auction.awards.last()?;
    let is_won = matches!(auction.status, Status::Awarded | Status::Complete);
    let is_active = matches!(award.status, AwardStatus::Active { .. });
    (is_won && is_active).then_some((award.bidder, award.price))
}

/// As [`award`], while the contract can be concluded.
fn award_in_time(auction: &Auction, now: Timestamp) -> Result<(BidderNo, Tyiyn), Rejection> {
    let found = award(auction).filter(|_| auction.status == Status::Awarded);
    let found = found.ok_or(Rejection::WrongState)?;
    match auction.contract_by.is_some_and(|contract_by| now >= contract_by) {
        true => Err(Rejection::TooLate),
        false => Ok(found),
    }
}
