//! The end of one auction's log on this node: read once and serialised once for all followers.
//!
//! Woken by [`super::hub::Hub::publish`] and, in case a notification was missed, by
//! [`super::Service::look`]. It never waits for a reader: it wakes the reader, which takes the
//! missing frames from the ring (see [`super::stream`]).
//!
//! # Why readers are woken in slices
//! Five thousand wake-ups at once would stand before a bid in the runtime's queue. After each slice
//! the task goes to the end of that queue, so a bid waits for one slice at most. A bid passes that
//! queue a dozen times on its way, though, and would wait for a slice each time: observers, who
//! can't bid, are not woken while a bid waits for its answer; where bids never end, each slice is
//! `GIVES_WAY` late.

use super::ring::{Ring, RingNext};
use super::single_flight::SingleFlight;
use super::stream_slots::{Slot, StreamSlots, ViewerClass};
use crate::lock::lock;
use crate::{auction, catalogue};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::REPLAY_RECORDS_MAX;
use toruk_sync::protocol::live::LiveFrame;

/// Readers woken in one slice.
const WAKES_AT_ONCE: usize = 64;
/// Longest time that a slice of observers gives way to bids: the last of 2 000 is told a tenth of a
/// second later, at most.
const GIVES_WAY: Duration = Duration::from_millis(2);
/// Records read from the log in one query.
const RECORDS_PER_READ: u64 = REPLAY_RECORDS_MAX;
/// Age up to which a snapshot serves further readers; the server's time in it may be this old.
const SNAPSHOT_AGE_MAX: Duration = Duration::from_secs(1);

/// The snapshot for readers whose position is not in the ring.
struct Snapshot {
    seq: u64,
    frame: Bytes,
    made_at: Instant,
}

#[derive(Default)]
struct Readers {
    signed_in: HashMap<u64, Arc<Slot>>,
    observers: HashMap<u64, Arc<Slot>>,
    /// Readers that wait for a snapshot.
    waiting: HashMap<u64, Arc<Slot>>,
    /// State of the random order in which they are woken, so that it favours nobody.
    random: u64,
}

/// The end of one auction's log.
pub struct Tail {
    pub auction: AuctionId,
    catalogue: catalogue::Service,
    auctions: auction::Service,
    slots: Arc<StreamSlots>,
    runtime: Handle,
    ring: Mutex<Ring>,
    /// The ring's last record, readable without its lock.
    seq: AtomicU64,
    /// The known length of the log.
    known: AtomicU64,
    snapshot: Mutex<Option<Snapshot>>,
    readers: Mutex<Readers>,
    reading: SingleFlight,
    telling_observers: SingleFlight,
}

impl Tail {
    /// Starts at the present end of a published auction's log.
    ///
    /// # Errors
    /// If there is no such auction, or the database fails.
    pub async fn open(
        auction: AuctionId,
        (catalogue, auctions): (catalogue::Service, auction::Service),
        slots: Arc<StreamSlots>,
        random: u64,
    ) -> Result<Arc<Self>, catalogue::Error> {
        let view = catalogue.view(auction).await?;
        let seq = view.seq.saturating_sub(REPLAY_RECORDS_MAX);
        let tail = Arc::new(Self {
            auction,
            catalogue,
            auctions,
            slots,
            runtime: Handle::current(),
            ring: Mutex::new(Ring::new(seq)),
            seq: AtomicU64::new(seq),
            known: AtomicU64::new(view.seq),
            snapshot: Mutex::new(None),
            // xorshift never leaves zero, so the seed must not be zero.
            readers: Mutex::new(Readers { random: random | 1, ..Readers::default() }),
            reading: SingleFlight::default(),
            telling_observers: SingleFlight::default(),
        });
        tail.catch_up().await?;
        tail.keep_snapshot(view);
        Ok(tail)
    }

    /// The last record that readers can get.
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// The known length of the log, including records that are not read yet.
    pub fn known(&self) -> u64 {
        self.known.load(Ordering::Acquire)
    }

    /// Records that the log has grown to `seq`, and starts to read it.
    pub fn grown(self: &Arc<Self>, seq: u64) {
        let known = self.known.fetch_max(seq, Ordering::AcqRel).max(seq);
        if known > self.seq() || !lock(&self.readers).waiting.is_empty() {
            self.read_soon();
        }
    }

    /// The next item for a reader that has everything up to `seen`.
    pub fn after(&self, seen: u64) -> RingNext {
        lock(&self.ring).after(seen)
    }

    /// A snapshot with its position, from which the ring continues. If there is none, one is made,
    /// and the reader is woken.
    pub fn snapshot(self: &Arc<Self>, reader: &Arc<Slot>) -> Option<(u64, Bytes)> {
        if let Some(found) = self.kept_snapshot() {
            return Some(found);
        }
        lock(&self.readers).waiting.insert(reader.no, Arc::clone(reader));
        self.read_soon();
        None
    }

    /// Registers a reader, which is woken from now on.
    pub fn join(&self, reader: &Arc<Slot>) {
        let mut readers = lock(&self.readers);
        let lane = match reader.lane() {
            ViewerClass::SignedIn => &mut readers.signed_in,
            ViewerClass::Observer => &mut readers.observers,
        };
        lane.insert(reader.no, Arc::clone(reader));
    }

    /// Removes a reader, which is not woken any more.
    pub fn leave(&self, reader: &Slot) {
        let mut readers = lock(&self.readers);
        readers.signed_in.remove(&reader.no);
        readers.observers.remove(&reader.no);
        readers.waiting.remove(&reader.no);
    }

