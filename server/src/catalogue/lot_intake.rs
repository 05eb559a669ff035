//! Intake of lots: imports, later completion, and documents.

use super::import::{IMPORT_LOTS_MAX, ImportFault, ImportFaultKind, ImportedLot, TITLE_CHARS_MAX};
use super::picture;
use super::publication::row;
use super::rows::OfferHint;
use super::service::{Error, Service, acting_for};
use super::store::{self, StoredLot, published};
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use tokio::io::AsyncWriteExt as _;
use toruk_sync::domain::file::picture::check_sides;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{LotId, OrganisationId};
use toruk_sync::domain::lot::LotDocument;
use toruk_sync::domain::text;
use toruk_sync::protocol::catalogue::LotView;

/// The folder with documents' contents, in the data folder; each file is named by its SHA-256.
pub(super) const DOCUMENTS_FOLDER: &str = "documents";
/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Most documents of a lot: its notice names them all.
pub const DOCUMENTS_MAX: usize = 50;

impl Service {
    /// Imports lots with the facts that their source has; missing ones are asked for later, never
    /// invented.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Import`], and then no lot was imported.
    pub async fn import(&self, by: &Official, lots: Vec<ImportedLot>) -> Result<Vec<LotId>, Error> {
        by.any(&[Role::Organiser])?;
        if lots.len() > IMPORT_LOTS_MAX {
            let kind = ImportFaultKind::TooMany(lots.len());
            return Err(Error::Import(ImportFault { lot: None, kind }));
        }
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        let mut ids = Vec::with_capacity(lots.len());
        for (position, lot) in lots.into_iter().enumerate() {
            let fault = |kind| Error::Import(ImportFault::of_lot(position, kind));
            let lot = lot.normalised().map_err(fault)?;
            if lot.title == Text::default() {
                return Err(fault(ImportFaultKind::TitleMissing));
            }
            let holder = match &lot.lot_holder {
                Some(name) => {
                    let new_id = self.context.ports.ids.uuid();
                    Some(store::organisation(&txn, name, new_id, now).await?)
                }
                None => None,
            };
            let actor = Principal::official_in(by, &[Role::Organiser], holder)?;
            let lot = stored_lot(lot, LotId(self.context.ports.ids.uuid()), holder);
            store::insert_lot(&txn, &lot, by.person.0, now).await?;
            let detail = changed(&Value::Null, &facts(&lot));
            self.record(&txn, actor, Action::LotImport, lot.view.id, detail).await?;
            ids.push(lot.view.id);
        }
        self.context.db.commit(txn).await?;
        Ok(ids)
    }

