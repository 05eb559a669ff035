//! The things of some organisations, as subqueries: for officials whose roles are bound to them.

use crate::entity::{auction, lot};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
};
use std::collections::BTreeSet;
use toruk_sync::domain::id::OrganisationId;
use uuid::Uuid;

/// Ids of the lots that these organisations hold, or sell for their holder.
pub fn lots(organisations: &BTreeSet<OrganisationId>) -> SelectStatement {
    let own = Condition::any()
        .add(lot::Column::LotHolder.is_in(ids(organisations)))
        .add(lot::Column::ProcuringEntity.is_in(ids(organisations)));
    lot::Entity::find().select_only().column(lot::Column::Id).filter(own).into_query()
}

/// Ids of the auctions that these organisations run.
pub fn auctions(organisations: &BTreeSet<OrganisationId>) -> SelectStatement {
    let own = auction::Column::ProcuringEntity.is_in(ids(organisations));
    auction::Entity::find().select_only().column(auction::Column::Id).filter(own).into_query()
}

/// Auctions that these organisations run, or whose lot was theirs: a lot's holder sees what becomes
/// of it.
pub fn shown_auctions(organisations: &BTreeSet<OrganisationId>) -> Condition {
    Condition::any()
        .add(auction::Column::ProcuringEntity.is_in(ids(organisations)))
        .add(auction::Column::LotHolder.is_in(ids(organisations)))
}

fn ids(organisations: &BTreeSet<OrganisationId>) -> impl Iterator<Item = Uuid> {
    organisations.iter().map(|organisation| organisation.0)
}
