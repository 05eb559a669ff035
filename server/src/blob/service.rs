//! Resumable uploads. A file is identified by the hash of its content and private to its account: a
//! hash gives no access to another person's file.
//!
//! Bytes are on disk before their offset is in the database, so that an offset that a phone was
//! told never exceeds the bytes left after a power cut. Bytes behind the offset are cut off when
//! the upload continues.

use super::address_quota::AddressQuota;
use super::files::Files;
use super::store;
use super::upload::{Scan, View, Whole};
use super::upload_lock::{ActiveUploads, UploadLock};
use crate::address::ClientAddress;
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::disk::DiskFull;
use crate::draft::{self, Prospect};
use crate::lock::lock;
use crate::rate_limits::Exceeded;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use toruk_sync::domain::file::picture::PictureFault;
use toruk_sync::domain::file::{is_same_kind, may_be_announced};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::{
    ACCOUNT_PENDING_BYTES_MAX, ACCOUNT_PENDING_FILES_MAX, FILE_BYTES_MAX, UNREFERENCED_FILE_DAYS,
    UPLOAD_DAYS,
};

/// An upload that is incomplete after this is removed.
pub const UPLOAD_LIFE: TimeSpan = TimeSpan::days(UPLOAD_DAYS);
/// A complete file that no application refers to is removed after this.
pub const UNREFERENCED_LIFE: TimeSpan = TimeSpan::days(UNREFERENCED_FILE_DAYS);
/// How long a count of all accounts' pending bytes is used.
const COUNTED_FOR: TimeSpan = TimeSpan::seconds(5);
/// Most pending bytes of an account without a draft. Not nothing: a phone that comes back online
/// sends its files beside its draft, and may not be kept waiting just before a deadline.
const UNDRAFTED_BYTES_MAX: u64 = FILE_BYTES_MAX;
/// Most files removed in one round.
const SWEEP_MAX: u64 = 100;