    /// Completes a lot with facts that an import lacked: the titles and the balance holder's name.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also for a holder other than the official's organisation;
    /// [`Error::Frozen`]; [`Error::Malformed`] without a title or a name; [`Error::Text`].
    pub async fn complete_lot(
        &self,
        by: &Official,
        lot: LotId,
        title: Text,
        lot_holder: Text,
    ) -> Result<(), Error> {
        by.any(&[Role::Organiser])?;
        if !title.is_complete() || !lot_holder.is_complete() {
            return Err(Error::Malformed("a text in Kyrgyz or Russian is needed"));
        }
        let title = title.as_lines(TITLE_CHARS_MAX)?;
        let lot_holder = lot_holder.as_lines(TITLE_CHARS_MAX)?;
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        let before = self.changeable(&txn, by, lot).await?;
        let new_id = self.context.ports.ids.uuid();
        let holder = store::organisation(&txn, &lot_holder, new_id, now).await?;
        let actor = Principal::official_in(by, &[Role::Organiser], Some(holder))?;
        store::complete_lot(&txn, lot, &title, holder).await?;
        let mut after = before.clone();
        (after.view.title, after.view.lot_holder, after.holder) = (title, lot_holder, Some(holder));
        let detail = changed(&facts(&before), &facts(&after));
        self.record(&txn, actor, Action::LotComplete, lot, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Names the organisation that sells a lot for its holder; `None` for the holder itself. Only
    /// the holder's organisers may.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Frozen`]; [`Error::Malformed`] for an unknown organisation.
    pub async fn entrust(
        &self,
        by: &Official,
        lot: LotId,
        organiser: Option<OrganisationId>,
    ) -> Result<(), Error> {
        by.any(&[Role::Organiser])?;
        let txn = self.context.db.begin().await?;
        let before = self.changeable(&txn, by, lot).await?;
        let actor = Principal::official_in(by, &[Role::Organiser], before.holder)?;
        if let Some(organiser) = organiser
            && !published::has_organisation(&txn, organiser).await?
        {
            return Err(Error::Malformed("there is no such organisation"));
        }
        let organiser = organiser.filter(|organiser| Some(*organiser) != before.holder);
        published::entrust(&txn, lot, organiser).await?;
        let after = StoredLot { organiser, ..before.clone() };
        let detail = changed(&facts(&before), &facts(&after));
        self.record(&txn, actor, Action::LotEntrust, lot, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Adds a document to a lot. The content, of pictures without metadata ([`picture`]), is stored
    /// in the data folder by its hash.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Frozen`], [`Error::TooManyDocuments`]; [`Error::Malformed`]
    /// if it is empty, too large, or not PDF, JPEG or PNG; [`Error::Picture`] if it has too many
    /// pixels; [`Error::Document`] if it is damaged; [`Error::Text`] for the title.
    pub async fn add_document(
        &self,
        by: &Official,
        lot: LotId,
        title: &str,
        content: &[u8],
    ) -> Result<(), Error> {
        by.any(&[Role::Organiser])?;
        let document = row(&self.keep_document(title, content).await?);
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        let stored = self.changeable(&txn, by, lot).await?;
        let organisation = acting_for(by, &[Role::Organiser], &stored);
        let actor = Principal::official_in(by, &[Role::Organiser], organisation)?;
        let known = store::documents(&txn, &[lot]).await?.remove(&lot).unwrap_or_default();
        if known.len() >= DOCUMENTS_MAX {
            return Err(Error::TooManyDocuments);
        }
        let id = self.context.ports.ids.uuid();
        store::insert_document(&txn, id, lot, &document, by.person.0, now).await?;
        let after: Vec<_> = known.iter().cloned().chain([document]).collect();
        let detail = changed(&json!({ "documents": known }), &json!({ "documents": after }));
        self.record(&txn, actor, Action::LotDocument, lot, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Writes a document's content, of pictures without metadata, into the data folder. It belongs
    /// to no lot yet.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Picture`], [`Error::Document`], [`Error::Disk`].
    pub async fn keep_document(&self, title: &str, content: &[u8]) -> Result<LotDocument, Error> {
        let mime = media_type(content).ok_or(Error::Malformed("a document is PDF, JPEG or PNG"))?;
        if content.len() > DOCUMENT_BYTES_MAX {
            return Err(Error::Malformed("the document is too long"));
        }
        let title = text::line(title, TITLE_CHARS_MAX)?;
        check_sides(content.iter().copied())?;
        // The document is public: the place and the camera of a photo are not.
        let content = picture::without_metadata(content)?;
        let sha256 = hex::encode(Sha256::digest(&content));
        let folder = self.context.config.data_dir.join(DOCUMENTS_FOLDER);
        keep(&folder, &sha256, &content).await.map_err(Error::Disk)?;
        let size_bytes = content.len() as u64;
        Ok(LotDocument { title, mime: mime.to_owned(), size_bytes, sha256 })
    }

    async fn record(
        &self,
        txn: &Txn,
        actor: Principal,
        action: Action,
        lot: LotId,
        detail: Value,
    ) -> Result<(), StoreError> {
        let object = format!("lot:{lot}");
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }
}

/// Everything of a lot that can change, for the audit trail.
fn facts(lot: &StoredLot) -> Value {
    json!({
        "lot": lot.view,
        "holder": lot.holder,
        "organiser": lot.organiser,
        "offer": lot.hint,
        "source": lot.source,
    })
}

fn changed(before: &Value, after: &Value) -> Value {
    json!({ CHANGES: audit::changes(before, after) })
}

fn stored_lot(lot: ImportedLot, id: LotId, holder: Option<OrganisationId>) -> StoredLot {
    let address = lot.address.into_iter().filter_map(|(part, text)| Some((part, text?)));
    StoredLot {
        view: LotView {
            id,
            kind: lot.kind,
            title: lot.title,
            description: lot.description,
            area: lot.area,
            address: address.collect(),
            cadastral_number: lot.cadastral_number,
            lot_holder: lot.lot_holder.unwrap_or_default(),
            synthetic: lot.synthetic,
        },
        holder,
        organiser: None,
        hint: OfferHint {
            object_of_price: lot.object_of_price,
            value_tyiyn: lot.value_tyiyn,
            guarantee_bp: lot.guarantee_bp,
            step_bp: lot.step_bp,
        },
        source: (!lot.sources.is_empty()).then(|| lot.sources.join("; ")),
    }
}

/// The media type by the content's first bytes; the sender's own claim does not count.
pub fn media_type(content: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 3] = [
        (b"%PDF-", "application/pdf"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"\x89PNG\r\n\x1A\n", "image/png"),
    ];
    KNOWN.into_iter().find(|(magic, _)| content.starts_with(magic)).map(|(_, mime)| mime)
}

async fn keep(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let mut file = tokio::fs::File::create(folder.join(name)).await?;
    file.write_all(content).await?;
    file.sync_all().await
}
