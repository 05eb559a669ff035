//! Toruk's server. [`run`] is the one entry, for `main` and for tests: whoever calls brings the
//! configuration, the ports (clock, ids, payment system, push gateway) and a listener.
//!
//! Each feature has the same rooms: `routes → service → store → entity`. Rules are in
//! `toruk-sync`; a service is one transaction around them.
#![forbid(unsafe_code)]

pub mod application;
pub mod auction;
pub mod audit;
pub mod blob;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod db;
pub mod deposit;
pub mod draft;
pub mod entity;
pub mod feed;
pub mod identity;
pub mod ids;
mod lock;
pub mod ports;
pub mod push;
pub mod receipt_key;
pub mod signature;
pub mod web;
pub mod worker;

use crate::config::Config;
use crate::db::Db;
use crate::ports::Ports;
use anyhow::Context as _;
use axum::extract::FromRef;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::receipt::Signer;

/// What every service stands on.
pub struct Shared {
    /// The database.
    pub db: Db,
    /// Clock, ids and the outside.
    pub ports: Ports,
    /// What the operator chose.
    pub config: Config,
    /// Signs receipts.
    pub signer: Signer,
    /// Wakes followers of auctions.
    pub hub: feed::Hub,
    /// Wakes followers on other nodes.
    pub peers: feed::node_notifier::Peers,
}

/// The services, for handlers to take what they need. A request clones it several times: so it
/// is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Services>);

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

/// What [`AppState`] points to.
pub struct Services {
    /// The ground.
    pub shared: Arc<Shared>,
    /// People, sessions, phones, roles.
    pub identity: identity::Service,
    /// Lots and auctions as published.
    pub catalogue: catalogue::Service,
    /// What carries an auction.
    pub auctions: auction::Service,
    /// Drafts.
    pub drafts: draft::Service,
    /// Files.
    pub blobs: blob::Service,
    /// Applications and the command lane.
    pub applications: application::Service,
    /// Deposits and payments.
    pub deposits: deposit::Service,
    /// Notices and pushes.
    pub push: push::Service,
    /// What a phone pulls and follows.
    pub feed: feed::Service,
    /// Who did what.
    pub audit: audit::Service,
}

/// Lets a handler ask for one service by its type.
macro_rules! from_state {
    ($($service:ident: $kind:ty),*) => {$(
        impl FromRef<AppState> for $kind {
            fn from_ref(state: &AppState) -> Self {
                state.$service.clone()
            }
        }
    )*};
}

from_state! {
    shared: Arc<Shared>,
    identity: identity::Service,
    catalogue: catalogue::Service,
    auctions: auction::Service,
    drafts: draft::Service,
    blobs: blob::Service,
    applications: application::Service,
    deposits: deposit::Service,
    push: push::Service,
    feed: feed::Service,
    audit: audit::Service
}

/// A server that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its services, for tests that look inside.
    pub state: AppState,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Stops taking requests, ends streams, lets what runs finish.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits until the server ends by itself or `signal` asks it to, then shuts down.
    pub async fn run_until(self, signal: impl Future<Output = ()>) {
        tokio::select! {
            () = signal => {}
            () = self.stop.cancelled() => {}
        }
        self.shutdown().await;
    }
}

/// Opens the database (applying migrations), starts the workers and serves.
///
/// # Errors
/// When the database can't be opened or is of a version that can't be trusted, or a key or address
/// in the configuration is malformed.
pub async fn run(config: Config, ports: Ports, listener: TcpListener) -> anyhow::Result<Running> {
    let address = listener.local_addr().context("listener has no address")?;
    let patience = config.patience;
    let state = state(config, ports).await?;
    // Before any tick and any bid: what was missed must not be closed as if nothing had been.
    state.auctions.recover().await.context("what an outage left can't be put right")?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    worker::spawn(&state, &stop, &tasks);
    feed::node_notifier::spawn(&state, &stop, &tasks);
    let router = web::router::router(state.clone(), stop.clone());
    tasks.spawn(web::connections::serve(listener, router, patience, stop.clone()));
    Ok(Running { address, state, stop, tasks })
}

/// The services without a listener, for commands such as `toruk admin invite`.
///
/// # Errors
/// As [`run`].
pub async fn state(config: Config, ports: Ports) -> anyhow::Result<AppState> {
    // Before anything counts: what is counted without a recorder is lost.
    web::router::recorder();
    let db = Db::open(&config.database_url).await?.with_clock(ports.clock.clone());
    let signer = config.signer(&*ports.ids)?;
    receipt_key::agree(&db, signer.verifier(), ports.clock.now()).await?;
    let (hub, peers) = (feed::Hub::default(), feed::node_notifier::Peers::new(ports.ids.uuid()));
    let shared = Arc::new(Shared { db, ports, config, signer, hub, peers });
    let audit = audit::Service::new(&shared);
    let push = push::Service::new(&shared);
    let identity = identity::Service::new(&shared, audit.clone())?;
    let catalogue = catalogue::Service::new(&shared, audit.clone());
    let drafts = draft::Service::new(&shared);
    let blobs = blob::Service::new(&shared);
    let applications = application::Service::new(
        &shared,
        identity.clone(),
        catalogue.clone(),
        drafts.clone(),
        blobs.clone(),
        push.clone(),
        audit.clone(),
    );
    let deposits = deposit::Service::new(
        &shared,
        catalogue.clone(),
        applications.clone(),
        push.clone(),
        audit.clone(),
    );
    let auctions = auction::Service::new(
        &shared,
        identity.clone(),
        catalogue.clone(),
        applications.clone(),
        deposits.clone(),
        push.clone(),
        audit.clone(),
    );
    let feed = feed::Service::new(
        &shared,
        identity.clone(),
        catalogue.clone(),
        auctions.clone(),
        drafts.clone(),
        applications.clone(),
        deposits.clone(),
    );
    feed.begin_epoch().await.context("what phones pull has no epoch")?;
    Ok(AppState(Arc::new(Services {
        shared,
        identity,
        catalogue,
        auctions,
        drafts,
        blobs,
        applications,
        deposits,
        push,
        feed,
        audit,
    })))
}
