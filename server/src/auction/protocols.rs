//! Official protocols: made once for each decision, kept as files, named in the log by their hashes,
//! and signed by the organiser.
//!
//! # Why they are not made where the decision is
//! A decision is one transaction that other decisions wait for, and three files take a tenth of a
//! second. They are made after it, from the records of the log that decided; a node that stops in
//! between leaves a row, and any node goes on. A winner who wants to sign before they are made makes
//! them.
//!
//! # Why the public file is the one that is signed
//! It names bidders by their numbers, so everybody may read it and compare its hash with the log's.
//! Whose number it is, the log's commitments and the signatures show to those who may know.

use super::evidence::{SignedAct, files_payload};
use super::service::{Error, Service};
use super::store::{self, protocols};
use super::trail;
use crate::audit::{Action, Principal};
use crate::catalogue::Paper;
use crate::db::StoreError;
use crate::identity::{Official, Role};
use crate::pdf::{AuctionProtocol, PaperError, PaperLanguage};
use serde_json::json;
use std::time::Duration;
use tokio::task::spawn_blocking;
use toruk_sync::domain::auction::{Command, KeptProtocol, ProtocolFile, Rejection};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::{ProtocolFilesPayload, SignedPayload as _};

/// Protocols that a round of the worker makes.
const MADE_AT_ONCE: u64 = 20;
/// The longest that making a file waits for bids to be decided.
const GIVES_WAY: Duration = Duration::from_millis(500);
/// The media type of a protocol.
const PDF: &str = "application/pdf";

impl Service {
    /// Makes the protocols that are due, a bounded number of them. Returns how many; one that fails
    /// delays no other.
    ///
    /// # Errors
    /// [`Error::Store`] if those that are due can't be listed, otherwise the last failure.
    pub async fn keep_protocols(&self) -> Result<usize, Error> {
        let (mut kept, mut failure) = (0, None);
        for id in protocols::due(self.context.db.read(), MADE_AT_ONCE).await? {
            match self.keep_protocol(id).await {
                Ok(has_kept) => kept += usize::from(has_kept),
                Err(error) => {
                    tracing::warn!(auction = %id, %error, "a protocol was not made");
                    failure = Some(error);
                    self.postpone_protocol(id).await?;
                }
            }
        }
        failure.map_or(Ok(kept), Err)
    }

    /// Lets others' protocols come first.
    async fn postpone_protocol(&self, id: AuctionId) -> Result<(), Error> {
        let txn = self.context.db.begin().await?;
        protocols::postpone(&txn, id, self.context.ports.clock.now()).await?;
        self.commit(txn, &[]).await
    }

