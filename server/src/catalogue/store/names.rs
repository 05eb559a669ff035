//! Numbers and titles of auctions, for lists of what belongs to them.

use crate::catalogue::rows::AuctionName;
use crate::db::StoreError;
use crate::entity::{auction, lot};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::AuctionId;
use uuid::Uuid;

/// Ids in one statement; both databases limit its parameters.
const CHUNK: usize = 500;

/// Numbers and titles of these auctions, published or not.
pub async fn names(
    db: &impl ConnectionTrait,
    auctions: &BTreeSet<AuctionId>,
) -> Result<BTreeMap<AuctionId, AuctionName>, StoreError> {
    let auctions: Vec<AuctionId> = auctions.iter().copied().collect();
    let mut names = BTreeMap::new();
    for chunk in auctions.chunks(CHUNK) {
        let rows: Vec<(Uuid, String, Uuid)> = auction::Entity::find()
            .select_only()
            .columns([auction::Column::Id, auction::Column::Number, auction::Column::Lot])
            .filter(auction::Column::Id.is_in(chunk.iter().map(|auction| auction.0)))
            .into_tuple()
            .all(db)
            .await?;
        let titles: Vec<(Uuid, String)> = lot::Entity::find()
            .select_only()
            .columns([lot::Column::Id, lot::Column::Title])
            .filter(lot::Column::Id.is_in(rows.iter().map(|(_, _, lot)| *lot)))
            .into_tuple()
            .all(db)
            .await?;
        let titles: BTreeMap<Uuid, String> = titles.into_iter().collect();
        for (auction, number, lot) in rows {
            let title = titles.get(&lot).map(|title| serde_json::from_str(title)).transpose();
            let title = title.map_err(StoreError::damaged("lot"))?.unwrap_or_default();
            names.insert(AuctionId(auction), AuctionName { number, title });
        }
    }
    Ok(names)
}
