//! Rows of applications. Those of the operation log are in `operations`.

pub mod comparison;
pub mod erasure;
mod json;
mod kept;
mod operations;

pub use operations::*;

use self::json::{parsed, text};
use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn, reach};
use crate::entity::{application, auction};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeSet;
use toruk_sync::domain::application::{Application, Status};
use toruk_sync::domain::id::{ApplicationId, AuctionId, OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::pull::kind;
use toruk_sync::signing::ApplicationPayload;
use uuid::Uuid;

/// The human or firm behind an application, as far as they are proven.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applicant {
    /// Keyed hash of the person's proven number.
    pub pin_hash: Option<String>,
    /// The firm they act for.
    pub organisation: Option<OrganisationId>,
}

/// An application with its person and content.
pub struct Stored {
    pub application: Application,
    pub person: PersonId,
    /// The human or firm, as far as they were proven when it was taken in.
    pub applicant: Applicant,
    /// The signed package, sealed.
    pub package: String,
}

/// The content of a new application.
pub struct Content<'a> {
    pub package: &'a ApplicationPayload,
    /// The package as it is kept.
    pub sealed: String,
    /// Its confirmation as it is kept.
    pub confirmation: String,
    pub applicant: &'a Applicant,
}

/// Finds an application and locks it until the transaction ends; its auction is locked before it,
/// so that the auction's state can't change before the decision.
pub async fn find(txn: &Txn, id: ApplicationId) -> Result<Option<Stored>, StoreError> {
    // An application never changes its auction.
    let auction: Option<Uuid> = application::Entity::find_by_id(id.0)
        .select_only()
        .column(application::Column::Auction)
        .into_tuple()
        .one(txn)
        .await?;
    let Some(auction) = auction else { return Ok(None) };
    hold_auction(txn, AuctionId(auction)).await?;
    let row = application::Entity::find_by_id(id.0).lock_exclusive().one(txn).await?;
    row.map(stored).transpose()
}

/// Locks an auction until the transaction ends: others may lock it too, nobody changes it.
pub async fn hold_auction(txn: &Txn, id: AuctionId) -> Result<(), StoreError> {
    auction::Entity::find_by_id(id.0)
        .select_only()
        .column(auction::Column::Id)
        .lock_shared()
        .into_tuple::<Uuid>()
        .one(txn)
        .await?;
    Ok(())
}

/// Finds a person's application to an auction and locks it until the transaction ends.
pub async fn standing(
    txn: &Txn,
    auction: AuctionId,
    person: PersonId,
) -> Result<Option<Stored>, StoreError> {
    let row = application::Entity::find()
        .filter(application::Column::Auction.eq(auction.0))
        .filter(application::Column::Person.eq(person.0))
        .lock_exclusive()
        .one(txn)
        .await?;
    row.map(stored).transpose()
}

/// The applicants of other people's live applications to an auction, as far as they are the same
/// human or firm.
pub async fn rivals(
    txn: &Txn,
    auction: AuctionId,
    person: PersonId,
    applicant: &Applicant,
) -> Result<Vec<Applicant>, StoreError> {
    let mut same = Condition::any();
    if let Some(hash) = &applicant.pin_hash {
        same = same.add(application::Column::PinHash.eq(hash));
    }
    if let Some(organisation) = applicant.organisation {
        same = same.add(application::Column::Organisation.eq(organisation.0));
    }
    if same.is_empty() {
        return Ok(Vec::new());
    }
    let rows = application::Entity::find()
        .filter(application::Column::Auction.eq(auction.0))
        .filter(application::Column::Person.ne(person.0))
        .filter(application::Column::Status.ne(key(Status::Withdrawn)))
        .filter(same)
        .all(txn)
        .await?;
    let applicant = |row: application::Model| Applicant {
        pin_hash: row.pin_hash,
        organisation: row.organisation.map(OrganisationId),
    };
    Ok(rows.into_iter().map(applicant).collect())
}

