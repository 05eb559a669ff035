//! The catalogue as everybody filters, searches, sorts and pages it.

use crate::ground::TestServices;
use crate::ground::sale::official;
use crate::people::member;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use toruk_server::AppState;
use toruk_server::auction::OfficialAction;
use toruk_server::catalogue::import::ImportedLot;
use toruk_server::catalogue::{CatalogueQuery, Error, QueryFault};
use toruk_server::clock::Clock as _;
use toruk_server::entity::{auction, catalogue_entry};
use toruk_server::identity::Role;
use toruk_sync::domain::auction::{ObjectOfPrice, Offer, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::lot::LotKind;
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionSort;
use uuid::Uuid;

const SORTS: [AuctionSort; 5] = [
    AuctionSort::Newest,
    AuctionSort::StartAsc,
    AuctionSort::StartDesc,
    AuctionSort::PriceAsc,
    AuctionSort::PriceDesc,
];

pub struct Catalogue {
    pub ground: TestServices,
    pub opened: Timestamp,
}

impl Catalogue {
    pub async fn new() -> Self {
        let ground = TestServices::new().await;
        let opened = ground.clock.now();
        Self { ground, opened }
    }

    pub fn state(&self) -> &AppState {
        &self.ground.state
    }

    /// The start of an auction this many days after the earliest one.
    fn start(&self, day: i64) -> Timestamp {
        self.opened + TimeSpan::days(16 + day)
    }

    async fn draft(&self, lot: Value, price: i64, day: i64) -> AuctionId {
        let organiser = official(1, Role::Organiser);
        let lot: ImportedLot = serde_json::from_value(lot).unwrap();
        let state = self.state();
        let lot = state.catalogue.import(&organiser, vec![lot]).await.unwrap()[0];
        state.catalogue.add_document(&organiser, lot, "plan", b"%PDF-1.7 plan").await.unwrap();
        let offer = Offer {
            object_of_price: ObjectOfPrice::SalePrice,
            value: Tyiyn::new(price).unwrap(),
            step: BasisPoints(500),
            guarantee: BasisPoints(1_000),
            start: self.start(day),
            lease_duration: None,
        };
        state.auctions.create(&organiser, lot, offer).await.unwrap()
    }

    pub async fn publish(&self, lot: Value, price: i64, day: i64) -> AuctionId {
        let id = self.draft(lot, price, day).await;
        let auctions = &self.state().auctions;
        let by = official(1, Role::Organiser);
        auctions.act(&by, id, OfficialAction::Submit).await.unwrap();
        let by = official(2, Role::Moderator);
        auctions.act(&by, id, OfficialAction::Publish).await.unwrap();
        id
    }

    pub async fn cancel(&self, id: AuctionId) {
        let auctions = &self.state().auctions;
        let organiser = member(self.state(), None, Role::Organiser, "Айгүл").await.official;
        let moderator = member(self.state(), None, Role::Moderator, "Бакыт").await.official;
        let act = JointAct::Cancel { reason: "court order".into(), document: "ab".repeat(32) };
        auctions.propose(&organiser, id, act).await.unwrap();
        let auction = self.state().catalogue.auction(self.state().context.db.read(), id).await;
        let waiting = auctions.proposals(&moderator, &auction.unwrap()).await.unwrap();
        auctions.approve(&moderator, id, waiting[0].id).await.unwrap();
    }

    /// Everything that matches, page by page.
    pub async fn found(&self, query: &CatalogueQuery, limit: u64) -> Vec<AuctionId> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.state().catalogue.page(query, after.as_deref(), limit).await.unwrap();
            assert!(page.0.len() as u64 <= limit);
            found.extend(page.0.iter().map(|card| card.id));
            after = page.1;
            if after.is_none() {
                return found;
            }
        }
    }
}

pub fn lot(ky: &str, ru: &str, kind: &str, region: &str, settlement: &str) -> Value {
    json!({
        "title": { "ky": ky, "ru": ru },
        "kind": kind,
        "address": { "region": region, "settlement": settlement },
        "lot_holder": { "ky": "Башкармалык", "ru": "Управление" },
        "synthetic": true,
    })
}

