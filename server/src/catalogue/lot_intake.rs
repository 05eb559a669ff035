//! Taking lots in: imports, what is filled in later, and documents.

use super::picture;
use super::service::{DocumentRow, Error, OfferHint, Service};
use super::store::{self, StoredLot};
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use tokio::io::AsyncWriteExt as _;
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{LotId, OrganisationId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::protocol::catalogue::{Area, LotKind, LotView};

/// Most lots in one import.
pub const IMPORT_LOTS_MAX: usize = 500;
/// Longest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 500;

/// A lot as an import brings it; what its source doesn't say is absent, and is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // As in `LotView`; money, steps and guarantees as in an offer.
pub struct ImportedLot {
    pub title: Text,
    pub kind: LotKind,
    #[serde(default)]
    pub description: Text,
    #[serde(default)]
    pub area: Option<Area>,
    #[serde(default)]
    pub address: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub cadastral_number: Option<String>,
    #[serde(default)]
    pub lot_holder: Option<Text>,
    #[serde(default)]
    pub object_of_price: Option<ObjectOfPrice>,
    #[serde(default)]
    pub value_tyiyn: Option<Tyiyn>,
    #[serde(default)]
    pub guarantee_bp: Option<u16>,
    #[serde(default)]
    pub step_bp: Option<u16>,
    #[serde(default)]
    pub result_tyiyn_max: Option<Tyiyn>,
    #[serde(default)]
    pub year: Option<u16>,
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(default)]
    pub synthetic: bool,
}

impl Service {
    /// Takes in lots with what their source knows; what it does not is asked for later, never
    /// invented.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Malformed`], and then none was taken.
    pub async fn import(&self, by: &Official, lots: Vec<ImportedLot>) -> Result<Vec<LotId>, Error> {
        let actor = Principal::official(by, &[Role::Organiser])?;
        if lots.len() > IMPORT_LOTS_MAX {
            return Err(Error::Malformed(format!("more than {IMPORT_LOTS_MAX} lots")));
        }
        let now = self.shared.ports.clock.now();
        let txn = self.shared.db.begin().await?;
        let mut ids = Vec::with_capacity(lots.len());
        for (position, lot) in lots.into_iter().enumerate() {
            let fault = |what: &str| Error::Malformed(format!("lot {}: {what}", position + 1));
            let long = |text: &Option<String>| {
                text.as_ref().is_some_and(|text| text.chars().count() > TITLE_CHARS_MAX)
            };
            if [&lot.title.ky, &lot.title.ru, &lot.title.en].into_iter().any(long) {
                return Err(fault("the title is too long"));
            }
            if lot.title == Text::default() {
                return Err(fault("the title is missing"));
            }
            let holder = match &lot.lot_holder {
                Some(name) => {
                    let new_id = self.shared.ports.ids.uuid();
                    Some(store::organisation(&txn, name, new_id, now).await?)
                }
                None => None,
            };
            let lot = stored_lot(lot, LotId(self.shared.ports.ids.uuid()), holder);
            store::insert_lot(&txn, &lot, by.person.0, now).await?;
            ids.push(lot.view.id);
        }
        let detail = serde_json::json!({ "lots": ids.len() });
        self.record(&txn, actor, Action::LotImport, "lots".to_owned(), detail).await?;
        self.shared.db.commit(txn).await?;
        Ok(ids)
    }

    /// Says what an import did not know: the titles and the balance holder's name.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Malformed`] without a title or a name.
    pub async fn complete_lot(
        &self,
        by: &Official,
        lot: LotId,
        title: Text,
        lot_holder: Text,
    ) -> Result<(), Error> {
        let actor = Principal::official(by, &[Role::Organiser])?;
        if !title.is_complete() || !lot_holder.is_complete() {
            return Err(Error::Malformed("a text in Kyrgyz or Russian is needed".to_owned()));
        }
        let now = self.shared.ports.clock.now();
        let txn = self.shared.db.begin().await?;
        let new_id = self.shared.ports.ids.uuid();
        let holder = store::organisation(&txn, &lot_holder, new_id, now).await?;
        store::complete_lot(&txn, lot, &title, holder).await?;
        let object = format!("lot:{lot}");
        self.record(&txn, actor, Action::LotComplete, object, serde_json::json!({})).await?;
        Ok(self.shared.db.commit(txn).await?)
    }

    /// Adds a document to a lot. The content, of pictures without metadata ([`picture`]), is kept
    /// in the data folder by its hash.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Malformed`] when it is empty, too long, damaged, or not PDF,
    /// JPEG or PNG.
    pub async fn add_document(
        &self,
        by: &Official,
        lot: LotId,
        title: &str,
        content: &[u8],
    ) -> Result<(), Error> {
        let actor = Principal::official(by, &[Role::Organiser])?;
        let mime = media_type(content)
            .ok_or_else(|| Error::Malformed("a document is PDF, JPEG or PNG".to_owned()))?;
        if content.len() > DOCUMENT_BYTES_MAX || title.trim().is_empty() {
            return Err(Error::Malformed("the document is too long or has no title".to_owned()));
        }
        // It is for the public: where and with what a photo was taken is not.
        let shown = picture::without_metadata(content);
        let content = shown.map_err(|error| Error::Malformed(error.to_string()))?;
        let sha256 = hex::encode(Sha256::digest(&content));
        let folder = self.shared.config.data_dir.join("documents");
        keep(&folder, &sha256, &content).await.map_err(Error::Disk)?;
        let now = self.shared.ports.clock.now();
        let document = DocumentRow {
            title: title.trim().to_owned(),
            mime: mime.to_owned(),
            size_bytes: content.len() as u64,
            sha256,
        };
        let txn = self.shared.db.begin().await?;
        let id = self.shared.ports.ids.uuid();
        store::insert_document(&txn, id, lot, &document, by.person.0, now).await?;
        let detail = serde_json::json!({ "sha256": document.sha256 });
        self.record(&txn, actor, Action::LotDocument, format!("lot:{lot}"), detail).await?;
        Ok(self.shared.db.commit(txn).await?)
    }

    async fn record(
        &self,
        txn: &Txn,
        actor: Principal,
        action: Action,
        object: String,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }
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
        hint: OfferHint {
            object_of_price: lot.object_of_price,
            value_tyiyn: lot.value_tyiyn,
            guarantee_bp: lot.guarantee_bp,
            step_bp: lot.step_bp,
        },
        source: (!lot.sources.is_empty()).then(|| lot.sources.join("; ")),
    }
}

/// The media type by the content's first bytes; what the sender calls it does not count.
fn media_type(content: &[u8]) -> Option<&'static str> {
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
