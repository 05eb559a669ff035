//! Filling in, attaching, signing, submitting. All but signing works without a connection, and
//! everything is durable when the call returns.

use super::groups::DraftGroup;
use super::records::OutcomeRecord;
use super::{Core, auction_id};
use crate::engine::clock::Mono;
use crate::engine::uploads::{CHUNK_BYTES, Phase, chunk_key};
use crate::engine::{Engine, UserCommand};
use crate::error::CoreError;
use crate::store::{Table, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::limits::FILE_BYTES_MAX;
use toruk_sync::protocol::operations::{Confirmation, Operation, Verdict};

/// A submit with a connection waits this long for the server's word; after that it goes on by
/// itself.
const SUBMIT_WAIT: Duration = Duration::from_secs(20);

/// One file of a draft.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftFile {
    /// The form's slot.
    pub slot: String,
    /// The name the person gave it.
    pub name: String,
    /// Length.
    pub size_bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
    /// `waiting`, `uploading`, `scanning` (arrived, not yet found harmless), `stored`, `refused`,
    /// `infected`, or `elsewhere` when another phone attached it.
    pub upload: String,
}

/// How complete a draft is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftStatus {
    /// The answers as shown.
    pub answers: HashMap<String, String>,
    /// The files.
    pub files: Vec<DraftFile>,
    /// What is missing or wrong by field or slot: `missing`, `malformed`, `too_long`, `unknown`.
    pub faults: HashMap<String, String>,
    /// Answers of several phones that stand beside each other, by field.
    pub conflicts: HashMap<String, Vec<String>>,
    /// Groups of answers, such as co-owners: their fields are named `g/<kind>/<id>/<field>`.
    pub groups: Vec<DraftGroup>,
    /// Edits that are not on the server yet.
    pub unsent: u32,
    /// Where a submit stands, when there is one.
    pub submit: Option<SubmitStatus>,
}

/// Where a submit stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SubmitStatus {
    /// `saved_not_submitted`: on this phone only, will be sent; the deadline does not wait for it.
    /// `deadline_passed_unsent`: it did not leave in time; it will be sent for the record only, and
    /// nothing that depends on it is possible.
    /// `submitted`: the server has it. `refused`: see the outcome; draft and files are kept.
    pub state: String,
    /// Until when the server must have it.
    pub tender_end: i64,
    /// When the server received it.
    pub received_at: Option<i64>,
    /// The server's decision, to be acknowledged.
    pub outcome: Option<OutcomeRecord>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Answers a field; `None` clears it. An edit takes back a signed submit that never left.
    ///
    /// # Errors
    /// [`CoreError::Refused`] `too_large`, `outbox_full`; [`CoreError::SignedOut`] when nobody
    /// ever signed in here.
    pub fn draft_set(
        &self,
        auction: String,
        field: String,
        value: Option<String>,
    ) -> Result<(), CoreError> {
        let command = UserCommand::SetField(auction_id(&auction)?, field, value);
        self.driver.execute(command).map(drop)
    }

    /// Copies a file in. It is uploaded as soon as there is a connection.
    ///
    /// # Errors
    /// As [`Self::draft_set`].
    pub fn draft_attach(
        &self,
        auction: String,
        slot: String,
        name: String,
        mime: String,
        bytes: Vec<u8>,
    ) -> Result<(), CoreError> {
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(CoreError::refused("too_large"));
        }
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let pieces = bytes.chunks(CHUNK_BYTES as usize).enumerate();
        let content = pieces.map(|(index, piece)| Write::Put {
            table: Table::Content,
            key: chunk_key(&sha256, index as u64),
            value: piece.to_vec(),
        });
        let content = content.collect();
        let file = FileRef { slot, sha256, size_bytes: bytes.len() as u64, mime, name };
        self.driver.execute(UserCommand::Attach(auction_id(&auction)?, file, content)).map(drop)
    }

    /// Copies a file in, from a path of the app's. As [`Self::draft_attach`], and not on the caller's
    /// thread.
    ///
    /// # Errors
    /// As `draft_attach`; `not_found` when the file can't be read.
    pub async fn draft_attach_file(
        self: Arc<Self>,
        auction: String,
        slot: String,
        name: String,
        mime: String,
        path: String,
    ) -> Result<(), CoreError> {
        let core = Arc::clone(&self);
        let attach = move || {
            let size = std::fs::metadata(&path).map(|file| file.len());
            if size.as_ref().is_ok_and(|size| *size > FILE_BYTES_MAX) {
                return Err(CoreError::refused("too_large"));
            }
            let bytes = std::fs::read(&path).map_err(|_| CoreError::refused("not_found"))?;
            core.draft_attach(auction, slot, name, mime, bytes)
        };
        self.driver.blocking(attach).await?
    }

    /// Empties a slot.
    ///
    /// # Errors
    /// As [`Self::draft_set`]; `not_found` when it is empty.
    pub fn draft_detach(&self, auction: String, slot: String) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Detach(auction_id(&auction)?, slot)).map(drop)
    }

    /// How complete the draft is, by the form that was last seen.
    ///
    /// # Errors
    /// `auction_unknown` when the form was never seen.
    pub fn draft_status(&self, auction: String) -> Result<DraftStatus, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        self.driver.read(|engine| draft_status(engine, auction, now))
    }

    /// Signs the complete application and puts it into the outbox; with a connection, waits for
    /// the server's word. Without one it is saved and NOT submitted.
    ///
    /// # Errors
    /// `incomplete`, `unresolved_conflicts`, `deadline_passed`, `auction_unknown`, `cancelled`.
    pub async fn submit(&self, auction: String) -> Result<SubmitStatus, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        let package = self.driver.read(|engine| engine.package(auction, now))?;
        let confirmation = self.confirm(&package).await?;
        // The person may have typed while the platform asked for his finger.
        let current = self.driver.read(|engine| engine.package(auction, self.driver.now()))?;
        if current != package {
            return Err(CoreError::refused("draft_changed"));
        }
        let ticket = self.driver.execute(UserCommand::Submit(Box::new(package), confirmation))?;
        let driver = Arc::clone(&self.driver);
        let settled = move |engine: &Engine| {
            let waits = engine.outbox().waiting().any(|row| row.ticket == ticket);
            let stuck = engine.is_backing_off(driver.now());
            !waits || !engine.is_online() || !engine.is_signed_in() || stuck
        };
        self.driver.wait_until(SUBMIT_WAIT, settled).await;
        self.driver
            .read(|engine| submit_status(engine, auction, self.driver.now()))
            .ok_or_else(|| CoreError::internal("the submit was not kept"))
    }

    /// Takes the application back; decided by the server when it gets there.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub fn withdraw(&self, auction: String) -> Result<(), CoreError> {
        let auction = auction_id(&auction)?;
        let application = self.application_of(auction)?;
        self.driver.execute(UserCommand::Withdraw(auction, application)).map(drop)
    }
}

