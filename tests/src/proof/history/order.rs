//! Checks that an order by position does not contradict real time.

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

/// The positions of two operations of which the first was answered before the second was asked for,
/// though the log has it later. Sorted by time, one sweep: nobody may see less than the most that
/// anybody had seen before the call, and a write comes after all of that.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Number of clients, each waiting for an answer before it goes on.
    const CLIENTS: u64 = 64;

    fn honest(count: u64) -> Vec<Span> {
        let span = |seq: u64| {
            let at = |tick: u64| Timestamp(i64::try_from(tick).unwrap());
            // Each takes as long as all others need for one operation each.
            let (invoked, returned) = (at(10 * seq), at(10 * (seq + CLIENTS) - 1));
            Span { invoked, returned, seq, is_write: !seq.is_multiple_of(7) }
        };
        (1..=count).map(span).collect()
    }

    #[test]
    fn a_million_operations_in_order_are_in_order() {
        let mut spans = honest(1_000_000);
        assert_eq!(turned_around(&mut spans), None);
    }

    #[test]
    fn of_a_million_operations_the_one_that_came_too_early_is_found() {
        let mut spans = honest(1_000_000);
        let [early, late] = [700_000, 700_000 + usize::try_from(CLIENTS).unwrap() + 1];
        (spans[early].seq, spans[late].seq) = (spans[late].seq, spans[early].seq);
        assert!(turned_around(&mut spans).is_some());
    }

    #[test]
    fn operations_under_way_at_the_same_time_may_stand_in_any_order() {
        let mut spans = honest(1_000);
        (spans[10].seq, spans[20].seq) = (spans[20].seq, spans[10].seq);
        assert_eq!(turned_around(&mut spans), None);
    }
}
