//! A server's database with open auctions and bidders in it, written directly instead of being
//! played: what would take a minute of passkeys and payments takes a second.
//!
//! # Why this is no shortcut of the rules
//! Each log is made by `sync`'s own `create` and `apply`, at the moments a punctual server would
//! have had; only the rows around it (people, phones, sessions) are written without their
//! ceremonies. There are no applications and deposits behind the participants, so an auction can
//! be bid on and closed, but not paid for.

use crate::world::api_client::{bid_id, random_uuid};
use crate::world::clock::ManualClock;
use anyhow::{Context as _, anyhow};
use p256::ecdsa::SigningKey;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use toruk_mobile_core::platform::{Entropy as _, SystemEntropy};
use toruk_server::config::Config;
use toruk_server::db::Db;
use toruk_server::db::change_counter::SyncScope;
use toruk_server::entity::{
    auction, auction_event, device, lot, organisation, participant, person, role_grant, session,
};
use toruk_server::identity::SessionTokens;
use toruk_sync::domain::auction::bidding::{Basis, BidRejection};
use toruk_sync::domain::auction::{
    Auction, Birth, Command, Commitment, Event, ObjectOfPrice, Offer, Status, apply, create, evolve,
};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, BidderNo, DeviceId, LotId, OrganisationId, PersonId};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::LotKind;
use toruk_sync::protocol::pull::kind;
use toruk_sync::receipt::{GENESIS, Hash, Record, VerifierKey, link};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

mod log;

use log::Log;

/// Rows of one INSERT: below every database's limit of parameters.
const ROWS_MAX: usize = 500;
/// Lifetime of a seeded session.
const SESSION: TimeSpan = TimeSpan::days(30);
/// From a seeded auction's publication to its start.
const NOTICE: TimeSpan = TimeSpan::hours(3);

/// Sizes and times of a seed.
#[derive(Debug, Clone)]
pub struct SeedPlan {
    /// Number of auctions to seed.
    pub auctions: usize,
    /// Number of bidders; each takes part in every auction.
    pub bidders: usize,
    /// Number of others who are signed in on a phone and take part in nothing.
    pub onlookers: usize,
    /// The rules that the auctions run under.
    pub rules: RuleProfile,
    /// Start of bidding: auctions with a past start are open, later ones wait.
    pub start: Timestamp,
    /// Each auction opens so much later than the one before.
    pub stagger: TimeSpan,
    /// Stamps the last refused bid so long before the deadline, however far off that is: whatever
    /// arrives before then is stamped a tick later.
    pub stamped_before_deadline: Option<TimeSpan>,
}

impl SeedPlan {
    /// Auctions that all open at `start`.
    pub fn new(auctions: usize, bidders: usize, rules: RuleProfile, start: Timestamp) -> Self {
        let (stagger, stamped_before_deadline) = (TimeSpan::ZERO, None);
        let onlookers = 0;
        Self { auctions, bidders, onlookers, rules, start, stagger, stamped_before_deadline }
    }
}

/// A bidder's phone, signed in.
#[derive(Clone)]
pub struct SeededBidder {
    pub person: PersonId,
    /// The bidder's phone, which the session belongs to.
    pub device: DeviceId,
    /// The phone's key, which signs bids.
    pub key: SigningKey,
    /// Its public half: SEC 1, uncompressed.
    pub public_key: Vec<u8>,
    /// The bearer token of the bidder's session.
    pub token: String,
}

/// Ids and keys of the seeded rows.
pub struct Seeded {
    /// In the order of their starts.
    pub auctions: Vec<AuctionId>,
    /// Bidders who may bid; a bidder's number is the place in this list, from 1.
    pub seats: Vec<SeededBidder>,
    /// People who are signed in and only look on.
    pub onlookers: Vec<SeededBidder>,
    /// Verifies the receipts of a server that runs on the same data folder and public origin.
    pub receipt_key: VerifierKey,
}

/// Rules under which bids may follow each other as fast as they can be sent, and no auction ends
/// within `window`.
pub fn unhurried(window: TimeSpan) -> RuleProfile {
    RuleProfile {
        id: "seeded".to_owned(),
        first_window: window,
        raise_window: window,
        bid_interval_min: TimeSpan::ZERO,
        ..RuleProfile::sandbox(1)
    }
}

