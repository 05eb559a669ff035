//! Actions of two officials: one proposes, another approves, and then the rules decide.
//!
//! # Why a proposal and not two signatures on one form
//! The second person may be in another building, and in an emergency there is no time to look for
//! each other: the proposal is on the live page of every official who may approve it, with one
//! button.

use super::officials::checked_reason;
use super::service::{Error, Service};
use super::store::proposals::Fate;
use super::store::{self, LockedAuction, proposals};
use super::trail;
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use serde_json::{Value, json};
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::id::{AuctionId, OrganisationId, PersonId};
use toruk_sync::domain::proposal::{JointAct, Proposal};
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Organisers and moderators watch the bidding: each of them may see a fault first.
const WATCHERS: [Role; 2] = [Role::Organiser, Role::Moderator];

/// An open proposal, as one official sees it.
#[derive(Debug, Clone)]
pub struct Pending {
    pub id: Uuid,
    /// The proposed act, its author and its expiry.
    pub proposal: Proposal,
    /// Set if this official may approve or decline it.
    pub may_decide: bool,
    /// Set if it is this official's own, to be withdrawn.
    pub is_own: bool,
}

/// The acts that this official may propose, by their roles and the auction's state.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)] // Named as what they allow.
pub struct MayPropose {
    pub suspend: bool,
    pub resume: bool,
    pub cancel: bool,
    pub disqualify: bool,
    pub refusal: bool,
    pub correct: bool,
}

impl Service {
    /// Proposes an act. If another official's proposal to stop the clock waits, this approves it:
    /// two people have seen the fault. Returns `true` if the act was carried out.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Conflict`]; [`Error::Rejected`] when it could not be approved
    /// now;
    /// [`StoreError::Conflict`] when another official's proposal of the same act waits.
    pub async fn propose(
        &self,
        by: &Official,
        id: AuctionId,
        act: JointAct,
    ) -> Result<bool, Error> {
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        self.propose_within(txn, locked, by, act).await
    }

    /// As [`Self::propose`], on an auction that is locked already.
    pub(super) async fn propose_within(
        &self,
        txn: Txn,
        locked: LockedAuction,
        by: &Official,
        act: JointAct,
    ) -> Result<bool, Error> {
        let id = locked.auction.birth.id;
        let (proposers, _) = roles(&act, locked.auction.status);
        let actor = Principal::official_in(by, proposers, organisation(&locked.auction))?;
        let txn = self.without_conflict(txn, (by, actor), &locked.auction, &[]).await?;
        let now = self.context.ports.clock.now();
        let act = with_checked_reason(act)?;
        let proposal = Proposal::make(&locked.auction, act, by.person, now)?;
        let kind = kind(&proposal.act);
        for (known, other) in self.alive(&txn, &locked, now).await? {
            if self::kind(&other.act) != kind {
                continue;
            }
            if other.by == by.person {
                proposals::close(&txn, known, Fate::Withdrawn, Some(by.person), now).await?;
            } else if matches!(other.act, JointAct::Suspend { .. }) {
                let (who, partner) = ((by, actor), [other.by]);
                let txn = self.without_conflict(txn, who, &locked.auction, &partner).await?;
                let seq = self.carry_out(&txn, locked, by, actor, (known, &other), now).await?;
                self.commit(txn, &[(id, seq)]).await?;
                return Ok(true);
            } else {
                return Err(StoreError::Conflict.into());
            }
        }
        let proposal_id = self.context.ports.ids.uuid();
        proposals::insert(&txn, proposal_id, id, &proposal).await?;
        let detail = detail(&proposal.act, None);
        self.record(&txn, actor, Action::AuctionPropose, id, detail).await?;
        self.commit(txn, &[]).await?;
        Ok(false)
    }

    /// Approves another official's proposal and carries it out, in one transaction.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if it is not open any more, also because its
    /// author's role has ended; [`Error::Conflict`]; [`Error::Rejected`]: one's own, lapsed, or not possible any more.
    pub async fn approve(&self, by: &Official, id: AuctionId, proposal: Uuid) -> Result<(), Error> {
        by.any(&WATCHERS)?;
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        by.any_in(&WATCHERS, organisation(&locked.auction))?;
        let found = waiting(&txn, id, proposal).await?;
        let (proposers, approvers) = roles(&found.act, locked.auction.status);
        let actor = Principal::official_in(by, approvers, organisation(&locked.auction))?;
        let now = self.context.ports.clock.now();
        let seller = locked.auction.birth.procuring_entity;
        if !self.identity.still_has(&txn, found.by, proposers, Some(seller)).await? {
            self.drop_proposal(txn, proposal, now).await?;
            return Err(StoreError::NotFound.into());
        }
        let partner = [found.by];
        let txn = self.without_conflict(txn, (by, actor), &locked.auction, &partner).await?;
        let seq = self.carry_out(&txn, locked, by, actor, (proposal, &found), now).await?;
        self.commit(txn, &[(id, seq)]).await
    }

