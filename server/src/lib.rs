//! Toruk's server. [`run`] is the one entry, for `main` and for tests: the caller brings the
//! configuration, the ports (clock, ids, payment system, push gateway) and a listener.
//!
//! Each feature has the same files: `routes → service → store → entity`. The rules are in
//! `toruk-sync`; a service is one transaction around them.
//!
//! # Example
//!
//! A server on a free port, with its database and keys in a temporary folder, without a payment
//! system and without pushes:
//!
//! ```
//! use std::sync::Arc;
//! use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//! use tokio::net::{TcpListener, TcpStream};
//! use toruk_server::clock::{Clock, SystemClock, stopwatch::SystemStopwatch};
//! use toruk_server::config::Config;
//! use toruk_server::deposit::gateway::Unconfigured;
//! use toruk_server::ids::SystemIds;
//! use toruk_server::ports::Ports;
//!
//! # #[tokio::main]
//! # async fn main() -> anyhow::Result<()> {
//! let folder = tempfile::tempdir()?;
//! let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
//! let ports = Ports {
//!     clock: clock.clone(),
//!     stopwatch: Arc::new(SystemStopwatch::start()),
//!     ids: Arc::new(SystemIds::new(clock)),
//!     gateway: Arc::new(Unconfigured),
//!     push: None,
//!     scanner: None,
//! };
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let config = Config::local(folder.path(), listener.local_addr()?.port());
//! let server = toruk_server::run(config, ports, listener).await?;
//!
//! let mut client = TcpStream::connect(server.address).await?;
//! client.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 204 No Content"));
//!
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod address;
pub mod application;
pub mod arrivals;
pub mod auction;
pub mod audit;
pub mod blob;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod context;
pub mod db;
pub mod deposit;
pub mod disk;
pub mod doctor;
pub mod draft;
pub mod entity;
pub mod feed;
pub mod identity;
pub mod ids;
mod lock;
pub mod metrics;
pub mod pdf;
pub mod person_keys;
pub mod person_secrets;
pub mod person_texts;
pub mod ports;
pub mod push;
pub mod rate_limits;
pub mod reach;
pub mod receipt_key;
pub mod router;
pub mod rulebook;
pub mod signature;
pub mod site;
pub mod state;
pub mod web;
pub mod workbook;
pub mod worker;

pub use state::AppState;

use crate::auction::LogLoss;
use crate::config::Config;
use crate::db::witness::{self, IdleWitnesses, Witness};
use crate::ports::Ports;
use crate::web::connections::{Served, serve};
use crate::web::open_connections::OpenConnections;
use crate::web::reader::Reader;
use anyhow::{Context as _, ensure};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// A running server, and the means to stop it.
pub struct Running {
    /// The address on which it listens.
    pub address: SocketAddr,
    /// The address of `/readyz` and `/metrics`.
    pub operations_address: SocketAddr,
    /// Its services, for tests that inspect them.
    pub state: AppState,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Stops accepting requests, ends streams, and waits for running requests.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits until the server ends by itself or until `signal`, then shuts down.
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
/// If the database can't be opened or its version can't be trusted, or if a key or address in the
/// configuration is malformed or taken.
pub async fn run(config: Config, ports: Ports, listener: TcpListener) -> anyhow::Result<Running> {
    let address = listener.local_addr().context("listener has no address")?;
    let operations = TcpListener::bind(config.operations_listen).await.with_context(|| {
        let address = config.operations_listen;
        format!("--operations-listen {address}: taken or not this machine's; give another")
    })?;
    let operations_address = operations.local_addr().context("listener has no address")?;
    let (timeouts, proxies) = (config.timeouts, config.proxies.clone());
    let clients = OpenConnections::new(config.limits.connections_max, proxies.clone());
    let operators = OpenConnections::new(config.limits.connections_max, proxies);
    let state = state::open(config, ports).await?;
    watch_logs(&state).await?;
    // Before any tick and any bid: an auction that an outage interrupted must not be closed as if
    // nothing had happened.
    state.auctions.recover().await.context("recovery after an outage failed")?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    worker::spawn(&state, &stop, &tasks);
    state.feed.notify_nodes(&stop, &tasks);
    let reader = Reader::start(state.context.arrivals.clone()).context("no thread to read with")?;
    let public = Served {
        router: router::router(state.clone(), stop.clone()),
        timeouts,
        open: clients,
        may_be_bid: router::may_be_bid,
        stop: stop.clone(),
    };
    let own = router::operations_router(state.clone());
    let own = Served { router: own, open: operators, may_be_bid: |_| false, ..public.clone() };
    for (listener, served) in [(listener, public), (operations, own)] {
        let serving = serve(listener, served, reader.clone());
        tasks.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }
    Ok(Running { address, operations_address, state, stop, tasks })
}

/// Makes a database that was restored the one that counts: phones download everything again and
/// resend what they delivered since. Returns the new epoch.
///
/// # Errors
/// If the database has lost records of auctions' logs and that is not accepted, if a server runs on
/// the data folder, or if the database fails.
pub async fn new_epoch(state: &AppState, accepts_loss: bool) -> anyhow::Result<Uuid> {
    let data_dir = &state.context.config.data_dir;
    let (losses, _) = state.auctions.losses(&witness::read(data_dir)?).await?;
    if !losses.is_empty() {
        let text = text(&losses);
        ensure!(accepts_loss, "the database has lost records; --accept-loss goes on:\n{text}");
        tracing::warn!(losses = text, "going on without these");
        let witnesses = IdleWitnesses::hold(data_dir)?;
        state.auctions.accept_losses(&losses).await?;
        witnesses.remove()?;
    }
    Ok(state.feed.new_epoch().await?)
}

/// Has the logs witnessed from now on, if the database has lost nothing of them.
async fn watch_logs(state: &AppState) -> anyhow::Result<()> {
    let data_dir = &state.context.config.data_dir;
    let witnessed = witness::read(data_dir).context("the witness of the logs can't be read")?;
    let (losses, heads) = state.auctions.losses(&witnessed).await?;
    if witnessed.is_empty() && !heads.is_empty() {
        tracing::warn!("no witness of the logs: what the database lost before now does not show");
    }
    ensure!(
        losses.is_empty(),
        "the database has lost records of auctions that this server had committed:\n{}\nIf this \
         database is the one that counts, as after a restore from a backup, see \"Backup\" in \
         server/README.md, stop all nodes and run `toruk sync new-epoch --accept-loss`",
        text(&losses)
    );
    let witness = Witness::start(data_dir, heads).context("the witness can't be written")?;
    state.context.db.watch_logs(witness);
    Ok(())
}

fn text(losses: &[LogLoss]) -> String {
    losses.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
