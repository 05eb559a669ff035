//! Money that waits for a person: a difference between the payment system and the ledger, a line
//! of a bank's statement that fits nothing, a refund that does not go out by itself.
//!
//! An official of finance takes the task and proposes its end with a reason; another official of
//! finance approves it. Only a refund that was refused is tried again by one.

use super::auction::checked_reason;
use super::deposit::Rejection;
use super::id::{IntentId, PersonId};
use super::money::Tyiyn;
use super::proposal::LIFE;
use super::reconciliation::{CURRENCY, Difference, DifferenceKind, OperationKind};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A line of a bank's statement that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedLine {
    /// The name under which its money is booked.
    pub name: String,
    /// The payer's name as the bank has it.
    pub payer: String,
    /// The purpose as the payer wrote it.
    pub purpose: String,
    /// The amount in hundredths.
    pub amount: Tyiyn,
    /// ISO 4217, such as `KGS`.
    pub currency: String,
}

/// The reason why money waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskCause {
    /// The payment system and the ledger do not agree on an operation.
    Difference(Difference),
    /// A bank transfer that fits no attempt to pay.
    BankLine(ImportedLine),
    /// The payment system refused a refund again and again.
    RefundRefused {
        /// The refund that waits.
        refund: Uuid,
        /// The amount to pay back.
        amount: Tyiyn,
    },
    /// A refund is so large that two people send it.
    RefundLarge {
        /// The refund that waits.
        refund: Uuid,
        /// The amount to pay back.
        amount: Tyiyn,
    },
    /// A refund of a bank transfer, which people pay by a transfer.
    RefundByBank {
        /// The refund that waits.
        refund: Uuid,
        /// The amount to pay back.
        amount: Tyiyn,
    },
}

/// A way to close a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Nothing moves: the reason says why that is right.
    Note,
    /// The money is booked as unmatched, and refunded to its payer.
    GiveBack,
    /// The money is settled as a payment of this attempt.
    Credit(IntentId),
    /// The refund is sent to the payment system.
    Send,
    /// The refund was paid outside of the payment system.
    PaidByHand,
}

impl Remedy {
    /// Its name in forms and in the keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::GiveBack => "give_back",
            Self::Credit(_) => "credit",
            Self::Send => "send",
            Self::PaidByHand => "paid_by_hand",
        }
    }

    /// The remedy of a name; `intent` is the attempt that is credited.
    pub fn of(key: &str, intent: Option<IntentId>) -> Option<Self> {
        match key {
            "note" => Some(Self::Note),
            "give_back" => Some(Self::GiveBack),
            "credit" => intent.map(Self::Credit),
            "send" => Some(Self::Send),
            "paid_by_hand" => Some(Self::PaidByHand),
            _ => None,
        }
    }
}

impl TaskCause {
    /// Its name in the database and in the keys of texts.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Difference(difference) => difference.kind.key(),
            Self::BankLine(_) => "bank_line",
            Self::RefundRefused { .. } => "refund_refused",
            Self::RefundLarge { .. } => "refund_large",
            Self::RefundByBank { .. } => "refund_by_bank",
        }
    }

    /// The names of the remedies that it can have.
    pub fn remedies(&self) -> &'static [&'static str] {
        match self {
            Self::Difference(difference) if is_unbooked_som(difference) => &["note", "give_back"],
            Self::Difference(_) => &["note"],
            // Booked as unmatched at the import: it must not end there.
            Self::BankLine(line) if line.currency == CURRENCY => &["credit", "give_back"],
            Self::BankLine(_) => &["note"],
            Self::RefundRefused { .. } => &["send", "paid_by_hand"],
            Self::RefundLarge { .. } => &["send"],
            Self::RefundByBank { .. } => &["paid_by_hand"],
        }
    }

    /// Returns `true` if a second person approves this remedy: all but a refund that the payment
    /// system refused and that is only tried again. Of a difference that is left as it is, too: one
    /// person could hide money with that.
    fn needs_two(&self, remedy: Remedy) -> bool {
        let is_retry = matches!((self, remedy), (Self::RefundRefused { .. }, Remedy::Send));
        !is_retry
    }
}

/// Money that arrived and that nobody has booked: it can be refunded.
fn is_unbooked_som(difference: &Difference) -> bool {
    let in_som = difference.stated.as_ref().is_some_and(|(_, currency)| currency == CURRENCY);
    difference.kind == DifferenceKind::NotBooked
        && difference.operation == OperationKind::Payment
        && in_som
}

/// A remedy that waits for another official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProposal {
    /// Its id: the one that is approved is the one that was read.
    pub id: Uuid,
    /// The way in which it ends.
    pub remedy: Remedy,
    /// The reason, for the record.
    pub reason: String,
    /// The official who proposed it.
    pub by: PersonId,
    /// The deadline for the approval, exclusive.
    pub expires_at: Timestamp,
}

/// The end of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEnd {
    /// The way in which it ends.
    pub remedy: Remedy,
    /// The reason; none if the task resolved itself.
    pub reason: Option<String>,
    /// The official who closed it; `None` if it resolved itself.
    pub by: Option<PersonId>,
    /// The official who approved it, where two are needed.
    pub approved_by: Option<PersonId>,
    /// The moment at which it ended.
    pub at: Timestamp,
}

/// Money that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyTask {
    /// The id, for officials' forms.
    pub id: Uuid,
    /// The reason why it waits.
    pub cause: TaskCause,
    /// The moment when that was found.
    pub at: Timestamp,
    /// The official who sees to it.
    pub owner: Option<PersonId>,
    /// What waits for a second person.
    pub proposal: Option<TaskProposal>,
    /// How it ended.
    pub end: Option<TaskEnd>,
}

