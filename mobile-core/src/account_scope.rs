//! The scope of data on this phone: one person's account, or the guest.
//!
//! Before anyone signs in, and between two people, the phone is a guest's: it holds public data
//! only.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toruk_sync::domain::id::PersonId;

/// The folder of the accounts' files.
const ACCOUNTS: &str = "accounts";
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
            Some(person) => folder.join(ACCOUNTS).join(format!("{person}.db")),
            None => folder.join("phone.db"),
        }
    }

    /// The accounts that have a file in the folder, in order of their names.
    pub fn in_folder(folder: &Path) -> Vec<Self> {
        let Ok(files) = std::fs::read_dir(folder.join(ACCOUNTS)) else { return Vec::new() };
        let person = |file: std::fs::DirEntry| {
            let name = file.file_name().into_string().ok()?;
            name.strip_suffix(".db")?.parse::<PersonId>().ok()
        };
        let people: BTreeSet<PersonId> = files.flatten().filter_map(person).collect();
        people.into_iter().map(|person| Self(Some(person))).collect()
    }
}
