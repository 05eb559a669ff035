//! The connection that writes an upload. Two must not write one file.
//!
//! # Why a newer connection takes over
//! A phone that changes its network leaves a connection behind that the server takes for open until
//! it has been silent for long. The phone itself is back within a second, and must not wait for a
//! connection that nobody holds. So the newer request asks the older one to make room: one that
//! still receives bytes goes on, as two phones of one person may send the same file; a silent one
//! ends as if it were lost.

use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use toruk_sync::domain::id::PersonId;

/// Real time for which a newer request waits for an older one that still receives bytes.
const TAKEOVER_WAIT: Duration = Duration::from_secs(3);

/// The uploads that receive bytes now.
#[derive(Clone, Default)]
pub struct ActiveUploads(Arc<Mutex<BTreeMap<(PersonId, String), ActiveUpload>>>);

/// An upload that receives bytes now.
#[derive(Clone, Default)]
struct ActiveUpload {
    /// Set when a newer request wants to go on with it.
    wanted: CancellationToken,
    /// Set when the connection ended because it was silent, while another one wanted the upload.
    given_up: CancellationToken,
    released: CancellationToken,
}

/// Locks an upload for one connection until dropped.
pub struct UploadLock {
    active: ActiveUploads,
    key: (PersonId, String),
    upload: ActiveUpload,
    /// Another connection had the lock before, and was given up.
    pub is_taken_over: bool,
}

impl UploadLock {
    /// Waits until a newer request wants the upload; at once if one does already.
    pub async fn wanted(&self) {
        self.upload.wanted.cancelled().await;
    }

    /// Ends a connection that is as good as lost.
    pub fn give_up(&self) {
        if self.is_wanted() {
            self.upload.given_up.cancel();
        }
    }

    /// Returns `true` if a newer request wants the upload.
    pub fn is_wanted(&self) -> bool {
        self.upload.wanted.is_cancelled()
    }
}

impl Drop for UploadLock {
    fn drop(&mut self) {
        lock(&self.active.0).remove(&self.key);
        self.upload.released.cancel();
    }
}

impl ActiveUploads {
    /// Locks the upload for this connection, if no other one writes.
    pub fn try_lock(&self, person: PersonId, sha256: &str) -> Option<UploadLock> {
        self.take(person, sha256).ok()
    }

    /// Locks the upload for this connection, or takes it over from one that is silent; `None` while
    /// another one still receives bytes.
    pub async fn lock(&self, person: PersonId, sha256: &str) -> Option<UploadLock> {
        let taken = tokio::time::timeout(TAKEOVER_WAIT, async {
            let mut is_taken_over = false;
            loop {
                match self.take(person, sha256) {
                    Ok(mut taken) => {
                        taken.is_taken_over = is_taken_over;
                        return taken;
                    }
                    Err(former) => {
                        former.wanted.cancel();
                        former.released.cancelled().await;
                        is_taken_over = former.given_up.is_cancelled();
                    }
                }
            }
        });
        taken.await.ok()
    }

    fn take(&self, person: PersonId, sha256: &str) -> Result<UploadLock, ActiveUpload> {
        let key = (person, sha256.to_owned());
        let mut active = lock(&self.0);
        if let Some(former) = active.get(&key) {
            return Err(former.clone());
        }
        let upload = ActiveUpload::default();
        active.insert(key.clone(), upload.clone());
        Ok(UploadLock { active: self.clone(), key, upload, is_taken_over: false })
    }
}
