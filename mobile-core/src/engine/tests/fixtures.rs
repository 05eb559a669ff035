//! Auctions, sessions and replies for the engine's tests.

use crate::engine::{Effect, Engine, Input, Saved};
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{
    self, Auction, Birth, Commitment, Event, ObjectOfPrice, Offer, Terms,
};
use toruk_sync::domain::form::{Form, Text};
use toruk_sync::domain::id::{
    AuctionId, BidId, BidderNo, DeviceId, LotId, OrganisationId, PersonId,
};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::catalogue::{AuctionView, LotKind, LotView};
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::operations::{ApplicationView, Op, Outcome, PushReply, Verdict};
use toruk_sync::protocol::pull::{PullReply, Row, Scope, kind};
use toruk_sync::receipt::{Decision, GENESIS, ReceiptBody, Record, Signer, link};
use uuid::Uuid;

pub const S: i64 = 1_000_000;
/// The server's time at the phone's monotonic zero.
pub const EPOCH: i64 = 1_790_000_000 * S;
pub const OWN: BidderNo = BidderNo(1);
pub const RIVAL: BidderNo = BidderNo(2);

pub fn auction_id(no: u128) -> AuctionId {
    AuctionId(Uuid::from_u128(no))
}

pub fn som(amount: i64) -> Tyiyn {
    Tyiyn::new(amount * 100).unwrap()
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp(EPOCH + seconds * S)
}

pub fn operator() -> Signer {
    signer(9)
}

/// The operator whose key consists of equal bytes.
pub fn signer(byte: u8) -> Signer {
    Signer::new("localhost", SigningKey::from_bytes(&[byte; 32])).unwrap()
}

pub fn session() -> Session {
    Session {
        token: "secret".to_owned(),
        person: PersonId(Uuid::from_u128(100)),
        name: "Айгүл".to_owned(),
        device: DeviceId(Uuid::from_u128(200)),
        actor: 3,
        expires_at: at(1_000_000),
        rp_id: "localhost".to_owned(),
        origin: "http://localhost".to_owned(),
        credential_id: "AAAA".to_owned(),
        receipt_key: operator().verifier().to_string(),
        former_receipt_keys: Vec::new(),
    }
}

fn birth(no: u128) -> Birth {
    let organisation = OrganisationId(Uuid::from_u128(1));
    Birth {
        id: auction_id(no),
        lot: LotId(Uuid::from_u128(2)),
        lot_holder: organisation,
        procuring_entity: organisation,
        rules: RuleProfile::standard(),
        offer: Offer {
            object_of_price: ObjectOfPrice::SalePrice,
            value: som(1_000),
            step: BasisPoints(500),
            guarantee: BasisPoints(1_000),
            start: at(0),
            lease_duration: None,
        },
        author: PersonId(Uuid::from_u128(3)),
        value_min: None,
        value_set: None,
        attempt: 1,
        previous: None,
        root: auction_id(no),
    }
}

/// The log of an auction whose bidding opened at 0 s, and raises by turns, 60 s apart.
pub fn log(no: u128, raises: &[BidderNo]) -> Vec<Event> {
    let by = PersonId(Uuid::from_u128(4));
    let terms = Terms {
        value: som(1_000),
        minimal_step: som(50),
        guarantee: som(100),
        rectification_end: at(-9_000),
        tender_end: at(-7_200),
        start: at(0),
        lot_hash: None,
    };
    let roster = ["a", "b"].map(|name| Commitment(name.to_owned())).to_vec();
    let mut events = vec![
        Event::Created { birth: birth(no) },
        Event::Published { by, terms, lot: None },
        Event::TenderingOpened,
        Event::TenderingClosed { participants: roster },
        Event::BiddingOpened { deadline: at(1_800) },
    ];
    let mut leader = None;
    for (index, bidder) in raises.iter().enumerate() {
        let index = index as i64;
        events.push(Event::BidPlaced {
            bid: BidId(Uuid::from_u128(500 + index as u128)),
            bidder: *bidder,
            amount: som(1_050 + 50 * index),
            outbid: leader,
            received_at: at(10 + 60 * index),
            deadline: at(310 + 60 * index),
        });
        leader = Some(*bidder);
    }
    events
}

pub fn view(no: u128, events: &[Event]) -> AuctionView {
    let (first, _) = auction::create(birth(no));
    let auction: Auction = events.iter().fold(first, auction::evolve);
    AuctionView {
        number: "TRK-KG-20261115-00042-7".to_owned(),
        auction,
        seq: events.len() as u64,
        head: head(no, events),
        lot: LotView {
            id: LotId(Uuid::from_u128(2)),
            kind: LotKind::Premises,
            title: Text::all("Дүкөн", "Магазин", "Shop"),
            description: Text::default(),
            area: None,
            address: BTreeMap::new(),
            cadastral_number: None,
            lot_holder: Text::default(),
            synthetic: true,
        },
        form: Form::standard(),
        instalments: Vec::new(),
        server_time: at(0),
    }
}

