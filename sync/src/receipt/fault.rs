//! The reasons why something is no receipt.

/// The reason why a receipt is not one that the operator signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadReceipt {
    /// The body has no exact text, for example because its head is no hash.
    #[error("what the receipt says is malformed")]
    Body,
    /// A limit of this module was exceeded.
    #[error("the receipt is longer than any receipt is")]
    TooLong,
    /// An element of the path is no hash.
    #[error("the receipt's path is malformed")]
    Path,
    /// The note is no signed note of a batch.
    #[error("the receipt's note is malformed")]
    Note,
    /// The note is another operator's, or about something else.
    #[error("the receipt's note is not about receipts of this operator")]
    Origin,
    /// The trusted key did not sign the note.
    #[error("the receipt's signature does not hold")]
    Signature,
    /// The text is not the leaf that the note covers.
    #[error("the receipt is not in the batch that was signed")]
    Inclusion,
}
