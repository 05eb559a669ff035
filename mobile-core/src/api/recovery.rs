//! The list of accounts, made again after it was lost.

use crate::account_registry::{self, KnownAccount};
use crate::account_scope::{AccountScope, SESSION_TOKEN};
use crate::account_store::{has_key, open_store};
use crate::engine::PROFILE;
use crate::error::CoreError;
use crate::platform::Platform;
use crate::store::{Store, Table, read};
use std::path::Path;
use toruk_sync::protocol::identity::Session;

/// Lists the accounts again whose files are in the folder, after the guest's store lost the list.
/// The one that has a session is open.
///
/// # Errors
/// [`CoreError`] of the guest's store; an account that can't be opened is left out.
pub(super) fn recover_accounts(
    platform: &Platform,
    folder: &Path,
    guest: &dyn Store,
) -> Result<(), CoreError> {
    if account_registry::is_listed(guest)? {
        return Ok(());
    }
    let (mut known, mut open) = (Vec::new(), Vec::new());
    for scope in AccountScope::in_folder(folder) {
        match account_of(platform, folder, scope) {
            Ok(Some((account, has_session))) => {
                open.extend(has_session.then_some(account.person));
                known.push(account);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "an account is not listed again"),
        }
    }
    match known.is_empty() {
        true => Ok(()),
        false => account_registry::restore(guest, &known, open.first().filter(|_| open.len() == 1)),
    }
}

/// The account of a file, and whether it has a session; `None` if its key is lost, or nobody has
/// signed in to it.
fn account_of(
    platform: &Platform,
    folder: &Path,
    scope: AccountScope,
) -> Result<Option<(KnownAccount, bool)>, CoreError> {
    if !has_key(platform, scope)? {
        return Ok(None);
    }
    let store = open_store(platform, folder, scope)?;
    let profile: Option<Session> = read(&store, Table::Meta, PROFILE)?;
    let token = platform.secure_store.get(scope.secret(SESSION_TOKEN))?;
    let has_session = token.is_some_and(|token| !token.is_empty());
    Ok(profile.map(|profile| (KnownAccount::of(&profile), has_session)))
}
