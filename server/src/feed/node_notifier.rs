//! The other nodes on the same PostgreSQL database: they are woken when an auction's log has grown
//! here, or a person's phones have something to pull, and wake this node's followers when it is so
//! there.
//!
//! Carries positions, no data: a follower reads the log. A wake-up that is lost, or comes twice,
//! changes nothing but when he reads; who hears nothing looks again within a heartbeat.
//!
//! # Why not in the bid's transaction
//! A transaction that notifies takes one lock of the whole cluster when it commits, so bids on all
//! auctions would wait for each other's disk. So it is said afterwards, by one task, for all that
//! has grown meanwhile at once.

use crate::AppState;
use crate::lock::lock;
use anyhow::Context as _;
use sea_orm::sqlx::postgres::{PgListener, PgNotification};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::domain::id::{AuctionId, PersonId};
use uuid::Uuid;

/// What nodes talk on.
const CHANNEL: &str = "toruk_grown";
/// Positions in one message; PostgreSQL takes 8000 bytes, and one is at most 58.
const POSITIONS_MAX: usize = 80;
/// People in one message, each 44 bytes.
const PEOPLE_MAX: usize = 60;
/// Before the name of the node that speaks.
const NODE: &str = "node:";
/// Before a person's.
const PERSON: &str = "person:";
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
    /// Distinguishes what this node says from what others say.
    node: Uuid,
    /// By auction, so that it holds no more than there are auctions.
    grown: Mutex<BTreeMap<AuctionId, u64>>,
    /// Whose phones have something to pull.
    changed: Mutex<BTreeSet<PersonId>>,
    told: Notify,
}

impl Peers {
    /// Has the other nodes told that the log of `auction` is `seq` long now. To be called after
    /// the commit; never waits.
    pub fn tell(&self, auction: AuctionId, seq: u64) {
        let mut grown = lock(&self.grown);
        let known = grown.entry(auction).or_default();
        *known = seq.max(*known);
        drop(grown);
        self.told.notify_one();
    }

    /// Has the other nodes told that a person's phones have something to pull. To be called after
    /// the commit; never waits.
    pub fn tell_changed(&self, person: PersonId) {
        lock(&self.changed).insert(person);
        self.told.notify_one();
    }

    /// Of a node with this name.
    pub fn new(node: Uuid) -> Self {
        Self { node, ..Self::default() }
    }

    fn take_changed(&self) -> Vec<PersonId> {
        let mut changed = lock(&self.changed);
        let mut taken = Vec::new();
        while taken.len() < PEOPLE_MAX
            && let Some(person) = changed.pop_first()
        {
            taken.push(person);
        }
        taken
    }

    fn take(&self) -> Vec<(AuctionId, u64)> {
        let mut grown = lock(&self.grown);
        let mut taken = Vec::new();
        while taken.len() < POSITIONS_MAX
            && let Some(position) = grown.pop_first()
        {
            taken.push(position);
        }
        taken
    }

    fn forget(&self) {
        lock(&self.grown).clear();
        lock(&self.changed).clear();
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
            let changed = peers.take_changed();
            let is_last = grown.len() < POSITIONS_MAX && changed.len() < PEOPLE_MAX;
            let message = message(peers.node, &grown, &changed);
            let said = timeout(SEND_TIMEOUT, say(state, connection.take(), message)).await;
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
    message: String,
) -> anyhow::Result<DatabaseConnection> {
    let connection = match connection {
        Some(connection) => connection,
        None => {
            let mut options = ConnectOptions::new(&state.shared.config.database_url);
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
        for person in people(message.payload(), state.shared.peers.node) {
            state.feed.poke(person);
        }
    }
}

/// What is said: whose changes, which node has seen them, which logs have grown.
fn message(node: Uuid, grown: &[(AuctionId, u64)], changed: &[PersonId]) -> String {
    let mut message = String::new();
    // Writing to a text can't fail.
    if !changed.is_empty() {
        let _ = write!(message, "{NODE}{node} ");
    }
    for person in changed {
        let _ = write!(message, "{PERSON}{person} ");
    }
    for (auction, seq) in grown {
        let _ = write!(message, "{auction}:{seq} ");
    }
    message
}

/// The people another node speaks of; what this node said itself, it has done.
fn people(message: &str, own: Uuid) -> impl Iterator<Item = PersonId> {
    let node = message.split(' ').find_map(|word| word.strip_prefix(NODE)?.parse().ok());
    let said = if node == Some(own) { "" } else { message };
    said.split(' ').filter_map(|word| Some(PersonId(word.strip_prefix(PERSON)?.parse().ok()?)))
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
        for name in 0..70 {
            peers.tell_changed(PersonId(Uuid::from_u128(name)));
        }
        let changed = peers.take_changed();
        let said = message(Uuid::from_u128(9), &first, &changed);
        assert!(said.len() < 8_000, "{} bytes", said.len());
        assert_eq!(positions(&said).collect::<Vec<_>>(), first);
        assert_eq!(people(&said, Uuid::nil()).collect::<Vec<_>>(), changed);
        assert_eq!((changed.len(), peers.take_changed().len()), (60, 10));
        assert_eq!((first.len(), peers.take().len(), peers.take().len()), (80, 80, 80));
    }

    #[test]
    fn a_node_does_not_hear_itself() {
        let (own, person) = (Uuid::from_u128(9), PersonId(Uuid::from_u128(1)));
        let said = message(own, &[], &[person]);
        assert_eq!(people(&said, own).count(), 0);
        assert_eq!(people(&said, Uuid::from_u128(8)).collect::<Vec<_>>(), [person]);
    }

    #[test]
    fn what_is_no_position_is_passed_over() {
        let id = auction(3);
        let message = format!("x {id} {id}: :1 {id}:-1 {id}:4 session:abc ");
        assert_eq!(positions(&message).collect::<Vec<_>>(), [(id, 4)]);
    }
}
