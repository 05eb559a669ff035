//! Entries of the catalogue: pages of them, and how they are written.

use super::Loaded;
use crate::catalogue::rows::{Filters, Place};
use crate::db::StoreError;
use crate::entity::{auction, catalogue_entry};
use catalogue_entry::Column;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _,
    JoinType, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef,
};
use serde::Serialize;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::text::search_key;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionSort, CardLot, CardState, LotView};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// The columns of an entry that change with its auction.
const STATE: [Column; 6] =
    [Column::Status, Column::Price, Column::Start, Column::Seq, Column::StateCard, Column::CardSeq];
/// The columns of an entry that change with its lot.
const LOT: [Column; 4] = [Column::Kind, Column::Region, Column::Search, Column::LotCard];

/// The places of at most `limit` published auctions after a place in the order.
pub async fn page(
    db: &impl ConnectionTrait,
    filters: &Filters,
    sort: AuctionSort,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Place>, StoreError> {
    let (column, order) = order(sort);
    let mut query = catalogue_entry::Entity::find()
        .select_only()
        .columns([Column::Auction, Column::Price, Column::Start])
        .filter(wanted(filters, db.get_database_backend()));
    if let Some(after) = after {
        query = query.filter(follows(column, &order, after));
    }
    if let Some(column) = column {
        query = query.order_by(column, order.clone());
    }
    let rows: Vec<(Uuid, i64, i64)> =
        query.order_by(Column::Auction, order).limit(limit).into_tuple().all(db).await?;
    let placed = |(id, price, start)| {
        let value = match column {
            Some(Column::Price) => price,
            Some(_) => start,
            None => 0,
        };
        Place { value, id }
    };
    Ok(rows.into_iter().map(placed).collect())
}

/// Published auctions without an entry of their present state, at most `limit`, after this one.
pub async fn outdated(
    db: &impl ConnectionTrait,
    after: Option<AuctionId>,
    limit: u64,
) -> Result<Vec<AuctionId>, StoreError> {
    let behind = |column: Column| {
        let seq = (auction::Entity, auction::Column::Seq);
        Expr::col((catalogue_entry::Entity, column)).not_equals(seq)
    };
    let outdated = Condition::any()
        .add(Column::Search.is_null())
        .add(Column::LotCard.is_null())
        .add(Column::CardSeq.is_null())
        .add(behind(Column::Seq))
        .add(behind(Column::CardSeq));
    let after = after.map_or(Uuid::nil(), |after| after.0);
    let ids: Vec<Uuid> = auction::Entity::find()
        .select_only()
        .column(auction::Column::Id)
        .join(JoinType::LeftJoin, entry())
        .filter(auction::Column::Published.eq(true))
        .filter(outdated)
        .filter(auction::Column::Id.gt(after))
        .order_by_asc(auction::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(AuctionId).collect())
}

/// Writes the entries of these auctions. An entry of a later state keeps it, and gets what is not
/// known of its lot: a bid that comes while the auction is read writes an entry without that.
pub async fn put(
    db: &impl ConnectionTrait,
    auctions: &[(Loaded, LotView)],
) -> Result<(), StoreError> {
    let row = |(loaded, lot): &(Loaded, LotView)| {
        let Loaded { number, auction, seq, .. } = loaded;
        let settlement = lot.address.get("settlement").map(String::as_str);
        catalogue_entry::ActiveModel {
            auction: Set(auction.birth.id.0),
            status: Set(name(&auction.status)),
            price: Set(auction.price().get()),
            start: Set(auction.birth.offer.start.0),
            seq: Set(i64::try_from(*seq).unwrap_or(i64::MAX)),
            kind: Set(Some(name(&lot.kind))),
            region: Set(lot.address.get("region").map(|region| region_key(region))),
            search: Set(Some(AuctionCard::search_text(number, &lot.title, settlement))),
            lot_card: Set(Some(canonical_json(&CardLot::of(auction.birth.id, number, lot)))),
            state_card: Set(Some(canonical_json(&CardState::of(auction, *seq)))),
            card_seq: Set(Some(i64::try_from(*seq).unwrap_or(i64::MAX))),
        }
    };
    if auctions.is_empty() {
        return Ok(());
    }
    let known = |column: Column| Expr::col((catalogue_entry::Entity, column));
    let given = |column: Column| Expr::col(("excluded", column));
    let is_later = || known(Column::Seq).gt(given(Column::Seq));
    let state = STATE.map(|column| {
        let later = Expr::case(is_later(), known(column)).finally(given(column));
        (column, later.into())
    });
    let lot = LOT.map(|column| {
        let filled = Func::coalesce([known(column), given(column)]);
        let later = Expr::case(is_later(), filled).finally(given(column));
        (column, later.into())
    });
    let is_half = known(Column::Search).is_null().or(known(Column::LotCard).is_null());
    let newer = OnConflict::column(Column::Auction)
        .values(state.into_iter().chain(lot))
        .action_and_where(is_later().not().or(is_half))
        .to_owned();
    let rows = catalogue_entry::Entity::insert_many(auctions.iter().map(row)).on_conflict(newer);
    rows.exec_without_returning(db).await?;
    Ok(())
}

/// A region as it is compared.
pub fn region_key(region: &str) -> String {
    search_key(region.trim())
}

/// The name of a unit variant on the wire.
pub fn name(value: &impl Serialize) -> String {
    canonical_json(value).trim_matches('"').to_owned()
}

/// The auction of an entry.
pub fn auction() -> RelationDef {
    catalogue_entry::Entity::belongs_to(auction::Entity)
        .from(Column::Auction)
        .to(auction::Column::Id)
        .into()
}

fn entry() -> RelationDef {
    auction::Entity::belongs_to(catalogue_entry::Entity)
        .from(auction::Column::Id)
        .to(Column::Auction)
        .into()
}

/// The column before the id, and the direction of both.
fn order(sort: AuctionSort) -> (Option<Column>, Order) {
    match sort {
        // Ids are made in the order of time.
        AuctionSort::Newest => (None, Order::Desc),
        AuctionSort::StartAsc => (Some(Column::Start), Order::Asc),
        AuctionSort::StartDesc => (Some(Column::Start), Order::Desc),
        AuctionSort::PriceAsc => (Some(Column::Price), Order::Asc),
        AuctionSort::PriceDesc => (Some(Column::Price), Order::Desc),
    }
}

fn follows(column: Option<Column>, order: &Order, after: Place) -> Condition {
    let is_asc = matches!(order, Order::Asc);
    let id = match is_asc {
        true => Column::Auction.gt(after.id),
        false => Column::Auction.lt(after.id),
    };
    let Some(column) = column else { return Condition::all().add(id) };
    // The first condition is the range of the index.
    let (reached, passed) = match is_asc {
        true => (column.gte(after.value), column.gt(after.value)),
        false => (column.lte(after.value), column.lt(after.value)),
    };
    Condition::all().add(reached).add(Condition::any().add(passed).add(id))
}

fn wanted(filters: &Filters, backend: DbBackend) -> Condition {
    let mut wanted = Condition::all();
    for (column, among) in [(Column::Status, &filters.statuses), (Column::Kind, &filters.kinds)] {
        if !among.is_empty() {
            wanted = wanted.add(column.is_in(among));
        }
    }
    let bounds = [
        filters.price_from.map(|from| Column::Price.gte(from.get())),
        filters.price_to.map(|to| Column::Price.lte(to.get())),
        filters.start_from.map(|from| Column::Start.gte(from.0)),
        filters.start_to.map(|to| Column::Start.lt(to.0)),
        filters.region.as_ref().map(|region| Column::Region.eq(region)),
    ];
    for bound in bounds.into_iter().flatten() {
        wanted = wanted.add(bound);
    }
    let position = match backend {
        DbBackend::Postgres => "strpos",
        _ => "instr",
    };
    for word in &filters.words {
        let search = Expr::col((catalogue_entry::Entity, Column::Search));
        let found = Func::cust(position).arg(search).arg(word.as_str());
        wanted = wanted.add(Expr::expr(found).gt(0));
    }
    wanted
}
