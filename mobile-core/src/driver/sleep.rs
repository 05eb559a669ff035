//! Suspending and resuming: connections are closed in order before the system cuts them, and
//! uploads are handed over to the platform.

use super::http::ApiRequest;
use super::{Driver, EffectTask};
use crate::engine::Input;
use crate::engine::uploads::{Phase, Upload, UploadStep};
use crate::error::CoreError;
use crate::mutex::lock;
use crate::platform::{BackgroundTransfers, UploadJob};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The most files that are handed over; the rest waits until the app is resumed.
const TRANSFERS_MAX: usize = 8;
/// The timeout of a request during suspension: the system allows a few seconds in all.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);
/// The folder with the bytes that the platform uploads. They are not encrypted: it can't unseal
/// them.
const FOLDER: &str = "transfers";

impl Driver {
    /// Takes in the platform's connectivity.
    ///
    /// # Errors
    /// [`CoreError`] from the engine's update.
    pub fn set_online(self: &Arc<Self>, online: bool) -> Result<(), CoreError> {
        self.http.set_online(online);
        self.input(Input::Online(online))
    }

    /// Cancels what is in progress, hands uploads over, and closes the store's files.
    ///
    /// # Errors
    /// [`CoreError`] from the store or the update.
    pub async fn suspend(self: &Arc<Self>) -> Result<(), CoreError> {
        self.set_online(false)?;
        if let Some(transfers) = self.platform.transfers.clone() {
            // Everything in progress has ended, and the engine starts nothing new.
            self.http.set_online(true);
            self.enqueue_transfers(transfers).await;
            self.http.set_online(false);
        }
        self.wake.send_replace(None);
        self.store().suspend()?;
        Ok(self.guest.suspend()?)
    }

    /// Opens the files again and continues.
    ///
    /// # Errors
    /// [`CoreError`] from the store or the update.
    pub fn resume(self: &Arc<Self>, online: bool) -> Result<(), CoreError> {
        self.reopen()?;
        self.cancel_transfers();
        self.set_online(online)?;
        self.input(Input::Woken)
    }

    /// Cleans up after an upload that the platform finished or gave up.
    ///
    /// # Errors
    /// [`CoreError::Closed`].
    pub fn transfer_finished(&self, id: &str) -> Result<(), CoreError> {
        if lock(&self.active).closed {
            return Err(CoreError::Closed);
        }
        // The id is a hash in hex and nothing else, because it names a file here.
        if id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let _ = std::fs::remove_file(self.folder().join(FOLDER).join(id));
        }
        Ok(())
    }

    /// Cancels the platform's uploads after a resume: the core uploads the rest itself.
    pub fn cancel_transfers(&self) {
        let folder = self.folder().join(FOLDER);
        let Ok(entries) = std::fs::read_dir(&folder) else { return };
        for entry in entries.flatten() {
            if let Some(transfers) = &self.platform.transfers {
                transfers.cancel(entry.file_name().to_string_lossy().into_owned());
            }
        }
        let _ = std::fs::remove_dir_all(folder);
    }

    async fn enqueue_transfers(self: &Arc<Self>, transfers: Arc<dyn BackgroundTransfers>) {
        let token = self.http.token();
        let task = EffectTask {
            driver: Arc::clone(self),
            account_generation: self.account_generation(),
            token,
        };
        let waiting: Vec<Upload> = self.read(|engine| engine.uploads().to_go().cloned().collect());
        for upload in waiting.into_iter().take(TRANSFERS_MAX) {
            let id = upload.sha256.clone();
            match task.job(upload).await {
                Ok(Some(job)) => {
                    if let Err(error) = transfers.enqueue(job) {
                        tracing::warn!(%error, "an upload waits until the app is resumed");
                        let _ = self.transfer_finished(&id);
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "an upload waits until the app is resumed"),
            }
        }
    }
}

impl EffectTask {
    /// The rest of an upload as a job for the platform; `None` if the server does not tell its
    /// offset.
    async fn job(&self, upload: Upload) -> std::io::Result<Option<UploadJob>> {
        let first = match upload.phase {
            Phase::New => UploadStep::Create(upload.clone()),
            _ => UploadStep::Ask(upload.clone()),
        };
        let Some((path, ask)) = self.upload_ask(&first) else { return Ok(None) };
        let ask = ApiRequest { path: &path, timeout: ASK_TIMEOUT, ..ask };
        let answer = self.driver.http.ask(ask.of(self.token.clone())).await;
        let Some(offset) = answer.ok().and_then(|answer| answer.head.upload_offset) else {
            return Ok(None);
        };
        if offset >= upload.size_bytes {
            return Ok(None);
        }
        let Some((path, ask)) = self.upload_ask(&UploadStep::Send(upload.clone(), offset)) else {
            return Ok(None);
        };
        let ask = ApiRequest { path: &path, ..ask }.of(self.token.clone());
        let Some(head) = self.driver.http.to_http_request(ask) else { return Ok(None) };
        let file = self.write_rest(&upload, offset)?;
        Ok(Some(UploadJob {
            id: upload.sha256,
            method: head.method,
            url: head.url,
            headers: head.headers,
            file: file.display().to_string(),
            size_bytes: upload.size_bytes - offset,
        }))
    }

    fn write_rest(&self, upload: &Upload, offset: u64) -> std::io::Result<PathBuf> {
        let folder = self.driver.folder().join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(&upload.sha256);
        let mut file = std::fs::File::create(&path)?;
        let mut at = offset;
        while at < upload.size_bytes {
            let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
            let piece = self.piece(&upload.sha256, at).ok_or_else(gone)?;
            file.write_all(&piece)?;
            at += piece.len() as u64;
        }
        Ok(path)
    }
}
