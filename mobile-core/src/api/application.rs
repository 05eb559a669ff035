//! Filling in, attaching, signing, submitting. Everything but signing works without a connection,
//! and everything is durable when the call returns.

use super::confirm_by::ConfirmBy;
use super::files::{self, AcceptedFile};
use super::groups::DraftGroup;
use super::records::OutcomeRecord;
use super::{Core, auction_id};
use crate::engine::clock::Mono;
use crate::engine::uploads::{CHUNK_BYTES, Phase, chunk_key};
use crate::engine::{Decided, Engine, UserCommand};
use crate::error::CoreError;
use crate::store::{Table, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::file::FileKind;
use toruk_sync::domain::form::FieldFault;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::operations::{Confirmation, Operation, Verdict};
use toruk_sync::signing::ApplicationPayload;

/// Time to wait for the server's decision on a submit; after that it is delivered in the
/// background.
const SUBMIT_WAIT: Duration = Duration::from_secs(20);

/// One file attached to a draft.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftFile {
    /// The slot of the form that the file fills.
    pub slot: String,
    /// The file name as the person sees it.
    pub name: String,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// `waiting`, `uploading`, `scanning` (uploaded, malware scan not finished), `stored`,
    /// `refused`, `infected`, or `elsewhere` if another phone attached it.
    pub upload: String,
    /// The reason's code, if the server refused it.
    #[uniffi(default = None)]
    pub reason: Option<String>,
}

/// A draft and how complete it is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftStatus {
    /// The answers by field, after merging the person's phones.
    pub answers: HashMap<String, String>,
    /// The attached files, at most one for a slot.
    pub files: Vec<DraftFile>,
    /// Faults by field or slot: `missing`, `malformed`, `too_long`, `unknown`.
    pub faults: HashMap<String, String>,
    /// Conflicting answers by field, when several phones changed the same field without seeing each
    /// other's change.
    pub conflicts: HashMap<String, Vec<String>>,
    /// Groups of answers, such as co-owners: their fields are named `g/<kind>/<id>/<field>`.
    pub groups: Vec<DraftGroup>,
    /// Number of edits that are not on the server yet.
    pub unsent: u32,
    /// The state of the submit, if the application was signed.
    pub submit: Option<SubmitStatus>,
}

/// The state of a signed application on its way to the server.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SubmitStatus {
    /// `saved_not_submitted`: saved on this phone and will be sent; the deadline does not wait for
    /// it. `deadline_passed_unsent`: it was not sent in time; it will be sent for the record only,
    /// and nothing that depends on it is possible. `submitted`: the server has it. `refused`: see
    /// the outcome; the draft and its files are kept. `needs_reconfirm`: the terms have changed since
    /// it was received (`changed_terms`); it takes part only if it is submitted again.
    pub state: String,
    /// The deadline by which the server must have it, Unix µs, exclusive.
    pub tender_end: i64,
    /// The server's time of receipt, Unix µs, once it has been received.
    pub received_at: Option<i64>,
    /// The server's decision, until it is acknowledged with `ack_outcome`.
    pub outcome: Option<OutcomeRecord>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Sets a field's answer; `None` clears it. An edit withdraws a signed submit that was not sent
    /// yet. Characters that cannot be seen are left out: `draft_status` has what will be signed.
    ///
    /// # Errors
    /// [`CoreError::Refused`] with `too_large` or `outbox_full`; [`CoreError::SignedOut`] if nobody
    /// has ever signed in on this phone.
    pub fn draft_set(
        &self,
        auction: String,
        field: String,
        value: Option<String>,
    ) -> Result<(), CoreError> {
        let command = UserCommand::SetField(auction_id(&auction)?, field, value);
        self.driver.execute(command).map(drop)
    }

    /// Copies a file into the draft: a PDF, JPEG or PNG by its bytes, whatever `mime` says. Another
    /// picture, or one that is too large, is converted by `Platform.pictures`, if there is one. It
    /// is uploaded as soon as there is a connection. Its name is shortened to 120 characters, and
    /// gets the ending of its type.
    ///
    /// # Errors
    /// As [`Self::draft_set`]; `file_empty`, `file_heic`, `file_webp`, `file_unknown`,
    /// `picture_damaged`, `picture_too_large`.
    pub fn draft_attach(
        &self,
        auction: String,
        slot: String,
        name: String,
        mime: String,
        bytes: Vec<u8>,
    ) -> Result<(), CoreError> {
        let limits = self.driver.read(|engine| engine.file_limits());
        let converter = self.driver.platform.pictures.as_deref();
        let AcceptedFile { content: bytes, kind } = files::accept(bytes, &limits, converter)?;
        if FileKind::of_mime(&mime) != Some(kind) {
            tracing::debug!(claimed = mime, found = kind.mime(), "the bytes count");
        }
        let mime = kind.mime().to_owned();
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

    /// Copies a file into the draft from a path. Works as [`Self::draft_attach`], off the caller's
    /// thread.
    ///
    /// # Errors
    /// As `draft_attach`; `not_found` if the file can't be read.
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
            let limits = core.driver.read(|engine| engine.file_limits());
            let bytes = files::read(&path, &limits, core.driver.platform.pictures.is_some())?;
            core.draft_attach(auction, slot, name, mime, bytes)
        };
        self.driver.blocking(attach).await?
    }

    /// Removes the file from a slot.
    ///
    /// # Errors
    /// As [`Self::draft_set`]; `not_found` if the slot is empty.
    pub fn draft_detach(&self, auction: String, slot: String) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Detach(auction_id(&auction)?, slot)).map(drop)
    }

    /// The draft, checked against the form as this phone last saw it.
    ///
    /// # Errors
    /// `auction_unknown` if this phone has never seen the form.
    pub fn draft_status(&self, auction: String) -> Result<DraftStatus, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        self.driver.read(|engine| draft_status(engine, auction, now))
    }

    /// Signs the complete application and queues it. With a connection, waits for the server's
    /// decision; without one the application is saved and NOT submitted.
    ///
    /// # Errors
    /// `incomplete`, `unresolved_conflicts`, `deadline_passed`, `auction_unknown`, `cancelled`;
    /// `file_unusable` with `slot` if the server would refuse a file, or already did.
    pub async fn submit(&self, auction: String) -> Result<SubmitStatus, CoreError> {
        self.submit_by(auction, ConfirmBy::Passkey).await
    }

    /// Withdraws the application. The server decides when the request reaches it.
    ///
    /// # Errors
    /// `not_found` if there is no application.
    pub fn withdraw(&self, auction: String) -> Result<(), CoreError> {
        let auction = auction_id(&auction)?;
        let application = self.application_of(auction)?;
        self.driver.execute(UserCommand::Withdraw(auction, application)).map(drop)
    }
}

