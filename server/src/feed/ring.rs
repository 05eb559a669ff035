//! The latest frames of one log, serialised once for all readers. A reader keeps its own position,
//! so a slow reader costs nothing: if it falls behind the ring, it gets a snapshot.

use bytes::Bytes;
use std::collections::VecDeque;
use toruk_sync::protocol::limits::REPLAY_RECORDS_MAX;

/// Most bytes of one ring, so that a log of long records can't hold more memory than others.
const RING_BYTES_MAX: usize = 1024 * 1024;

/// The result of looking for the record after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RingNext {
    /// The frame of the next record.
    Frame(Bytes),
    /// There is no newer record yet.
    UpToDate,
    /// The next record has left the ring.
    Gone,
}

/// The latest frames, in order and without a gap.
#[derive(Debug)]
pub struct Ring {
    frames: VecDeque<Bytes>,
    /// The log's length with the last frame.
    seq: u64,
    size_bytes: usize,
}

impl Ring {
    /// An empty ring for a log of length `seq`.
    pub fn new(seq: u64) -> Self {
        Self { frames: VecDeque::new(), seq, size_bytes: 0 }
    }

    /// The length of the log up to the last frame.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Adds the frame of record `seq`. Returns `false`, and adds nothing, if it is not the next
    /// record.
    pub fn push(&mut self, seq: u64, frame: Bytes) -> bool {
        if seq != self.seq + 1 {
            return false;
        }
        self.seq = seq;
        self.size_bytes += frame.len();
        self.frames.push_back(frame);
        while self.frames.len() as u64 > REPLAY_RECORDS_MAX
            || (self.size_bytes > RING_BYTES_MAX && self.frames.len() > 1)
        {
            let oldest = self.frames.pop_front();
            self.size_bytes -= oldest.map_or(0, |frame| frame.len());
        }
        true
    }

    /// The next item for a reader that has everything up to `seen`.
    pub fn after(&self, seen: u64) -> RingNext {
        let Some(behind) = self.seq.checked_sub(seen).filter(|behind| *behind > 0) else {
            return RingNext::UpToDate;
        };
        let place = usize::try_from(behind).ok().and_then(|n| self.frames.len().checked_sub(n));
        match place.and_then(|place| self.frames.get(place)) {
            Some(frame) => RingNext::Frame(frame.clone()),
            None => RingNext::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(seq: u64, long: bool) -> Bytes {
        let mut text = format!("{seq} ");
        text.extend(std::iter::repeat_n('x', if long { RING_BYTES_MAX / 3 } else { 0 }));
        Bytes::from(text)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// At any time a reader gets every record once, in order, or is told that it is too late;
        /// then it has missed more than the ring may hold.
        #[test]
        fn a_reader_misses_nothing_unless_he_is_told(
            first in 0_u64..1_000,
            lengths in prop::collection::vec(prop::bool::weighted(0.01), 1..700),
            reads in prop::collection::vec(0_usize..40, 1..100),
        ) {
            let (mut ring, mut seen) = (Ring::new(first), first);
            let mut reads = reads.into_iter().cycle();
            for (long, seq) in lengths.iter().zip(first + 1..) {
                prop_assert!(!ring.push(seq + 1, frame(seq + 1, false)), "a gap");
                prop_assert!(ring.push(seq, frame(seq, *long)));
                prop_assert!(!ring.push(seq, frame(seq, *long)), "twice");
                for _ in 0..reads.next().unwrap_or(0) {
                    match ring.after(seen) {
                        RingNext::Frame(bytes) => {
                            seen += 1;
                            let text = format!("{seen} ");
                            prop_assert!(bytes.starts_with(text.as_bytes()), "another record");
                        }
                        RingNext::UpToDate => {
                            prop_assert_eq!(seen, ring.seq());
                            break;
                        }
                        RingNext::Gone => {
                            let missed = ring.seq() - seen;
                            let is_long = lengths.iter().filter(|long| **long).count() >= 3;
                            prop_assert!(missed > REPLAY_RECORDS_MAX || is_long);
                            // A snapshot brings the reader here.
                            seen = ring.seq();
                        }
                    }
                }
                prop_assert!(ring.frames.len() as u64 <= REPLAY_RECORDS_MAX);
                prop_assert!(ring.size_bytes <= RING_BYTES_MAX || ring.frames.len() == 1);
                let held: usize = ring.frames.iter().map(Bytes::len).sum();
                prop_assert_eq!(held, ring.size_bytes);
            }
        }
    }

    #[test]
    fn a_reader_ahead_of_the_log_waits_until_it_is_longer() {
        let mut ring = Ring::new(4);
        assert_eq!(ring.after(6), RingNext::UpToDate);
        assert_eq!(ring.after(3), RingNext::Gone);
        for seq in 5..=7 {
            ring.push(seq, frame(seq, false));
        }
        assert_eq!(ring.after(6), RingNext::Frame(frame(7, false)));
    }
}