/// Seeds the database of `config`, and makes the receipts' key in its data folder.
///
/// # Errors
/// When the database can't be opened or written, or the plan breaks a rule.
pub async fn seed(config: &Config, plan: &SeedPlan, now: Timestamp) -> anyhow::Result<Seeded> {
    std::fs::create_dir_all(&config.data_dir)?;
    let ids = toruk_server::ids::SystemIds::new(ManualClock::new(now));
    let signer = config.signer(&ids)?;
    let (receipt_key, tokens) = (signer.verifier().clone(), SessionTokens::of(&signer));
    let db = Db::open(&config.database_url).await?.with_clock(ManualClock::new(now));
    let txn = db.begin().await?;
    let author = official(&txn, now).await?;
    let all = 1..=plan.bidders + plan.onlookers;
    let mut seats = all.map(|_| seat(&tokens)).collect::<Result<Vec<_>, _>>()?;
    insert_seats(&txn, &seats, now).await?;
    let onlookers = seats.split_off(plan.bidders);
    let mut auctions = Vec::with_capacity(plan.auctions);
    let mut each = plan.clone();
    for _ in 0..plan.auctions {
        let auction = insert_auction(&txn, &each, author, &seats, now).await?;
        txn.touch(SyncScope::Catalogue, kind::CARD, auction);
        auctions.push(auction);
        each.start = each.start + plan.stagger;
    }
    db.commit(txn).await?;
    Ok(Seeded { auctions, seats, onlookers, receipt_key })
}

fn seat(tokens: &SessionTokens) -> anyhow::Result<SeededBidder> {
    let key = SigningKey::from_slice(&SystemEntropy.bytes(32)).context("no key")?;
    let public_key = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    Ok(SeededBidder {
        public_key,
        person: PersonId(random_uuid()?),
        device: DeviceId(random_uuid()?),
        key,
        token: tokens.mint(SystemEntropy.bytes(32).try_into().map_err(|_| anyhow!("no secret"))?),
    })
}

/// Somebody who administers, so that the server does not look for a first administrator.
async fn official(db: &impl ConnectionTrait, now: Timestamp) -> anyhow::Result<PersonId> {
    let id = random_uuid()?;
    let kind = Set("official".to_owned());
    let row = person::ActiveModel { kind, ..insert_person(id, "Organiser", now) };
    row.insert(db).await?;
    let (person, role, organisation) = (Set(id), Set("sysadmin".to_owned()), Set(None));
    let (granted_at, granted_by) = (Set(now.0), Set(None));
    let grant = role_grant::ActiveModel { person, role, organisation, granted_at, granted_by };
    grant.insert(db).await?;
    Ok(PersonId(id))
}

fn insert_person(id: Uuid, name: &str, now: Timestamp) -> person::ActiveModel {
    let (name, language) = (Set(name.to_owned()), Set("ky".to_owned()));
    let kind = Set("bidder".to_owned());
    let created_at = Set(now.0);
    person::ActiveModel { id: Set(id), name, language, kind, created_at, ..Default::default() }
}