impl Core {
    /// Signs the complete application in this way and queues it; see [`Self::submit`].
    pub(super) async fn submit_by(
        &self,
        auction: String,
        by: ConfirmBy,
    ) -> Result<SubmitStatus, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        let package = self.driver.read(|engine| engine.package(auction, now))?;
        let confirmation = self.confirm_by(&package, by).await?;
        // The person may have edited the draft while the platform asked them to confirm.
        let current = self.driver.read(|engine| engine.package(auction, self.driver.now()))?;
        if current != package {
            return Err(CoreError::refused("draft_changed"));
        }
        self.queue(auction, package, confirmation).await
    }

    /// Queues a confirmed application. With a connection, waits for the server's decision.
    pub(super) async fn queue(
        &self,
        auction: AuctionId,
        package: ApplicationPayload,
        confirmation: Confirmation,
    ) -> Result<SubmitStatus, CoreError> {
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

    /// Signs a payload with the passkey; needs no connection.
    pub(super) async fn confirm<P: toruk_sync::signing::SignedPayload>(
        &self,
        package: &P,
    ) -> Result<Confirmation, CoreError> {
        let profile = self.driver.read(|engine| engine.profile().cloned());
        let profile = profile.ok_or(CoreError::SignedOut)?;
        if profile.credential_id.is_empty() {
            return Err(CoreError::refused("passkey_missing"));
        }
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
    let mut faults = view.form.faults(&answers, &filled);
    let unusable = files.iter().filter(|file| !engine.is_usable(file));
    faults.extend(unusable.map(|file| (file.slot.clone(), FieldFault::Malformed)));
    let conflicts = draft.conflicts().into_iter();
    let plain = |values: Vec<Option<String>>| values.into_iter().map(Option::unwrap_or_default);
    let edits = engine.outbox().waiting().filter(|row| {
        row.auction == Some(auction) && matches!(row.operation, Operation::EditDraft { .. })
    });
    Ok(DraftStatus {
        answers: answers.into_iter().collect(),
        files: files.iter().map(|file| draft_file(engine, file)).collect(),
        faults: faults
            .into_iter()
            .map(|(id, fault)| (id, super::records::as_code(&fault)))
            .collect(),
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
    let reason = engine.uploads().get(&file.sha256).and_then(|upload| match &upload.phase {
        Phase::Refused(code) => Some(code.clone()),
        _ => None,
    });
    DraftFile {
        slot: file.slot.clone(),
        name: file.name.clone(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        upload: upload.to_owned(),
        reason,
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
    let is_refused = |decided: &Decided| matches!(decided.outcome.verdict, Verdict::Refused(_));
    if engine.must_reconfirm(auction) && !decided.is_some_and(is_refused) {
        let received_at = engine.submitted_at(auction).map(|at| at.0);
        let outcome = decided.map(Into::into);
        return Some(SubmitStatus { received_at, outcome, ..status("needs_reconfirm") });
    }
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
