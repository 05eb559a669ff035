//! The usual ways to take a bid, to be compared with: one transaction for each request.
//!
//! They do for a bid what our server does, but less of it: the same session (from memory), the same
//! device signature (the same code), the same rule, a row for each decision, durable before the
//! answer, a receipt signed with the same key. They have no log to chain, no state to keep, no
//! notices to write.

use super::way::{KnownPhone, ServedWay, Way};
use anyhow::Context as _;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait as _, Value,
};
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use toruk_server::address::TrustedProxies;
use toruk_server::arrivals::Arrivals;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::db::Db;
use toruk_server::signature::is_by_device;
use toruk_server::web::connections::{self, Served};
use toruk_server::web::open_connections::OpenConnections;
use toruk_server::web::reader::Reader;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::receipt::{Decision, Receipt, ReceiptBody, Signer};
use toruk_sync::signing::SignedPayload as _;

struct Peer {
    way: Way,
    db: PeerConnection,
    clock: SystemClock,
    signer: Arc<Signer>,
    phones: HashMap<String, KnownPhone>,
    step: Tyiyn,
}

/// SQLite has one writer, in our server's own arrangement; PostgreSQL a pool.
enum PeerConnection {
    Sqlite(Db),
    Postgres(DatabaseConnection),
}

const TABLES: &[&str] = &[
    "CREATE TABLE peer_auction (id TEXT PRIMARY KEY, price BIGINT NOT NULL, round BIGINT NOT NULL, \
     seq BIGINT NOT NULL, deadline BIGINT NOT NULL)",
    "CREATE TABLE peer_bid (id TEXT PRIMARY KEY, auction TEXT NOT NULL, seq BIGINT NOT NULL, \
     bidder BIGINT NOT NULL, amount BIGINT NOT NULL, accepted BOOLEAN NOT NULL, \
     received_at BIGINT NOT NULL, UNIQUE (auction, seq))",
];

const FUNCTION: &str = "
CREATE FUNCTION peer_place(bid TEXT, which TEXT, who BIGINT, offered BIGINT, on_round BIGINT,
    step BIGINT, received BIGINT,
    OUT accepted BOOLEAN, OUT seq BIGINT, OUT round BIGINT, OUT price BIGINT)
LANGUAGE plpgsql AS $$
DECLARE a peer_auction%ROWTYPE;
BEGIN
    SELECT * INTO a FROM peer_auction WHERE id = which FOR UPDATE;
    accepted := on_round = a.round AND offered = a.price + step AND received < a.deadline;
    seq := a.seq + 1;
    round := a.round + accepted::int;
    price := CASE WHEN accepted THEN offered ELSE a.price END;
    INSERT INTO peer_bid VALUES (bid, which, seq, who, offered, accepted, received);
    UPDATE peer_auction AS p SET seq = peer_place.seq, round = peer_place.round,
        price = peer_place.price WHERE p.id = which;
END $$";

/// Serves a peer on any port.
///
/// # Errors
/// When its tables can't be made.
pub async fn serve(served: &ServedWay, signer: Arc<Signer>) -> anyhow::Result<SocketAddr> {
    let (way, start) = (served.way, served.start);
    let db = match way {
        Way::SqliteTransaction => PeerConnection::Sqlite(Db::open(&served.url).await?),
        _ => {
            let mut options = sea_orm::ConnectOptions::new(&served.url);
            options.max_connections(POSTGRES_CONNECTIONS).sqlx_logging(false);
            PeerConnection::Postgres(sea_orm::Database::connect(options).await?)
        }
    };
    let peer = Peer {
        way,
        db,
        clock: SystemClock::start(),
        signer,
        phones: served.phones.iter().map(|one| (one.token.clone(), one.clone())).collect(),
        step: start.step,
    };
    for table in TABLES {
        peer.run(table, []).await?;
    }
    if way == Way::PostgresFunction {
        peer.run(FUNCTION, []).await?;
    }
    let auctions: std::collections::BTreeSet<_> =
        served.phones.iter().map(|one| one.auction).collect();
    for auction in auctions {
        let values = [auction.to_string().into(), start.basis.price.get().into(), i64::MAX.into()];
        peer.run("INSERT INTO peer_auction VALUES ($1, $2, 0, 0, $3)", values).await?;
    }
    let router =
        Router::new().route("/v1/auctions/{id}/bids", post(place)).with_state(Arc::new(peer));
    listen(router).await
}

/// Serves these routes over HTTP as our server does, on any port.
///
/// # Errors
/// When there is none.
pub(super) async fn listen(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let reader = Reader::start(Arrivals::new(Arc::new(SystemClock::start())))?;
    let served = Served {
        router,
        timeouts: toruk_server::config::ClientTimeouts::default(),
        open: OpenConnections::new(CONNECTIONS_MAX, TrustedProxies::default()),
        may_be_bid: |_| true,
        stop: tokio_util::sync::CancellationToken::new(),
    };
    tokio::spawn(connections::serve(listener, served, reader));
    Ok(address)
}

/// Connections of the benchmark, which all come from one address.
const CONNECTIONS_MAX: usize = 20_000;
/// More wait longer in the same queue.
const POSTGRES_CONNECTIONS: u32 = 32;

/// The database's decision about a bid.
struct PeerReply {
    accepted: bool,
    seq: i64,
    round: i64,
    price: i64,
}

