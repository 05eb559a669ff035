//! Resumable uploads. A file is named by the hash of its content and private to its account: a
//! hash is no key to another person's file.
//!
//! Bytes are on disk before their offset is in the database, so that an offset a phone was told
//! never points past what would be left after a power cut. What lies behind the offset is cut off
//! when the upload goes on.

use super::files::{Files, Opening};
use super::quarantine::Scan;
use super::store;
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::lock::lock;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::{
    ACCOUNT_PENDING_BYTES_MAX, ACCOUNT_PENDING_FILES_MAX, FILE_BYTES_MAX, UNREFERENCED_FILE_DAYS,
    UPLOAD_DAYS,
};

/// An upload that is not whole after this is removed.
pub const UPLOAD_LIFE: TimeSpan = TimeSpan::days(UPLOAD_DAYS);
/// A whole file that no application refers to is removed after this.
pub const UNREFERENCED_LIFE: TimeSpan = TimeSpan::days(UNREFERENCED_FILE_DAYS);
/// Files removed in one round.
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
    /// The bytes are not what the checksum sent with them says; none of them was kept.
    #[error("the bytes are not what their checksum says")]
    WrongChecksum {
        /// How much the server has.
        offset: u64,
    },
    /// The scanner found malware in this content.
    #[error("malware was found in the file")]
    Infected,
    /// An application refers to the file: it stays.
    #[error("an application refers to the file")]
    Referenced,
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

/// A file as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// SHA-256 of the whole content, hex.
    pub sha256: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// How much has arrived.
    pub offset: u64,
    /// Whether it is whole and its hash is right.
    pub stored: bool,
    /// What is known of the harm it may do.
    pub scan: Scan,
    /// When it is removed; never, once an application refers to it.
    pub expires_at: Option<Timestamp>,
}

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Whether it may be used.
    pub scan: Scan,
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
    pub(super) context: Arc<Context>,
    pub(super) files: Files,
    /// Uploads that receive bytes now: two connections must not write one file.
    busy: Arc<Mutex<BTreeSet<(PersonId, String)>>>,
    /// Wakes whoever scans: a file became whole.
    pub(super) arrived: Arc<Notify>,
}

/// Holds an upload for one connection until dropped.
pub(super) struct UploadLock {
    busy: Arc<Mutex<BTreeSet<(PersonId, String)>>>,
    key: (PersonId, String),
}

impl Drop for UploadLock {
    fn drop(&mut self) {
        lock(&self.busy).remove(&self.key);
    }
}

impl Service {
    /// Over this database and its data folder.
    pub fn new(context: &Arc<Context>) -> Self {
        let files = Files::in_folder(&context.config.data_dir);
        Self { context: context.clone(), files, busy: Arc::default(), arrived: Arc::default() }
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
    ) -> Result<View, Error> {
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
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        store::hold_person(&txn, person).await?;
        if let Some(known) = store::find(&txn, person, sha256).await? {
            let view = harmless(known.view)?;
            if view.size_bytes != size_bytes || known.mime != mime {
                return Err(Error::Malformed("it was announced with another length or kind"));
            }
            if !view.stored || view.expires_at.is_none() {
                return Ok(view);
            }
            // Somebody still wants it.
            let expires_at = now + UNREFERENCED_LIFE;
            store::renew(&txn, person, sha256, expires_at).await?;
            self.context.db.commit(txn).await?;
            return Ok(View { expires_at: Some(expires_at), ..view });
        }
        let pending = store::pending(&txn, person).await?;
        let bytes: u64 = pending.iter().sum();
        let full = pending.len() >= ACCOUNT_PENDING_FILES_MAX
            || bytes.saturating_add(size_bytes) > ACCOUNT_PENDING_BYTES_MAX;
        if full {
            return Err(Error::LimitReached);
        }
        let view = View {
            sha256: sha256.to_owned(),
            size_bytes,
            offset: 0,
            stored: false,
            scan: Scan::Arriving,
            expires_at: Some(now + UPLOAD_LIFE),
        };
        store::insert(&txn, person, &view, mime, now, now + UPLOAD_LIFE).await?;
        self.context.db.commit(txn).await?;
        Ok(view)
    }

    /// How much of a file has arrived.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this person never announced it, [`Error::Infected`].
    pub async fn view(&self, person: PersonId, sha256: &str) -> Result<View, Error> {
        let known = store::find(self.context.db.read(), person, sha256).await?;
        harmless(known.ok_or(StoreError::NotFound)?.view)
    }

    /// Removes a person's file, whole or not, that no application refers to.
    ///
    /// # Errors
    /// [`Error::Referenced`], [`Error::Infected`]; [`Error::Mismatch`] while bytes arrive.
    pub async fn withdraw(&self, person: PersonId, sha256: &str) -> Result<(), Error> {
        let _lock = self.lock_upload(person, sha256).await?;
        self.view(person, sha256).await?;
        if !store::remove_unreferenced(&self.context.db, person, sha256, None).await? {
            return Err(Error::Referenced);
        }
        self.files.remove(person, sha256).await.map_err(Error::Disk)
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

    /// A whole file's content, at most [`FILE_BYTES_MAX`]: byte for byte what was uploaded, because
    /// its hash is signed. Metadata stays in it; only officials see it, and each look is on record.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not whole, or the scanner has not looked at it.
    pub async fn content(&self, person: PersonId, sha256: &str) -> Result<Vec<u8>, Error> {
        if !self.view(person, sha256).await?.scan.is_usable() {
            return Err(StoreError::NotFound.into());
        }
        self.files.content(person, sha256).await.map_err(Error::Disk)
    }

    /// Waits until a file becomes whole on this node.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Removes files whose time has passed, one page: unfinished uploads, and whole files that no
    /// application refers to. Returns how many.
    ///
    /// # Errors
    /// [`Error`]; what was removed stays removed.
    pub async fn sweep(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let expired = store::expired(self.context.db.read(), now, SWEEP_MAX).await?;
        for (person, sha256) in &expired {
            let Ok(_lock) = self.lock_upload(*person, sha256).await else { continue };
            // The row goes first: a row without bytes would refuse them, bytes without a row
            // are only overwritten.
            if store::remove_unreferenced(&self.context.db, *person, sha256, Some(now)).await? {
                self.files.remove(*person, sha256).await.map_err(Error::Disk)?;
            }
        }
        Ok(expired.len())
    }

    /// Takes the upload for this connection, or says where it is while another one writes.
    pub(super) async fn lock_upload(
        &self,
        person: PersonId,
        sha256: &str,
    ) -> Result<UploadLock, Error> {
        let key = (person, sha256.to_owned());
        let taken = lock(&self.busy).insert(key.clone());
        if !taken {
            return Err(Error::Mismatch { offset: self.view(person, sha256).await?.offset });
        }
        Ok(UploadLock { busy: self.busy.clone(), key })
    }
}

/// Passes on all but what the scanner has condemned.
fn harmless(view: View) -> Result<View, Error> {
    if view.scan == Scan::Infected { Err(Error::Infected) } else { Ok(view) }
}

pub(super) fn well_formed(sha256: &str) -> Result<(), Error> {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if sha256.len() == 64 && sha256.bytes().all(hex) {
        Ok(())
    } else {
        Err(Error::Malformed("a SHA-256 in lower-case hex is needed"))
    }
}
