//! Texts of people in the database, sealed under their own keys.
//!
//! # Why the keys come before the texts
//! A list has texts of many people. Their keys are read at once, and opening is then only
//! arithmetic.
//!
//! # Why some rows are in clear
//! Versions before this one stored them so. They are read as they are, and sealed with their next
//! change.

use crate::db::{StoreError, Txn};
use crate::entity::person_key::{ActiveModel, Column, Entity};
use crate::person_secrets::{PersonKey, PersonSecrets};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _,
};
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;

/// The beginning of a sealed text; none of the texts in clear begins so.
const SEALED: &str = "sealed:";
/// Databases limit the parameters of one statement.
const AT_ONCE: usize = 500;

/// A column with texts of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextColumn {
    /// The content of an application, as it was signed.
    Package,
    /// The confirmation of an application; a certificate in it has the personal number.
    Confirmation,
    /// What a signature by certificate rests on; its certificate has the personal number.
    Evidence,
    /// The state of a draft: all that was typed so far.
    Draft,
}

impl TextColumn {
    fn place(self) -> &'static str {
        match self {
            Self::Package => "application.package",
            Self::Confirmation => "application.confirmation",
            Self::Evidence => "signature_evidence.content",
            Self::Draft => "draft.state",
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::Package | Self::Confirmation => "application",
            Self::Evidence => "signature_evidence",
            Self::Draft => "draft",
        }
    }
}

/// The keys of some people, without those who never had one and those who were forgotten.
#[derive(Default)]
pub struct PersonKeys(BTreeMap<PersonId, PersonKey>);

impl PersonKeys {
    /// Opens a text of a person; one in clear is itself.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the person's key did not seal it in this column.
    pub fn open(
        &self,
        person: PersonId,
        column: TextColumn,
        text: &str,
    ) -> Result<String, StoreError> {
        let Some(sealed) = text.strip_prefix(SEALED) else {
            return Ok(text.to_owned());
        };
        let sealed = STANDARD_NO_PAD.decode(sealed).map_err(StoreError::damaged(column.table()))?;
        let key = self.0.get(&person).ok_or("its key is gone");
        key.map_err(StoreError::damaged(column.table()))?.open(column.place(), &sealed)
    }

    /// Seals a text of a person; `None` for a person without a key here, whose first one
    /// [`PersonSecrets::seal`] makes.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it can't be sealed.
    pub fn seal(
        &self,
        person: PersonId,
        column: TextColumn,
        text: &str,
    ) -> Option<Result<String, StoreError>> {
        self.0.get(&person).map(|key| sealed(key, column, text))
    }
}

impl PersonSecrets {
    /// The keys of these people.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keys(
        &self,
        db: &impl ConnectionTrait,
        people: &[PersonId],
    ) -> Result<PersonKeys, StoreError> {
        let mut keys = BTreeMap::new();
        for some in people.chunks(AT_ONCE) {
            let of_them = Column::Person.is_in(some.iter().map(|person| person.0));
            for row in Entity::find().filter(of_them).all(db).await? {
                let person = PersonId(row.person);
                if let Some(wrapped) = row.wrapped {
                    keys.insert(person, self.unwrap(person, &wrapped)?);
                }
            }
        }
        Ok(PersonKeys(keys))
    }

    /// Seals a text of a person, whose first key is made for it. The person is locked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a person who was forgotten.
    pub async fn seal(
        &self,
        txn: &Txn,
        person: PersonId,
        column: TextColumn,
        text: &str,
    ) -> Result<String, StoreError> {
        let key = match Entity::find_by_id(person.0).one(txn).await? {
            Some(row) => self.unwrap(person, &row.wrapped.ok_or(StoreError::NotFound)?)?,
            None => {
                let (key, wrapped) = self.new_key(person)?;
                let (person, wrapped) = (Set(person.0), Set(Some(wrapped)));
                let row = ActiveModel { person, wrapped, destroyed_at: Set(None) };
                row.insert(txn).await?;
                key
            }
        };
        sealed(&key, column, text)
    }
}

fn sealed(key: &PersonKey, column: TextColumn, text: &str) -> Result<String, StoreError> {
    Ok(format!("{SEALED}{}", STANDARD_NO_PAD.encode(key.seal(column.place(), text)?)))
}
