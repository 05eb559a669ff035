//! The accounts on this phone. The list is kept in the guest's store, so it reveals no more than a
//! list to choose from does.

use crate::error::CoreError;
use crate::store::{Store, Table, Write, read};
use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::identity::Session;

/// The key of the open account's person, in [`Table::Meta`].
const CURRENT: &str = "account";
/// The key of the list of accounts, in [`Table::Meta`].
const ACCOUNTS: &str = "accounts";
/// The most accounts on one phone.
const ACCOUNTS_MAX: usize = 10;

/// An account that was signed in on this phone and not discarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAccount {
    /// The account's person.
    pub person: PersonId,
    /// The person's full name, to show in a list of accounts.
    pub name: String,
    /// The id of the passkey with which the person signs in; empty if none is known.
    pub credential_id: String,
}

impl KnownAccount {
    /// The account of a session.
    pub fn of(session: &Session) -> Self {
        let (person, name) = (session.person, session.name.clone());
        Self { person, name, credential_id: session.credential_id.clone() }
    }
}

/// Returns `false` if there is no list at all: nobody has signed in yet, or it was lost.
pub fn is_listed(guest: &dyn Store) -> Result<bool, CoreError> {
    Ok(guest.get(Table::Meta, ACCOUNTS)?.is_some())
}

/// Makes the list again that was lost, with one account marked open.
pub fn restore(
    guest: &dyn Store,
    accounts: &[KnownAccount],
    open: Option<&PersonId>,
) -> Result<(), CoreError> {
    let mut writes = vec![Write::json(Table::Meta, ACCOUNTS, &accounts)];
    writes.extend(open.map(|person| Write::json(Table::Meta, CURRENT, person)));
    Ok(guest.apply(&writes)?)
}

/// All accounts, in order of their last sign-in.
pub fn list(guest: &dyn Store) -> Result<Vec<KnownAccount>, CoreError> {
    Ok(read(guest, Table::Meta, ACCOUNTS)?.unwrap_or_default())
}

/// The person whose account is open; `None` for a guest.
pub fn current(guest: &dyn Store) -> Result<Option<PersonId>, CoreError> {
    Ok(read(guest, Table::Meta, CURRENT)?)
}

/// Adds an account at sign-in and marks it open; `limit_reached` if there are too many on this
/// phone. A sign-in without a passkey, as by eID, leaves the known one.
pub fn enter(guest: &dyn Store, session: &Session) -> Result<(), CoreError> {
    let mut accounts = list(guest)?;
    let mut entered = KnownAccount::of(session);
    let former = accounts.iter().position(|known| known.person == session.person);
    let former = former.map(|place| accounts.remove(place));
    if accounts.len() >= ACCOUNTS_MAX {
        return Err(CoreError::refused("limit_reached"));
    }
    if let Some(former) = former.filter(|_| entered.credential_id.is_empty()) {
        entered.credential_id = former.credential_id;
    }
    accounts.push(entered);
    let current = Write::json(Table::Meta, CURRENT, &session.person);
    Ok(guest.apply(&[current, Write::json(Table::Meta, ACCOUNTS, &accounts)])?)
}

/// Marks an account open.
pub fn open(guest: &dyn Store, person: PersonId) -> Result<(), CoreError> {
    Ok(guest.apply(&[Write::json(Table::Meta, CURRENT, &person)])?)
}

/// Marks every account closed: the phone is a guest's.
pub fn close(guest: &dyn Store) -> Result<(), CoreError> {
    Ok(guest.apply(&[Write::delete(Table::Meta, CURRENT)])?)
}

/// Removes an account whose data is no longer on this phone.
pub fn forget(guest: &dyn Store, person: PersonId) -> Result<(), CoreError> {
    let mut accounts = list(guest)?;
    accounts.retain(|known| known.person != person);
    let accounts = Write::json(Table::Meta, ACCOUNTS, &accounts);
    Ok(guest.apply(&[Write::delete(Table::Meta, CURRENT), accounts])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use toruk_sync::domain::id::DeviceId;
    use toruk_sync::domain::time::Timestamp;
    use uuid::Uuid;

    fn session(person: u128, credential_id: &str) -> Session {
        Session {
            token: String::new(),
            person: PersonId(Uuid::from_u128(person)),
            name: String::new(),
            device: DeviceId(Uuid::nil()),
            actor: 1,
            expires_at: Timestamp(0),
            rp_id: String::new(),
            origin: String::new(),
            credential_id: credential_id.to_owned(),
            receipt_key: String::new(),
            former_receipt_keys: Vec::new(),
        }
    }

    #[test]
    fn a_sign_in_without_a_passkey_leaves_the_persons_known_one() {
        let guest = MemoryStore::default();
        for (person, credential_id, expected) in [
            (1, "", ""),
            (1, "AAAA", "AAAA"),
            (1, "", "AAAA"),
            (2, "", ""),
            (1, "BBBB", "BBBB"),
            (1, "", "BBBB"),
        ] {
            let session = session(person, credential_id);
            enter(&guest, &session).unwrap();
            let known = list(&guest).unwrap().pop().unwrap();
            assert_eq!((known.person, &*known.credential_id), (session.person, expected));
        }
        assert_eq!(list(&guest).unwrap().len(), 2);
    }
}
