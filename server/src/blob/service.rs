//! Resumable uploads. A file is named by the hash of its content and private to its account: a
//! hash is no key to another person's file.
//!
//! Bytes are on disk before their offset is in the database, so that an offset a phone was told
//! never points past what would be left after a power cut. What lies behind the offset is cut off
//! when the upload goes on.

use super::files::{Files, Opening};
use super::store;
use crate::Shared;
use crate::db::{StoreError, Txn};
use futures_util::{Stream, StreamExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::{ACCOUNT_PENDING_BYTES_MAX, FILE_BYTES_MAX};
use toruk_sync::protocol::sync::BlobView;

/// An upload that is not whole after this is removed.
pub const UPLOAD_LIFE: TimeSpan = TimeSpan::days(7);
/// Most files of an account that no application refers to.
pub const ACCOUNT_PENDING_FILES_MAX: usize = 200;
/// So many bytes are made to last at a time.
const CHECKPOINT_BYTES: u64 = 4 * 1024 * 1024;
/// Real time without a byte after which a connection is taken for lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Uploads removed in one round.
const SWEEP_MAX: u64 = 100;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Longer than [`FILE_BYTES_MAX`].
    #[error("too large")]
    TooLarge,
    /// The bytes would not stand where the server's end.
    #[error("the upload does not fit what the server has")]
    Mismatch {
        /// How much the server has.
        offset: u64,
    },
    /// The content is whole and is not what its hash says; the upload begins anew.
    #[error("the content is not what its hash says")]
    WrongContent,
    /// Not a name, a length or a kind of file that is taken here.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// [`ACCOUNT_PENDING_BYTES_MAX`] or [`ACCOUNT_PENDING_FILES_MAX`] is reached.
    #[error("too many bytes are pending")]
    LimitReached,
    /// The disk.
    #[error("the disk failed")]
    Disk(#[source] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Length in bytes.
    pub size_bytes: u64,
    /// Media type, checked against the first bytes.
    pub mime: String,
    /// When its last byte had arrived and its hash was right.
    pub at: Timestamp,
}

/// People's files.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
    files: Files,
    /// Uploads that receive bytes now: two connections must not write one file.
    busy: Arc<Mutex<BTreeSet<(PersonId, String)>>>,
}

/// Holds an upload for one connection until dropped.
struct Turn {
    busy: Arc<Mutex<BTreeSet<(PersonId, String)>>>,
    key: (PersonId, String),
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Service {
    /// Over this database and its data folder.
    pub fn new(shared: &Arc<Shared>) -> Self {
        let files = Files::in_folder(&shared.config.data_dir);
        Self { shared: shared.clone(), files, busy: Arc::default() }
    }

    /// Announces a file, or finds it: the view says how much of it the server has.
    ///
    /// # Errors
    /// [`Error`]; nothing was announced.
    pub async fn announce(
        &self,
        person: PersonId,
        sha256: &str,
        size_bytes: u64,
        mime: &str,
    ) -> Result<BlobView, Error> {
        if size_bytes > FILE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        if size_bytes == 0 {
            return Err(Error::Malformed("an empty file"));
        }
        well_formed(sha256)?;
        if Opening::of_mime(mime).is_none() {
            return Err(Error::Malformed("a PDF, JPEG or PNG is needed"));
        }
        let now = self.shared.ports.clock.now();
        let txn = self.shared.db.begin().await?;
        store::hold_person(&txn, person).await?;
        let known = store::find(&txn, person, sha256).await?;
        if let Some(known) = &known {
            if known.view.size_bytes != size_bytes || known.mime != mime {
                return Err(Error::Malformed("it was announced with another length or kind"));
            }
            return Ok(known.view.clone());
        }
        let pending = store::pending(&txn, person).await?;
        let bytes: u64 = pending.iter().sum();
        let full = pending.len() >= ACCOUNT_PENDING_FILES_MAX
            || bytes.saturating_add(size_bytes) > ACCOUNT_PENDING_BYTES_MAX;
        if full {
            return Err(Error::LimitReached);
        }
        let view = BlobView { sha256: sha256.to_owned(), size_bytes, offset: 0, stored: false };
        store::insert(&txn, person, &view, mime, now, now + UPLOAD_LIFE).await?;
        self.shared.db.commit(txn).await?;
        Ok(view)
    }

    /// How much of a file has arrived.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this person never announced it.
    pub async fn view(&self, person: PersonId, sha256: &str) -> Result<BlobView, Error> {
        let known = store::find(self.shared.db.read(), person, sha256).await?;
        Ok(known.ok_or(StoreError::NotFound)?.view)
    }

    /// Takes in bytes that begin at `offset`; what arrived before the connection was lost counts.
    /// Meant to be run as a task of its own: dropped, it forgets up to [`CHECKPOINT_BYTES`].
    ///
    /// # Errors
    /// [`Error::Mismatch`] says where the server is; after [`Error::WrongContent`] it is at 0.
    pub async fn append<B: AsRef<[u8]>, E>(
        &self,
        person: PersonId,
        sha256: &str,
        offset: u64,
        mut bytes: impl Stream<Item = Result<B, E>> + Unpin,
    ) -> Result<BlobView, Error> {
        well_formed(sha256)?;
        let _turn = self.turn(person, sha256).await?;
        let known = store::find(self.shared.db.read(), person, sha256).await?;
        let known = known.ok_or(StoreError::NotFound)?;
        let mut view = known.view;
        if offset != view.offset {
            return Err(Error::Mismatch { offset: view.offset });
        }
        if view.stored {
            return Ok(view);
        }
        let mut part = self.files.part(person, sha256, offset).await.map_err(Error::Disk)?;
        if part.written() < offset {
            // The disk has less than the database: only what is there counts.
            store::set_offset(&self.shared.db, person, sha256, part.written()).await?;
            return Err(Error::Mismatch { offset: part.written() });
        }
        while let Ok(Some(Ok(chunk))) = tokio::time::timeout(SILENCE_MAX, bytes.next()).await {
            if part.written() + length(chunk.as_ref()) > view.size_bytes {
                return Err(Error::TooLarge);
            }
            part.write(chunk.as_ref()).await.map_err(Error::Disk)?;
            if part.written() - view.offset >= CHECKPOINT_BYTES {
                view.offset = part.written();
                part.sync().await.map_err(Error::Disk)?;
                store::set_offset(&self.shared.db, person, sha256, view.offset).await?;
            }
        }
        part.sync().await.map_err(Error::Disk)?;
        view.offset = part.written();
        if view.offset == view.size_bytes {
            return self.complete(person, view, &known.mime).await;
        }
        store::set_offset(&self.shared.db, person, sha256, view.offset).await?;
        Ok(view)
    }

    /// The files of a person that are whole, of those named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn whole(
        &self,
        txn: &Txn,
        person: PersonId,
        sha256: &[String],
    ) -> Result<BTreeMap<String, Whole>, StoreError> {
        store::whole(txn, person, sha256).await
    }