/// A person's applications, the newest first.
pub async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    limit: u64,
) -> Result<Vec<Stored>, StoreError> {
    let rows = application::Entity::find()
        .filter(application::Column::Person.eq(person.0))
        .order_by_desc(application::Column::ReceivedAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(stored).collect()
}

/// A person's applications to these auctions, in arbitrary order.
pub async fn of_person_in(
    db: &impl ConnectionTrait,
    person: PersonId,
    auctions: &[AuctionId],
) -> Result<Vec<Application>, StoreError> {
    let rows = application::Entity::find()
        .filter(application::Column::Person.eq(person.0))
        .filter(application::Column::Auction.is_in(auctions.iter().map(|auction| auction.0)))
        .all(db)
        .await?;
    rows.iter().map(|row| parsed(&row.state, "application")).collect()
}

/// An auction's applications, or those in one state, locked until the transaction ends.
pub async fn of_auction(
    txn: &Txn,
    auction: AuctionId,
    status: Option<Status>,
) -> Result<Vec<Stored>, StoreError> {
    let mut query = application::Entity::find()
        .filter(application::Column::Auction.eq(auction.0))
        .order_by_asc(application::Column::Id);
    if let Some(status) = status {
        query = query.filter(application::Column::Status.eq(key(status)));
    }
    let rows = query.lock_exclusive().all(txn).await?;
    rows.into_iter().map(stored).collect()
}

/// The people with an application in an auction that was not withdrawn.
pub async fn applicants(txn: &Txn, auction: AuctionId) -> Result<Vec<PersonId>, StoreError> {
    let people: Vec<Uuid> = application::Entity::find()
        .select_only()
        .column(application::Column::Person)
        .filter(application::Column::Auction.eq(auction.0))
        .filter(application::Column::Status.ne(key(Status::Withdrawn)))
        .into_tuple()
        .all(txn)
        .await?;
    Ok(people.into_iter().map(PersonId).collect())
}

/// Applications that wait for a moderator, the oldest first; with an auction, all of its
/// applications.
pub async fn queue(
    db: &impl ConnectionTrait,
    auction: Option<AuctionId>,
    reach: Option<&BTreeSet<OrganisationId>>,
    limit: u64,
) -> Result<Vec<Stored>, StoreError> {
    let mut query = application::Entity::find();
    if let Some(reach) = reach {
        query = query.filter(application::Column::Auction.in_subquery(reach::auctions(reach)));
    }
    let query = match auction {
        Some(auction) => query.filter(application::Column::Auction.eq(auction.0)),
        None => query.filter(application::Column::Status.eq(key(Status::Signed))),
    };
    let query = query.order_by_asc(application::Column::ReceivedAt).limit(limit);
    query.all(db).await?.into_iter().map(stored).collect()
}

/// The newest applications in any state, from `before` on; at most `limit`.
pub async fn newest(
    db: &impl ConnectionTrait,
    reach: Option<&BTreeSet<OrganisationId>>,
    before: Option<(Timestamp, ApplicationId)>,
    limit: u64,
) -> Result<Vec<Stored>, StoreError> {
    let mut query = application::Entity::find();
    if let Some(reach) = reach {
        query = query.filter(application::Column::Auction.in_subquery(reach::auctions(reach)));
    }
    if let Some((at, id)) = before {
        let same = application::Column::ReceivedAt.eq(at.0).and(application::Column::Id.lt(id.0));
        query = query.filter(application::Column::ReceivedAt.lt(at.0).or(same));
    }
    let query = query
        .order_by_desc(application::Column::ReceivedAt)
        .order_by_desc(application::Column::Id)
        .limit(limit);
    query.all(db).await?.into_iter().map(stored).collect()
}

/// The length of an auction's log.
pub async fn log_length(db: &impl ConnectionTrait, auction: AuctionId) -> Result<u64, StoreError> {
    let seq: Option<i64> = auction::Entity::find_by_id(auction.0)
        .select_only()
        .column(auction::Column::Seq)
        .into_tuple()
        .one(db)
        .await?;
    let seq = seq.ok_or(StoreError::NotFound)?;
    u64::try_from(seq).map_err(StoreError::damaged("auction"))
}

/// Writes an application in place of one that was withdrawn or must be signed again.
pub async fn replace(
    txn: &Txn,
    replaced: Option<ApplicationId>,
    application: &Application,
    content: Content<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Content { package, sealed, confirmation, applicant } = content;
    if let Some(replaced) = replaced {
        application::Entity::delete_by_id(replaced.0).exec(txn).await?;
    }
    let row = application::ActiveModel {
        id: Set(application.id.0),
        auction: Set(application.auction.0),
        person: Set(package.person.0),
        device: Set(package.device.0),
        status: Set(key(application.status)),
        state: Set(text(application, "application")?),
        package: Set(sealed),
        confirmation: Set(confirmation),
        received_at: Set(application.received_at.0),
        updated_at: Set(now.0),
        pin_hash: Set(applicant.pin_hash.clone()),
        organisation: Set(applicant.organisation.map(|organisation| organisation.0)),
    };
    row.insert(txn).await?;
    touch(txn, package.person, package.auction);
    Ok(())
}

/// Makes the person's phones pull their application again.
pub fn touch(txn: &Txn, person: PersonId, auction: AuctionId) {
    txn.touch(SyncScope::Person(person), kind::APPLICATION, auction);
}

/// Stores the state of an application of `person`.
pub async fn update(
    txn: &Txn,
    person: PersonId,
    application: &Application,
    now: Timestamp,
) -> Result<(), StoreError> {
    application::Entity::update_many()
        .col_expr(application::Column::Status, Expr::value(key(application.status)))
        .col_expr(application::Column::State, Expr::value(text(application, "application")?))
        .col_expr(application::Column::UpdatedAt, Expr::value(now.0))
        .filter(application::Column::Id.eq(application.id.0))
        .exec(txn)
        .await?;
    touch(txn, person, application.auction);
    Ok(())
}

fn stored(row: application::Model) -> Result<Stored, StoreError> {
    let application = parsed(&row.state, "application")?;
    let organisation = row.organisation.map(OrganisationId);
    let applicant = Applicant { pin_hash: row.pin_hash, organisation };
    Ok(Stored { application, person: PersonId(row.person), applicant, package: row.package })
}

fn key(status: Status) -> String {
    let key = serde_json::to_value(status).ok();
    key.as_ref().and_then(|key| key.as_str()).unwrap_or_default().to_owned()
}
