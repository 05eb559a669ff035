//! Reads auctions and lots for the public and for officials.

use super::import::ImportFault;
use super::picture;
use super::rows::{AuctionRow, DocumentRow, LotRow, QueryFault, Sellers};
use super::store::{self, Loaded, StoredLot, published};
use crate::audit;
use crate::context::Context;
use crate::db::StoreError;
use crate::identity::{self, Official, Role};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::file::picture::PictureFault;
use toruk_sync::domain::form::{Form, Text};
use toruk_sync::domain::id::{AuctionId, LotId, OrganisationId};
use toruk_sync::domain::text::TextFault;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;
use uuid::Uuid;

/// Rows of one page in the console.
pub const PAGE: u64 = 50;
/// The roles that may see lots and unpublished auctions.
pub(super) const LOOKERS: [Role; 4] =
    [Role::Organiser, Role::Moderator, Role::Finance, Role::Auditor];
/// Most organisations in a list.
const ORGANISATIONS_MAX: u64 = 500;

/// The reasons of a rejection by the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// None of the official's roles allows this.
    #[error("forbidden")]
    Forbidden,
    /// The lot is published or in review: nothing of it changes any more.
    #[error("the lot is published or in review")]
    Frozen,
    /// The lot has as many documents as a lot may have.
    #[error("the lot has too many documents")]
    TooManyDocuments,
    /// The import is invalid.
    #[error("the import is malformed: {0}")]
    Import(ImportFault),
    /// The picture is truncated, or does not match its first bytes.
    #[error(transparent)]
    Document(#[from] picture::Damaged),
    /// A name or title is too long, or has characters that cannot be seen.
    #[error(transparent)]
    Text(#[from] TextFault),
    /// The picture has too many pixels, or its header is damaged.
    #[error(transparent)]
    Picture(#[from] PictureFault),
    /// The catalogue can't be asked this.
    #[error(transparent)]
    Query(#[from] QueryFault),
    /// Any other invalid input.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Too many pictures are being decoded.
    #[error("busy")]
    Busy,
    /// Reading or writing a file failed.
    #[error("the disk failed")]
    Disk(#[source] std::io::Error),
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<identity::Forbidden> for Error {
    fn from(_: identity::Forbidden) -> Self {
        Self::Forbidden
    }
}

/// Reads and writes lots, documents and organisations; reads auctions.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) audit: audit::Service,
}

impl Service {
    /// Builds on this database.
    pub fn new(context: &Arc<Context>, audit: audit::Service) -> Self {
        Self { context: context.clone(), audit }
    }

    /// All public data of a published auction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also before publication.
    pub async fn view(&self, id: AuctionId) -> Result<AuctionView, Error> {
        let view = self.any_view(id).await?;
        if view.auction.is_public() { Ok(view) } else { Err(StoreError::NotFound.into()) }
    }

    /// At most `limit` records of an auction's log after position `after`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn log(&self, id: AuctionId, after: u64, limit: u64) -> Result<Vec<Record>, Error> {
        Ok(store::log(self.context.db.read(), id, after, limit).await?)
    }

    /// The lengths of these auctions' logs.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn lengths(&self, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, u64)>, Error> {
        /// Databases limit the parameters of one statement.
        const AUCTIONS_AT_ONCE: usize = 500;
        let mut lengths = Vec::with_capacity(auctions.len());
        for some in auctions.chunks(AUCTIONS_AT_ONCE) {
            lengths.extend(store::lengths(self.context.db.read(), some).await?);
        }
        Ok(lengths)
    }

    /// An auction's state, within a transaction or not.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn auction(
        &self,
        db: &impl ConnectionTrait,
        id: AuctionId,
    ) -> Result<Auction, StoreError> {
        Ok(store::auction(db, id).await?.auction)
    }

    /// The organisations that hold and sell a lot, if its holder is known.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn sellers(
        &self,
        db: &impl ConnectionTrait,
        lot: LotId,
    ) -> Result<Option<Sellers>, StoreError> {
        let found = store::lots_by_id(db, [lot]).await?.pop();
        Ok(sellers(&found.ok_or(StoreError::NotFound)?))
    }

    /// A page of auctions, published or not, for officials.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if none of the roles concerns auctions.
    pub async fn auctions(
        &self,
        by: &Official,
        after: Option<&str>,
    ) -> Result<(Vec<AuctionRow>, Option<String>), Error> {
        let reach = by.reach(&LOOKERS)?;
        self.list(after, PAGE, reach.as_ref()).await
    }

    /// As [`Service::view`], but for officials, and also before publication.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`StoreError::NotFound`].
    pub async fn view_for(&self, by: &Official, id: AuctionId) -> Result<AuctionView, Error> {
        by.any(&LOOKERS)?;
        let view = self.any_view(id).await?;
        let birth = &view.auction.birth;
        by.any_in(&LOOKERS, Some(birth.procuring_entity))
            .or_else(|_| by.any_in(&LOOKERS, Some(birth.lot_holder)))?;
        Ok(view)
    }

    /// A page of lots, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Malformed`].
    pub async fn lots(
        &self,
        by: &Official,
        after: Option<&str>,
    ) -> Result<(Vec<LotRow>, Option<String>), Error> {
        let reach = by.reach(&LOOKERS)?;
        let db = self.context.db.read();
        let lots = store::lots(db, cursor(after)?, PAGE, reach.as_ref()).await?;
        let full = lots.len() as u64 == PAGE;
        let next = lots.last().filter(|_| full).map(|lot| lot.view.id.to_string());
        Ok((self.rows(lots).await?, next))
    }

    /// A lot by its id.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`StoreError::NotFound`].
    pub async fn lot(&self, by: &Official, id: LotId) -> Result<LotRow, Error> {
        by.any(&LOOKERS)?;
        let lots = store::lots_by_id(self.context.db.read(), [id]).await?;
        if let Some(lot) = lots.first() {
            by.any_in(&LOOKERS, acting_for(by, &LOOKERS, lot))?;
        }
        let row = self.rows(lots).await?.pop();
        row.ok_or_else(|| StoreError::NotFound.into())
    }

    /// All known organisations.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn organisations(&self, by: &Official) -> Result<Vec<(OrganisationId, Text)>, Error> {
        by.any(&LOOKERS)?;
        Ok(store::organisations(self.context.db.read(), ORGANISATIONS_MAX).await?)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.ports.clock.now()
    }

    async fn any_view(&self, id: AuctionId) -> Result<AuctionView, Error> {
        let db = self.context.db.read();
        let Loaded { number, auction, seq, head, .. } = store::auction(db, id).await?;
        let lot = store::lots_by_id(db, [auction.birth.lot]).await?.pop();
        let lot = lot.ok_or(StoreError::NotFound)?.view;
        let lot = published::notices(db, [&auction]).await?.remove(&id).unwrap_or(lot);
        Ok(AuctionView {
            number,
            instalments: auction.instalments(),
            auction,
            seq,
            head: hex::encode(head),
            lot,
            form: Form::standard(),
            server_time: self.context.ports.clock.now(),
        })
    }

    async fn list(
        &self,
        after: Option<&str>,
        limit: u64,
        reach: Option<&BTreeSet<OrganisationId>>,
    ) -> Result<(Vec<AuctionRow>, Option<String>), Error> {
        let db = self.context.db.read();
        let auctions = store::auctions(db, cursor(after)?, limit, reach).await?;
        let lots = auctions.iter().map(|loaded| loaded.auction.birth.lot);
        let lots: BTreeMap<_, _> = store::lots_by_id(db, lots)
            .await?
            .into_iter()
            .map(|lot| (lot.view.id, lot.view))
            .collect();
        let full = auctions.len() as u64 == limit;
        let next =
            auctions.last().filter(|_| full).map(|loaded| loaded.auction.birth.id.to_string());
        let rows = auctions
            .iter()
            .filter_map(|loaded| Some(store::row(loaded, lots.get(&loaded.auction.birth.lot)?)));
        Ok((rows.collect(), next))
    }

    async fn rows(&self, lots: Vec<StoredLot>) -> Result<Vec<LotRow>, Error> {
        let db = self.context.db.read();
        let ids: Vec<_> = lots.iter().map(|lot| lot.view.id).collect();
        let mut documents = store::documents(db, &ids).await?;
        let auctions = store::latest_auctions(db, &ids).await?;
        let frozen = published::frozen_lots(db, &ids).await?;
        let row = |lot: StoredLot| {
            let documents = documents.remove(&lot.view.id).unwrap_or_default();
            LotRow {
                missing: missing(&lot, &documents),
                auction: auctions.get(&lot.view.id).copied(),
                is_frozen: frozen.contains(&lot.view.id),
                holder: lot.holder,
                organiser: lot.organiser,
                lot: lot.view,
                hint: lot.hint,
                source: lot.source,
                documents,
            }
        };
        Ok(lots.into_iter().map(row).collect())
    }
}

