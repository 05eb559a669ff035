//! Two servers without storage: nothing that keeps bids can be faster than they are.
//!
//! *None* checks the session and the phone's signature, decides by the rule in memory, and signs a
//! receipt; it has no commit to gather bids behind, so it signs each by itself. *Echo* does the
//! same without cryptography: what HTTP, JSON and the runtime cost.

use super::peers;
use super::way::{KnownPhone, ServedWay, Way};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::signature::is_by_device;
use toruk_sync::domain::auction::bidding::{Basis, BidRejection};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::receipt::{Decision, Receipt, ReceiptBody, Signer};
use toruk_sync::signing::SignedPayload as _;
use uuid::Uuid;

struct Ceiling {
    way: Way,
    clock: SystemClock,
    signer: Signer,
    phones: HashMap<String, KnownPhone>,
    step: Tyiyn,
    states: Mutex<HashMap<AuctionId, CeilingState>>,
    /// A signed note of a usual length, for receipts that are not signed.
    note: String,
}

#[derive(Clone, Copy)]
struct CeilingState {
    basis: Basis,
    seq: u64,
}

/// Serves a ceiling on any port.
///
/// # Errors
/// When there is none.
pub async fn serve(served: &ServedWay, signer: Signer) -> anyhow::Result<SocketAddr> {
    let first = CeilingState { basis: served.start.basis, seq: 0 };
    let blank = body(BidId(Uuid::nil()), AuctionId(Uuid::nil()), 0, Tyiyn::ZERO);
    let ceiling = Ceiling {
        way: served.way,
        clock: SystemClock::start(),
        note: signer.sign_one(blank).note,
        signer,
        phones: served.phones.iter().map(|one| (one.token.clone(), one.clone())).collect(),
        step: served.start.step,
        states: Mutex::new(served.phones.iter().map(|one| (one.auction, first)).collect()),
    };
    let router =
        Router::new().route("/v1/auctions/{id}/bids", post(place)).with_state(Arc::new(ceiling));
    peers::listen(router).await
}

async fn place(
    State(ceiling): State<Arc<Ceiling>>,
    Path(auction): Path<AuctionId>,
    headers: HeaderMap,
    content: Bytes,
) -> Result<(StatusCode, Json<serde_json::Value>), StatusCode> {
    let received_at = ceiling.clock.now();
    let token = headers.get("authorization").and_then(|token| token.to_str().ok());
    let token = token.and_then(|token| token.strip_prefix("Bearer "));
    let phone = token.and_then(|token| ceiling.phones.get(token));
    let phone = phone.ok_or(StatusCode::UNAUTHORIZED)?;
    let request: PlaceBid =
        serde_json::from_slice(&content).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    if ceiling.way == Way::None {
        let package = request.package(auction, phone.person, phone.device).canonical();
        if !is_by_device(&phone.public_key, &package, &request.signature) {
            return Err(StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    let decided = ceiling.decide(phone, auction, &request, received_at);
    let body = decided.ok_or(StatusCode::NOT_FOUND)?;
    let is_accepted = body.decision == Decision::Accepted;
    let receipt = match ceiling.way {
        Way::None => ceiling.signer.sign_one(body),
        _ => Receipt { body, index: 0, path: Vec::new(), note: ceiling.note.clone() },
    };
    let status = if is_accepted { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(json!({ "receipt": receipt, "server_time": ceiling.clock.now() }))))
}

impl Ceiling {
    fn decide(
        &self,
        phone: &KnownPhone,
        auction: AuctionId,
        request: &PlaceBid,
        received_at: Timestamp,
    ) -> Option<ReceiptBody> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let state = states.get_mut(&auction)?;
        let required = state.basis.price.checked_add(self.step);
        let decision = match required == Some(request.amount) && request.basis == state.basis {
            true => Decision::Accepted,
            false => Decision::Refused(BidRejection::StaleBasis),
        };
        state.seq += 1;
        if decision == Decision::Accepted {
            state.basis = Basis { round: state.basis.round + 1, price: request.amount };
        }
        let CeilingState { basis: Basis { round, price }, seq } = *state;
        drop(states);
        let said = body(request.bid, auction, phone.number, request.amount);
        let decided_at = self.clock.now();
        Some(ReceiptBody { decision, received_at, decided_at, seq, round, price, ..said })
    }
}

fn body(bid: BidId, auction: AuctionId, number: u16, amount: Tyiyn) -> ReceiptBody {
    ReceiptBody {
        auction,
        bid,
        bidder: Some(BidderNo(number)),
        amount,
        decision: Decision::Accepted,
        received_at: Timestamp(0),
        decided_at: Timestamp(0),
        seq: 0,
        head: hex::encode([0; 32]),
        round: 0,
        price: Tyiyn::ZERO,
        deadline: None,
    }
}