/// The log's head after these events.
pub fn head(no: u128, events: &[Event]) -> String {
    let records = (1..=events.len() as u64).map(|seq| record(no, events, seq));
    hex::encode(records.fold(GENESIS, |head, record| link(&head, &record)))
}

pub fn record(no: u128, events: &[Event], seq: u64) -> Record {
    let event = events[seq as usize - 1].clone();
    Record { auction: auction_id(no), seq, at: at(seq as i64), event }
}

/// The application of a person who takes part in auction `no` as number 1.
pub fn application(no: u128) -> ApplicationView {
    use toruk_sync::domain::application::{Application, Status};
    use toruk_sync::domain::id::ApplicationId;
    use toruk_sync::domain::rules::ConfirmationMethod;
    let application = Application {
        id: ApplicationId(Uuid::from_u128(300)),
        auction: auction_id(no),
        status: Status::Eligible,
        terms_version: 1,
        package_hash: String::new(),
        received_at: at(-8_000),
        signed_with: ConfirmationMethod::Passkey,
        deposit_paid: true,
        reason: None,
    };
    ApplicationView {
        application,
        deposit: None,
        intents: Vec::new(),
        bidder_no: Some(OWN),
        opening: None,
    }
}

/// A row of the person's scope.
pub fn row<T: serde::Serialize>(kind: &str, id: impl ToString, seq: u64, value: &T) -> Row {
    let value = Some(serde_json::to_value(value).unwrap());
    Row { scope: Scope::Person, kind: kind.to_owned(), id: id.to_string(), seq, value }
}

/// The last page of a run; nothing was decided yet.
pub fn page(rows: Vec<Row>) -> PullReply {
    PullReply {
        epoch: Uuid::from_u128(1),
        server_time: at(0),
        next_op_no: 0,
        rows,
        removed: Vec::new(),
        reset: BTreeMap::new(),
        more: false,
        digest: None,
        cookie: "cookie".to_owned(),
        backoff_s: None,
        file_limits: None,
    }
}

/// The pull of a person who takes part in auction `no`.
pub fn mine(no: u128) -> PullReply {
    page(vec![row(kind::APPLICATION, auction_id(no), 1, &application(no))])
}

pub fn fresh() -> Engine {
    Engine::load(Saved::default(), 7)
}

/// An engine on which somebody signed in, with its first question answered.
pub fn signed_in() -> Engine {
    let mut engine = fresh();
    engine.handle(Input::SignedIn(Box::new(session())), 0);
    engine.handle(Input::Pulled(Ok(mine(1))), 0);
    engine
}

pub fn pushes(effects: &[Effect]) -> Vec<Vec<Op>> {
    let push = |effect: &Effect| match effect {
        Effect::Push(push) => Some(push.ops.clone()),
        _ => None,
    };
    effects.iter().filter_map(push).collect()
}

pub fn numbers(effects: &[Effect]) -> Vec<u64> {
    pushes(effects).into_iter().flatten().map(|op| op.op_no).collect()
}

pub fn reply(verdicts: &[(u64, Verdict)], next_op_no: u64) -> PushReply {
    let outcome = |(op_no, verdict): &(u64, Verdict)| Outcome {
        op_no: *op_no,
        verdict: verdict.clone(),
        decided_at: at(0),
        receipt: None,
    };
    PushReply { outcomes: verdicts.iter().map(outcome).collect(), next_op_no, server_time: at(0) }
}

/// The operator's answer to a bid, signed by `signer`.
pub fn answer(
    no: u128,
    bid: &PlaceBid,
    refused: Option<BidRejection>,
    signer: &Signer,
) -> BidReply {
    let body = ReceiptBody {
        auction: auction_id(no),
        bid: bid.bid,
        bidder: Some(OWN),
        amount: bid.amount,
        decision: refused.map_or(Decision::Accepted, Decision::Refused),
        received_at: at(5),
        decided_at: at(5),
        seq: 6,
        head: match refused {
            None => head(no, &log(no, &[OWN])),
            Some(_) => "ef".repeat(32),
        },
        round: 1,
        price: bid.amount,
        deadline: Some(at(305)),
    };
    BidReply { receipt: signer.sign_one(body), server_time: at(5) + TimeSpan::ZERO }
}
