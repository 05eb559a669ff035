//! The two tasks that connect a node to the others on the same PostgreSQL database: one sends
//! notifications of what has grown here, one wakes this node's followers for what has grown there.

use super::node_notifier::{
    CHANNEL, NodeNotifier, PEOPLE_MAX, POSITIONS_MAX, message, people, positions,
};
use super::service::Service;
use anyhow::Context as _;
use sea_orm::sqlx::postgres::{PgListener, PgNotification};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Interval of the empty messages of a node with nothing to send.
const BEAT: Duration = Duration::from_secs(5);
/// A connection on which nothing arrives for this long, not even the node's own messages, is lost.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// Longest time that sending a message may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause before a lost connection is replaced.
const RETRY: Duration = Duration::from_millis(500);

impl Service {
    /// Sends and receives until `stop`. On SQLite there are no other nodes.
    pub fn notify_nodes(&self, stop: &CancellationToken, tasks: &TaskTracker) {
        let is_alone = self.context.db.backend() != DbBackend::Postgres;
        let (sending, until) = (self.clone(), stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = until.cancelled() => {}
                () = send_all(&sending, is_alone) => {}
            }
        });
        if is_alone {
            return;
        }
        let (receiving, until) = (self.clone(), stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = until.cancelled() => {}
                () = receive_all(&receiving) => {}
            }
        });
    }
}

async fn send_all(service: &Service, is_alone: bool) {
    let notifier: &NodeNotifier = &service.followers.notifier;
    let mut connection = None;
    loop {
        // A timeout only means that the next message is empty.
        let _ = timeout(BEAT, notifier.told.notified()).await;
        if is_alone {
            notifier.forget();
            continue;
        }
        loop {
            let grown = notifier.take();
            let changed = notifier.take_changed();
            let is_last = grown.len() < POSITIONS_MAX && changed.len() < PEOPLE_MAX;
            let message = message(notifier.node, &grown, &changed);
            let said = timeout(SEND_TIMEOUT, send(service, connection.take(), message)).await;
            match said.context("no answer in time").and_then(|said| said) {
                Ok(kept) => connection = Some(kept),
                Err(error) => {
                    tracing::warn!(%error, "the other nodes can't be notified");
                    tokio::time::sleep(RETRY).await;
                }
            }
            if is_last {
                break;
            }
        }
    }
}

/// Sends one message over `connection`, or over a new one; returns it if it still works.
async fn send(
    service: &Service,
    connection: Option<DatabaseConnection>,
    message: String,
) -> anyhow::Result<DatabaseConnection> {
    let connection = match connection {
        Some(connection) => connection,
        None => {
            let mut options = ConnectOptions::new(&service.context.config.database_url);
            options.max_connections(1).test_before_acquire(false).sqlx_logging(false);
            Database::connect(options).await?
        }
    };
    let notify = "SELECT pg_notify($1, $2)";
    let values = [CHANNEL.into(), message.into()];
    let notify = Statement::from_sql_and_values(DbBackend::Postgres, notify, values);
    connection.execute_raw(notify).await?;
    Ok(connection)
}

async fn receive_all(service: &Service) {
    loop {
        if let Err(error) = receive(service).await {
            tracing::warn!(%error, "no notifications from the other nodes");
        }
        metrics::gauge!("toruk_peers_heard").set(0.0);
        tokio::time::sleep(RETRY).await;
    }
}

/// Wakes followers until the connection is lost.
async fn receive(service: &Service) -> anyhow::Result<()> {
    let url = &service.context.config.database_url;
    let mut listener = timeout(SILENCE_MAX, PgListener::connect(url)).await??;
    listener.listen(CHANNEL).await?;
    metrics::gauge!("toruk_peers_heard").set(1.0);
    loop {
        let heard = timeout(SILENCE_MAX, listener.try_recv()).await.context("silence")??;
        let message: PgNotification = heard.context("the connection was lost")?;
        for (auction, seq) in positions(message.payload()) {
            service.followers.hub.publish(auction, seq);
        }
        for person in people(message.payload(), service.followers.notifier.node) {
            service.poke(person);
        }
    }
}
