//! The state that a notice is about, as it is now: a browser shows it without asking.

use super::super::notice::PersonNotice;
use crate::db::StoreError;
use crate::entity::{auction, lot, participant, person};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::BidderNo;

/// The state behind a notice.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The person's language.
    pub language: String,
    /// The auction; `None` if the notice concerns the account.
    pub auction: Option<AuctionNow>,
}

/// An auction as it is now.
#[derive(Debug, Clone)]
pub struct AuctionNow {
    pub state: Auction,
    /// Length of its log.
    pub seq: u64,
    pub title: Text,
    /// The person's number, if they take part.
    pub own: Option<BidderNo>,
}

/// The state behind a notice; `None` if the person or the auction is not there.
pub async fn of(
    db: &impl ConnectionTrait,
    notice: &PersonNotice,
) -> Result<Option<Subject>, StoreError> {
    let Some(who) = person::Entity::find_by_id(notice.person.0).one(db).await? else {
        return Ok(None);
    };
    let language = who.language;
    if notice.kind.is_of_account() {
        return Ok(Some(Subject { language, auction: None }));
    }
    let Some(row) = auction::Entity::find_by_id(notice.auction.0).one(db).await? else {
        return Ok(None);
    };
    let title = lot::Entity::find_by_id(row.lot).one(db).await?.map(|lot| lot.title);
    let title = title.map(|title| serde_json::from_str(&title)).transpose();
    let own = participant::Entity::find()
        .filter(participant::Column::Auction.eq(notice.auction.0))
        .filter(participant::Column::Person.eq(notice.person.0))
        .one(db)
        .await?
        .map(|row| u16::try_from(row.bidder_no).map(BidderNo));
    Ok(Some(Subject {
        language,
        auction: Some(AuctionNow {
            state: serde_json::from_str(&row.state).map_err(StoreError::damaged("auction"))?,
            seq: u64::try_from(row.seq).map_err(StoreError::damaged("auction"))?,
            title: title.map_err(StoreError::damaged("lot"))?.unwrap_or_default(),
            own: own.transpose().map_err(StoreError::damaged("participant"))?,
        }),
    }))
}
