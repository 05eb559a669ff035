//! Rows of a person who is forgotten.

use super::json::{parsed, text};
use super::{kept, key, stored};
use crate::db::{StoreError, Txn};
use crate::entity::{application, auction, deposit, device, op_receipt};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use std::collections::BTreeMap;
use toruk_sync::domain::application::{Application, Status};
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::deposit::Status as DepositStatus;
use toruk_sync::domain::form::Form;
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};
use toruk_sync::protocol::operations::Outcome;
use toruk_sync::signing::{ApplicationPayload, SignedPayload as _};

/// Stands where a signature was.
const NO_CONFIRMATION: &str = r#"{"passkey":{"credential":null}}"#;
/// Statuses of an application from which nothing follows any more, whatever becomes of its auction.
const ENDED: [Status; 4] =
    [Status::Withdrawn, Status::NotAdmitted, Status::Disqualified, Status::Lost];
/// Statuses of a deposit that leave nothing to be paid or decided.
const SETTLED: [DepositStatus; 4] =
    [DepositStatus::Due, DepositStatus::Released, DepositStatus::Forfeited, DepositStatus::Applied];

/// Returns `true` while a person takes part in an auction that is not over, or money of theirs is
/// not settled.
pub async fn is_needed(txn: &Txn, person: PersonId) -> Result<bool, StoreError> {
    let open = Query::select()
        .column(application::Column::Auction)
        .from(application::Entity)
        .and_where(application::Column::Person.eq(person.0))
        .and_where(application::Column::Status.is_not_in(ENDED.map(key)))
        .to_owned();
    let auctions = auction::Entity::find().filter(auction::Column::Id.in_subquery(open));
    for row in auctions.all(txn).await? {
        if !parsed::<Auction>(&row.state, "auction")?.is_over() {
            return Ok(true);
        }
    }
    let name = |status| text(&status, "deposit").map(|name| name.trim_matches('"').to_owned());
    let settled: Vec<String> = SETTLED.into_iter().map(name).collect::<Result<_, _>>()?;
    let unsettled = deposit::Entity::find()
        .filter(deposit::Column::Person.eq(person.0))
        .filter(deposit::Column::Status.is_not_in(settled))
        .one(txn)
        .await?;
    Ok(unsettled.is_some())
}

/// Replaces the content of a person's applications and outcomes.
pub async fn forget(txn: &Txn, person: PersonId) -> Result<(), StoreError> {
    let mine = application::Entity::find().filter(application::Column::Person.eq(person.0));
    for row in mine.all(txn).await? {
        let id = row.id;
        let package = nothing(&row)?;
        let stored = stored(row)?;
        let state = Application { reason: None, ..stored.application };
        application::Entity::update_many()
            .col_expr(application::Column::Package, Expr::value(package))
            .col_expr(application::Column::Confirmation, Expr::value(NO_CONFIRMATION))
            .col_expr(application::Column::State, Expr::value(text(&state, "application")?))
            .col_expr(application::Column::PinHash, Expr::value(None::<String>))
            .filter(application::Column::Id.eq(id))
            .exec(txn)
            .await?;
    }
    let phones = Query::select()
        .column(device::Column::Id)
        .from(device::Entity)
        .and_where(device::Column::Person.eq(person.0))
        .to_owned();
    let outcomes =
        op_receipt::Entity::find().filter(op_receipt::Column::Device.in_subquery(phones));
    for row in outcomes.all(txn).await? {
        let outcome: Outcome = parsed(&row.outcome, "op_receipt")?;
        let short = text(&kept::without_names(&outcome), "op_receipt")?;
        if short == row.outcome {
            continue;
        }
        op_receipt::Entity::update_many()
            .col_expr(op_receipt::Column::Outcome, Expr::value(short))
            .filter(op_receipt::Column::Device.eq(row.device))
            .filter(op_receipt::Column::OpNo.eq(row.op_no))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// A package in place of the one that was signed: nothing in it is anybody's.
fn nothing(row: &application::Model) -> Result<String, StoreError> {
    let form = Form::standard();
    let package = ApplicationPayload {
        auction: AuctionId(row.auction),
        person: PersonId(row.person),
        device: DeviceId(row.device),
        terms_version: 0,
        terms_hash: String::new(),
        form: form.id,
        form_version: form.version,
        answers: BTreeMap::new(),
        files: Vec::new(),
    };
    String::from_utf8(package.canonical()).map_err(StoreError::damaged("application"))
}