    /// Declines another official's proposal, or withdraws one's own.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if it is not open any more.
    pub async fn decline(&self, by: &Official, id: AuctionId, proposal: Uuid) -> Result<(), Error> {
        by.any(&WATCHERS)?;
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let organisation = organisation(&locked.auction);
        let watcher = Principal::official_in(by, &WATCHERS, organisation)?;
        let found = waiting(&txn, id, proposal).await?;
        let (_, approvers) = roles(&found.act, locked.auction.status);
        let now = self.context.ports.clock.now();
        let (fate, actor, action) = if found.by == by.person {
            (Fate::Withdrawn, watcher, Action::AuctionWithdrawProposal)
        } else {
            let actor = Principal::official_in(by, approvers, organisation)?;
            (Fate::Declined, actor, Action::AuctionDecline)
        };
        proposals::close(&txn, proposal, fate, Some(by.person), now).await?;
        let detail = detail(&found.act, Some(found.by));
        self.record(&txn, actor, action, id, detail).await?;
        self.commit(txn, &[]).await
    }

    /// Open proposals of an auction that could still be approved, for organisers and moderators;
    /// empty for other officials.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn proposals(&self, by: &Official, auction: &Auction) -> Result<Vec<Pending>, Error> {
        let organisation = organisation(auction);
        if by.any_in(&WATCHERS, organisation).is_err() {
            return Ok(Vec::new());
        }
        let now = self.context.ports.clock.now();
        let db = self.context.db.read();
        let mut seen = Vec::new();
        for (id, proposal) in proposals::open(db, auction.birth.id).await? {
            let (proposers, approvers) = roles(&proposal.act, auction.status);
            if !self.stands(db, auction, (&proposal, proposers), now).await? {
                continue;
            }
            let is_own = proposal.by == by.person;
            let may_decide = !is_own && by.any_in(approvers, organisation).is_ok();
            seen.push(Pending { id, may_decide, is_own, proposal });
        }
        Ok(seen)
    }

    /// The acts that this official may propose now.
    pub fn may_propose(&self, by: &Official, auction: &Auction) -> MayPropose {
        let now = self.context.ports.clock.now();
        may_propose(by, auction, now)
    }

    /// Carries a proposed act out; returns the new length of the log.
    async fn carry_out(
        &self,
        txn: &Txn,
        locked: LockedAuction,
        by: &Official,
        actor: Principal,
        (id, proposal): (Uuid, &Proposal),
        now: Timestamp,
    ) -> Result<u64, Error> {
        let command = proposal.approve(&locked.auction, by.person, now)?;
        let mut detail = detail(&proposal.act, Some(proposal.by));
        if let JointAct::Correct { lot, .. } = &proposal.act {
            let known = self.catalogue.publishable(txn, locked.auction.birth.lot).await?.lot;
            detail["lot"] = audit::changes(&known, lot.lot());
            self.catalogue.correct(txn, proposal.by, lot.lot()).await?;
        }
        let before = locked.auction.clone();
        let locked = self.execute(txn, locked, &command, now).await?;
        proposals::close(txn, id, Fate::Approved, Some(by.person), now).await?;
        let changed = trail::changed(&before, &locked);
        for fact in ["seq", CHANGES] {
            detail[fact] = changed[fact].clone();
        }
        let auction = locked.auction.birth.id;
        self.record(txn, actor, Action::AuctionApprove, auction, detail).await?;
        Ok(locked.seq)
    }

    /// Open proposals that could still be approved; the others are marked as lapsed.
    async fn alive(
        &self,
        txn: &Txn,
        locked: &LockedAuction,
        now: Timestamp,
    ) -> Result<Vec<(Uuid, Proposal)>, Error> {
        let mut alive = Vec::new();
        for (id, proposal) in proposals::open(txn, locked.auction.birth.id).await? {
            let (proposers, _) = roles(&proposal.act, locked.auction.status);
            if self.stands(txn, &locked.auction, (&proposal, proposers), now).await? {
                alive.push((id, proposal));
            } else {
                proposals::close(txn, id, Fate::Lapsed, None, now).await?;
            }
        }
        Ok(alive)
    }
}

