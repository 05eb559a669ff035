//! All services of a server, built in the order of their dependencies.
//!
//! Above every feature and known by none of them: a feature's routes are generic over the state and
//! request the services they need by [`FromRef`]. Only the router, the console and the workers hold
//! it.

use crate::address::AddressIds;
use crate::arrivals::Arrivals;
use crate::config::Config;
use crate::context::Context;
use crate::db::Db;
use crate::deposit::gateway::Breaker;
use crate::disk::Disk;
use crate::person_keys;
use crate::person_secrets::PersonSecrets;
use crate::ports::Ports;
use crate::rate_limits::RateLimits;
use crate::{
    application, auction, audit, blob, catalogue, deposit, draft, feed, identity, metrics, push,
    receipt_key, rulebook,
};
use anyhow::Context as _;
use axum::extract::FromRef;
use std::ops::Deref;
use std::sync::Arc;

/// The purpose for which the key of the addresses' ids is derived.
const ADDRESS_IDS: &str = "address ids/v1";

/// The services, from which handlers take what they need. A request clones it several times, so it
/// is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Services>);

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

/// The services behind [`AppState`].
pub struct Services {
    /// Dependencies that all services share.
    pub context: Arc<Context>,
    /// People, sessions, phones, roles.
    pub identity: identity::Service,
    /// Lots and auctions as published.
    pub catalogue: catalogue::Service,
    /// Auctions: bidding, officials' actions and outages.
    pub auctions: auction::Service,
    /// Drafts of applications.
    pub drafts: draft::Service,
    /// Files that people upload.
    pub blobs: blob::Service,
    /// Applications and the operation log.
    pub applications: application::Service,
    /// Deposits, payments and the ledger.
    pub deposits: deposit::Service,
    /// Notices to people, and pushes.
    pub push: push::Service,
    /// Pulls and live streams.
    pub feed: feed::Service,
    pub audit: audit::Service,
    /// The rules for new auctions.
    pub rulebook: rulebook::Service,
}

/// Gives a handler one service by its type.
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
    context: Arc<Context>,
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

/// The services without a listener, for commands such as `toruk admin invite`.
///
/// # Errors
/// As [`run`](crate::run).
pub async fn open(config: Config, ports: Ports) -> anyhow::Result<AppState> {
    // Before anything counts: counts made without a recorder are lost.
    metrics::recorder();
    let context = context(config, ports).await?;
    let followers = Arc::new(feed::Followers::new(context.ports.ids.uuid()));
    let audit = audit::Service::new(&context);
    let push = push::Service::new(&context);
    let identity = identity::Service::new(&context, audit.clone(), push.clone())?;
    let rulebook = rulebook::Service::new(&context, identity.clone(), audit.clone());
    let catalogue = catalogue::Service::new(&context, audit.clone());
    if let Err(error) = catalogue.complete_entries().await {
        // A worker tries again.
        tracing::error!(%error, "the catalogue's entries were not completed");
    }
    let drafts = draft::Service::new(&context);
    let blobs = blob::Service::new(&context, drafts.clone());
    let applications = application::Service::new(
        &context,
        identity.clone(),
        catalogue.clone(),
        drafts.clone(),
        blobs.clone(),
        push.clone(),
        audit.clone(),
    );
    let deposits = deposit::Service::new(
        &context,
        catalogue.clone(),
        applications.clone(),
        push.clone(),
        audit.clone(),
        identity.clone(),
        rulebook.clone(),
    );
    let auctions = auction::Service::new(
        &context,
        followers.clone(),
        identity.clone(),
        catalogue.clone(),
        applications.clone(),
        deposits.clone(),
        push.clone(),
        audit.clone(),
        rulebook.clone(),
    );
    let sources = feed::Sources {
        identity: identity.clone(),
        catalogue: catalogue.clone(),
        auctions: auctions.clone(),
        drafts: drafts.clone(),
        applications: applications.clone(),
        deposits: deposits.clone(),
    };
    let feed = feed::Service::new(&context, followers, sources);
    feed.begin_epoch().await.context("the epoch of pulls can't be created")?;
    Ok(AppState(Arc::new(Services {
        context,
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
        rulebook,
    })))
}

/// Opens the data folder and the database.
async fn context(config: Config, ports: Ports) -> anyhow::Result<Arc<Context>> {
    // Before the database: it needs room to be opened.
    let disk = Arc::new(Disk::open(&config.data_dir, &config.disk));
    let db = Db::open(&config.database_url).await?;
    let gateway = Arc::new(Breaker::new(ports.gateway, ports.clock.clone()));
    let ports = Ports { gateway, ..ports };
    let db = db.with_clock(ports.clock.clone()).with_disk(disk.clone());
    let signer = config.signer(&*ports.ids)?;
    let former_receipt_keys = receipt_key::agree(&db, &signer, ports.clock.now()).await?;
    person_keys::require(&db).await?;
    let person_secrets = PersonSecrets::open(&config, &db, &ports.ids, ports.clock.now()).await?;
    let limits = RateLimits::new(&config.limits, &ports.stopwatch);
    let address_ids = AddressIds::new(&signer.derived_key(ADDRESS_IDS));
    let arrivals = Arrivals::new(ports.clock.clone());
    Ok(Arc::new(Context {
        db,
        disk,
        arrivals,
        ports,
        config,
        limits,
        address_ids,
        signer,
        person_secrets,
        former_receipt_keys,
    }))
}