/// A shop and a field that are published, and a car whose auction was cancelled; beside them a draft.
async fn three(stage: &Catalogue) -> [AuctionId; 3] {
    let shop = lot("Дүкөн үчүн жай", "Помещение под магазин", "premises", "Ош облусу", "Өзгөн");
    let shop = stage.publish(shop, 30_000_000, 0).await;
    let field = lot("Жер тилкеси", "Земельный участок", "land", "Чүй облусу", "Кара-Балта");
    let field = stage.publish(field, 10_000_000, 2).await;
    let car = lot("Унаа", "Автомобиль ёмкий", "vehicle", "Чүй облусу", "Кеминь");
    let car = stage.publish(car, 20_000_000, 1).await;
    let secret = lot("Жер", "Участок", "land", "Чүй облусу", "Кеминь");
    stage.draft(secret, 15_000_000, 1).await;
    stage.cancel(car).await;
    [shop, field, car]
}

#[tokio::test]
async fn auctions_are_found_by_each_filter_and_by_all_together() {
    let stage = Catalogue::new().await;
    let [shop, field, car] = three(&stage).await;
    let som = |som: i64| Some(Tyiyn::new(som * 100).unwrap());
    let none = CatalogueQuery::default;
    let text = |text: &str| CatalogueQuery { text: Some(text.into()), ..none() };
    let region = |region: &str| CatalogueQuery { region: Some(region.into()), ..none() };
    let by = |sort| CatalogueQuery { sort, ..none() };
    for (query, expected) in [
        (none(), vec![car, field, shop]),
        (by(AuctionSort::StartAsc), vec![shop, car, field]),
        (by(AuctionSort::StartDesc), vec![field, car, shop]),
        (by(AuctionSort::PriceAsc), vec![field, car, shop]),
        (by(AuctionSort::PriceDesc), vec![shop, car, field]),
        (CatalogueQuery { statuses: vec![Status::Cancelled], ..none() }, vec![car]),
        (
            CatalogueQuery { statuses: vec![Status::Cancelled, Status::Rectification], ..none() },
            vec![car, field, shop],
        ),
        // A draft is nobody's to see.
        (CatalogueQuery { statuses: vec![Status::Draft], ..none() }, vec![]),
        (CatalogueQuery { kinds: vec![LotKind::Land], ..none() }, vec![field]),
        (
            CatalogueQuery { kinds: vec![LotKind::Land, LotKind::Vehicle], ..none() },
            vec![car, field],
        ),
        (region("чуй облусу"), vec![car, field]),
        (region(" ОШ ОБЛУСУ "), vec![shop]),
        (region("чуй"), vec![]),
        (region(""), vec![car, field, shop]),
        (CatalogueQuery { price_from: som(200_000), ..none() }, vec![car, shop]),
        (CatalogueQuery { price_to: som(200_000), ..none() }, vec![car, field]),
        (CatalogueQuery { price_from: som(300_001), ..none() }, vec![]),
        (CatalogueQuery { price_from: som(2), price_to: som(1), ..none() }, vec![]),
        (CatalogueQuery { start_from: Some(stage.start(1)), ..none() }, vec![car, field]),
        (CatalogueQuery { start_to: Some(stage.start(1)), ..none() }, vec![shop]),
        (text("дукон"), vec![shop]),
        (text("ДҮКӨН озгон"), vec![shop]),
        (text("магазин"), vec![shop]),
        (text("емкий"), vec![car]),
        (text("ЁМКИЙ"), vec![car]),
        (text("жер УЧАСТОК"), vec![field]),
        (text("жер дукон"), vec![]),
        (text("%"), vec![]),
        (text("_"), vec![]),
        (text("'; DROP TABLE auction; --"), vec![]),
        (text("\u{0}"), vec![car, field, shop]),
        (text("trk-"), vec![car, field, shop]),
        (
            CatalogueQuery {
                statuses: vec![Status::Rectification],
                kinds: vec![LotKind::Land],
                region: Some("Чуй облусу".into()),
                price_from: som(100_000),
                price_to: som(100_000),
                start_from: Some(stage.start(2)),
                start_to: Some(stage.start(3)),
                text: Some("тилке балта".into()),
                sort: AuctionSort::PriceDesc,
            },
            vec![field],
        ),
    ] {
        for limit in [1, 2, 100] {
            assert_eq!(stage.found(&query, limit).await, expected, "{query:?}");
        }
    }
}

