//! Auctions and cards in bulk, for pulls.

use super::service::Service;
use super::store::{self, Loaded, cards, published};
use crate::db::StoreError;
use sea_orm::ConnectionTrait;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::Form;
use toruk_sync::domain::id::{AuctionId, LotId};
use toruk_sync::protocol::catalogue::{AuctionView, LotView};

/// Ids in one statement: databases limit its parameters.
const AT_ONCE: usize = 500;

impl Service {
    /// Those of these auctions that are published, within a transaction or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn public_among(
        &self,
        db: &impl ConnectionTrait,
        auctions: &BTreeSet<AuctionId>,
    ) -> Result<BTreeSet<AuctionId>, StoreError> {
        let auctions: Vec<AuctionId> = auctions.iter().copied().collect();
        let mut public = BTreeSet::new();
        for some in auctions.chunks(AT_ONCE) {
            public.extend(store::public_among(db, some).await?);
        }
        Ok(public)
    }

    /// Cards of auctions as JSON, within a transaction or not; unpublished auctions are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cards(
        &self,
        db: &impl ConnectionTrait,
        auctions: &[AuctionId],
    ) -> Result<BTreeMap<AuctionId, Box<RawValue>>, StoreError> {
        let mut cards = BTreeMap::new();
        for some in auctions.chunks(AT_ONCE) {
            cards.extend(cards::ready(db, some).await?);
            let missing = some.iter().filter(|auction| !cards.contains_key(auction));
            let missing: Vec<AuctionId> = missing.copied().collect();
            if missing.is_empty() {
                continue;
            }
            for (loaded, lot) in published(db, &missing).await? {
                let card = store::row(&loaded, &lot).card;
                let text = to_raw_value(&card).map_err(StoreError::damaged("auction"))?;
                cards.insert(card.id, text);
            }
        }
        Ok(cards)
    }

    /// All public data of auctions, in the order of their ids, within a transaction or not;
    /// unpublished auctions are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn views(
        &self,
        db: &impl ConnectionTrait,
        auctions: &[AuctionId],
    ) -> Result<Vec<AuctionView>, StoreError> {
        let mut views = Vec::with_capacity(auctions.len());
        for some in auctions.chunks(AT_ONCE) {
            for (loaded, lot) in published(db, some).await? {
                let Loaded { number, auction, seq, head, .. } = loaded;
                let (head, form) = (hex::encode(head), Form::standard());
                let server_time = self.now();
                let instalments = auction.instalments();
                views.push(AuctionView {
                    number,
                    auction,
                    seq,
                    head,
                    lot,
                    form,
                    instalments,
                    server_time,
                });
            }
        }
        Ok(views)
    }
}

async fn published(
    db: &impl ConnectionTrait,
    auctions: &[AuctionId],
) -> Result<Vec<(Loaded, LotView)>, StoreError> {
    with_lots(db, store::published_by_id(db, auctions).await?).await
}

/// Auctions, each with its lot as the auction has published it, in the order in which they came.
pub(super) async fn with_lots(
    db: &impl ConnectionTrait,
    loaded: Vec<Loaded>,
) -> Result<Vec<(Loaded, LotView)>, StoreError> {
    let lots: Vec<LotId> = loaded.iter().map(|loaded| loaded.auction.birth.lot).collect();
    let lots = store::lots_by_id(db, lots).await?;
    let lots: BTreeMap<LotId, LotView> =
        lots.into_iter().map(|lot| (lot.view.id, lot.view)).collect();
    let mut notices = published::notices(db, loaded.iter().map(|loaded| &loaded.auction)).await?;
    let with_lot = |loaded: Loaded| {
        let lot = match notices.remove(&loaded.auction.birth.id) {
            Some(lot) => lot,
            None => lots.get(&loaded.auction.birth.lot).cloned().ok_or(StoreError::NotFound)?,
        };
        Ok((loaded, lot))
    };
    loaded.into_iter().map(with_lot).collect()
}