impl MoneyTask {
    /// A task that nobody has taken.
    pub fn new(id: Uuid, cause: TaskCause, at: Timestamp) -> Self {
        Self { id, cause, at, owner: None, proposal: None, end: None }
    }

    /// Its place in its life, for lists: `open`, `taken`, `proposed` or `closed`.
    pub fn status(&self) -> &'static str {
        match (&self.end, &self.proposal, self.owner) {
            (Some(_), ..) => "closed",
            (None, Some(_), _) => "proposed",
            (None, None, Some(_)) => "taken",
            (None, None, None) => "open",
        }
    }

    /// The attempt to pay that it credits, as it ended or as is proposed.
    pub fn credits(&self) -> Option<IntentId> {
        let ended = self.end.as_ref().map(|end| end.remedy);
        let proposed = self.proposal.as_ref().map(|proposal| proposal.remedy);
        match ended.or(proposed)? {
            Remedy::Credit(intent) => Some(intent),
            Remedy::Note | Remedy::GiveBack | Remedy::Send | Remedy::PaidByHand => None,
        }
    }

    /// An official takes it, also over from another one.
    ///
    /// # Errors
    /// [`Rejection::WrongState`] once it is closed or something is proposed.
    pub fn take(&self, by: PersonId) -> Result<Self, Rejection> {
        if self.end.is_some() || self.proposal.is_some() {
            return Err(Rejection::WrongState);
        }
        Ok(Self { owner: Some(by), ..self.clone() })
    }

    /// Its owner proposes how it ends, or ends it, where one person is enough; an own proposal and
    /// one that has lapsed are replaced. `id` names the proposal.
    ///
    /// # Errors
    /// [`Rejection::WrongState`] if it is closed, not the official's own, has a proposal, or no
    /// such remedy; [`Rejection::ReasonNeeded`].
    pub fn propose(
        &self,
        by: PersonId,
        remedy: Remedy,
        reason: &str,
        (id, now): (Uuid, Timestamp),
    ) -> Result<Self, Rejection> {
        let waits = |other: &TaskProposal| other.by != by && now < other.expires_at;
        let is_fit = self.cause.remedies().contains(&remedy.key());
        let is_taken = self.owner != Some(by) || self.proposal.as_ref().is_some_and(waits);
        if self.end.is_some() || is_taken || !is_fit {
            return Err(Rejection::WrongState);
        }
        let reason = checked_reason(reason).map_err(|_| Rejection::ReasonNeeded)?;
        let mut next = Self { proposal: None, ..self.clone() };
        if self.cause.needs_two(remedy) {
            let expires_at = now + LIFE;
            next.proposal = Some(TaskProposal { id, remedy, reason, by, expires_at });
        } else {
            let reason = Some(reason);
            let end = TaskEnd { remedy, reason, by: Some(by), approved_by: None, at: now };
            next.end = Some(end);
        }
        Ok(next)
    }

    /// The task without its proposal, if that has lapsed: nobody needs its author any more.
    #[must_use]
    pub fn without_lapsed(&self, now: Timestamp) -> Option<Self> {
        let lapsed = self.proposal.as_ref().filter(|proposal| now >= proposal.expires_at)?;
        self.decline(lapsed.id).ok()
    }

    /// Another official approves the proposal that they have read: the task is closed, and its
    /// remedy is to be carried out.
    ///
    /// # Errors
    /// [`Rejection::WrongState`] if it is another one; [`Rejection::Lapsed`];
    /// [`Rejection::SecondPersonNeeded`] for one's own.
    pub fn approve(&self, by: PersonId, read: Uuid, now: Timestamp) -> Result<Self, Rejection> {
        let proposal = self.read(read)?;
        if now >= proposal.expires_at {
            return Err(Rejection::Lapsed);
        }
        if proposal.by == by {
            return Err(Rejection::SecondPersonNeeded);
        }
        let end = TaskEnd {
            remedy: proposal.remedy,
            reason: Some(proposal.reason.clone()),
            by: Some(proposal.by),
            approved_by: Some(by),
            at: now,
        };
        Ok(Self { proposal: None, end: Some(end), ..self.clone() })
    }

    /// Declines a proposal, or withdraws one's own: the task is its owner's again.
    ///
    /// # Errors
    /// [`Rejection::WrongState`] if it is another one.
    pub fn decline(&self, read: Uuid) -> Result<Self, Rejection> {
        self.read(read)?;
        Ok(Self { proposal: None, ..self.clone() })
    }

    /// Opens it again with another cause: what was proposed or decided was about the former one.
    /// Its owner stays.
    #[must_use]
    pub fn renew(&self, cause: TaskCause, now: Timestamp) -> Self {
        Self { cause, at: now, proposal: None, end: None, ..self.clone() }
    }

    /// Closes it because its cause is gone.
    ///
    /// # Errors
    /// [`Rejection::WrongState`] once it is closed.
    pub fn resolve(&self, now: Timestamp) -> Result<Self, Rejection> {
        if self.end.is_some() {
            return Err(Rejection::WrongState);
        }
        let (reason, by, approved_by) = (None, None, None);
        let end = TaskEnd { remedy: Remedy::Note, reason, by, approved_by, at: now };
        Ok(Self { proposal: None, end: Some(end), ..self.clone() })
    }

    fn read(&self, id: Uuid) -> Result<&TaskProposal, Rejection> {
        let proposal = self.proposal.as_ref().filter(|proposal| proposal.id == id);
        proposal.filter(|_| self.end.is_none()).ok_or(Rejection::WrongState)
    }
}

#[cfg(test)]
mod tests;