/// The reason why a file was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is larger than [`FILE_BYTES_MAX`].
    #[error("too large")]
    TooLarge,
    /// The bytes do not begin at the server's offset.
    #[error("the upload does not fit what the server has")]
    Mismatch {
        /// The server's offset, in bytes.
        offset: u64,
    },
    /// The bytes do not match their checksum; none of them was kept.
    #[error("the bytes are not what their checksum says")]
    WrongChecksum {
        /// The server's offset, in bytes.
        offset: u64,
    },
    /// The scanner found malware in this content.
    #[error("malware was found in the file")]
    Infected,
    /// An application refers to the file: it stays.
    #[error("an application refers to the file")]
    Referenced,
    /// The content is complete and its hash differs; the upload starts again.
    #[error("the content is not what its hash says")]
    WrongContent,
    /// The hash, length or kind of file is not accepted.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// The picture has too many pixels, or its header is damaged.
    #[error(transparent)]
    Picture(PictureFault),
    /// [`ACCOUNT_PENDING_BYTES_MAX`] or [`ACCOUNT_PENDING_FILES_MAX`] is reached.
    #[error("too many bytes are pending")]
    LimitReached,
    /// No auction takes applications, so nobody may apply.
    #[error("there is no auction to apply to")]
    NoAuction,
    /// The account has no draft for an auction that takes applications, and files enough without.
    #[error("there is no draft to which the file could belong")]
    NoDraft,
    /// Too many bytes of the caller's address are pending.
    #[error("too many bytes of one address are pending")]
    AddressLimit(#[source] Exceeded),
    /// Reading or writing a file failed.
    #[error("the disk failed")]
    Disk(#[source] std::io::Error),
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Upload and use of people's files.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) files: Files,
    pub(super) active: ActiveUploads,
    /// Notified when a file becomes complete.
    pub(super) arrived: Arc<Notify>,
    pending: Arc<Mutex<Pending>>,
    drafts: draft::Service,
    address_quota: Arc<AddressQuota>,
}

/// The bytes of all accounts' files that no application refers to.
#[derive(Clone, Copy, Default)]
struct Pending {
    /// When they were counted last.
    at: Option<Timestamp>,
    bytes: u64,
}

impl Service {
    /// Builds on this database and its data folder.
    pub fn new(context: &Arc<Context>, drafts: draft::Service) -> Self {
        let files = Files::in_folder(&context.config.data_dir);
        let address_quota = Arc::new(AddressQuota::new(context.config.uploads_bytes_max));
        let context = context.clone();
        let (active, arrived, pending) = (ActiveUploads::default(), Arc::default(), Arc::default());
        Self { context, files, active, arrived, pending, drafts, address_quota }
    }

    /// Announces a file, or finds it; the view has the server's offset.
    ///
    /// # Errors
    /// [`Error`]; nothing was announced.
    pub async fn announce(
        &self,
        person: PersonId,
        address: ClientAddress,
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
        if !may_be_announced(mime) {
            return Err(Error::Malformed("a PDF, JPEG or PNG is needed"));
        }
        let now = self.context.ports.clock.now();
        self.has_room(size_bytes, now).await?;
        let txn = self.context.db.begin().await?;
        store::hold_person(&txn, person).await?;
        if let Some(known) = store::find(&txn, person, sha256).await? {
            let view = harmless(known.view)?;
            if view.size_bytes != size_bytes || !is_same_kind(&known.mime, mime) {
                return Err(Error::Malformed("it was announced with another length or kind"));
            }
            if !view.stored || view.expires_at.is_none() {
                return Ok(view);
            }
            // The file is still wanted.
            let expires_at = now + UNREFERENCED_LIFE;
            store::renew(&txn, person, sha256, expires_at).await?;
            self.context.db.commit(txn).await?;
            return Ok(View { expires_at: Some(expires_at), ..view });
        }
        self.may_add(&txn, person, size_bytes).await?;
        let view = View {
            sha256: sha256.to_owned(),
            size_bytes,
            offset: 0,
            stored: false,
            scan: Scan::Arriving,
            expires_at: Some(now + UPLOAD_LIFE),
        };
        let quota = &self.address_quota;
        quota.reserve(address, person, sha256, size_bytes).map_err(Error::AddressLimit)?;
        let inserted = async {
            store::insert(&txn, person, &view, mime, now, now + UPLOAD_LIFE).await?;
            self.context.db.commit(txn).await
        };
        if let Err(error) = inserted.await {
            quota.release(person, sha256);
            return Err(error.into());
        }
        lock(&self.pending).bytes += size_bytes;
        Ok(view)
    }

    /// Passes if the person may apply somewhere, and their files leave room for one more.
    async fn may_add(&self, txn: &Txn, person: PersonId, size_bytes: u64) -> Result<(), Error> {
        let prospect = self.drafts.prospect(txn, person).await?;
        if prospect == Prospect::Nothing {
            return Err(Error::NoAuction);
        }
        let pending = store::pending(txn, person).await?;
        let bytes = pending.iter().sum::<u64>().saturating_add(size_bytes);
        if prospect == Prospect::Auction && bytes > UNDRAFTED_BYTES_MAX {
            return Err(Error::NoDraft);
        }
        let full = pending.len() >= ACCOUNT_PENDING_FILES_MAX || bytes > ACCOUNT_PENDING_BYTES_MAX;
        if full { Err(Error::LimitReached) } else { Ok(()) }
    }

    /// The upload state of a file.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if this person never announced it, [`Error::Infected`].
    pub async fn view(&self, person: PersonId, sha256: &str) -> Result<View, Error> {
        let known = store::find(self.context.db.read(), person, sha256).await?;
        harmless(known.ok_or(StoreError::NotFound)?.view)
    }

    /// Removes a person's file, complete or partial, that no application refers to.
    ///
    /// # Errors
    /// [`Error::Referenced`], [`Error::Infected`]; [`Error::Mismatch`] while bytes arrive.
    pub async fn withdraw(&self, person: PersonId, sha256: &str) -> Result<(), Error> {
        let _lock = self.lock_upload(person, sha256).await?;
        self.view(person, sha256).await?;
        if !store::remove_unreferenced(&self.context.db, person, sha256, None).await? {
            return Err(Error::Referenced);
        }
        self.address_quota.release(person, sha256);
        self.files.remove(person, sha256).await.map_err(Error::Disk)
    }

    /// Selects those of the named files that are complete.
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

    /// Marks files that an application refers to: they do not count as pending any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep(
        &self,
        txn: &Txn,
        person: PersonId,
        sha256: &[String],
    ) -> Result<(), StoreError> {
        store::keep(txn, person, sha256).await?;
        for sha256 in sha256 {
            self.address_quota.release(person, sha256);
        }
        Ok(())
    }

    /// A complete file's content, at most [`FILE_BYTES_MAX`]: byte for byte as uploaded, because
    /// its hash is signed. Metadata stays in it; only officials see it, and each access is
    /// recorded.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it is incomplete or not scanned yet.
    pub async fn content(&self, person: PersonId, sha256: &str) -> Result<Vec<u8>, Error> {
        if !self.view(person, sha256).await?.scan.is_usable() {
            return Err(StoreError::NotFound.into());
        }
        self.files.content(person, sha256).await.map_err(Error::Disk)
    }

    /// Waits until a file becomes complete on this node.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Removes one page of expired files: unfinished uploads, and complete files that no
    /// application refers to. Returns how many.
    ///
    /// # Errors
    /// [`Error`]; files removed before it stay removed.
    pub async fn sweep(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let expired = store::expired(self.context.db.read(), now, SWEEP_MAX).await?;
        for (person, sha256) in &expired {
            let Some(_lock) = self.active.try_lock(*person, sha256) else { continue };
            // The row goes first: a row without bytes would reject them, bytes without a row are
            // only overwritten.
            if store::remove_unreferenced(&self.context.db, *person, sha256, Some(now)).await? {
                self.address_quota.release(*person, sha256);
                self.files.remove(*person, sha256).await.map_err(Error::Disk)?;
            }
        }
        Ok(expired.len())
    }

    /// Forgets all files of an account, whatever refers to them; returns their hashes for
    /// [`Self::remove`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, txn: &Txn, person: PersonId) -> Result<Vec<String>, StoreError> {
        store::remove_all(txn, person).await
    }

    /// Removes the contents of files whose rows are gone.
    ///
    /// # Errors
    /// [`Error::Disk`]; files removed before it stay removed.
    pub async fn remove(&self, person: PersonId, sha256: &[String]) -> Result<(), Error> {
        for sha256 in sha256 {
            self.address_quota.release(person, sha256);
            self.files.remove(person, sha256).await.map_err(Error::Disk)?;
        }
        Ok(())
    }

    /// Locks the upload for this connection, or returns its offset while another one writes.
    pub(super) async fn lock_upload(
        &self,
        person: PersonId,
        sha256: &str,
    ) -> Result<UploadLock, Error> {
        match self.active.lock(person, sha256).await {
            Some(lock) => Ok(lock),
            None => Err(Error::Mismatch { offset: self.view(person, sha256).await?.offset }),
        }
    }

    /// Passes while the disk and the limit of all accounts together have room for a file.
    ///
    /// The total is counted again every [`COUNTED_FOR`], and not under the writer's lock: a bid
    /// must not wait for it. Between two counts this node adds what it accepts itself.
    async fn has_room(&self, size_bytes: u64, now: Timestamp) -> Result<(), Error> {
        self.context.disk.has_room().map_err(StoreError::from)?;
        let known = *lock(&self.pending);
        let bytes = match known.at {
            Some(at) if now - at < COUNTED_FOR => known.bytes,
            _ => {
                let bytes = store::pending_of_all(self.context.db.read()).await?;
                *lock(&self.pending) = Pending { at: Some(now), bytes };
                bytes
            }
        };
        metrics::gauge!("toruk_uploads_pending_bytes").set(bytes as f64);
        if bytes.saturating_add(size_bytes) > self.context.config.uploads_bytes_max {
            return Err(StoreError::from(DiskFull).into());
        }
        Ok(())
    }
}

/// Passes every file except an infected one.
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
