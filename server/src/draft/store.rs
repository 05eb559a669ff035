//! Rows of drafts and followed auctions.

use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn};
use crate::entity::{auction, draft, followed};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use std::collections::BTreeSet;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::{AuctionId, DraftId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::Followed;
use toruk_sync::protocol::operations::DraftView;
use toruk_sync::protocol::pull::kind;
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// Ids in one statement; both databases limit its parameters.
const CHUNK: usize = 500;

/// A draft as stored.
pub struct StoredDraft {
    pub id: DraftId,
    pub person: PersonId,
    pub auction: AuctionId,
    /// The sealed state.
    pub text: String,
    /// Set once it became an application.
    pub closed: bool,
}

/// Finds a draft and locks it until the transaction ends.
pub async fn find(txn: &Txn, id: DraftId) -> Result<Option<StoredDraft>, StoreError> {
    let row = draft::Entity::find_by_id(id.0).lock_exclusive().one(txn).await?;
    Ok(row.map(stored))
}

/// Finds drafts, and locks them until the transaction ends.
pub async fn lock(txn: &Txn, ids: &BTreeSet<DraftId>) -> Result<Vec<StoredDraft>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = draft::Entity::find()
            .filter(draft::Column::Id.is_in(chunk.iter().copied()))
            .order_by_asc(draft::Column::Id)
            .lock_exclusive()
            .all(txn)
            .await?;
        found.extend(rows.into_iter().map(stored));
    }
    Ok(found)
}

/// Stores a new draft; `text` is its state.
pub async fn insert(
    txn: &Txn,
    view: &DraftView,
    person: PersonId,
    text: String,
    now: Timestamp,
) -> Result<(), StoreError> {
    let DraftView { id, auction, .. } = *view;
    save_all(txn, vec![StoredDraft { id, person, auction, text, closed: false }], now).await
}

/// Stores open drafts, new and known ones.
pub async fn save_all(
    txn: &Txn,
    drafts: Vec<StoredDraft>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = |draft: &StoredDraft| draft::ActiveModel {
        id: Set(draft.id.0),
        person: Set(draft.person.0),
        auction: Set(draft.auction.0),
        state: Set(draft.text.clone()),
        closed: Set(false),
        updated_at: Set(now.0),
    };
    for chunk in drafts.chunks(CHUNK) {
        let known = OnConflict::column(draft::Column::Id)
            .update_columns([draft::Column::State, draft::Column::UpdatedAt])
            .to_owned();
        let rows = draft::Entity::insert_many(chunk.iter().map(row)).on_conflict(known);
        rows.exec_without_returning(txn).await?;
    }
    for draft in drafts {
        txn.touch(SyncScope::Person(draft.person), kind::DRAFT, draft.auction);
    }
    Ok(())
}

/// Closes or reopens drafts; those that do not exist are skipped.
pub async fn set_closed(
    txn: &Txn,
    drafts: &[DraftId],
    closed: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    for chunk in drafts.chunks(CHUNK) {
        let changed: Vec<(Uuid, Uuid)> = draft::Entity::find()
            .select_only()
            .columns([draft::Column::Person, draft::Column::Auction])
            .filter(draft::Column::Id.is_in(chunk.iter().map(|draft| draft.0)))
            .filter(draft::Column::Closed.ne(closed))
            .into_tuple()
            .all(txn)
            .await?;
        for (person, auction) in changed {
            let scope = SyncScope::Person(PersonId(person));
            match closed {
                true => txn.forget(scope, kind::DRAFT, auction),
                false => txn.touch(scope, kind::DRAFT, auction),
            }
        }
        draft::Entity::update_many()
            .col_expr(draft::Column::Closed, Expr::value(closed))
            .col_expr(draft::Column::UpdatedAt, Expr::value(now.0))
            .filter(draft::Column::Id.is_in(chunk.iter().map(|draft| draft.0)))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Removes all drafts of a person, and the auctions they follow.
pub async fn remove_all(txn: &Txn, person: PersonId) -> Result<(), StoreError> {
    draft::Entity::delete_many().filter(draft::Column::Person.eq(person.0)).exec(txn).await?;
    followed::Entity::delete_by_id(person.0).exec(txn).await?;
    Ok(())
}

/// Returns `true` if a person has a draft, open or closed, for an auction in one of these states.
pub async fn has_any_in(
    db: &impl ConnectionTrait,
    person: PersonId,
    states: &[Status],
) -> Result<bool, StoreError> {
    let found = draft::Entity::find()
        .select_only()
        .column(draft::Column::Id)
        .filter(draft::Column::Person.eq(person.0))
        .filter(draft::Column::Auction.in_subquery(auctions_in(states).into_query()))
        .into_tuple::<Uuid>()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Returns `true` if there is an auction in one of these states.
pub async fn is_any_auction_in(
    db: &impl ConnectionTrait,
    states: &[Status],
) -> Result<bool, StoreError> {
    Ok(auctions_in(states).into_tuple::<Uuid>().one(db).await?.is_some())
}

/// The ids of all auctions in these states.
fn auctions_in(states: &[Status]) -> Select<auction::Entity> {
    let names = states.iter().map(|state| canonical_json(state).trim_matches('"').to_owned());
    auction::Entity::find()
        .select_only()
        .column(auction::Column::Id)
        .filter(auction::Column::Status.is_in(names))
}

/// A person's open drafts, the last edited first.
pub async fn open_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    limit: u64,
) -> Result<Vec<StoredDraft>, StoreError> {
    let rows = draft::Entity::find()
        .filter(draft::Column::Person.eq(person.0))
        .filter(draft::Column::Closed.eq(false))
        .order_by_desc(draft::Column::UpdatedAt)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(stored).collect())
}

/// Selects the open ones of these drafts.
pub async fn open(
    db: &impl ConnectionTrait,
    drafts: &[DraftId],
) -> Result<Vec<StoredDraft>, StoreError> {
    let rows = draft::Entity::find()
        .filter(draft::Column::Id.is_in(drafts.iter().map(|draft| draft.0)))
        .filter(draft::Column::Closed.eq(false))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(stored).collect())
}

/// The auctions a person follows. Every change of them locks the person, as all operations do.
pub async fn followed(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Followed>, StoreError> {
    let row = followed::Entity::find_by_id(person.0).one(db).await?;
    row.map(|row| serde_json::from_str(&row.state).map_err(StoreError::damaged("followed")))
        .transpose()
}

/// Stores the auctions a person follows.
pub async fn save_followed(
    txn: &Txn,
    person: PersonId,
    state: &Followed,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(state).map_err(StoreError::damaged("followed"))?;
    let row = followed::ActiveModel { person: Set(person.0), state: Set(text) };
    let replace = OnConflict::column(followed::Column::Person)
        .update_column(followed::Column::State)
        .to_owned();
    followed::Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await?;
    txn.touch(SyncScope::Person(person), kind::FOLLOWED, "");
    Ok(())
}

fn stored(row: draft::Model) -> StoredDraft {
    StoredDraft {
        id: DraftId(row.id),
        person: PersonId(row.person),
        auction: AuctionId(row.auction),
        text: row.state,
        closed: row.closed,
    }
}
