//! Rows of receipts: written once, given again as they are.

use super::json::parsed;
use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn};
use crate::entity::application_receipt::{ActiveModel, Column, Entity, Model};
use crate::entity::auction;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeMap;
use toruk_sync::domain::id::{ApplicationId, AuctionId, DeviceId, PersonId};
use toruk_sync::protocol::limits::RECEIPTS_PULLED_MAX;
use toruk_sync::protocol::pull::kind;
use toruk_sync::receipt::{ActDecision, ApplicationAct, ApplicationReceipt};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// A new receipt.
pub struct NewReceipt {
    pub id: Uuid,
    pub person: PersonId,
    /// The phone's operation that was decided; `None` for an official's act.
    pub operation: Option<(DeviceId, u64)>,
    pub receipt: ApplicationReceipt,
}

/// Stores a receipt; all phones of its person pull it. Of those that are pulled, one too many is
/// the oldest of its kind.
pub async fn insert_receipt(txn: &Txn, new: NewReceipt) -> Result<(), StoreError> {
    let body = &new.receipt.body;
    let is_refused = matches!(body.decision, ActDecision::Refused(_));
    let takes_in = matches!(body.act, ApplicationAct::Submit | ApplicationAct::Reconfirm);
    let package = body.package.clone().filter(|_| takes_in && !is_refused);
    let op_no = new.operation.map(|(_, op_no)| i64::try_from(op_no)).transpose();
    let row = ActiveModel {
        id: Set(new.id),
        auction: Set(body.auction.0),
        person: Set(new.person.0),
        application: Set(body.application.map(|application| application.0)),
        device: Set(new.operation.map(|(device, _)| device.0)),
        op_no: Set(op_no.map_err(StoreError::damaged("application_receipt"))?),
        package: Set(package),
        is_refused: Set(is_refused),
        receipt: Set(canonical_json(&new.receipt)),
        decided_at: Set(body.decided_at.0),
    };
    row.insert(txn).await?;
    let scope = SyncScope::Person(new.person);
    txn.touch(scope, kind::RECEIPT, new.id);
    let beyond: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Person.eq(new.person.0))
        .filter(Column::IsRefused.eq(is_refused))
        .order_by_desc(Column::DecidedAt)
        .order_by_desc(Column::Id)
        .offset(RECEIPTS_PULLED_MAX)
        .limit(1)
        .into_tuple()
        .one(txn)
        .await?;
    if let Some(beyond) = beyond {
        txn.forget(scope, kind::RECEIPT, beyond.to_string());
    }
    Ok(())
}

/// The receipt of an operation's decision.
pub async fn receipt_of_operation(
    db: &impl ConnectionTrait,
    device: DeviceId,
    op_no: u64,
) -> Result<Option<ApplicationReceipt>, StoreError> {
    let op_no = i64::try_from(op_no).map_err(StoreError::damaged("application_receipt"))?;
    let row = Entity::find()
        .filter(Column::Device.eq(device.0))
        .filter(Column::OpNo.eq(op_no))
        .one(db)
        .await?;
    row.map(|row| parsed(&row.receipt, "application_receipt")).transpose()
}

/// The receipt of the act that took in a package.
pub async fn receipt_of_package(
    db: &impl ConnectionTrait,
    application: ApplicationId,
    package_hash: &str,
) -> Result<Option<ApplicationReceipt>, StoreError> {
    let row = Entity::find()
        .filter(Column::Application.eq(application.0))
        .filter(Column::Package.eq(package_hash))
        .order_by_desc(Column::DecidedAt)
        .limit(1)
        .one(db)
        .await?;
    row.map(|row| parsed(&row.receipt, "application_receipt")).transpose()
}

/// Receipts of a person, by their ids as pulled rows.
pub async fn receipts(
    db: &impl ConnectionTrait,
    person: PersonId,
    ids: &[String],
) -> Result<BTreeMap<String, ApplicationReceipt>, StoreError> {
    let ids = ids.iter().filter_map(|id| id.parse::<Uuid>().ok());
    let rows = Entity::find()
        .filter(Column::Person.eq(person.0))
        .filter(Column::Id.is_in(ids))
        .all(db)
        .await?;
    let named = |row: crate::entity::application_receipt::Model| {
        Ok((row.id.to_string(), parsed(&row.receipt, "application_receipt")?))
    };
    rows.into_iter().map(named).collect()
}

/// The length of an auction's log, and the hash at its head in hex.
pub async fn log_end(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<(u64, String), StoreError> {
    let end: Option<(i64, Vec<u8>)> = auction::Entity::find_by_id(auction.0)
        .select_only()
        .columns([auction::Column::Seq, auction::Column::Head])
        .into_tuple()
        .one(db)
        .await?;
    let (seq, head) = end.ok_or(StoreError::NotFound)?;
    Ok((u64::try_from(seq).map_err(StoreError::damaged("auction"))?, hex::encode(head)))
}

/// A receipt as it is kept.
pub struct GivenReceipt {
    pub id: Uuid,
    pub application: Option<ApplicationId>,
    pub receipt: ApplicationReceipt,
}

/// Receipts of acts on an auction's applications, the earliest first.
pub async fn receipts_of_auction(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    limit: u64,
) -> Result<Vec<GivenReceipt>, StoreError> {
    let rows = Entity::find()
        .filter(Column::Auction.eq(auction.0))
        .filter(Column::Application.is_not_null())
        .order_by_asc(Column::DecidedAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(given).collect()
}

/// One receipt.
pub async fn receipt_by_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<GivenReceipt>, StoreError> {
    Entity::find_by_id(id).one(db).await?.map(given).transpose()
}

fn given(row: Model) -> Result<GivenReceipt, StoreError> {
    Ok(GivenReceipt {
        id: row.id,
        application: row.application.map(ApplicationId),
        receipt: parsed(&row.receipt, "application_receipt")?,
    })
}
