//! The other nodes on the same PostgreSQL database: they are woken when an auction's log has grown
//! here, and wake this node's followers when it has grown there.
//!
//! Carries positions, no data: a follower reads the log. A wake-up that is lost, or comes twice,
//! changes nothing but when he reads; who hears nothing looks again within a heartbeat.
//!
//! # Why not in the bid's transaction
//! A transaction that notifies takes one lock of the whole cluster when it commits, so bids on all
//! auctions would wait for each other's disk. So it is said afterwards, by one task, for all that
//! has grown meanwhile at once.

use crate::AppState;
use anyhow::Context as _;
use sea_orm::sqlx::postgres::{PgListener, PgNotification};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::domain::id::AuctionId;

/// What nodes talk on.
const CHANNEL: &str = "toruk_grown";
/// Positions in one message; PostgreSQL takes 8000 bytes, and one is at most 58.
const POSITIONS_MAX: usize = 100;
/// A node with nothing to say says so this often.
const BEAT: Duration = Duration::from_secs(5);
/// Who hears nothing for so long, not even himself, has lost his connection.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// A message that takes longer is given up.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Before a lost connection is made anew.
const RETRY: Duration = Duration::from_millis(500);

/// What the other nodes are to be told.
#[derive(Default)]
pub struct Peers {
    /// By auction, so that it holds no more than there are auctions.
    grown: Mutex<BTreeMap<AuctionId, u64>>,
    told: Notify,
}

impl Peers {
    /// Has the other nodes told that the log of `auction` is `seq` long now. To be called after
    /// the commit; never waits.
    pub fn tell(&self, auction: AuctionId, seq: u64) {
        let mut grown = self.grown.lock().unwrap_or_else(PoisonError::into_inner);
        let known = grown.entry(auction).or_default();
        *known = seq.max(*known);
        drop(grown);
        self.told.notify_one();
    }

    fn take(&self) -> Vec<(AuctionId, u64)> {
        let mut grown = self.grown.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < POSITIONS_MAX
            && let Some(position) = grown.pop_first()
        {
            taken.push(position);
        }
        taken
    }

    fn forget(&self) {
        self.grown.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Talks and listens until `stop`. On SQLite there are no other nodes.
pub fn spawn(state: &AppState, stop: &CancellationToken, tasks: &TaskTracker) {
    let (talking, listening) = (state.clone(), state.clone());
    let (told, heard) = (stop.clone(), stop.clone());
    let is_alone = state.shared.db.backend() != DbBackend::Postgres;
    tasks.spawn(async move {
        tokio::select! {
            () = told.cancelled() => {}
            () = talk(&talking, is_alone) => {}
        }
    });
    if !is_alone {
        tasks.spawn(async move {
            tokio::select! {
                () = heard.cancelled() => {}
                () = listen(&listening) => {}
            }
        });
    }
}

async fn talk(state: &AppState, is_alone: bool) {
    let peers = &state.shared.peers;
    let mut connection = None;
    loop {
        // Nothing to tell is only a reason to say less.
        let _ = timeout(BEAT, peers.told.notified()).await;
        if is_alone {
            peers.forget();
            continue;
        }
        loop {
            let grown = peers.take();
            let is_last = grown.len() < POSITIONS_MAX;
            let said = timeout(SEND_TIMEOUT, say(state, connection.take(), &grown)).await;
            match said.context("no answer in time").and_then(|said| said) {
                Ok(kept) => connection = Some(kept),
                Err(error) => {
                    tracing::warn!(%error, "the other nodes can't be told");
                    tokio::time::sleep(RETRY).await;
                }
            }
            if is_last {
                break;
            }
        }
    }
}

/// Sends one message over `connection`, or a new one; gives it back when it is good.
async fn say(
    state: &AppState,
    connection: Option<DatabaseConnection>,
    grown: &[(AuctionId, u64)],
) -> anyhow::Result<DatabaseConnection> {
    let connection = match connection {
        Some(connection) => connection,
        None => {
            let mut options = ConnectOptions::new(&state.shared.config.database_url);
            options.max_connections(1).test_before_acquire(false).sqlx_logging(false);
            Database::connect(options).await?
        }
    };
    let mut message = String::new();
    for (auction, seq) in grown {
        write!(message, "{auction}:{seq} ")?;
    }
    let notify = "SELECT pg_notify($1, $2)";
    let values = [CHANNEL.into(), message.into()];
    let notify = Statement::from_sql_and_values(DbBackend::Postgres, notify, values);
    connection.execute_raw(notify).await?;
    Ok(connection)
}

async fn listen(state: &AppState) {
    loop {
        if let Err(error) = hear(state).await {
            tracing::warn!(%error, "the other nodes are not heard");
        }
        metrics::gauge!("toruk_peers_heard").set(0.0);
        tokio::time::sleep(RETRY).await;
    }
}

/// Wakes followers until the connection is lost.
async fn hear(state: &AppState) -> anyhow::Result<()> {
    let url = &state.shared.config.database_url;
    let mut listener = timeout(SILENCE_MAX, PgListener::connect(url)).await??;
    listener.listen(CHANNEL).await?;
    metrics::gauge!("toruk_peers_heard").set(1.0);
    loop {
        let heard = timeout(SILENCE_MAX, listener.try_recv()).await.context("silence")??;
        let message: PgNotification = heard.context("the connection was lost")?;
        for (auction, seq) in positions(message.payload()) {
            state.shared.hub.publish(auction, seq);
        }
    }
}

/// The positions in a message; what is none, from a newer node perhaps, is passed over.
fn positions(message: &str) -> impl Iterator<Item = (AuctionId, u64)> {
    message.split(' ').filter_map(|position| {
        let (auction, seq) = position.split_once(':')?;
        Some((AuctionId(auction.parse().ok()?), seq.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn auction(name: u128) -> AuctionId {
        AuctionId(Uuid::from_u128(name))
    }

    #[test]
    fn an_auction_that_grew_often_is_told_of_once_with_its_last_position() {
        let peers = Peers::default();
        for (name, seq) in [(1, 7), (2, 1), (1, 9), (1, 8)] {
            peers.tell(auction(name), seq);
        }
        assert_eq!(peers.take(), [(auction(1), 9), (auction(2), 1)]);
        assert_eq!(peers.take(), []);
    }

    #[test]
    fn a_message_holds_no_more_than_postgresql_takes() {
        let peers = Peers::default();
        for name in 0..250 {
            peers.tell(auction(name), u64::MAX);
        }
        let first = peers.take();
        let said: String = first.iter().map(|(id, seq)| format!("{id}:{seq} ")).collect();
        assert!(said.len() < 8_000, "{} bytes", said.len());
        assert_eq!(positions(&said).collect::<Vec<_>>(), first);
        assert_eq!((first.len(), peers.take().len(), peers.take().len()), (100, 100, 50));
    }

    #[test]
    fn what_is_no_position_is_passed_over() {
        let id = auction(3);
        let message = format!("x {id} {id}: :1 {id}:-1 {id}:4 session:abc ");
        assert_eq!(positions(&message).collect::<Vec<_>>(), [(id, 4)]);
    }
}
