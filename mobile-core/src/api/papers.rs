//! The papers of a lot: listed, downloaded piece by piece, and opened without a connection.

use super::{Cancel, Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::papers::{Papers, is_hash};
use crate::platform::catch_panic;
use crate::store::{Table, Write};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use toruk_sync::domain::file::{FILE_BYTES_MAX, FileKind};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::{PublishedDocument, PublishedDocuments};

/// Bytes of one piece: on a slow line it arrives within the time of a request.
const PIECE_BYTES: u64 = 256 * 1024;

/// A document that was published with an auction.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Paper {
    /// Its title, as it was published.
    pub title: String,
    /// The media type: `application/pdf`, `image/jpeg` or `image/png`.
    pub mime: String,
    /// SHA-256 of the content, in hex, as the notice in the log has it.
    pub sha256: String,
    /// The size of the content, bytes.
    pub size_bytes: u64,
    /// The moment of its publication, Unix µs.
    pub since: i64,
    /// The moment at which a correction withdrew it, Unix µs.
    pub until: Option<i64>,
    /// The bytes that are on this phone; with all of them it opens without a connection.
    pub kept_bytes: u64,
}

/// The papers of an auction.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaperList {
    /// In the order of their publication; withdrawn ones, too.
    pub items: Vec<Paper>,
    /// `true` if there was no connection: the list as it was fetched last.
    pub stale: bool,
}

/// Learns how far a download is.
#[uniffi::export(with_foreign)]
pub trait PaperProgress: Send + Sync {
    /// So many bytes of the paper are on this phone.
    fn arrived(&self, bytes: u64, size_bytes: u64);
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The papers that were published with an auction, also those that a correction withdrew;
    /// without a connection, the list that was fetched last.
    ///
    /// # Errors
    /// `not_found`; [`CoreError::Offline`] if it was never fetched.
    pub async fn papers(&self, auction: String) -> Result<PaperList, CoreError> {
        let (known, stale) = self.known_papers(auction_id(&auction)?).await?;
        let items = known.items.into_iter().map(|document| self.paper(document)).collect();
        Ok(PaperList { items, stale })
    }

    /// Downloads a paper, to be opened without a connection; one that is here costs nothing. The
    /// phone keeps 256 MiB of papers: beyond that, those that were not opened for longest go.
    /// Whatever ends the call, the next one goes on from there.
    ///
    /// # Errors
    /// `not_found`; `too_large`, `file_unknown`; `forged` if what arrived is not the paper that the
    /// log names: it is dropped; [`CoreError::Offline`], [`CoreError::StorageFull`].
    pub async fn download_paper(
        &self,
        auction: String,
        sha256: String,
        progress: Option<Arc<dyn PaperProgress>>,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Paper, CoreError> {
        let auction = auction_id(&auction)?;
        let known = self.known_papers(auction).await?.0.items.into_iter();
        let document = known.rev().find(|known| known.sha256 == sha256 && is_hash(&sha256));
        let document = document.ok_or_else(|| CoreError::refused("not_found"))?;
        tokio::select! {
            done = self.download(auction, &document, progress) => done?,
            () = Cancel::happened(cancel) => {}
        }
        Ok(self.paper(document))
    }
}

#[uniffi::export]
impl Core {
    /// The path of a downloaded paper, for the platform's viewer; none if it is not whole, or is
    /// damaged and has to be downloaded again. Reads the file: do not call it on the UI thread.
    ///
    /// # Errors
    /// [`CoreError::Internal`] if the disk fails.
    pub fn open_paper(&self, sha256: String) -> Result<Option<String>, CoreError> {
        if !is_hash(&sha256) {
            return Ok(None);
        }
        let path = self.kept().open(&sha256, self.wall()).map_err(disk)?;
        Ok(path.map(|path| path.display().to_string()))
    }

    /// Removes a paper from this phone.
    ///
    /// # Errors
    /// [`CoreError::Internal`] if the disk fails.
    pub fn remove_paper(&self, sha256: String) -> Result<(), CoreError> {
        if is_hash(&sha256) { self.kept().remove(&sha256).map_err(disk) } else { Ok(()) }
    }
}

impl Core {
    async fn known_papers(
        &self,
        auction: AuctionId,
    ) -> Result<(PublishedDocuments, bool), CoreError> {
        let key = format!("papers/{auction}");
        let path = format!("/v1/auctions/{auction}/documents");
        let ask = ApiRequest::new(RequestKind::ReadPapers, &path).public();
        match self.driver.http.json::<PublishedDocuments>(ask).await {
            Ok(papers) => {
                self.driver.save(&[Write::json(Table::Cache, key, &papers)])?;
                Ok((papers, false))
            }
            Err(failure) if failure.is_connection() => {
                let kept = self.driver.read_store(|store| store.get(Table::Cache, &key))?;
                let kept = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
                Ok((kept.ok_or(CoreError::Offline)?, true))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn download(
        &self,
        auction: AuctionId,
        document: &PublishedDocument,
        progress: Option<Arc<dyn PaperProgress>>,
    ) -> Result<(), CoreError> {
        let PublishedDocument { sha256, mime, size_bytes, .. } = document.clone();
        let kind = FileKind::of_mime(&mime).ok_or_else(|| CoreError::refused("file_unknown"))?;
        if size_bytes > FILE_BYTES_MAX {
            return Err(CoreError::refused("too_large"));
        }
        let path = format!("/v1/auctions/{auction}/documents/{sha256}");
        let papers = self.kept();
        papers.make_room(&sha256, size_bytes).map_err(disk)?;
        let mut arrived = papers.kept_bytes(&sha256);
        while arrived < size_bytes {
            let last = (arrived + PIECE_BYTES).min(size_bytes) - 1;
            let mut ask = ApiRequest::new(RequestKind::ReadPaper, &path).public();
            ask.headers.push(("range", format!("bytes={arrived}-{last}")));
            let answer = self.driver.http.ask(ask).await?;
            let piece = match answer.head.status {
                206 => answer.body.as_slice(),
                // Something on the way gave the whole file.
                _ => answer.body.get(arrived as usize..).unwrap_or_default(),
            };
            if piece.is_empty() {
                return Err(CoreError::refused("forged"));
            }
            arrived = papers.append(&sha256, arrived, piece).map_err(disk)?;
            if let Some(progress) = &progress {
                let _ = catch_panic(|| progress.arrived(arrived, size_bytes));
            }
        }
        let now = self.wall();
        let finish = move || papers.finish(&sha256, kind, now);
        match self.driver.blocking(finish).await?.map_err(disk)? {
            true => Ok(()),
            false => Err(CoreError::refused("forged")),
        }
    }

    fn paper(&self, document: PublishedDocument) -> Paper {
        let kept_bytes = match is_hash(&document.sha256) {
            true => self.kept().kept_bytes(&document.sha256),
            false => 0,
        };
        Paper {
            title: document.title,
            mime: document.mime,
            sha256: document.sha256,
            size_bytes: document.size_bytes,
            since: document.since.0,
            until: document.until.map(|until| until.0),
            kept_bytes,
        }
    }

    fn kept(&self) -> Papers {
        Papers::of(self.driver.folder())
    }

    /// The phone's clock, which orders papers by when they were opened.
    fn wall(&self) -> SystemTime {
        let now = u64::try_from(self.driver.platform.clock.wall_us()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_micros(now)
    }
}

fn disk(error: io::Error) -> CoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => CoreError::StorageFull,
        _ => CoreError::internal(error),
    }
}