impl Core {
    /// Signs a package with the passkey; needs no connection.
    pub(super) async fn confirm<P: toruk_sync::signing::SignedPayload>(
        &self,
        package: &P,
    ) -> Result<Confirmation, CoreError> {
        let profile = self.driver.read(|engine| engine.profile().cloned());
        let profile = profile.ok_or(CoreError::SignedOut)?;
        let options = json!({ "publicKey": {
            "challenge": URL_SAFE_NO_PAD.encode(package.digest()),
            "rpId": profile.rp_id,
            "allowCredentials": [{ "type": "public-key", "id": profile.credential_id }],
            "userVerification": "required",
            "timeout": 120_000,
        }});
        let credential = self.driver.platform.passkeys.assert(options.to_string()).await?;
        let credential = serde_json::from_str(&credential).map_err(CoreError::internal)?;
        Ok(Confirmation::Passkey { credential })
    }
}

fn draft_status(engine: &Engine, auction: AuctionId, now: Mono) -> Result<DraftStatus, CoreError> {
    let view = engine.view(auction).ok_or_else(|| CoreError::refused("auction_unknown"))?;
    let draft = engine.drafts().get(auction).cloned().unwrap_or_default();
    let (answers, files) = (draft.answers(), draft.files());
    let filled = files.iter().map(|file| file.slot.clone()).collect();
    let faults = view.form.faults(&answers, &filled).into_iter();
    let conflicts = draft.conflicts().into_iter();
    let plain = |values: Vec<Option<String>>| values.into_iter().map(Option::unwrap_or_default);
    let edits = engine.outbox().waiting().filter(|row| {
        row.auction == Some(auction) && matches!(row.operation, Operation::EditDraft { .. })
    });
    Ok(DraftStatus {
        answers: answers.into_iter().collect(),
        files: files.iter().map(|file| draft_file(engine, file)).collect(),
        faults: faults.map(|(id, fault)| (id, super::records::as_code(&fault))).collect(),
        conflicts: conflicts.map(|(id, values)| (id, plain(values).collect())).collect(),
        groups: draft.groups().iter().map(Into::into).collect(),
        unsent: edits.count() as u32,
        submit: submit_status(engine, auction, now),
    })
}

fn draft_file(engine: &Engine, file: &FileRef) -> DraftFile {
    let upload = match engine.uploads().get(&file.sha256).map(|upload| &upload.phase) {
        None => "elsewhere",
        Some(Phase::New) => "waiting",
        Some(Phase::Begun) => "uploading",
        Some(Phase::Scanning) => "scanning",
        Some(Phase::Stored) => "stored",
        Some(Phase::Refused(code)) if code == "infected" => "infected",
        Some(Phase::Refused(_)) => "refused",
    };
    DraftFile {
        slot: file.slot.clone(),
        name: file.name.clone(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        upload: upload.to_owned(),
    }
}

fn submit_status(engine: &Engine, auction: AuctionId, now: Mono) -> Option<SubmitStatus> {
    let view = engine.view(auction)?;
    let tender_end = view.auction.terms.as_ref().map_or(0, |terms| terms.tender_end.0);
    let status = |state: &str| SubmitStatus {
        state: state.to_owned(),
        tender_end,
        received_at: None,
        outcome: None,
    };
    let waits = engine.outbox().waiting().any(|row| {
        row.auction == Some(auction) && matches!(row.operation, Operation::SubmitApplication { .. })
    });
    if waits {
        let late = engine.is_late_unsent(auction, now);
        let state = if late { "deadline_passed_unsent" } else { "saved_not_submitted" };
        return Some(status(state));
    }
    let decided = engine.submit_outcome(auction);
    if let Some(decided) = decided {
        let (state, received_at) = match &decided.outcome.verdict {
            Verdict::Submitted { received_at, .. } => ("submitted", Some(received_at.0)),
            _ => ("refused", None),
        };
        return Some(SubmitStatus { received_at, outcome: Some(decided.into()), ..status(state) });
    }
    let received_at = engine.submitted_at(auction)?;
    Some(SubmitStatus { received_at: Some(received_at.0), ..status("submitted") })
}