/// A generator of numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// The price, the start's day and whether it matches, of each auction.
type Facts = BTreeMap<AuctionId, (i64, i64, bool)>;

/// Few prices and starts, so that many are equal; half of the lots match.
async fn add(stage: &Catalogue, dice: &mut Dice, facts: &mut Facts) {
    let (price, day) = (1_000_000 * (1 + dice.below(4) as i64), dice.below(3) as i64);
    let fits = dice.below(2) == 0;
    let title = if fits { "Дүкөн" } else { "Жер" };
    let id = stage.publish(lot(title, title, "other", "Ош", "Ош"), price, day).await;
    facts.insert(id, (price, day, fits));
}

#[tokio::test]
async fn pages_of_any_size_give_each_match_once_while_auctions_are_added() {
    let stage = Catalogue::new().await;
    let mut dice = Dice(20_261_130);
    let mut facts: Facts = BTreeMap::new();
    for _ in 0..12 {
        add(&stage, &mut dice, &mut facts).await;
    }
    for sort in SORTS {
        for limit in [1, 2, 3, 5, 100] {
            let known: BTreeSet<AuctionId> =
                facts.iter().filter(|(_, fact)| fact.2).map(|(id, _)| *id).collect();
            let query =
                CatalogueQuery { text: Some("дукон".into()), sort, ..Default::default() };
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let catalogue = &stage.state().catalogue;
                let (cards, next) = catalogue.page(&query, after.as_deref(), limit).await.unwrap();
                seen.extend(cards.iter().map(|card| card.id));
                after = next;
                if after.is_none() {
                    break;
                }
                if dice.below(3) == 0 {
                    add(&stage, &mut dice, &mut facts).await;
                }
            }
            let place = |id: &AuctionId| {
                let (price, day, fits) = facts[id];
                assert!(fits);
                match sort {
                    AuctionSort::Newest => (0, std::cmp::Reverse(*id), *id),
                    AuctionSort::StartAsc => (day, std::cmp::Reverse(AuctionId(Uuid::nil())), *id),
                    AuctionSort::PriceAsc => {
                        (price, std::cmp::Reverse(AuctionId(Uuid::nil())), *id)
                    }
                    AuctionSort::StartDesc => (-day, std::cmp::Reverse(*id), *id),
                    AuctionSort::PriceDesc => (-price, std::cmp::Reverse(*id), *id),
                }
            };
            // Strictly in order, so none came twice.
            assert!(seen.is_sorted_by(|a, b| place(a) < place(b)), "{sort:?} by {limit}: {seen:?}");
            let seen: BTreeSet<AuctionId> = seen.into_iter().collect();
            assert!(known.is_subset(&seen), "{sort:?} by {limit} missed one");
        }
    }
    assert!(facts.len() > 20, "{} auctions: none was added meanwhile", facts.len());
}

