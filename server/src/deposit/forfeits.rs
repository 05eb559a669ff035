//! Guarantees that the rules brought up after a default: an official of one office says what
//! becomes of them and why, one of the other office decides.

use super::refund_of::RefundOf;
use super::service::{Error, Service};
use super::store::{self, DepositRow, NamedProposal};
use crate::audit::{Action, Principal};
use crate::catalogue::rows::AuctionName;
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use serde_json::json;
use std::collections::BTreeSet;
use toruk_sync::domain::auction::{Auction, REASON_CHARS_MAX};
use toruk_sync::domain::deposit::{Deposit, Rejection};
use toruk_sync::domain::forfeit::{ForfeitProposal, Office};
use toruk_sync::domain::id::{AuctionId, DepositId, OrganisationId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::text::paragraph;
use toruk_sync::protocol::limits::PAGE_MAX;
use uuid::Uuid;

const OFFICES: [Office; 2] = [Office::Finance, Office::Organiser];
/// Their roles.
const DECIDERS: [Role; 2] = [Role::Finance, Role::Organiser];
/// The roles that may see what waits.
const SEERS: [Role; 3] = [Role::Finance, Role::Organiser, Role::Auditor];

/// A guarantee that waits for a decision, as one official sees it.
#[derive(Debug, Clone)]
pub struct ForfeitCase {
    pub deposit: Deposit,
    pub auction: AuctionId,
    /// Number and title of the auction.
    pub auction_name: AuctionName,
    /// The opinion that waits for the other office, with its id, unless it has lapsed.
    pub proposal: Option<(Uuid, ForfeitProposal)>,
    /// Set if this official may say what becomes of it.
    pub may_propose: bool,
    /// Set if this official may approve or decline the proposal.
    pub may_decide: bool,
    /// Set if the proposal is this official's own, to be withdrawn.
    pub is_own: bool,
}

/// What an official wants to become of a guarantee.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// `true` to keep it, `false` to refund it.
    pub keep: bool,
    /// The reason, for the record.
    pub reason: String,
    /// SHA-256 of the document that justifies it, in hex.
    pub document: String,
}

