//! Whether an order by position turns real time around.

use toruk_sync::domain::time::Timestamp;

/// An operation that is known to have taken effect at `seq`, some time between its call and its
/// answer.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub invoked: Timestamp,
    pub returned: Timestamp,
    pub seq: u64,
    /// A write made the state at `seq`; a reader saw it.
    pub is_write: bool,
}

/// The positions of two operations of which the first was answered before the second was asked
/// for, though the log has it later. Sorted by time, one sweep: nobody may see less than the most
/// that anybody had seen before he asked, and a write comes after all of that.
pub fn turned_around(spans: &mut [Span]) -> Option<(u64, u64)> {
    let mut answers: Vec<(Timestamp, u64)> =
        spans.iter().map(|span| (span.returned, span.seq)).collect();
    answers.sort_unstable();
    spans.sort_unstable_by_key(|span| span.invoked);
    let (mut answers, mut seen) = (answers.into_iter().peekable(), 0);
    for span in spans {
        while let Some((_, seq)) = answers.next_if(|(returned, _)| *returned < span.invoked) {
            seen = seen.max(seq);
        }
        if span.seq < seen || (span.is_write && span.seq == seen) {
            return Some((seen, span.seq));
        }
    }
    None
}
