//! Serves pulls and live streams.

use super::followers::Followers;
use super::pressure::Pressure;
use super::stream::LiveStream;
use super::stream_slots::{Full, StreamSlots};
use super::tail::Tail;
use crate::address::ClientAddress;
use crate::catalogue::Error as CatalogueError;
use crate::context::Context;
use crate::db::StoreError;
use crate::identity::{self, StreamViewer};
use crate::rate_limits::{Exceeded, Scale};
use crate::{application, auction, catalogue, deposit, draft};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::protocol::limits::STREAMS_PER_SESSION_MAX;
use toruk_sync::protocol::live::Follow;

/// Seconds an observer is asked to wait when no slot is free.
pub const OBSERVERS_RETRY_S: u64 = 10;

/// The reasons of a rejection by the feed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This server has as many streams of bidders and officials as it can carry.
    #[error("too many streams")]
    TooManyStreams,
    /// This server takes no more observers, or none at the moment.
    #[error("too many observers")]
    TooManyObservers,
    /// This address has as many observers as it may.
    #[error("too many observers of one address")]
    AddressLimit(#[source] Exceeded),
    /// This session of the console has as many streams as it may.
    #[error("too many streams of one session")]
    SessionLimit(#[source] Exceeded),
    /// More than [`toruk_sync::protocol::limits::ACKED_MAX`].
    #[error("too many outcomes acknowledged at once")]
    TooManyAcked,
    /// The lookup of sessions failed.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The catalogue returned an error.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Applications returned an error.
    #[error(transparent)]
    Application(#[from] application::Error),
    /// Deposits returned an error.
    #[error(transparent)]
    Deposit(#[from] deposit::Error),
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Pulls and live streams; the phone's side of both is in `mobile-core`.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) identity: identity::Service,
    pub(super) catalogue: catalogue::Service,
    pub(super) auctions: auction::Service,
    pub(super) drafts: draft::Service,
    pub(super) applications: application::Service,
    pub(super) deposits: deposit::Service,
    pub(super) slots: Arc<StreamSlots>,
    pub(super) followers: Arc<Followers>,
}

/// The features that the feed reads.
#[allow(missing_docs)] // Named as what they are.
pub struct Sources {
    pub identity: identity::Service,
    pub catalogue: catalogue::Service,
    pub auctions: auction::Service,
    pub drafts: draft::Service,
    pub applications: application::Service,
    pub deposits: deposit::Service,
}

impl Service {
    /// Builds on these services.
    pub fn new(context: &Arc<Context>, followers: Arc<Followers>, sources: Sources) -> Self {
        let slots = Arc::new(StreamSlots::new(
            context.config.observers_max,
            context.config.limits.observers_max,
        ));
        let Sources { identity, catalogue, auctions, drafts, applications, deposits } = sources;
        Self {
            context: context.clone(),
            identity,
            catalogue,
            auctions,
            drafts,
            applications,
            deposits,
            slots,
            followers,
        }
    }

    /// Follows auctions, each from after the client's position or from a snapshot. An unpublished
    /// one is left out, so that it does not cost the client the others; heartbeats list the
    /// followed ones. A person's phone also gets a poke when there is something to pull, even when
    /// it follows nothing. A client with a session may name itself: its next stream under this name
    /// replaces the last.
    ///
    /// # Errors
    /// [`Error::TooManyStreams`], [`Error::TooManyObservers`], [`Error::AddressLimit`],
    /// [`Error::SessionLimit`];
    /// [`StoreError::NotFound`] when none of the auctions is published.
    pub async fn follow(
        &self,
        viewer: StreamViewer,
        address: ClientAddress,
        follow: &[Follow],
        name: Option<String>,
    ) -> Result<LiveStream, Error> {
        let (session, person, full) = match viewer {
            StreamViewer::Bidder(session, person) => {
                (Some(session), Some(person), Error::TooManyStreams)
            }
            StreamViewer::Official(session) => (Some(session), None, Error::TooManyStreams),
            StreamViewer::Observer => (None, None, Error::TooManyObservers),
        };
        let clock = Arc::clone(&self.context.ports.clock);
        let slot = match self.slots.enter(session, person, address, name) {
            Ok(slot) => slot,
            Err(Full::All) => return Err(full),
            Err(Full::OfAddress) => {
                let most = self.context.config.limits.observers_max;
                return Err(Error::AddressLimit(held("observers", most)));
            }
            Err(Full::OfSession) => {
                let most = STREAMS_PER_SESSION_MAX;
                return Err(Error::SessionLimit(held("session-streams", most)));
            }
        };
        let mut stream = LiveStream::new(slot, Arc::clone(&self.slots), clock);
        for Follow { auction, after } in follow {
            match self.tail(*auction).await {
                Ok(tail) => stream.follow(tail, *after),
                Err(Error::Catalogue(CatalogueError::Store(StoreError::NotFound))) => {}
                Err(error) => return Err(error),
            }
        }
        let lost_all = stream.is_empty() && !follow.is_empty();
        if lost_all { Err(StoreError::NotFound.into()) } else { Ok(stream) }
    }

    /// Checks the database on behalf of all streams: logs that have grown without a notification,
    /// sessions that have ended.
    ///
    /// # Errors
    /// If the database fails; nothing is lost, the next check finds it.
    pub async fn look(&self) -> Result<(), Error> {
        self.slots.next_round();
        let tails = self.followers.hub.tails();
        if !tails.is_empty() {
            let auctions: Vec<AuctionId> = tails.iter().map(|tail| tail.auction).collect();
            for (auction, seq) in self.catalogue.lengths(&auctions).await? {
                self.followers.hub.publish(auction, seq);
            }
        }
        let sessions = self.slots.sessions();
        if !sessions.is_empty() {
            self.slots.end(&self.identity.ended(&sessions).await?);
        }
        Ok(())
    }

    /// Tells the person's phones on this node that there is something to pull.
    pub fn poke(&self, person: PersonId) {
        self.slots.poke(person);
    }

    /// Pokes the phones of people with something to pull, on this node and on the others, without
    /// end. After missing commits it pokes everybody here: a poke in vain costs one small pull.
    pub async fn poke_changed(&self) {
        let mut changes = self.context.db.changes();
        loop {
            match changes.recv().await {
                Ok(people) => {
                    for person in people.iter() {
                        self.slots.poke(*person);
                        self.followers.notifier.notify_changed(*person);
                    }
                }
                Err(RecvError::Lagged(_)) => self.slots.poke_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// The load state of the node, for the worker that measures it.
    pub fn pressure(&self) -> &Pressure {
        &self.slots.pressure
    }

    /// Ends all streams and accepts no more.
    pub fn close(&self) {
        self.slots.close();
    }

    async fn tail(&self, auction: AuctionId) -> Result<Arc<Tail>, Error> {
        if let Some(tail) = self.followers.hub.tail(auction) {
            return Ok(tail);
        }
        let [a, b, c, d, e, f, g, h, ..] = self.context.ports.ids.secret();
        let random = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let sources = (self.catalogue.clone(), self.auctions.clone());
        let slots = Arc::clone(&self.slots);
        let tail = Tail::open(auction, sources, slots, random).await?;
        let tail = self.followers.hub.keep(tail);
        // The log may have grown before the tail was registered.
        if let Some((_, seq)) = self.catalogue.lengths(&[auction]).await?.first() {
            tail.grown(*seq);
        }
        Ok(tail)
    }
}

/// A limit of streams that are held at once.
fn held(limit: &'static str, most: usize) -> Exceeded {
    Exceeded {
        limit,
        quota: u64::try_from(most).unwrap_or(u64::MAX),
        scale: Scale::Held("streams"),
        retry_after_s: OBSERVERS_RETRY_S,
    }
}
