//! One client's stream of frames, from all auctions it follows.
//!
//! There is no task and no queue behind it: the connection polls for the next frame when its client
//! is ready to take one, and sleeps when there is none. A client that does not read is therefore
//! not polled for, and later finds by its positions in the rings what it has missed.

use super::ring::RingNext;
use super::stream_slots::{Slot, StreamSlots};
use super::tail::Tail;
use super::tail::event;
use crate::clock::Clock;
use bytes::Bytes;
use futures_util::Stream;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::{Interval, MissedTickBehavior};
use toruk_sync::protocol::live::{Heartbeat, LiveFrame};

/// A client's position in one auction's log.
struct StreamPosition {
    tail: Arc<Tail>,
    /// The last record it was given; `None` before its snapshot.
    seen: Option<u64>,
}

impl StreamPosition {
    fn next(&mut self, slot: &Arc<Slot>) -> Option<Bytes> {
        if let Some(seen) = self.seen {
            if seen >= self.tail.seq() {
                return None;
            }
            match self.tail.after(seen) {
                RingNext::Frame(frame) => {
                    self.seen = Some(seen + 1);
                    return Some(frame);
                }
                RingNext::UpToDate => return None,
                RingNext::Gone => {
                    metrics::counter!("toruk_live_snapshots_total", "why" => "behind").increment(1);
                    self.seen = None;
                }
            }
        }
        let (seq, frame) = self.tail.snapshot(slot)?;
        self.seen = Some(seq);
        Some(frame)
    }
}

/// One client's stream. Dropping it releases its slot.
pub struct LiveStream {
    slot: Arc<Slot>,
    slots: Arc<StreamSlots>,
    positions: Vec<StreamPosition>,
    heartbeat: Interval,
    clock: Arc<dyn Clock>,
}

impl LiveStream {
    /// For a client in this slot that follows nothing yet.
    pub fn new(slot: Arc<Slot>, slots: Arc<StreamSlots>, clock: Arc<dyn Clock>) -> Self {
        let mut heartbeat = tokio::time::interval(slot.lane().heartbeat());
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { slot, slots, positions: Vec::new(), heartbeat, clock }
    }

    /// Adds an auction, from after `after` or from a snapshot.
    pub fn follow(&mut self, tail: Arc<Tail>, after: Option<u64>) {
        tail.join(&self.slot);
        // A position beyond the log comes from elsewhere: a node that was faster, or a database
        // that was restored. A snapshot resolves both.
        let seen = after.filter(|after| *after <= tail.known());
        if seen.is_none() {
            metrics::counter!("toruk_live_snapshots_total", "why" => "opening").increment(1);
        }
        self.positions.push(StreamPosition { tail, seen });
    }

    /// Returns `true` if no auction is followed.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.slot.listen(context.waker());
        self.slots.is_ready(&self.slot);
        loop {
            if self.slot.is_ended() {
                return Poll::Ready(None);
            }
            if self.slot.take_poke()
                && let Some(frame) = event(None, &LiveFrame::Poke)
            {
                return Poll::Ready(Some(frame));
            }
            if let Some(frame) =
                self.positions.iter_mut().find_map(|position| position.next(&self.slot))
            {
                return Poll::Ready(Some(frame));
            }
            if self.heartbeat.poll_tick(context).is_pending() {
                return Poll::Pending;
            }
            if let Some(frame) = event(None, &LiveFrame::Heartbeat(self.pulse())) {
                return Poll::Ready(Some(frame));
            }
        }
    }

    fn pulse(&self) -> Heartbeat {
        let length = |position: &StreamPosition| {
            Some((position.tail.auction, position.seen?.max(position.tail.known())))
        };
        Heartbeat {
            server_time: self.clock.now(),
            next_ms: u64::try_from(self.heartbeat.period().as_millis()).unwrap_or(u64::MAX),
            seqs: self.positions.iter().filter_map(length).collect(),
        }
    }
}

impl Stream for LiveStream {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.next(context).map(|frame| frame.map(Ok))
    }
}

impl Drop for LiveStream {
    fn drop(&mut self) {
        self.slots.leave(&self.slot);
        for position in &self.positions {
            position.tail.leave(&self.slot);
        }
    }
}