    /// Marks files that an application refers to: they count no longer as pending.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep(
        &self,
        txn: &Txn,
        person: PersonId,
        sha256: &[String],
    ) -> Result<(), StoreError> {
        store::keep(txn, person, sha256).await
    }

    /// A whole file's content, at most [`FILE_BYTES_MAX`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not whole.
    pub async fn content(&self, person: PersonId, sha256: &str) -> Result<Vec<u8>, Error> {
        if !self.view(person, sha256).await?.stored {
            return Err(StoreError::NotFound.into());
        }
        self.files.content(person, sha256).await.map_err(Error::Disk)
    }

    /// Removes uploads that expired unfinished. Returns how many.
    ///
    /// # Errors
    /// [`Error`]; what was removed stays removed.
    pub async fn sweep(&self) -> Result<usize, Error> {
        let now = self.shared.ports.clock.now();
        let expired = store::expired(self.shared.db.read(), now, SWEEP_MAX).await?;
        for (person, sha256) in &expired {
            let Ok(_turn) = self.turn(*person, sha256).await else { continue };
            // The row goes first: a row without bytes would refuse them, bytes without a row
            // are only overwritten.
            store::remove_unfinished(&self.shared.db, *person, sha256, now).await?;
            self.files.remove_part(*person, sha256).await.map_err(Error::Disk)?;
        }
        Ok(expired.len())
    }

    async fn complete(
        &self,
        person: PersonId,
        mut view: BlobView,
        mime: &str,
    ) -> Result<BlobView, Error> {
        let found = self.files.examine(person, &view.sha256).await.map_err(Error::Disk)?;
        let right = found.sha256 == view.sha256;
        if !right || Opening::of_mime(mime) != found.opening {
            store::set_offset(&self.shared.db, person, &view.sha256, 0).await?;
            self.files.remove_part(person, &view.sha256).await.map_err(Error::Disk)?;
            return Err(if right {
                Error::Malformed("the content is not of the kind announced")
            } else {
                Error::WrongContent
            });
        }
        self.files.keep(person, &view.sha256).await.map_err(Error::Disk)?;
        let at = self.shared.ports.clock.now();
        store::set_whole(&self.shared.db, person, &view, at).await?;
        view.stored = true;
        Ok(view)
    }

    /// Takes the upload for this connection, or says where it is while another one writes.
    async fn turn(&self, person: PersonId, sha256: &str) -> Result<Turn, Error> {
        let key = (person, sha256.to_owned());
        let taken = self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if !taken {
            return Err(Error::Mismatch { offset: self.view(person, sha256).await?.offset });
        }
        Ok(Turn { busy: self.busy.clone(), key })
    }
}

fn well_formed(sha256: &str) -> Result<(), Error> {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if sha256.len() == 64 && sha256.bytes().all(hex) {
        Ok(())
    } else {
        Err(Error::Malformed("a SHA-256 in lower-case hex is needed"))
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