/// The organisation in whose name these roles of the official may touch a lot: the one that sells
/// it, or else its holder.
pub(super) fn acting_for(by: &Official, roles: &[Role], lot: &StoredLot) -> Option<OrganisationId> {
    let sells = lot.organiser.filter(|organiser| by.any_in(roles, Some(*organiser)).is_ok());
    sells.or(lot.holder)
}

pub(super) fn sellers(lot: &StoredLot) -> Option<Sellers> {
    let holder = lot.holder?;
    Some(Sellers { holder, organiser: lot.organiser.unwrap_or(holder) })
}

fn cursor(after: Option<&str>) -> Result<Option<Uuid>, Error> {
    let parsed = after.map(Uuid::try_parse).transpose();
    parsed.map_err(|_| Error::Malformed("the page does not exist"))
}

fn missing(lot: &StoredLot, documents: &[DocumentRow]) -> Vec<&'static str> {
    let (hint, title) = (&lot.hint, &lot.view.title);
    [
        ("title_ky", title.ky.is_none()),
        ("title_ru", title.ru.is_none()),
        ("lot_holder", lot.holder.is_none()),
        ("object_of_price", hint.object_of_price.is_none()),
        ("value", hint.value_tyiyn.is_none()),
        ("step", hint.step_bp.is_none()),
        ("guarantee", hint.guarantee_bp.is_none()),
        ("document", documents.is_empty()),
    ]
    .into_iter()
    .filter_map(|(key, absent)| absent.then_some(key))
    .collect()
}
