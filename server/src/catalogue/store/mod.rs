//! Rows of auctions, lots, documents and organisations.

pub mod cards;
pub mod listing;
mod names;
pub mod published;

pub use names::names;

use super::rows::{AuctionRow, DocumentRow, OfferHint};
use crate::db::advisory_lock::AdvisoryLock;
use crate::db::{StoreError, Txn, reach};
use crate::entity::{auction, auction_event, lot, lot_document, organisation};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, LotId, OrganisationId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{CardLot, CardState, LotKind, LotView};
use toruk_sync::receipt::Record;
use uuid::Uuid;

/// An auction's state with the columns that are only in its row.
pub struct Loaded {
    pub number: String,
    pub auction: Auction,
    pub seq: u64,
    pub head: Vec<u8>,
    pub updated_at: Timestamp,
}

/// A lot with its unpublished facts.
#[derive(Clone)]
pub struct StoredLot {
    pub view: LotView,
    pub holder: Option<OrganisationId>,
    /// The organisation that sells it; `None` if the holder does.
    pub organiser: Option<OrganisationId>,
    pub hint: OfferHint,
    pub source: Option<String>,
}

pub async fn auction(db: &impl ConnectionTrait, id: AuctionId) -> Result<Loaded, StoreError> {
    let row = auction::Entity::find_by_id(id.0).one(db).await?.ok_or(StoreError::NotFound)?;
    loaded(row)
}

/// Those of these auctions that are published, in the order of their ids.
pub async fn published_by_id(
    db: &impl ConnectionTrait,
    auctions: &[AuctionId],
) -> Result<Vec<Loaded>, StoreError> {
    let rows = auction::Entity::find()
        .filter(auction::Column::Id.is_in(auctions.iter().map(|auction| auction.0)))
        .filter(auction::Column::Published.eq(true))
        .order_by_asc(auction::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(loaded).collect()
}

pub async fn auctions(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
    reach: Option<&BTreeSet<OrganisationId>>,
) -> Result<Vec<Loaded>, StoreError> {
    // Ids are time-ordered, so a page is a range of the primary key.
    let mut query = auction::Entity::find().order_by_desc(auction::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(auction::Column::Id.lt(after));
    }
    if let Some(reach) = reach {
        query = query.filter(reach::shown_auctions(reach));
    }
    query.all(db).await?.into_iter().map(loaded).collect()
}

pub async fn log(
    db: &impl ConnectionTrait,
    id: AuctionId,
    after: u64,
    limit: u64,
) -> Result<Vec<Record>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = auction_event::Entity::find()
        .filter(auction_event::Column::Auction.eq(id.0))
        .filter(auction_event::Column::Seq.gt(after))
        .order_by_asc(auction_event::Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    let record = |row: auction_event::Model| {
        Ok(Record {
            auction: id,
            seq: u64::try_from(row.seq).unwrap_or_default(),
            at: Timestamp(row.at),
            event: parse("auction_event", &row.event)?,
        })
    };
    rows.into_iter().map(record).collect()
}

/// Those of these auctions that are published.
pub async fn public_among(
    db: &impl ConnectionTrait,
    auctions: &[AuctionId],
) -> Result<Vec<AuctionId>, StoreError> {
    let rows: Vec<Uuid> = auction::Entity::find()
        .select_only()
        .column(auction::Column::Id)
        .filter(auction::Column::Id.is_in(auctions.iter().map(|auction| auction.0)))
        .filter(auction::Column::Published.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(AuctionId).collect())
}

/// The lengths of these auctions' logs.
pub async fn lengths(
    db: &impl ConnectionTrait,
    auctions: &[AuctionId],
) -> Result<Vec<(AuctionId, u64)>, StoreError> {
    let rows: Vec<(Uuid, i64)> = auction::Entity::find()
        .select_only()
        .columns([auction::Column::Id, auction::Column::Seq])
        .filter(auction::Column::Id.is_in(auctions.iter().map(|auction| auction.0)))
        .into_tuple()
        .all(db)
        .await?;
    let length = |(id, seq): (Uuid, i64)| (AuctionId(id), u64::try_from(seq).unwrap_or_default());
    Ok(rows.into_iter().map(length).collect())
}

pub async fn latest_auctions(
    db: &impl ConnectionTrait,
    lots: &[LotId],
) -> Result<BTreeMap<LotId, AuctionId>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = auction::Entity::find()
        .select_only()
        .columns([auction::Column::Lot, auction::Column::Id])
        .filter(auction::Column::Lot.is_in(lots.iter().map(|lot| lot.0)))
        .order_by_asc(auction::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(lot, auction)| (LotId(lot), AuctionId(auction))).collect())
}

