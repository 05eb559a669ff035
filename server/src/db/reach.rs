//! The things of some organisations, as subqueries: for officials whose roles are bound to them.

use crate::entity::{auction, lot};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use std::collections::BTreeSet;
use toruk_sync::domain::id::OrganisationId;

/// Ids of the lots that these organisations hold.
pub fn lots(organisations: &BTreeSet<OrganisationId>) -> SelectStatement {
    let own = lot::Column::LotHolder.is_in(organisations.iter().map(|own| own.0));
    lot::Entity::find().select_only().column(lot::Column::Id).filter(own).into_query()
}

/// Ids of the auctions of these organisations' lots.
pub fn auctions(organisations: &BTreeSet<OrganisationId>) -> SelectStatement {
    let own = auction::Column::Lot.in_subquery(lots(organisations));
    auction::Entity::find().select_only().column(auction::Column::Id).filter(own).into_query()
}
