//! The tables of the store, and which of them hold what only this phone has.

/// A table of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Single values: counters, the account, the device.
    Meta,
    /// The person's drafts, by auction.
    Draft,
    /// Waiting operations by ticket.
    Outbox,
    /// Decided operations by number, until the app acknowledges them.
    Outcome,
    /// Files to upload, by hash.
    Blob,
    /// The files' bytes, by hash and chunk.
    Content,
    /// Bids of this phone, by id.
    Bid,
    /// Attempts to pay, by auction and channel.
    Payment,
    /// The server's last data, for use without a connection.
    Cache,
    /// The newest head of each auction's log.
    History,
    /// The rows that the server owns: see [`crate::engine::pull`].
    Row,
    /// Pages of a run of pulling, until the last one has arrived.
    Staging,
    /// The catalogue, by kind and auction; read when it is shown.
    Card,
    /// Catalogue rows of pages that are not published yet. An empty value removes a card.
    StagedCard,
    /// Decided operations by number, kept for a server that is restored from a backup.
    Decided,
    /// Refused operations by ticket, until the person deals with them.
    Attention,
    /// Drafts by auction, as the server has them.
    Base,
    /// Receipts of acts on applications, by the hash of what they state.
    Receipt,
}

impl Table {
    /// All tables, in the order of their declaration.
    pub const ALL: [Self; 18] = [
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
        Self::Receipt,
    ];

    /// Returns `true` if the table holds data that only this phone has. A copy of the server's data
    /// can be fetched again, but the loss of one of these rows must be reported.
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
            | Self::Base
            | Self::Receipt => true,
            Self::Cache | Self::Row | Self::Staging | Self::Card | Self::StagedCard => false,
        }
    }

    /// Returns `true` if its values are sealed; the catalogue is public.
    pub fn is_sealed(self) -> bool {
        !matches!(self, Self::Card | Self::StagedCard)
    }

    /// The table with this name on disk.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The name on disk. It is also part of the seal: a value moved to another table does not open.
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
            Self::Receipt => "receipt",
        }
    }
}
