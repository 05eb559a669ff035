//! Cards whose text is ready: the entries of the catalogue hold it in two halves.
//!
//! # Why two halves
//! A bid changes an auction and knows nothing of its lot; a correction of the lot must not read the
//! auction's state. Each writes its half, as the members of a JSON object, and the card is both.
//!
//! # Why a text
//! A phone's first pull has thousands of cards. Reading each auction's state, its lot and its
//! holder to write the same few members again took the server a hundred times as long as copying
//! them.

use super::StoreError;
use crate::entity::{auction, catalogue_entry};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use uuid::Uuid;

/// The ready cards of those of these auctions that are published and whose entries are of their
/// present state: an entry may have been written by a server that knows no cards.
pub async fn ready(
    db: &impl ConnectionTrait,
    auctions: &[AuctionId],
) -> Result<BTreeMap<AuctionId, Box<RawValue>>, StoreError> {
    use catalogue_entry::Column;
    let is_current = Column::CardSeq.into_expr().equals((auction::Entity, auction::Column::Seq));
    let rows: Vec<(Uuid, String, String)> = catalogue_entry::Entity::find()
        .select_only()
        .columns([Column::Auction, Column::LotCard, Column::StateCard])
        .join(sea_orm::JoinType::InnerJoin, super::listing::auction())
        .filter(Column::Auction.is_in(auctions.iter().map(|auction| auction.0)))
        .filter(Column::LotCard.is_not_null())
        .filter(auction::Column::Published.eq(true))
        .filter(is_current)
        .into_tuple()
        .all(db)
        .await?;
    let card = |(id, lot, state): (Uuid, String, String)| match joined(lot, &state) {
        Ok(card) => Some((AuctionId(id), card)),
        // It is made from the auction, as one that is not there.
        Err(error) => {
            tracing::error!(auction = %id, %error, "a ready card can't be read");
            None
        }
    };
    Ok(rows.into_iter().filter_map(card).collect())
}

/// The object with the members of both.
fn joined(mut lot: String, state: &str) -> Result<Box<RawValue>, StoreError> {
    let unreadable = || StoreError::Damaged {
        table: "catalogue_entry",
        reason: "half of a card is no object".to_owned(),
    };
    let members = state.strip_prefix('{').ok_or_else(unreadable)?;
    if lot.pop() != Some('}') {
        return Err(unreadable());
    }
    lot.push(',');
    lot.push_str(members);
    RawValue::from_string(lot).map_err(StoreError::damaged("catalogue_entry"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::lot::LotKind;
    use toruk_sync::domain::time::Timestamp;
    use toruk_sync::protocol::catalogue::{AuctionCard, CardLot, CardState};

    #[test]
    fn both_halves_make_the_card() {
        let state = r#"{"object_of_price":"sale_price","price":7,"status":"tendering","failure":null,
            "tender_end":5,"start":9,"seq":3}"#;
        let state: CardState = serde_json::from_str(state).unwrap();
        let lot = CardLot {
            id: AuctionId(Uuid::from_u128(1)),
            number: "TRK-1".to_owned(),
            title: serde_json::from_str(r#"{"ky":"Дүкөн, }{"}"#).unwrap(),
            kind: LotKind::Land,
            settlement: None,
        };
        let halves = (serde_json::to_string(&lot).unwrap(), serde_json::to_string(&state).unwrap());
        let joined = joined(halves.0, &halves.1).unwrap();
        let card: AuctionCard = serde_json::from_str(joined.get()).unwrap();
        assert_eq!(card, lot.with(state));
        assert_eq!(card.start, Timestamp(9));
        for (lot, state) in [("", "{}"), ("{}", "x"), ("[1]", "{}"), ("{\"a\":1}", "{")] {
            assert!(super::joined(lot.to_owned(), state).is_err(), "{lot} {state}");
        }
    }
}