#[tokio::test]
async fn a_page_of_another_question_does_not_exist() {
    let stage = Catalogue::new().await;
    for no in 0..3 {
        stage.publish(lot("Жер", "Земля", "land", "Ош", "Ош"), 1_000_000 + no, 0).await;
    }
    let catalogue = &stage.state().catalogue;
    let asked = CatalogueQuery { sort: AuctionSort::PriceAsc, ..Default::default() };
    let next = catalogue.page(&asked, None, 1).await.unwrap().1.unwrap();
    let other_sort = CatalogueQuery::default();
    let other_filter = CatalogueQuery { kinds: vec![LotKind::Land], ..asked.clone() };
    let long = CatalogueQuery { text: Some("ө".repeat(201)), ..asked.clone() };
    for (query, after, expected) in [
        (&other_sort, Some(&*next), QueryFault::OtherSort),
        (&other_filter, Some(&*next), QueryFault::OtherFilters),
        (&asked, Some("AAAA"), QueryFault::UnknownPage),
        (&long, None, QueryFault::TextTooLong),
    ] {
        let refused = catalogue.page(query, after, 1).await;
        assert!(matches!(&refused, Err(Error::Query(fault)) if *fault == expected), "{refused:?}");
    }
    // Another size is the same question.
    let rest = catalogue.page(&asked, Some(&next), 100).await.unwrap();
    assert_eq!((rest.0.len(), rest.1), (2, None));
}

/// Copies of an auction in both tables, each with an id, a price and a start of its own.
async fn multiply(stage: &Catalogue, id: AuctionId, copies: u32) {
    let db = &stage.state().context.db;
    let row = auction::Entity::find_by_id(id.0).one(db.read()).await.unwrap().unwrap();
    let entry = catalogue_entry::Entity::find_by_id(id.0).one(db.read()).await.unwrap().unwrap();
    for chunk in (0..copies).collect::<Vec<_>>().chunks(500) {
        let txn = db.begin().await.unwrap();
        let (mut rows, mut entries) = (Vec::new(), Vec::new());
        for no in chunk {
            let new = Uuid::from_u128(1 << 64 | u128::from(*no));
            let state = row.state.replace(&id.0.to_string(), &new.to_string());
            let number = format!("{}-{no}", row.number);
            let copy = auction::Model { id: new, state, number, previous: None, ..row.clone() };
            rows.push(auction::ActiveModel::from(copy));
            let rare = if no % 1_000 == 0 { "сейрек" } else { "жөнөкөй" };
            let search = toruk_sync::domain::text::search_text([rare, &row.number]);
            let copy = catalogue_entry::Model {
                auction: new,
                price: entry.price + i64::from(no % 97),
                start: entry.start + i64::from(no % 89),
                search: Some(search),
                ..entry.clone()
            };
            entries.push(catalogue_entry::ActiveModel::from(copy));
        }
        auction::Entity::insert_many(rows).exec_without_returning(&txn).await.unwrap();
        catalogue_entry::Entity::insert_many(entries).exec_without_returning(&txn).await.unwrap();
        db.commit(txn).await.unwrap();
    }
}

#[allow(clippy::disallowed_methods, reason = "the database's time is measured")]
fn real_time() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn ten_thousand_auctions_are_paged_and_searched_without_a_wait() {
    /// A hundred times what it takes: the test is about the plan of the database, not the machine.
    const BUDGET: Duration = Duration::from_secs(3);
    const AUCTIONS: u32 = 10_000;
    let stage = Catalogue::new().await;
    let id = stage.publish(lot("Жер", "Земля", "land", "Ош", "Ош"), 1_000_000, 0).await;
    multiply(&stage, id, AUCTIONS).await;
    for (text, expected) in [(None, None), (Some("сейрек"), Some(10)), (Some("жок"), Some(0))]
    {
        for sort in SORTS {
            let text = text.map(str::to_owned);
            let query = CatalogueQuery { text, sort, ..Default::default() };
            let began = real_time();
            let (first, next) = stage.state().catalogue.page(&query, None, 30).await.unwrap();
            let took = began.elapsed();
            assert!(took < BUDGET, "{query:?}: {took:?}");
            println!("{:?} {:?}: {took:?}", query.text, sort);
            assert_eq!(first.len(), expected.unwrap_or(30));
            assert_eq!(next.is_some(), expected.is_none());
        }
    }
    // The start of a server, which looks for what is missing.
    let began = real_time();
    assert_eq!(stage.state().catalogue.complete_entries().await.unwrap(), Default::default());
    assert!(began.elapsed() < BUDGET);
    println!("nothing missing: {:?}", began.elapsed());
}