async fn place(
    State(peer): State<Arc<Peer>>,
    Path(auction): Path<AuctionId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<serde_json::Value>), StatusCode> {
    let received_at = peer.clock.now();
    let token = headers.get("authorization").and_then(|token| token.to_str().ok());
    let token = token.and_then(|token| token.strip_prefix("Bearer "));
    let phone = token.and_then(|token| peer.phones.get(token)).ok_or(StatusCode::UNAUTHORIZED)?;
    let request: PlaceBid =
        serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let package = request.package(auction, phone.person, phone.device).canonical();
    if !is_by_device(&phone.public_key, &package, &request.signature) {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let decided = peer.decide(phone, auction, &request, received_at).await.map_err(|error| {
        eprintln!("a peer failed: {error}");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    let receipt = peer.receipt(phone, auction, &request, received_at, &decided);
    let status = if decided.accepted { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(json!({ "receipt": receipt, "server_time": peer.clock.now() }))))
}

impl Peer {
    async fn decide(
        &self,
        phone: &KnownPhone,
        auction: AuctionId,
        request: &PlaceBid,
        received_at: Timestamp,
    ) -> anyhow::Result<PeerReply> {
        match (&self.db, self.way) {
            (PeerConnection::Postgres(db), Way::PostgresFunction) => {
                let values = [
                    request.bid.to_string().into(),
                    auction.to_string().into(),
                    i64::from(phone.number).into(),
                    request.amount.get().into(),
                    i64::try_from(request.basis.round)?.into(),
                    self.step.get().into(),
                    received_at.0.into(),
                ];
                let call = "SELECT * FROM peer_place($1, $2, $3, $4, $5, $6, $7)";
                let call = Statement::from_sql_and_values(DbBackend::Postgres, call, values);
                let row = db.query_one_raw(call).await?.context("no row")?;
                Ok(PeerReply {
                    accepted: row.try_get("", "accepted")?,
                    seq: row.try_get("", "seq")?,
                    round: row.try_get("", "round")?,
                    price: row.try_get("", "price")?,
                })
            }
            (PeerConnection::Postgres(db), _) => {
                let txn = db.begin().await?;
                let decided =
                    self.within(&txn, " FOR UPDATE", phone, auction, request, received_at).await?;
                txn.commit().await?;
                Ok(decided)
            }
            (PeerConnection::Sqlite(db), _) => {
                let txn = db.begin().await?;
                let decided = self.within(&txn, "", phone, auction, request, received_at).await?;
                db.commit(txn).await?;
                Ok(decided)
            }
        }
    }

    async fn within(
        &self,
        txn: &impl ConnectionTrait,
        lock: &str,
        phone: &KnownPhone,
        auction: AuctionId,
        request: &PlaceBid,
        received_at: Timestamp,
    ) -> anyhow::Result<PeerReply> {
        let backend = txn.get_database_backend();
        let id = auction.to_string();
        let read =
            format!("SELECT price, round, seq, deadline FROM peer_auction WHERE id = $1{lock}");
        let read = Statement::from_sql_and_values(backend, read, [id.clone().into()]);
        let row = txn.query_one_raw(read).await?.context("no auction")?;
        let (price, round): (i64, i64) = (row.try_get("", "price")?, row.try_get("", "round")?);
        let (seq, deadline): (i64, i64) = (row.try_get("", "seq")?, row.try_get("", "deadline")?);
        let accepted = i64::try_from(request.basis.round)? == round
            && request.amount.get() == price + self.step.get()
            && received_at.0 < deadline;
        let decided = PeerReply {
            accepted,
            seq: seq + 1,
            round: round + i64::from(accepted),
            price: if accepted { request.amount.get() } else { price },
        };
        let values: [Value; 7] = [
            request.bid.to_string().into(),
            id.clone().into(),
            decided.seq.into(),
            i64::from(phone.number).into(),
            request.amount.get().into(),
            accepted.into(),
            received_at.0.into(),
        ];
        let insert = "INSERT INTO peer_bid VALUES ($1, $2, $3, $4, $5, $6, $7)";
        txn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        let update = "UPDATE peer_auction SET seq = $1, round = $2, price = $3 WHERE id = $4";
        let values: [Value; 4] =
            [decided.seq.into(), decided.round.into(), decided.price.into(), id.into()];
        txn.execute_raw(Statement::from_sql_and_values(backend, update, values)).await?;
        Ok(decided)
    }

    fn receipt(
        &self,
        phone: &KnownPhone,
        auction: AuctionId,
        request: &PlaceBid,
        received_at: Timestamp,
        decided: &PeerReply,
    ) -> Receipt {
        self.signer.sign_one(ReceiptBody {
            auction,
            bid: request.bid,
            bidder: Some(BidderNo(phone.number)),
            amount: request.amount,
            decision: match decided.accepted {
                true => Decision::Accepted,
                false => Decision::Refused(BidRejection::StaleBasis),
            },
            received_at,
            decided_at: self.clock.now(),
            seq: u64::try_from(decided.seq).unwrap_or_default(),
            head: hex::encode([0; 32]),
            round: u64::try_from(decided.round).unwrap_or_default(),
            price: Tyiyn::new(decided.price).unwrap_or(Tyiyn::ZERO),
            deadline: None,
        })
    }

    async fn run<const N: usize>(&self, sql: &str, values: [Value; N]) -> anyhow::Result<()> {
        match &self.db {
            PeerConnection::Postgres(db) => {
                let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
                db.execute_raw(statement).await?;
            }
            PeerConnection::Sqlite(db) => {
                let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
                let txn = db.begin().await?;
                txn.execute_raw(statement).await?;
                db.commit(txn).await?;
            }
        }
        Ok(())
    }
}