    /// Makes the protocol of an auction if one is due. Returns `false` if none was, or another node
    /// has made it.
    pub(super) async fn keep_protocol(&self, id: AuctionId) -> Result<bool, Error> {
        let due = self.catalogue.auction(self.context.db.read(), id).await?.protocol_due();
        let files = match due {
            Some(of) => Some((of, self.protocol_files(id).await?)),
            None => None,
        };
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let Some((of, files)) = files.filter(|(of, _)| locked.auction.protocol_due() == Some(*of))
        else {
            // What is due now was noted when it was decided, and is made in another round.
            if locked.auction.protocol_due().is_none() {
                protocols::remove(&txn, id).await?;
                self.commit(txn, &[]).await?;
            }
            return Ok(false);
        };
        let now = self.context.ports.clock.now();
        let before = locked.auction.clone();
        let command = Command::KeepProtocol { of, files };
        let locked = self.execute(&txn, locked, &command, now).await?;
        protocols::remove(&txn, id).await?;
        let detail = trail::changed(&before, &locked);
        self.record(&txn, Principal::System, Action::AuctionProtocol, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await?;
        Ok(true)
    }

    /// Writes the files of the protocol as the auction stands now, one in each language.
    async fn protocol_files(&self, id: AuctionId) -> Result<Vec<ProtocolFile>, Error> {
        let protocol = self.result_protocol(id).await?;
        let mut files = Vec::with_capacity(PaperLanguage::ALL.len());
        for language in PaperLanguage::ALL {
            self.give_way(GIVES_WAY).await;
            let content = written(protocol.clone(), language).await?;
            let kept = self.catalogue.keep_document(&protocol.number, &content).await?;
            let (sha256, size_bytes) = (kept.sha256, kept.size_bytes);
            let language = language.tag().to_owned();
            files.push(ProtocolFile { language, sha256, size_bytes });
        }
        Ok(files)
    }

    /// A file of a protocol, for everybody: also of a decision that does not stand any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also if the public may not see the auction.
    pub async fn protocol_file(&self, id: AuctionId, sha256: &str) -> Result<Paper, Error> {
        let view = self.catalogue.view(id).await?;
        let of_hash =
            |kept: &KeptProtocol| kept.files.iter().find(|file| file.sha256 == sha256).cloned();
        let found = view.auction.protocols.iter().find_map(of_hash).ok_or(StoreError::NotFound)?;
        Ok(self.kept_file(&view.number, found))
    }

    /// The kept protocol of the decision by which the auction stands now; `None` before it is made.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the public may not see the auction.
    pub async fn current_protocol_file(
        &self,
        id: AuctionId,
        language: PaperLanguage,
    ) -> Result<Option<Paper>, Error> {
        let view = self.catalogue.view(id).await?;
        let Some(kept) = view.auction.current_protocol() else { return Ok(None) };
        let file = kept.files.iter().find(|file| file.language == language.tag()).cloned();
        Ok(file.map(|file| self.kept_file(&view.number, file)))
    }

    fn kept_file(&self, number: &str, file: ProtocolFile) -> Paper {
        let name = format!("{number}-protocol-{}", file.language);
        self.catalogue.kept_paper(name, PDF, file.sha256)
    }

    /// What the organiser's official signs under the protocol that stands.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also in another organisation; [`Rejection::WrongState`] before it is
    /// made.
    pub async fn protocol_to_sign(
        &self,
        by: &Official,
        id: AuctionId,
    ) -> Result<ProtocolFilesPayload, Error> {
        by.any(&[Role::Organiser])?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        by.any_in(&[Role::Organiser], Some(auction.birth.procuring_entity))?;
        Ok(files_payload(&auction).ok_or(Rejection::WrongState)?)
    }

    /// Signs the protocol that stands for the organiser. The log records it.
    ///
    /// # Errors
    /// As [`Self::protocol_to_sign`]; [`Rejection::WrongState`] once it is signed;
    /// [`Error::BadSignature`], [`Error::Signature`], [`Error::MethodNotAccepted`],
    /// [`Error::Conflict`].
    pub async fn sign_protocol(
        &self,
        by: &Official,
        id: AuctionId,
        confirmation: &Confirmation,
    ) -> Result<(), Error> {
        let payload = self.protocol_to_sign(by, id).await?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        // Before the confirmation is looked at: a certificate leaves its mark on the account.
        if auction.kept_protocol(payload.of).is_none_or(|kept| kept.signed.is_some()) {
            return Err(Rejection::WrongState.into());
        }
        let confirmed = self.confirmed_as_official(by, &auction, &payload, confirmation).await?;
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let organisation = locked.auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &[Role::Organiser], Some(organisation))?;
        let txn = self.without_conflict(txn, (by, actor), &locked.auction, &[]).await?;
        if !self.identity.spend_confirmation(&txn, &confirmed).await? {
            return Err(Error::ConfirmationExpired);
        }
        let now = self.context.ports.clock.now();
        let (object, content) = (SignedAct::Protocol.object(&locked.auction), payload.canonical());
        self.identity.keep_evidence(&txn, &object, by.person, (&content, &confirmed)).await?;
        let document = hex::encode(payload.digest());
        let command = Command::SignProtocol { of: payload.of, by: by.person, document };
        let before = locked.auction.clone();
        let locked = self.execute(&txn, locked, &command, now).await?;
        let mut detail = trail::changed(&before, &locked);
        detail["method"] = json!(confirmed.method);
        self.record(&txn, actor, Action::AuctionSignProtocol, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await
    }
}

async fn written(protocol: AuctionProtocol, language: PaperLanguage) -> Result<Vec<u8>, Error> {
    let made = spawn_blocking(move || protocol.write(language)).await;
    let made = made.map_err(|error| PaperError::Document(error.to_string()))?;
    Ok(made?)
}