pub async fn lots(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
    reach: Option<&BTreeSet<OrganisationId>>,
) -> Result<Vec<StoredLot>, StoreError> {
    let mut query = lot::Entity::find().order_by_desc(lot::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(lot::Column::Id.lt(after));
    }
    if let Some(reach) = reach {
        // A lot whose holder is not known is nobody's yet.
        let own = lot::Column::Id.in_subquery(reach::lots(reach));
        let nobodys = lot::Column::LotHolder.is_null();
        query = query.filter(Condition::any().add(own).add(nobodys));
    }
    stored(db, query.all(db).await?).await
}

pub async fn lots_by_id(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = LotId>,
) -> Result<Vec<StoredLot>, StoreError> {
    let ids = ids.into_iter().map(|id| id.0);
    stored(db, lot::Entity::find().filter(lot::Column::Id.is_in(ids)).all(db).await?).await
}

pub async fn insert_lot(
    txn: &Txn,
    lot: &StoredLot,
    by: Uuid,
    at: Timestamp,
) -> Result<(), StoreError> {
    let view = &lot.view;
    let row = lot::ActiveModel {
        id: Set(view.id.0),
        kind: Set(json(&view.kind)),
        title: Set(json(&view.title)),
        description: Set(json(&view.description)),
        area: Set(view.area.as_ref().map(json)),
        address: Set(json(&view.address)),
        cadastral_number: Set(view.cadastral_number.clone()),
        lot_holder: Set(lot.holder.map(|holder| holder.0)),
        procuring_entity: Set(lot.organiser.map(|organiser| organiser.0)),
        offer_hint: Set(json(&lot.hint)),
        source: Set(lot.source.clone()),
        synthetic: Set(view.synthetic),
        created_at: Set(at.0),
        created_by: Set(Some(by)),
    };
    row.insert(txn).await?;
    Ok(())
}

