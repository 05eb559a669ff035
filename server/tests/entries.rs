//! Entries of the catalogue that are missing, behind, half empty or of damaged auctions.

use crate::catalogue::{Catalogue, lot};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use tokio_util::sync::CancellationToken;
use toruk_server::catalogue::{CatalogueQuery, CompletedEntries};
use toruk_server::entity::{auction, catalogue_entry};
use toruk_server::worker::entries;
use toruk_sync::domain::id::AuctionId;

/// Three shops.
async fn shops(stage: &Catalogue) -> Vec<AuctionId> {
    let mut known = Vec::new();
    for no in 0..3 {
        let title = format!("Дүкөн {no}");
        known.push(stage.publish(lot(&title, &title, "other", "Ош", "Ош"), 1_000_000, 0).await);
    }
    known
}

fn all() -> CatalogueQuery {
    CatalogueQuery { text: Some("дукон".into()), ..Default::default() }
}

async fn change(stage: &Catalogue, id: AuctionId, entry: catalogue_entry::ActiveModel) {
    let db = &stage.state().context.db;
    let txn = db.begin().await.unwrap();
    let of_auction = catalogue_entry::Column::Auction.eq(id.0);
    let update = catalogue_entry::Entity::update_many().set(entry).filter(of_auction);
    update.exec(&txn).await.unwrap();
    db.commit(txn).await.unwrap();
}

async fn remove(stage: &Catalogue, id: AuctionId) {
    let db = &stage.state().context.db;
    let txn = db.begin().await.unwrap();
    catalogue_entry::Entity::delete_by_id(id.0).exec(&txn).await.unwrap();
    db.commit(txn).await.unwrap();
}

async fn entry(stage: &Catalogue, id: AuctionId) -> Option<catalogue_entry::Model> {
    let db = stage.state().context.db.read();
    catalogue_entry::Entity::find_by_id(id.0).one(db).await.unwrap()
}

#[tokio::test]
async fn entries_that_are_missing_or_behind_are_written_at_the_next_start() {
    let stage = Catalogue::new().await;
    let mut known = Vec::new();
    for no in 0..3 {
        let title = format!("Дүкөн {no}");
        known.push(stage.publish(lot(&title, &title, "other", "Ош", "Ош"), 1_000_000, 0).await);
    }
    let db = stage.state().context.db.clone();
    let rows = || async { catalogue_entry::Entity::find().all(db.read()).await.unwrap() };
    let before = rows().await;
    assert_eq!(before.len(), 3);
    // As a server that does not know the table leaves it, and as one that left it half-way.
    let txn = db.begin().await.unwrap();
    catalogue_entry::Entity::delete_by_id(known[0].0).exec(&txn).await.unwrap();
    let of = |no: usize| catalogue_entry::Column::Auction.eq(AuctionId::clone(&known[no]).0);
    let behind = catalogue_entry::ActiveModel {
        seq: sea_orm::ActiveValue::Set(0),
        price: sea_orm::ActiveValue::Set(1),
        ..Default::default()
    };
    let update = catalogue_entry::Entity::update_many().set(behind).filter(of(1));
    update.exec(&txn).await.unwrap();
    db.commit(txn).await.unwrap();
    let query = CatalogueQuery { text: Some("дукон".into()), ..Default::default() };
    assert_eq!(stage.found(&query, 10).await, [known[2], known[1]]);
    let ground = stage.ground.restarted().await.unwrap();
    let db = ground.state.context.db.clone();
    let mut after = catalogue_entry::Entity::find().all(db.read()).await.unwrap();
    after.sort_by_key(|row| row.auction);
    let mut before = before;
    before.sort_by_key(|row| row.auction);
    assert_eq!(after, before);
    assert_eq!(
        ground.state.catalogue.complete_entries().await.unwrap(),
        CompletedEntries::default()
    );
}

#[tokio::test]
async fn what_a_server_without_the_table_leaves_is_written_while_others_serve() {
    let stage = Catalogue::new().await;
    let known = shops(&stage).await;
    remove(&stage, known[0]).await;
    assert_eq!(stage.found(&all(), 10).await, [known[2], known[1]]);
    let stop = CancellationToken::new();
    let worker = tokio::spawn(entries::run(stage.state().clone(), stop.clone()));
    while entry(&stage, known[0]).await.is_none() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    worker.await.unwrap();
    assert_eq!(stage.found(&all(), 10).await, [known[2], known[1], known[0]]);
}

/// A bid that comes between the reading of an auction and the writing of its entry writes an entry
/// of a later state, without the lot.
#[tokio::test]
async fn an_entry_of_a_later_state_keeps_it_and_gets_its_lot() {
    let stage = Catalogue::new().await;
    let known = shops(&stage).await;
    let whole = entry(&stage, known[1]).await.unwrap();
    let later = |search: Option<&str>| catalogue_entry::Model {
        seq: whole.seq + 5,
        price: whole.price + 1,
        kind: search.map(|_| "land".to_owned()),
        region: None,
        search: search.map(str::to_owned),
        ..whole.clone()
    };
    for (found, expected) in [
        (
            later(None),
            catalogue_entry::Model { seq: whole.seq + 5, price: whole.price + 1, ..whole.clone() },
        ),
        (later(Some("a later text")), later(Some("a later text"))),
        (catalogue_entry::Model { seq: whole.seq - 1, price: 1, ..whole.clone() }, whole.clone()),
        (catalogue_entry::Model { search: None, kind: None, ..whole.clone() }, whole.clone()),
    ] {
        let row = catalogue_entry::ActiveModel {
            auction: sea_orm::ActiveValue::NotSet,
            seq: Set(found.seq),
            price: Set(found.price),
            kind: Set(found.kind.clone()),
            region: Set(found.region.clone()),
            search: Set(found.search.clone()),
            ..Default::default()
        };
        change(&stage, known[1], row).await;
        let db = &stage.state().context.db;
        let txn = db.begin().await.unwrap();
        stage.state().catalogue.describe(&txn, known[1]).await.unwrap();
        db.commit(txn).await.unwrap();
        assert_eq!(entry(&stage, known[1]).await.unwrap(), expected, "{found:?}");
    }
}

#[tokio::test]
async fn a_damaged_auction_keeps_no_server_from_starting_and_no_other_from_the_catalogue() {
    let stage = Catalogue::new().await;
    let known = shops(&stage).await;
    let db = stage.state().context.db.clone();
    let txn = db.begin().await.unwrap();
    catalogue_entry::Entity::delete_many().exec(&txn).await.unwrap();
    let damaged = auction::ActiveModel { state: Set("{".to_owned()), ..Default::default() };
    let of_auction = auction::Column::Id.eq(known[1].0);
    let update = auction::Entity::update_many().set(damaged).filter(of_auction);
    update.exec(&txn).await.unwrap();
    db.commit(txn).await.unwrap();
    let Catalogue { ground, opened } = stage;
    let ground = ground.restarted().await.unwrap();
    let stage = Catalogue { ground, opened };
    assert_eq!(stage.found(&all(), 10).await, [known[2], known[0]]);
    assert_eq!(entry(&stage, known[1]).await, None);
    let round = stage.state().catalogue.complete_entries().await.unwrap();
    assert_eq!(round, CompletedEntries { written: 0, damaged: 1 });
}
