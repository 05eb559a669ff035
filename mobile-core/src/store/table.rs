//! The tables of the store, and which of them hold what only this phone has.

/// A room of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Single values: counters, the account, the device.
    Meta,
    /// Drafts by auction.
    Draft,
    /// Waiting operations by ticket.
    Outbox,
    /// Decided operations by number, until the app acknowledges them.
    Outcome,
    /// Files to upload, by hash.
    Blob,
    /// The files' bytes, by hash and chunk.
    Content,
    /// Bids by id.
    Bid,
    /// Attempts to pay, by auction and channel.
    Payment,
    /// What the server said last, for use without a connection.
    Cache,
    /// The newest head of each auction's log.
    History,
    /// What the server owns, row by row: see [`crate::engine::pull`].
    Row,
    /// Pages that came, until the last of them is there.
    Staging,
    /// The catalogue, by kind and auction; read when it is shown.
    Card,
    /// The catalogue's rows of pages that came. An empty value removes a card.
    StagedCard,
    /// Operations that were decided, by number, for a server that is restored from a backup.
    Decided,
    /// Operations that were refused, by ticket, until the person deals with them.
    Attention,
    /// Drafts as the server has them, by auction.
    Base,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Meta,
        Self::Draft,
        Self::Outbox,
        Self::Outcome,
        Self::Blob,
        Self::Content,
        Self::Bid,
        Self::Payment,
        Self::Cache,
        Self::History,
        Self::Row,
        Self::Staging,
        Self::Card,
        Self::StagedCard,
        Self::Decided,
        Self::Attention,
        Self::Base,
    ];

    /// Whether it holds what only this phone has: a copy of what the server has is fetched again,
    /// but of these no row may go without a word.
    pub fn is_own(self) -> bool {
        match self {
            Self::Meta
            | Self::Draft
            | Self::Outbox
            | Self::Outcome
            | Self::Blob
            | Self::Content
            | Self::Bid
            | Self::Payment
            | Self::History
            | Self::Decided
            | Self::Attention
            | Self::Base => true,
            Self::Cache | Self::Row | Self::Staging | Self::Card | Self::StagedCard => false,
        }
    }

    /// Whether its values are sealed; the catalogue's are what anybody may read.
    pub fn is_sealed(self) -> bool {
        !matches!(self, Self::Card | Self::StagedCard)
    }

    /// The table of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The name on disk, also part of what is sealed: a value moved to another table does not open.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Draft => "draft",
            Self::Outbox => "outbox",
            Self::Outcome => "outcome",
            Self::Blob => "blob",
            Self::Content => "content",
            Self::Bid => "bid",
            Self::Payment => "payment",
            Self::Cache => "cache",
            Self::History => "history",
            Self::Row => "row",
            Self::Staging => "staging",
            Self::Card => "card",
            Self::StagedCard => "staged_card",
            Self::Decided => "decided",
            Self::Attention => "attention",
            Self::Base => "base",
        }
    }
}
