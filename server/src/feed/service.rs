//! What a phone pulls and follows.

use crate::catalogue::Error as CatalogueError;
use crate::db::StoreError;
use crate::identity::Bidder;
use crate::{Shared, application, auction, catalogue, deposit, draft};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::limits::{HEARTBEAT_MS, STREAMS_MAX};
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::protocol::sync::{ApplicationView, Mine};

/// Frames a slow reader may be behind before he is cut off; he comes back with his last id.
const FRAMES_BEHIND_MAX: usize = 64;
/// Records read from the log at a time.
const RECORDS_PER_READ: u64 = 200;
/// A reader who takes nothing for so long is cut off.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the feed refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This server has as many followers as it can carry.
    #[error("too many streams")]
    TooManyStreams,
    /// The catalogue refused.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Applications refused.
    #[error(transparent)]
    Application(#[from] application::Error),
    /// Deposits refused.
    #[error(transparent)]
    Deposit(#[from] deposit::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One frame with its number, when it has one.
pub type Numbered = (Option<u64>, LiveFrame);

/// What a phone pulls and follows.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
    catalogue: catalogue::Service,
    auctions: auction::Service,
    drafts: draft::Service,
    applications: application::Service,
    deposits: deposit::Service,
    streams: Arc<AtomicUsize>,
}

impl Service {
    /// Over these services.
    pub fn new(
        shared: &Arc<Shared>,
        catalogue: catalogue::Service,
        auctions: auction::Service,
        drafts: draft::Service,
        applications: application::Service,
        deposits: deposit::Service,
    ) -> Self {
        let streams = Arc::default();
        Self {
            shared: shared.clone(),
            catalogue,
            auctions,
            drafts,
            applications,
            deposits,
            streams,
        }
    }

    /// Everything the server holds of a person: "my auctions".
    ///
    /// # Errors
    /// [`Error::Store`] and what the other services refuse.
    pub async fn mine(&self, by: &Bidder) -> Result<Mine, Error> {
        let applications = self.applications.of(by.person).await?;
        let ids: Vec<_> = applications.iter().map(|application| application.id).collect();
        let mut deposits = self.deposits.of(&ids).await?;
        // Again, after the deposits: no application is shown as waiting for one that is paid.
        let applications = self.applications.of(by.person).await?;
        let numbers = self.auctions.numbers_of(by.person).await?;
        let view = |application: toruk_sync::domain::application::Application| {
            let (deposit, intents) = deposits.remove(&application.id).unzip();
            let bidder_no = numbers.get(&application.auction).copied();
            let intents = intents.unwrap_or_default();
            ApplicationView { application, deposit, intents, bidder_no }
        };
        Ok(Mine {
            applications: applications.into_iter().map(view).collect(),
            drafts: self.drafts.of(by.person).await?,
            server_time: self.shared.ports.clock.now(),
        })
    }

    /// Follows an auction from after `last_seen`, or from a snapshot. The frames end when the
    /// reader goes, is too slow, or the server stops.
    ///
    /// # Errors
    /// When there is no such published auction, or no room.
    pub async fn follow(
        &self,
        id: AuctionId,
        last_seen: Option<u64>,
        stop: CancellationToken,
    ) -> Result<mpsc::Receiver<Numbered>, Error> {
        let place = Place::take(&self.streams)?;
        let grown = self.shared.hub.follow(id);
        let snapshot = self.catalogue.view(id).await?;
        let (frames, reader) = mpsc::channel(FRAMES_BEHIND_MAX);
        let mut follower = Follower {
            service: self.clone(),
            id,
            frames,
            grown,
            seen: snapshot.seq,
            _place: place,
        };
        match last_seen {
            Some(last_seen) if last_seen <= snapshot.seq => follower.seen = last_seen,
            _ => {
                let frame = LiveFrame::Snapshot(Box::new(snapshot));
                let _ = follower.frames.try_send((Some(follower.seen), frame));
            }
        }
        tokio::spawn(async move {
            tokio::select! {
                () = follower.run() => {}
                () = stop.cancelled() => {}
            }
        });
        Ok(reader)
    }
}

/// One reader of one auction.
struct Follower {
    service: Service,
    id: AuctionId,
    frames: mpsc::Sender<Numbered>,
    grown: watch::Receiver<u64>,
    seen: u64,
    _place: Place,
}

impl Follower {
    async fn run(mut self) {
        let mut heartbeat = tokio::time::interval(Duration::from_millis(HEARTBEAT_MS));
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if self.catch_up().await.is_none() {
                return;
            }
            tokio::select! {
                changed = self.grown.changed() => if changed.is_err() { return },
                _ = heartbeat.tick() => {
                    let seq = self.seen.max(*self.grown.borrow());
                    let server_time = self.service.shared.ports.clock.now();
                    if self.send((None, LiveFrame::Heartbeat { server_time, seq })).await.is_none() {
                        return;
                    }
                }
                () = self.frames.closed() => return,
            }
        }
    }

    /// Sends what the log has after what was sent. `None` ends the stream.
    async fn catch_up(&mut self) -> Option<()> {
        loop {
            let log = self.service.catalogue.log(self.id, self.seen, RECORDS_PER_READ).await;
            let records =
                log.inspect_err(|error| tracing::error!(%error, "a stream ended")).ok()?;
            if records.is_empty() {
                return Some(());
            }
            for record in records {
                self.seen = record.seq;
                self.send((Some(record.seq), LiveFrame::Record(Box::new(record)))).await?;
            }
        }
    }

    async fn send(&self, frame: Numbered) -> Option<()> {
        self.frames.send_timeout(frame, SEND_TIMEOUT).await.ok()
    }
}

/// One of the streams this server can carry; given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(streams: &Arc<AtomicUsize>) -> Result<Self, Error> {
        let taken = streams.fetch_add(1, Ordering::Relaxed);
        let place = Self(streams.clone());
        metrics::gauge!("toruk_live_streams").set(taken as f64 + 1.0);
        if taken >= STREAMS_MAX { Err(Error::TooManyStreams) } else { Ok(place) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let left = self.0.fetch_sub(1, Ordering::Relaxed) - 1;
        metrics::gauge!("toruk_live_streams").set(left as f64);
    }
}