pub async fn complete_lot(
    txn: &Txn,
    id: LotId,
    title: &Text,
    holder: OrganisationId,
) -> Result<(), StoreError> {
    let row = lot::ActiveModel {
        id: Set(id.0),
        title: Set(json(title)),
        lot_holder: Set(Some(holder.0)),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// The organisation of this name, created if there is none; one name is one organisation.
pub async fn organisation(
    txn: &Txn,
    name: &Text,
    new_id: Uuid,
    at: Timestamp,
) -> Result<OrganisationId, StoreError> {
    AdvisoryLock::Organisation.acquire(txn).await?;
    let known = organisation::Entity::find()
        .filter(organisation::Column::Name.eq(json(name)))
        .one(txn)
        .await?;
    if let Some(known) = known {
        return Ok(OrganisationId(known.id));
    }
    let row = organisation::ActiveModel {
        id: Set(new_id),
        name: Set(json(name)),
        created_at: Set(at.0),
        ..Default::default()
    };
    row.insert(txn).await?;
    Ok(OrganisationId(new_id))
}

pub async fn organisations(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(OrganisationId, Text)>, StoreError> {
    let rows = organisation::Entity::find().limit(limit).all(db).await?;
    let pair =
        |row: organisation::Model| Ok((OrganisationId(row.id), parse("organisation", &row.name)?));
    rows.into_iter().map(pair).collect()
}

pub async fn insert_document(
    txn: &Txn,
    id: Uuid,
    lot: LotId,
    document: &DocumentRow,
    by: Uuid,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = lot_document::ActiveModel {
        id: Set(id),
        lot: Set(lot.0),
        title: Set(document.title.clone()),
        mime: Set(document.mime.clone()),
        sha256: Set(document.sha256.clone()),
        size_bytes: Set(i64::try_from(document.size_bytes).unwrap_or(i64::MAX)),
        created_at: Set(at.0),
        created_by: Set(by),
    };
    row.insert(txn).await?;
    Ok(())
}

pub async fn documents(
    db: &impl ConnectionTrait,
    lots: &[LotId],
) -> Result<BTreeMap<LotId, Vec<DocumentRow>>, StoreError> {
    let rows = lot_document::Entity::find()
        .filter(lot_document::Column::Lot.is_in(lots.iter().map(|lot| lot.0)))
        .order_by_asc(lot_document::Column::Id)
        .all(db)
        .await?;
    let mut documents: BTreeMap<LotId, Vec<DocumentRow>> = BTreeMap::new();
    for row in rows {
        documents.entry(LotId(row.lot)).or_default().push(DocumentRow {
            title: row.title,
            mime: row.mime,
            sha256: row.sha256,
            size_bytes: u64::try_from(row.size_bytes).unwrap_or_default(),
        });
    }
    Ok(documents)
}

/// An auction as a row of a list.
pub fn row(loaded: &Loaded, lot: &LotView) -> AuctionRow {
    let auction = &loaded.auction;
    let card = CardLot::of(auction.birth.id, &loaded.number, lot);
    AuctionRow {
        card: card.with(CardState::of(auction, loaded.seq)),
        previous: auction.birth.previous,
        successor: auction.successor,
        updated_at: loaded.updated_at,
    }
}

fn loaded(row: auction::Model) -> Result<Loaded, StoreError> {
    Ok(Loaded {
        auction: parse("auction", &row.state)?,
        number: row.number,
        seq: u64::try_from(row.seq).unwrap_or_default(),
        head: row.head,
        updated_at: Timestamp(row.updated_at),
    })
}

async fn stored(
    db: &impl ConnectionTrait,
    rows: Vec<lot::Model>,
) -> Result<Vec<StoredLot>, StoreError> {
    let holders: Vec<Uuid> = rows.iter().filter_map(|row| row.lot_holder).collect();
    let names = organisation::Entity::find()
        .filter(organisation::Column::Id.is_in(holders))
        .all(db)
        .await?;
    let mut by_id = BTreeMap::new();
    for name in names {
        by_id.insert(name.id, parse::<Text>("organisation", &name.name)?);
    }
    let holder = |id: Option<Uuid>| id.and_then(|id| by_id.get(&id).cloned()).unwrap_or_default();
    rows.into_iter()
        .map(|row| {
            Ok(StoredLot {
                view: LotView {
                    id: LotId(row.id),
                    kind: parse::<LotKind>("lot", &row.kind)?,
                    title: parse("lot", &row.title)?,
                    description: parse("lot", &row.description)?,
                    area: row.area.as_deref().map(|area| parse("lot", area)).transpose()?,
                    address: parse("lot", &row.address)?,
                    cadastral_number: row.cadastral_number,
                    lot_holder: holder(row.lot_holder),
                    synthetic: row.synthetic,
                },
                holder: row.lot_holder.map(OrganisationId),
                organiser: row.procuring_entity.map(OrganisationId),
                hint: parse("lot", &row.offer_hint)?,
                source: row.source,
            })
        })
        .collect()
}

fn parse<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::damaged(table))
}

fn json<T: serde::Serialize>(value: &T) -> String {
    toruk_sync::signing::canonical_json(value)
}
