//! Receives bytes: they are streamed to disk, counted on the way, and checked when all have
//! arrived.

use super::files::Found;
use super::service::{Error, Service, UNREFERENCED_LIFE, well_formed};
use super::store;
use super::upload::{Scan, View};
use super::upload_lock::UploadLock;
use crate::db::StoreError;
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use toruk_sync::domain::file::is_announced;
use toruk_sync::domain::id::PersonId;

/// Bytes between two syncs to disk.
const CHECKPOINT_BYTES: u64 = 4 * 1024 * 1024;
/// Real time without a byte after which a connection counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// The same, when a newer connection of the same person wants to go on with the upload.
const WANTED_SILENCE_MAX: Duration = Duration::from_secs(1);

/// SHA-256 of the bytes of one request.
pub type Checksum = [u8; 32];

impl Service {
    /// Stores bytes that begin at `offset`, at most as many as were announced. Bytes that arrived
    /// before the connection was lost count; but bytes with a checksum are stored only if it
    /// matches. Meant to be run as a task of its own: dropped, it loses up to `CHECKPOINT_BYTES`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] and [`Error::WrongChecksum`] carry the server's offset; after
    /// [`Error::WrongContent`] it is 0.
    pub async fn append<B: AsRef<[u8]>, E>(
        &self,
        person: PersonId,
        sha256: &str,
        offset: u64,
        checksum: Option<Checksum>,
        mut bytes: impl Stream<Item = Result<B, E>> + Unpin,
    ) -> Result<View, Error> {
        well_formed(sha256)?;
        self.context.disk.has_room().map_err(StoreError::from)?;
        let lock = self.lock_upload(person, sha256).await?;
        let mut view = self.begun(person, sha256, offset, &lock).await?;
        if view.stored {
            return Ok(view);
        }
        let mut part = self.files.part(person, sha256, offset).await.map_err(Error::Disk)?;
        if part.written() < offset {
            // The disk has less than the database: only the bytes on disk count.
            store::set_offset(&self.context.db, person, sha256, part.written()).await?;
            return Err(Error::Mismatch { offset: part.written() });
        }
        let mut hasher = checksum.map(|_| Sha256::new());
        let ended = loop {
            let chunk = match next(&mut bytes, &lock).await {
                Some(Ok(chunk)) => chunk,
                None => break true,
                Some(Err(Lost)) => {
                    lock.give_up();
                    break false;
                }
            };
            if part.written().saturating_add(length(chunk.as_ref())) > view.size_bytes {
                return Err(Error::TooLarge);
            }
            if self.context.disk.has_room().is_err() {
                break false;
            }
            part.write(chunk.as_ref()).await.map_err(Error::Disk)?;
            if let Some(hasher) = &mut hasher {
                hasher.update(chunk.as_ref());
            } else if part.written() - view.offset >= CHECKPOINT_BYTES {
                view.offset = part.written();
                part.sync().await.map_err(Error::Disk)?;
                store::set_offset(&self.context.db, person, sha256, view.offset).await?;
            }
        };
        // The bytes behind the offset are cut off when the upload continues.
        if let (Some(hasher), Some(expected)) = (hasher, checksum) {
            if !ended {
                return Ok(view);
            }
            if hasher.finalize()[..] != expected {
                return Err(Error::WrongChecksum { offset });
            }
        }
        part.sync().await.map_err(Error::Disk)?;
        view.offset = part.written();
        if view.offset == view.size_bytes {
            return self.complete(person, view).await;
        }
        store::set_offset(&self.context.db, person, sha256, view.offset).await?;
        Ok(view)
    }

    /// The upload as it stands, if its next bytes are those at `offset`. A former connection that
    /// this one took over may have got further than its phone was told: what it has completed is
    /// done, otherwise the phone's offset counts, and the bytes behind it come once more.
    async fn begun(
        &self,
        person: PersonId,
        sha256: &str,
        offset: u64,
        lock: &UploadLock,
    ) -> Result<View, Error> {
        let mut view = self.view(person, sha256).await?;
        if lock.is_taken_over && view.stored {
            return Ok(view);
        }
        if lock.is_taken_over && offset < view.offset {
            store::set_offset(&self.context.db, person, sha256, offset).await?;
            view.offset = offset;
        }
        if offset == view.offset { Ok(view) } else { Err(Error::Mismatch { offset: view.offset }) }
    }

    /// Checks a file whose last byte has arrived, and puts it into quarantine if there is a
    /// scanner.
    async fn complete(&self, person: PersonId, view: View) -> Result<View, Error> {
        let known = store::find(self.context.db.read(), person, &view.sha256).await?;
        let mime = known.ok_or(StoreError::NotFound)?.mime;
        let found = self.files.examine(person, &view.sha256).await.map_err(Error::Disk)?;
        if let Some(fault) = fault(found, &view.sha256, &mime) {
            store::set_offset(&self.context.db, person, &view.sha256, 0).await?;
            self.files.remove(person, &view.sha256).await.map_err(Error::Disk)?;
            return Err(fault);
        }
        self.files.keep(person, &view.sha256).await.map_err(Error::Disk)?;
        let at = self.context.ports.clock.now();
        let scan = match self.context.ports.scanner {
            Some(_) => Scan::Waiting,
            None => Scan::Unscanned,
        };
        let expires_at = Some(at + UNREFERENCED_LIFE);
        let view = View { offset: view.size_bytes, stored: true, scan, expires_at, ..view };
        store::set_whole(&self.context.db, person, &view, at).await?;
        self.arrived.notify_one();
        Ok(view)
    }
}

/// The connection was lost, or is as good as lost.
struct Lost;

/// The next bytes. A connection may be silent for [`SILENCE_MAX`], or for [`WANTED_SILENCE_MAX`]
/// once a newer one wants to go on.
async fn next<B, E>(
    bytes: &mut (impl Stream<Item = Result<B, E>> + Unpin),
    lock: &UploadLock,
) -> Option<Result<B, Lost>> {
    let patience = if lock.is_wanted() { WANTED_SILENCE_MAX } else { SILENCE_MAX };
    let hurried = async {
        lock.wanted().await;
        tokio::time::sleep(WANTED_SILENCE_MAX).await;
    };
    tokio::select! {
        biased;
        chunk = tokio::time::timeout(patience, bytes.next()) => match chunk {
            Ok(Some(Ok(chunk))) => Some(Ok(chunk)),
            Ok(None) => None,
            Ok(Some(Err(_))) | Err(_) => Some(Err(Lost)),
        },
        () = hurried => Some(Err(Lost)),
    }
}

/// The reason why complete content is not what was announced, or not to be opened.
fn fault(found: Found, sha256: &str, mime: &str) -> Option<Error> {
    if found.sha256 != sha256 {
        Some(Error::WrongContent)
    } else if !found.kind.is_some_and(|kind| is_announced(mime, kind)) {
        Some(Error::Malformed("the content is not of the kind announced"))
    } else {
        found.picture.map(Error::Picture)
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
