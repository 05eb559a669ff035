//! Accounts of several people on one phone, each in a file and under a key of its own.

use super::Core;
use super::records::Account;
use crate::account_registry;
use crate::account_scope::{AccountScope, SESSION_TOKEN};
use crate::account_store::{STORE_OF, open_account, open_store};
use crate::device::Device;
use crate::driver::http::ApiRequest;
use crate::engine::Input;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::store::{Store, Table, Write};
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::identity::{Session, StartSignIn};

/// The choice at logout: what happens to the data of the account on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Logout {
    /// Deliver everything first; the call is refused with `still_waiting` if that is not done in
    /// time.
    SyncNow {
        /// Time for the delivery, milliseconds.
        budget_ms: u64,
    },
    /// Keep the data on this phone; only the same person can open it again.
    KeepLocked,
    /// Destroy the data, including everything that was never delivered.
    Discard,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The accounts whose data is on this phone; at most one of them is open.
    ///
    /// # Errors
    /// [`CoreError::Internal`].
    pub fn accounts(&self) -> Result<Vec<Account>, CoreError> {
        let open = self.account();
        let is_in = |person: &str| {
            open.as_ref().is_some_and(|open| open.signed_in && open.person == person)
        };
        let known = account_registry::list(self.driver.guest.as_ref())?.into_iter().map(|known| {
            let person = known.person.to_string();
            Account { signed_in: is_in(&person), name: known.name, person }
        });
        Ok(known.collect())
    }

    /// Opens an account whose data is on this phone, with its passkey.
    ///
    /// # Errors
    /// `not_found`; `another_account` while another one is open; otherwise as `sign_in`.
    pub async fn sign_in_as(&self, person: String) -> Result<Account, CoreError> {
        let mut known = account_registry::list(self.driver.guest.as_ref())?.into_iter();
        let known = known.find(|known| known.person.to_string() == person);
        let known = known.ok_or_else(|| CoreError::refused("not_found"))?;
        let open = self.driver.scope();
        if open != AccountScope::GUEST && open != AccountScope(Some(known.person)) {
            return Err(CoreError::refused("another_account"));
        }
        let named = Some(known.credential_id).filter(|id| !id.is_empty());
        let start = StartSignIn { credential_id: named };
        let challenge = self.start_sign_in(&start).await?;
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.assert(options).await?;
        if open == AccountScope::GUEST {
            // The server knows this account's phone by that name, so its queue continues.
            self.unlock(known.person)?;
        }
        let entered = self.finish_sign_in(&challenge, &credential).await;
        if entered.is_err() && open == AccountScope::GUEST {
            self.lock()?;
        }
        entered
    }

    /// Closes the account on this phone: its data is delivered, locked or destroyed, and the phone
    /// goes back to guest mode.
    ///
    /// # Errors
    /// `still_waiting` if not everything could be delivered; then nothing has changed.
    pub async fn logout(&self, choice: Logout) -> Result<(), CoreError> {
        if let Logout::SyncNow { budget_ms } = choice {
            let report = self.sync_now(super::SyncReason::Foreground, budget_ms, None).await?;
            if report.waiting > 0 || report.files_waiting > 0 {
                return Err(CoreError::refused("still_waiting"));
            }
        }
        let scope = self.driver.scope();
        let ask = ApiRequest::new(RequestKind::SignOut, "/v1/sessions/current");
        // If this request is lost, the session expires on the server.
        let _ = self.driver.http.ask(ask).await;
        match choice {
            Logout::Discard => self.driver.erase(),
            Logout::SyncNow { .. } | Logout::KeepLocked => {
                self.driver.platform.secure_store.set(scope.secret(SESSION_TOKEN), Vec::new())?;
                self.lock()
            }
        }
    }
}

impl Core {
    /// Takes in a new session: opens the person's account, or continues with it if it is open.
    pub(super) fn enter(&self, session: Session) -> Result<(), CoreError> {
        let (open, own) = (self.driver.scope(), AccountScope(Some(session.person)));
        if open != AccountScope::GUEST && open != own {
            // Their drafts must not leave under another person's name.
            return Err(CoreError::refused("another_account"));
        }
        let (platform, token) = (&self.driver.platform, session.token.clone());
        account_registry::enter(self.driver.guest.as_ref(), &session)?;
        platform.secure_store.set(own.secret(SESSION_TOKEN), token.clone().into_bytes())?;
        let device = self.device()?;
        if open == AccountScope::GUEST {
            // The device that was shown to the server belongs to the account from now on.
            device.keep(platform, own)?;
            Device::forget(platform, AccountScope::GUEST)?;
            let folder = self.driver.folder();
            let store: Arc<dyn Store> = Arc::new(open_store(platform, folder, own)?);
            store.apply(&[Write::json(Table::Meta, STORE_OF, &device.id)])?;
            let first = Input::SignedIn(Box::new(session));
            self.driver.switch_account(own, store, Some(token), first)
        } else {
            self.driver.save(&[Write::json(Table::Meta, STORE_OF, &device.id)])?;
            // Answers on their way to the previous session may carry the operation numbers of a
            // previous device. They are ignored, and the operations they answered are sent again.
            let first = Input::SignedIn(Box::new(session));
            self.driver.switch_account(own, self.driver.store(), Some(token), first)
        }
    }

    /// Opens an account's file without a session.
    fn unlock(&self, person: PersonId) -> Result<(), CoreError> {
        let scope = AccountScope(Some(person));
        let (platform, folder) = (&self.driver.platform, self.driver.folder());
        let (store, _) = open_account(platform, folder, &self.driver.guest, scope)?;
        account_registry::open(self.driver.guest.as_ref(), person)?;
        self.driver.switch_account(scope, store, None, Input::Woken)
    }

    /// Closes the open account's file.
    fn lock(&self) -> Result<(), CoreError> {
        account_registry::close(self.driver.guest.as_ref())?;
        let guest = Arc::clone(&self.driver.guest);
        self.driver.switch_account(AccountScope::GUEST, guest, None, Input::Woken)
    }
}