/// The acts that this official may propose at `now`, by their roles and the auction's state; the
/// rules decide in the end.
pub fn may_propose(by: &Official, auction: &Auction, now: Timestamp) -> MayPropose {
    let (reason, document) = (String::new(), String::new());
    let may =
        |act: JointAct| by.any_in(roles(&act, auction.status).0, organisation(auction)).is_ok();
    let runs = matches!(auction.status, Status::Waiting | Status::Bidding);
    let standing = auction.suspension.as_ref();
    let awaited = auction.pending_award().is_some_and(|award| now < award.confirm_by);
    MayPropose {
        suspend: runs && standing.is_none() && may(JointAct::Suspend { reason: reason.clone() }),
        resume: standing.is_some() && may(JointAct::Resume { at: now }),
        cancel: auction.is_public()
            && !auction.is_over()
            && may(JointAct::Cancel { reason: reason.clone(), document: document.clone() }),
        disqualify: auction.status == Status::Qualification
            && awaited
            && may(JointAct::DisqualifyWinner {
                reason: reason.clone(),
                document: document.clone(),
            }),
        refusal: auction.status == Status::Qualification
            && awaited
            && may(JointAct::RecordRefusal { reason, document }),
        correct: auction.status == Status::Rectification
            && auction
                .terms
                .as_ref()
                .is_some_and(|terms| terms.lot_hash.is_some() && now < terms.rectification_end)
            && by.any_in(&[Role::Organiser], organisation(auction)).is_ok(),
    }
}

fn with_checked_reason(act: JointAct) -> Result<JointAct, Error> {
    Ok(match act {
        JointAct::Suspend { reason } => JointAct::Suspend { reason: checked_reason(&reason)? },
        JointAct::Cancel { reason, document } => {
            JointAct::Cancel { reason: checked_reason(&reason)?, document }
        }
        JointAct::DisqualifyWinner { reason, document } => {
            JointAct::DisqualifyWinner { reason: checked_reason(&reason)?, document }
        }
        JointAct::RecordRefusal { reason, document } => {
            JointAct::RecordRefusal { reason: checked_reason(&reason)?, document }
        }
        checked @ (JointAct::Resume { .. } | JointAct::Correct { .. }) => checked,
    })
}

/// The roles that may propose an act, and those that may approve it. Before the opening the
/// organiser ends an auction with the moderator's consent (A17); from then on two moderators end
/// it, on a legal ground (A18).
fn roles(act: &JointAct, status: Status) -> (&'static [Role], &'static [Role]) {
    const ORGANISER: &[Role] = &[Role::Organiser];
    const MODERATOR: &[Role] = &[Role::Moderator];
    match act {
        JointAct::Suspend { .. } | JointAct::Resume { .. } => (&WATCHERS, &WATCHERS),
        JointAct::Cancel { .. } => match status {
            Status::Bidding | Status::Qualification | Status::Awarded => (MODERATOR, MODERATOR),
            _ => (ORGANISER, MODERATOR),
        },
        JointAct::DisqualifyWinner { .. } | JointAct::RecordRefusal { .. } => {
            (&WATCHERS, MODERATOR)
        }
        JointAct::Correct { .. } => (ORGANISER, MODERATOR),
    }
}

/// The act's key, for texts and for comparing two acts.
pub fn kind(act: &JointAct) -> &'static str {
    match act {
        JointAct::Suspend { .. } => "suspend",
        JointAct::Resume { .. } => "resume",
        JointAct::Cancel { .. } => "cancel",
        JointAct::DisqualifyWinner { .. } => "disqualify",
        JointAct::RecordRefusal { .. } => "refusal",
        JointAct::Correct { .. } => "correct",
    }
}

/// The organisation in which roles on an auction must count.
fn organisation(auction: &Auction) -> Option<OrganisationId> {
    Some(auction.birth.procuring_entity)
}

fn detail(act: &JointAct, proposed_by: Option<PersonId>) -> Value {
    let mut detail = match act {
        JointAct::Suspend { reason } => json!({ "reason": reason }),
        JointAct::Resume { at } => json!({ "resume_at": at }),
        JointAct::Cancel { reason, document }
        | JointAct::DisqualifyWinner { reason, document }
        | JointAct::RecordRefusal { reason, document } => {
            json!({ "reason": reason, "document": document })
        }
        JointAct::Correct { lot, .. } => json!({ "lot_hash": lot.hash() }),
    };
    detail["act"] = json!(kind(act));
    if let Some(person) = proposed_by {
        detail["proposed_by"] = json!(person);
    }
    detail
}

async fn waiting(txn: &Txn, auction: AuctionId, id: Uuid) -> Result<Proposal, StoreError> {
    let open = proposals::open(txn, auction).await?;
    let found = open.into_iter().find(|(known, _)| *known == id);
    found.map(|(_, proposal)| proposal).ok_or(StoreError::NotFound)
}