    fn kept_snapshot(&self) -> Option<(u64, Bytes)> {
        let snapshot = lock(&self.snapshot);
        let snapshot = snapshot.as_ref()?;
        let is_fresh = snapshot.made_at.elapsed() <= SNAPSHOT_AGE_MAX;
        let goes_on = self.after(snapshot.seq) != RingNext::Gone;
        (is_fresh && goes_on).then(|| (snapshot.seq, snapshot.frame.clone()))
    }

    fn keep_snapshot(&self, view: AuctionView) {
        let seq = view.seq;
        if let Some(frame) = event(Some((self.auction, seq)), &LiveFrame::Snapshot(Box::new(view)))
        {
            let made_at = Instant::now();
            *lock(&self.snapshot) = Some(Snapshot { seq, frame, made_at });
        }
        self.known.fetch_max(seq, Ordering::AcqRel);
    }

    fn read_soon(self: &Arc<Self>) {
        if self.reading.request() {
            self.runtime.spawn(Arc::clone(self).read());
        }
    }

    /// Reads new records and wakes the readers they concern. After a failure nobody is told
    /// anything new; the next check tries again, and heartbeats show that there is more.
    async fn read(self: Arc<Self>) {
        loop {
            let before = self.seq();
            let failed = |error: &catalogue::Error| tracing::error!(%error, "a log can't be read");
            if self.known() > before {
                let _ = self.catch_up().await.inspect_err(failed);
            }
            if self.seq() > before {
                self.tell(ViewerClass::SignedIn).await;
                if self.telling_observers.request() {
                    self.runtime.spawn(Arc::clone(&self).tell_observers());
                }
            }
            let _ = self.renew_snapshot().await.inspect_err(failed);
            if !self.reading.finish() {
                return;
            }
        }
    }

    /// Moves the log's new records into the ring.
    async fn catch_up(&self) -> Result<(), catalogue::Error> {
        loop {
            let records = self.catalogue.log(self.auction, self.seq(), RECORDS_PER_READ).await?;
            let read = records.len() as u64;
            for record in records {
                let seq = record.seq;
                let frame = event(Some((self.auction, seq)), &LiveFrame::Record(Box::new(record)));
                let mut ring = lock(&self.ring);
                if !frame.is_some_and(|frame| ring.push(seq, frame)) {
                    tracing::error!(auction = %self.auction, seq, "a log has a gap");
                    return Ok(());
                }
                self.seq.store(ring.seq(), Ordering::Release);
            }
            if read < RECORDS_PER_READ {
                self.known.fetch_max(self.seq(), Ordering::AcqRel);
                return Ok(());
            }
        }
    }

    async fn renew_snapshot(&self) -> Result<(), catalogue::Error> {
        let is_wanted = || !lock(&self.readers).waiting.is_empty();
        if !is_wanted() {
            return Ok(());
        }
        if self.kept_snapshot().is_none() {
            self.keep_snapshot(self.catalogue.view(self.auction).await?);
            if self.known() > self.seq() {
                // The snapshot contains records that the ring lacks: one more round.
                self.reading.request();
            }
        }
        let waiting = std::mem::take(&mut lock(&self.readers).waiting);
        for slice in waiting.into_values().collect::<Vec<_>>().chunks(WAKES_AT_ONCE) {
            wake(slice).await;
        }
        Ok(())
    }

    async fn tell_observers(self: Arc<Self>) {
        loop {
            self.tell(ViewerClass::Observer).await;
            if let Some(wait) = self.slots.pressure.observers_wait() {
                tokio::time::sleep(wait).await;
            }
            if !self.telling_observers.finish() {
                return;
            }
        }
    }

    async fn tell(&self, lane: ViewerClass) {
        let readers = {
            let mut readers = lock(&self.readers);
            let mut drawn = readers.random;
            let some = match lane {
                ViewerClass::SignedIn => &readers.signed_in,
                ViewerClass::Observer => &readers.observers,
            };
            let mut some: Vec<Arc<Slot>> = some.values().cloned().collect();
            shuffle(&mut some, &mut drawn);
            readers.random = drawn;
            some
        };
        for slice in readers.chunks(WAKES_AT_ONCE) {
            if lane == ViewerClass::Observer {
                self.auctions.give_way(GIVES_WAY).await;
            }
            wake(slice).await;
        }
    }
}

async fn wake(slice: &[Arc<Slot>]) {
    slice.iter().for_each(|reader| reader.wake());
    tokio::task::yield_now().await;
}

/// Fisher-Yates shuffle, drawn by xorshift: fairness needs no secrecy.
fn shuffle<T>(items: &mut [T], random: &mut u64) {
    for last in (1..items.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let drawn = usize::try_from(*random % (last as u64 + 1)).unwrap_or(0);
        items.swap(last, drawn);
    }
}

/// A frame as a server-sent event, with its position if it has one.
pub fn event(id: Option<(AuctionId, u64)>, frame: &LiveFrame) -> Option<Bytes> {
    let mut text = match id {
        Some((auction, seq)) => format!("id: {auction}:{seq}\ndata: ").into_bytes(),
        None => b"data: ".to_vec(),
    };
    // The protocol's types can always be serialised, and JSON text has no raw line breaks.
    serde_json::to_writer(&mut text, frame)
        .inspect_err(|error| tracing::error!(%error, "a frame can't be serialised"))
        .ok()?;
    text.extend_from_slice(b"\n\n");
    Some(Bytes::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_drawn_to_every_place_equally_often() {
        let (mut random, rounds, people) = (42, 6_000, 6);
        let mut first = vec![0_u32; people];
        for _ in 0..rounds {
            let mut order: Vec<usize> = (0..people).collect();
            shuffle(&mut order, &mut random);
            first[order[0]] += 1;
            order.sort_unstable();
            assert!(order.iter().copied().eq(0..people), "somebody is lost");
        }
        assert!(first.iter().all(|count| (850..=1_150).contains(count)), "{first:?}");
    }
}
