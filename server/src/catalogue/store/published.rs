//! Rows of what is published of lots: which are frozen, what their notices said, corrections.

use super::{StoredLot, json, parse, stored};
use crate::db::{StoreError, Txn};
use crate::entity::{auction, auction_event, lot, lot_document, organisation};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::auction::{Auction, Event, Status};
use toruk_sync::domain::id::{AuctionId, LotId, OrganisationId};
use toruk_sync::domain::lot::PublishedLot;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::LotView;
use uuid::Uuid;

/// States of an auction in which its lot may change.
const FREE: [Status; 3] = [Status::Draft, Status::Unsuccessful, Status::Cancelled];

/// A lot, locked until the transaction ends. On SQLite the one writer is the lock.
pub async fn lock_lot(txn: &Txn, id: LotId) -> Result<StoredLot, StoreError> {
    let row = lot::Entity::find_by_id(id.0).lock_exclusive().one(txn).await?;
    let lots = stored(txn, row.into_iter().collect()).await?;
    lots.into_iter().next().ok_or(StoreError::NotFound)
}

/// Those of these lots that are in an auction which is in review or published, and did not fail.
pub async fn frozen_lots(
    db: &impl ConnectionTrait,
    lots: &[LotId],
) -> Result<BTreeSet<LotId>, StoreError> {
    let free = FREE.map(|status| json(&status).trim_matches('"').to_owned());
    let rows: Vec<Uuid> = auction::Entity::find()
        .select_only()
        .column(auction::Column::Lot)
        .filter(auction::Column::Lot.is_in(lots.iter().map(|lot| lot.0)))
        .filter(auction::Column::Status.is_not_in(free))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(LotId).collect())
}

/// The lots as the logs of these auctions have them, where the lot itself may have changed since:
/// of auctions that failed or were cancelled.
pub async fn notices(
    db: &impl ConnectionTrait,
    auctions: impl IntoIterator<Item = &Auction>,
) -> Result<BTreeMap<AuctionId, LotView>, StoreError> {
    let is_noticed = |auction: &&Auction| {
        let terms = auction.terms.as_ref();
        terms.is_some_and(|terms| terms.lot_hash.is_some()) && FREE.contains(&auction.status)
    };
    let asked: Vec<Uuid> =
        auctions.into_iter().filter(is_noticed).map(|auction| auction.birth.id.0).collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let versions = lots_in_logs(db, asked).await?.into_iter();
    Ok(versions.map(|(auction, _, lot)| (auction, lot.facts)).collect())
}

/// The lot as the notice of an auction and its corrections published it, with the moments, in
/// order.
pub async fn versions(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<Vec<(Timestamp, PublishedLot)>, StoreError> {
    let versions = lots_in_logs(db, vec![auction.0]).await?.into_iter();
    Ok(versions.map(|(_, at, lot)| (at, lot)).collect())
}

async fn lots_in_logs(
    db: &impl ConnectionTrait,
    auctions: Vec<Uuid>,
) -> Result<Vec<(AuctionId, Timestamp, PublishedLot)>, StoreError> {
    let kinds = Condition::any()
        .add(auction_event::Column::Event.starts_with("{\"published\""))
        .add(auction_event::Column::Event.starts_with("{\"amended\""));
    let rows = auction_event::Entity::find()
        .filter(auction_event::Column::Auction.is_in(auctions))
        .filter(kinds)
        .order_by_asc(auction_event::Column::Seq)
        .all(db)
        .await?;
    let mut lots = Vec::new();
    for row in rows {
        let event = parse("auction_event", &row.event)?;
        if let Event::Published { lot: Some(lot), .. } | Event::Amended { lot: Some(lot), .. } =
            event
        {
            lots.push((AuctionId(row.auction), Timestamp(row.at), lot));
        }
    }
    Ok(lots)
}

/// Replaces the facts of a lot that a correction may change.
pub async fn replace_facts(txn: &Txn, facts: &LotView) -> Result<(), StoreError> {
    let row = lot::ActiveModel {
        id: Set(facts.id.0),
        title: Set(json(&facts.title)),
        description: Set(json(&facts.description)),
        area: Set(facts.area.as_ref().map(json)),
        address: Set(json(&facts.address)),
        cadastral_number: Set(facts.cadastral_number.clone()),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// Names the organisation that sells a lot; `None` for its holder.
pub async fn entrust(
    txn: &Txn,
    lot: LotId,
    organiser: Option<OrganisationId>,
) -> Result<(), StoreError> {
    let row = lot::ActiveModel {
        id: Set(lot.0),
        procuring_entity: Set(organiser.map(|organiser| organiser.0)),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// Returns `true` if there is such an organisation.
pub async fn has_organisation(
    db: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<bool, StoreError> {
    Ok(organisation::Entity::find_by_id(id.0).one(db).await?.is_some())
}

/// Removes documents of a lot by their hashes; their contents stay.
pub async fn delete_documents(txn: &Txn, lot: LotId, sha256: &[String]) -> Result<(), StoreError> {
    if sha256.is_empty() {
        return Ok(());
    }
    lot_document::Entity::delete_many()
        .filter(lot_document::Column::Lot.eq(lot.0))
        .filter(lot_document::Column::Sha256.is_in(sha256.iter().cloned()))
        .exec(txn)
        .await?;
    Ok(())
}
