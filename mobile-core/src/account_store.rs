//! An account's sealed file on this phone: opening, and destroying it.
//!
//! The file's key is in the secure store, which is never backed up. A file from another phone's
//! backup does not open here, and is put aside.

use crate::account_scope::{AccountScope, SESSION_TOKEN};
use crate::device::Device;
use crate::engine::after_repair::settle;
use crate::error::CoreError;
use crate::platform::Platform;
use crate::store::{SEAL_KEY_BYTES, Seal, SqliteStore, Store, Table, read};
use std::path::Path;
use std::sync::Arc;
use toruk_sync::domain::id::DeviceId;

/// The name of the key that seals the file, in the secure store.
const SEAL_KEY: &str = "store_key";
/// The name of the mark in the secure store that the file was created: from then on one that is gone
/// was lost. The key alone does not say so, as it is saved first.
const STORE_MADE: &str = "store_made";
/// The key of the device's id in [`Table::Meta`]: it tells a store that another installation made.
pub const STORE_OF: &str = "device_id";

/// Opens the account's sealed store. A damaged store is repaired, and so is one whose file is gone;
/// one whose key is lost is put aside and replaced.
pub fn open_store(
    platform: &Platform,
    folder: &Path,
    scope: AccountScope,
) -> Result<SqliteStore, CoreError> {
    let file = scope.file(folder);
    let keep = &platform.secure_store;
    let key = keep.get(scope.secret(SEAL_KEY))?;
    let key = key.and_then(|key| <[u8; SEAL_KEY_BYTES]>::try_from(key).ok());
    if let Some(key) = key {
        let seal = Seal::new(&key, Arc::clone(&platform.entropy));
        let is_made = keep.get(scope.secret(STORE_MADE))?.is_some_and(|made| !made.is_empty());
        let store = match is_made {
            true => SqliteStore::open_existing(&file, seal)?,
            false => SqliteStore::open(&file, seal)?,
        };
        settle(&store, scope == AccountScope::GUEST)?;
        if !is_made {
            keep.set(scope.secret(STORE_MADE), vec![1])?;
        }
        return Ok(store);
    }
    // Without its key the file can't be read, and must not stand in the way.
    let fresh = platform.entropy.bytes(SEAL_KEY_BYTES as u32);
    let key = fresh.clone().try_into().map_err(|_| CoreError::internal("no entropy"))?;
    keep.set(scope.secret(SEAL_KEY), fresh)?;
    let seal = Seal::new(&key, Arc::clone(&platform.entropy));
    let store = SqliteStore::replace_unreadable(&file, seal)?;
    settle(&store, scope == AccountScope::GUEST)?;
    keep.set(scope.secret(STORE_MADE), vec![1])?;
    Ok(store)
}

/// Destroys an account's data on this phone. The key goes first: after that nothing can be read,
/// whatever happens next.
pub fn erase(platform: &Platform, folder: &Path, scope: AccountScope) -> Result<(), CoreError> {
    platform.secure_store.set(scope.secret(SEAL_KEY), Vec::new())?;
    platform.secure_store.set(scope.secret(STORE_MADE), Vec::new())?;
    platform.secure_store.set(scope.secret(SESSION_TOKEN), Vec::new())?;
    Device::destroy(platform, scope)?;
    Ok(SqliteStore::destroy(&scope.file(folder))?)
}

/// Returns `true` if the key of the account's file is on this phone.
pub fn has_key(platform: &Platform, scope: AccountScope) -> Result<bool, CoreError> {
    let key = platform.secure_store.get(scope.secret(SEAL_KEY))?;
    Ok(key.is_some_and(|key| !key.is_empty()))
}

/// Opens an account's store, with its session's token. If another installation made the store, this
/// phone becomes a new device: operation numbers must not continue under the old name.
pub fn open_account(
    platform: &Platform,
    folder: &Path,
    guest: &Arc<dyn Store>,
    scope: AccountScope,
) -> Result<(Arc<dyn Store>, Option<String>), CoreError> {
    if scope == AccountScope::GUEST {
        return Ok((Arc::clone(guest), None));
    }
    let store: Arc<dyn Store> = Arc::new(open_store(platform, folder, scope)?);
    let device = Device::load(platform, scope)?;
    let owner: Option<DeviceId> = read(store.as_ref(), Table::Meta, STORE_OF)?;
    if owner.is_some_and(|owner| owner != device.id) {
        Device::create(platform, scope)?;
        platform.secure_store.set(scope.secret(SESSION_TOKEN), Vec::new())?;
    }
    let token = platform.secure_store.get(scope.secret(SESSION_TOKEN))?;
    let token = token.and_then(|token| String::from_utf8(token).ok());
    Ok((store, token.filter(|token| !token.is_empty())))
}
