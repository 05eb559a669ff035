//! The scope of data on this phone: one person's account, or the guest.
//!
//! Before anyone signs in, and between two people, the phone is a guest's: it holds public data
//! only.

use std::path::{Path, PathBuf};
use toruk_sync::domain::id::PersonId;

/// The name of the session's token in the secure store.
pub const SESSION_TOKEN: &str = "session_token";

/// The account to which data belongs: a person's, or the guest's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountScope(pub Option<PersonId>);

impl AccountScope {
    /// The guest's scope, which has no person.
    pub const GUEST: Self = Self(None);

    /// The name of a secret in the secure store.
    pub fn secret(self, name: &str) -> String {
        match self.0 {
            Some(person) => format!("{name}/{person}"),
            None => name.to_owned(),
        }
    }

    pub fn file(self, folder: &Path) -> PathBuf {
        match self.0 {
            Some(person) => folder.join("accounts").join(format!("{person}.db")),
            None => folder.join("phone.db"),
        }
    }
}