impl Service {
    /// Guarantees that wait for a decision, the oldest first: one page.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn forfeits(&self, by: &Official) -> Result<Vec<ForfeitCase>, Error> {
        let reach = by.reach(&SEERS)?;
        let db = self.context.db.read();
        let rows = store::undecided(db, reach.as_ref(), PAGE_MAX).await?;
        let ids: Vec<DepositId> = rows.iter().map(|row| row.deposit.id).collect();
        let mut proposals = store::forfeit_proposals(db, &ids).await?;
        let auctions: BTreeSet<AuctionId> = rows.iter().map(|row| row.auction).collect();
        let names = self.catalogue.names(&auctions).await?;
        let now = self.context.ports.clock.now();
        let mut cases = Vec::new();
        for row in rows {
            let auction = self.catalogue.auction(db, row.auction).await?;
            let offices = offices(by, auction.birth.procuring_entity);
            let proposal =
                proposals.remove(&row.deposit.id).filter(|one| now < one.proposal.expires_at);
            let is_own = proposal.as_ref().is_some_and(|one| one.proposal.by == by.person);
            let approves =
                |one: &NamedProposal| office_beside(&offices, one.proposal.office).is_some();
            cases.push(ForfeitCase {
                auction_name: names.get(&row.auction).cloned().unwrap_or_default(),
                auction: row.auction,
                may_propose: !offices.is_empty() && (is_own || proposal.is_none()),
                may_decide: !is_own && proposal.as_ref().is_some_and(approves),
                is_own,
                deposit: row.deposit,
                proposal: proposal.map(|one| (one.id, one.proposal)),
            });
        }
        Ok(cases)
    }

    /// Says what should become of a guarantee; replaces one's own opinion, or a lapsed one.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Conflict`]; [`Error::Rejected`]; [`StoreError::Conflict`] if
    /// another official's opinion waits.
    pub async fn propose_forfeit(
        &self,
        by: &Official,
        id: DepositId,
        opinion: Opinion,
    ) -> Result<(), Error> {
        by.any(&DECIDERS)?;
        let txn = self.context.db.begin().await?;
        let (row, auction) = self.case(&txn, by, id).await?;
        let offices = offices(by, auction.birth.procuring_entity);
        let &(role, office) = offices.first().ok_or(Error::Forbidden)?;
        let actor = Principal::Official(by.person, role);
        let txn = self.without_conflict(txn, (by, actor), &row, None).await?;
        let now = self.context.ports.clock.now();
        if let Some(known) = store::forfeit_proposals(&txn, &[id]).await?.remove(&id)
            && known.proposal.by != by.person
            && now < known.proposal.expires_at
        {
            return Err(StoreError::Conflict.into());
        }
        let Opinion { keep, reason, document } = opinion;
        let reason = paragraph(&reason, REASON_CHARS_MAX).map_err(|_| Rejection::ReasonNeeded)?;
        let rules = &auction.birth.rules;
        let what = (keep, reason.as_str(), document.as_str());
        let proposal = ForfeitProposal::make(&row.deposit, rules, (by.person, office), what, now)?;
        let detail = detail(&proposal);
        let named = NamedProposal { id: self.context.ports.ids.uuid(), proposal };
        store::put_forfeit_proposal(&txn, id, &named).await?;
        self.record(&txn, &row, actor, Action::DepositPropose, detail).await?;
        self.context.db.commit(txn).await?;
        Ok(())
    }

    /// Approves the other office's opinion and carries it out: the payer is told, and the money is
    /// kept or refunded, in one transaction.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Conflict`]; [`Error::Rejected`]: one's own, of one's own
    /// office, lapsed; [`StoreError::NotFound`] if none waits, also because its author's role has
    /// ended; [`StoreError::Conflict`] if it is another one than `read`.
    pub async fn approve_forfeit(
        &self,
        by: &Official,
        id: DepositId,
        read: Uuid,
    ) -> Result<(), Error> {
        by.any(&DECIDERS)?;
        let txn = self.context.db.begin().await?;
        let (mut row, auction) = self.case(&txn, by, id).await?;
        let proposal = waiting(&txn, id, read).await?;
        let offices = offices(by, auction.birth.procuring_entity);
        let own = office_beside(&offices, proposal.office).or(offices.first().copied());
        let (role, office) = own.ok_or(Error::Forbidden)?;
        let actor = Principal::Official(by.person, role);
        let (author, there) = ([role_of(proposal.office)], auction.birth.procuring_entity);
        if !self.identity.still_has(&txn, proposal.by, &author, Some(there)).await? {
            store::remove_forfeit_proposal(&txn, id).await?;
            self.context.db.commit(txn).await?;
            return Err(StoreError::NotFound.into());
        }
        let now = self.context.ports.clock.now();
        let command = proposal.approve((by.person, office), now)?;
        let txn = self.without_conflict(txn, (by, actor), &row, Some(&proposal)).await?;
        let references = store::credited_references(&txn, &[id]).await?;
        let of = RefundOf::new(references.get(&id), &auction.birth.rules);
        let settled = self.step_by(&txn, &mut row, command, of, actor, detail(&proposal));
        settled.await??;
        store::remove_forfeit_proposal(&txn, id).await?;
        if proposal.keep {
            self.tell(&txn, &row, NoticeKind::DepositForfeited).await?;
        }
        self.context.db.commit(txn).await?;
        Ok(())
    }

    /// Declines the other office's opinion, or withdraws one's own: the guarantee waits again.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if none waits; [`StoreError::Conflict`] if it
    /// is another one than `read`.
    pub async fn decline_forfeit(
        &self,
        by: &Official,
        id: DepositId,
        read: Uuid,
    ) -> Result<(), Error> {
        by.any(&DECIDERS)?;
        let txn = self.context.db.begin().await?;
        let (row, auction) = self.case(&txn, by, id).await?;
        let proposal = waiting(&txn, id, read).await?;
        let offices = offices(by, auction.birth.procuring_entity);
        let own = offices
            .iter()
            .find(|(_, office)| (proposal.by == by.person) == (*office == proposal.office));
        let &(role, _) = own.ok_or(Error::Forbidden)?;
        store::remove_forfeit_proposal(&txn, id).await?;
        let actor = Principal::Official(by.person, role);
        let detail = detail(&proposal);
        self.record(&txn, &row, actor, Action::DepositDecline, detail).await?;
        self.context.db.commit(txn).await?;
        Ok(())
    }

    /// The locked deposit and its auction, for an official who may decide in its organisation.
    async fn case(
        &self,
        txn: &Txn,
        by: &Official,
        id: DepositId,
    ) -> Result<(DepositRow, Auction), Error> {
        let row = store::deposit(txn, id).await?;
        let auction = self.catalogue.auction(txn, row.auction).await?;
        by.any_in(&DECIDERS, Some(auction.birth.procuring_entity))?;
        Ok((row, auction))
    }

    /// Returns the transaction if the official is neither the payer nor the author of the opinion
    /// under another account; otherwise the conflict is recorded.
    async fn without_conflict(
        &self,
        txn: Txn,
        (by, actor): (&Official, Principal),
        row: &DepositRow,
        proposal: Option<&ForfeitProposal>,
    ) -> Result<Txn, Error> {
        let payer = [row.person];
        let mut conflict = self.identity.conflict_with_bidders(&txn, by, &payer).await?;
        if let (None, Some(proposal)) = (conflict, proposal) {
            let author = [proposal.by];
            conflict = self.identity.conflict_of_officials(&txn, by.person, &author).await?;
        }
        let Some(conflict) = conflict else { return Ok(txn) };
        let object = format!("deposit:{}", row.deposit.id);
        self.identity.record_conflict(&txn, actor, conflict, object).await?;
        self.context.db.commit(txn).await?;
        Err(Error::Conflict(conflict))
    }
}

/// The opinion that an official has read, if it still is the one that waits.
async fn waiting(txn: &Txn, deposit: DepositId, read: Uuid) -> Result<ForfeitProposal, StoreError> {
    let known = store::forfeit_proposals(txn, &[deposit]).await?.remove(&deposit);
    let NamedProposal { id, proposal } = known.ok_or(StoreError::NotFound)?;
    if id == read { Ok(proposal) } else { Err(StoreError::Conflict) }
}

/// The offices that this official holds in an organisation.
fn offices(by: &Official, organisation: OrganisationId) -> Vec<(Role, Office)> {
    let roles = OFFICES.iter().map(|office| (role_of(*office), *office));
    roles.filter(|(role, _)| by.counts_in(*role, Some(organisation))).collect()
}

/// The office of these that is not `taken`.
fn office_beside(offices: &[(Role, Office)], taken: Office) -> Option<(Role, Office)> {
    offices.iter().copied().find(|(_, office)| *office != taken)
}

fn role_of(office: Office) -> Role {
    match office {
        Office::Finance => Role::Finance,
        Office::Organiser => Role::Organiser,
    }
}

fn detail(proposal: &ForfeitProposal) -> serde_json::Value {
    json!({
        "keep": proposal.keep,
        "reason": proposal.reason,
        "document": proposal.document,
        "proposed_by": proposal.by,
    })
}
