//! Whose data is on this phone. Kept with the guest's, so that it says no more than a list of
//! accounts to choose from says.

use crate::error::CoreError;
use crate::store::{Store, Table, Write, read};
use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::identity::Session;

/// Whose account is open, in [`Table::Meta`].
const CURRENT: &str = "account";
/// All accounts, in [`Table::Meta`].
const ACCOUNTS: &str = "accounts";
/// Accounts on one phone.
const ACCOUNTS_MAX: usize = 10;

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAccount {
    /// Whose.
    pub person: PersonId,
    /// How he is called.
    pub name: String,
    /// His passkey.
    pub credential_id: String,
}

/// All accounts, in the order of their last signing in.
pub fn list(guest: &dyn Store) -> Result<Vec<KnownAccount>, CoreError> {
    Ok(read(guest, Table::Meta, ACCOUNTS)?.unwrap_or_default())
}

/// Whose account is open.
pub fn current(guest: &dyn Store) -> Result<Option<PersonId>, CoreError> {
    Ok(read(guest, Table::Meta, CURRENT)?)
}

/// A person signed in; `limit_reached` when there are too many on this phone.
pub fn enter(guest: &dyn Store, session: &Session) -> Result<(), CoreError> {
    let mut accounts = list(guest)?;
    accounts.retain(|known| known.person != session.person);
    if accounts.len() >= ACCOUNTS_MAX {
        return Err(CoreError::refused("limit_reached"));
    }
    let (person, name) = (session.person, session.name.clone());
    accounts.push(KnownAccount { person, name, credential_id: session.credential_id.clone() });
    let current = Write::json(Table::Meta, CURRENT, &person);
    Ok(guest.apply(&[current, Write::json(Table::Meta, ACCOUNTS, &accounts)])?)
}

/// An account is open.
pub fn open(guest: &dyn Store, person: PersonId) -> Result<(), CoreError> {
    Ok(guest.apply(&[Write::json(Table::Meta, CURRENT, &person)])?)
}

/// None is.
pub fn close(guest: &dyn Store) -> Result<(), CoreError> {
    Ok(guest.apply(&[Write::delete(Table::Meta, CURRENT)])?)
}

/// A person has no data on this phone any more.
pub fn forget(guest: &dyn Store, person: PersonId) -> Result<(), CoreError> {
    let mut accounts = list(guest)?;
    accounts.retain(|known| known.person != person);
    let accounts = Write::json(Table::Meta, ACCOUNTS, &accounts);
    Ok(guest.apply(&[Write::delete(Table::Meta, CURRENT), accounts])?)
}