async fn insert_seats(
    db: &impl ConnectionTrait,
    seats: &[SeededBidder],
    now: Timestamp,
) -> anyhow::Result<()> {
    for seats in seats.chunks(ROWS_MAX) {
        let people = seats.iter().map(|seat| insert_person(seat.person.0, "Bidder", now));
        person::Entity::insert_many(people).exec_without_returning(db).await?;
        let devices = seats.iter().map(|seat| device::ActiveModel {
            id: Set(seat.device.0),
            person: Set(seat.person.0),
            actor: Set(1),
            platform: Set("terminal".to_owned()),
            public_key: Set(seat.public_key.clone()),
            push_token: Set(None),
            next_op_no: Set(1),
            created_at: Set(now.0),
            revoked_at: Set(None),
            signs_v1: Set(false),
            name: Set(None),
        });
        device::Entity::insert_many(devices).exec_without_returning(db).await?;
        let sessions = seats.iter().map(|seat| session::ActiveModel {
            token_hash: Set(hex::encode(Sha256::digest(&seat.token))),
            person: Set(seat.person.0),
            device: Set(Some(seat.device.0)),
            created_at: Set(now.0),
            expires_at: Set((now + SESSION).0),
            recovered_at: Set(None),
        });
        session::Entity::insert_many(sessions).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Writes an auction of the plan's rules and start, with these participants, as it is at `now`.
///
/// # Errors
/// When the database can't be written, or the plan breaks a rule.
pub async fn insert_auction(
    db: &impl ConnectionTrait,
    plan: &SeedPlan,
    author: PersonId,
    seats: &[SeededBidder],
    now: Timestamp,
) -> anyhow::Result<AuctionId> {
    let (id, lot, holder) = (random_uuid()?, random_uuid()?, random_uuid()?);
    let (id, lot, holder) = (AuctionId(id), LotId(lot), OrganisationId(holder));
    insert_lot(db, lot, holder, now).await?;
    let mut rows = Vec::with_capacity(seats.len());
    for (place, seat) in seats.iter().enumerate() {
        rows.push(participant::ActiveModel {
            auction: Set(id.0),
            bidder_no: Set(i64::try_from(place + 1)?),
            person: Set(seat.person.0),
            application: Set(random_uuid()?),
            salt: Set(SystemEntropy.bytes(32)),
        });
    }
    let roster = rows.iter().map(commitment).collect();
    for rows in rows.chunks(ROWS_MAX) {
        participant::Entity::insert_many(rows.iter().cloned()).exec_without_returning(db).await?;
    }
    let birth = birth(plan, id, lot, holder, author);
    let mut log = Log::new(birth, plan.start - NOTICE);
    log.play(plan, author, roster, now)?;
    if let (Some(span), Some(deadline)) = (plan.stamped_before_deadline, log.auction.closes_at()) {
        log.refuse_at(deadline - span)?;
    }
    log.insert(db).await?;
    Ok(id)
}

async fn insert_lot(
    db: &impl ConnectionTrait,
    id: LotId,
    holder: OrganisationId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let name = canonical_json(&Text { ky: Some("Сыноо".to_owned()), ..Text::default() });
    let (owner, called, created_at) = (Set(holder.0), Set(name.clone()), Set(now.0));
    let row =
        organisation::ActiveModel { id: owner, name: called, created_at, ..Default::default() };
    row.insert(db).await?;
    let lot = lot::ActiveModel {
        id: Set(id.0),
        kind: Set(canonical_json(&LotKind::Premises)),
        title: Set(name.clone()),
        description: Set(name),
        area: Set(None),
        address: Set(canonical_json(&BTreeMap::<String, String>::new())),
        cadastral_number: Set(None),
        lot_holder: Set(Some(holder.0)),
        procuring_entity: Set(None),
        offer_hint: Set("{}".to_owned()),
        source: Set(None),
        synthetic: Set(true),
        created_at: Set(now.0),
        created_by: Set(None),
    };
    lot.insert(db).await.map(|_| ()).map_err(Into::into)
}

/// The log's commitment to a participant: `SHA-256(salt ‖ application)`.
fn commitment(row: &participant::ActiveModel) -> Commitment {
    let mut hasher = Sha256::new();
    hasher.update(row.salt.as_ref());
    hasher.update(row.application.as_ref().as_bytes());
    Commitment(hex::encode(hasher.finalize()))
}

fn birth(
    plan: &SeedPlan,
    id: AuctionId,
    lot: LotId,
    holder: OrganisationId,
    author: PersonId,
) -> Birth {
    /// Odd and large, so that arithmetic that loses digits loses these; the smallest step still
    /// allows a hundred thousand raises.
    const VALUE: Tyiyn = match Tyiyn::new(12_345_678_901) {
        Ok(value) => value,
        Err(_) => Tyiyn::ZERO,
    };
    let offer = Offer {
        object_of_price: ObjectOfPrice::SalePrice,
        value: VALUE,
        step: plan.rules.step_min,
        guarantee: BasisPoints(500),
        start: plan.start,
        lease_duration: None,
    };
    Birth {
        id,
        lot,
        lot_holder: holder,
        procuring_entity: holder,
        rules: plan.rules.clone(),
        offer,
        author,
        attempt: 1,
        previous: None,
        root: id,
        value_min: None,
        value_set: None,
    }
}
