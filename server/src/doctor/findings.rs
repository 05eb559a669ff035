//! What is wrong, and what was examined.

use std::fmt;

/// The kinds of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// An entry of no money, from an account to itself, or of an unknown account.
    EntryMalformed,
    /// An entry of which nothing else knows.
    EntryWithoutCause,
    /// The entries of a payment are not its amount.
    PaymentUnbalanced,
    /// The entry of a refund is missing, too early or of another amount.
    RefundUnbalanced,
    /// The balance of a deposit is not what its state says.
    DepositUnbalanced,
    /// The balance of an account is not the sum of what is owed.
    AccountUnbalanced,
    /// Money that nobody sends, and that waits for nobody.
    MoneyAdrift,
    /// A column does not say what the row's state says.
    StateTorn,
    /// The state of an attempt to pay does not agree with the payments.
    IntentUnbalanced,
    /// An auction's log does not follow the rules, or its chain is broken.
    AuctionLog,
    /// An auction's state or head is not what its log makes.
    AuctionHead,
    /// The chain of the audit trail is broken.
    AuditChain,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    pub damage: Damage,
    /// The row or account.
    pub what: String,
    /// What was found instead of what.
    pub why: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}: {}", self.damage, self.what, self.why)
    }
}

/// What was examined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    pub entries: usize,
    pub payments: usize,
    pub refunds: usize,
    pub deposits: usize,
    pub attempts: usize,
    pub auctions: usize,
    pub acts: usize,
    /// In the order in which it was found.
    pub damaged: Vec<Damaged>,
}

impl Examination {
    pub(super) fn wrong(
        &mut self,
        damage: Damage,
        what: impl fmt::Display,
        why: impl fmt::Display,
    ) {
        let (what, why) = (what.to_string(), why.to_string());
        self.damaged.push(Damaged { damage, what, why });
    }
}
