//! Signing in by the state's eID, through the system's browser.
//!
//! # Why the secret is kept in the secure store
//! The platform may end the app while the browser is open. The answer is of use only with the
//! secret, which must be in no backup and in no log.

use super::Core;
use super::records::Account;
use crate::account_scope::AccountScope;
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use toruk_sync::protocol::eid::{
    EID_APP_PATH, EidAnswer, EidPurpose, EidStart, FinishEid, StartEid, secret_hash,
};
use toruk_sync::protocol::identity::{ChallengePurpose, Session};
use uuid::Uuid;

/// The name of the open visit in the secure store.
const EID_VISIT: &str = "eid_visit";
/// Length of the secret, in bytes.
const SECRET_BYTES: u32 = 32;
/// Longest address that is read, in bytes.
const ADDRESS_BYTES_MAX: usize = 16 * 1024;

/// The way to eID.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct EidPage {
    /// The page of eID, for the system's browser (a Custom Tab, `ASWebAuthenticationSession`), never
    /// a view of the app's own: people must see whose page it is.
    pub url: String,
    /// The path by which the browser comes back, at the server's host over https. The app claims
    /// it, and gives the whole address to `finish_eid`.
    pub return_path: String,
    /// The end of the time for it, Unix µs, exclusive.
    pub expires_at: i64,
}

/// A visit at eID that has begun on this phone.
#[derive(Serialize, Deserialize)]
struct EidVisit {
    purpose: EidPurpose,
    ceremony: Uuid,
    secret: String,
    /// `state` of the page: what comes back for this visit has the same.
    state: String,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Begins to sign in by eID, in place of an earlier attempt. A person who is new to the server
    /// gets an account, without a passkey.
    ///
    /// # Errors
    /// `not_found` if the server has no eID; `eid_unavailable`; [`CoreError::Offline`].
    pub async fn start_eid_sign_in(&self) -> Result<EidPage, CoreError> {
        self.start_eid(EidPurpose::SignIn).await
    }

    /// Begins to add a passkey of this phone to the person's account, by eID: for a person who has
    /// lost the others, or never had one. After a loss, no bid is placed with it for a day.
    ///
    /// # Errors
    /// As `start_eid_sign_in`.
    pub async fn start_eid_recovery(&self) -> Result<EidPage, CoreError> {
        self.start_eid(EidPurpose::Recovery).await
    }

    /// Goes on with the address by which the browser came back, whichever of the two was begun.
    ///
    /// # Errors
    /// `eid_failed` if it is not the answer to what this phone began, or proves nobody; `cancelled`
    /// if the person did not agree; `eid_unavailable`; `forbidden` if there is no account to
    /// recover, or eID's person was shut out; `another_account` if this phone belongs to another
    /// person; otherwise as `register`.
    pub async fn finish_eid(&self, address: String) -> Result<Account, CoreError> {
        let visit = self.eid_visit()?.ok_or_else(failed)?;
        let returned = Returned::read(&address).ok_or_else(failed)?;
        // Any page can send the browser here: what does not belong to the visit leaves it alone.
        if returned.state != visit.state {
            return Err(failed());
        }
        if let Some(fault) = returned.fault {
            self.keep_visit(None)?;
            return Err(of_fault(&fault));
        }
        let answer = EidAnswer {
            ceremony: visit.ceremony,
            state: returned.state,
            code: returned.code.ok_or_else(failed)?,
            iss: returned.iss,
            secret: visit.secret,
        };
        let entered = match visit.purpose {
            EidPurpose::SignIn => self.enter_by_eid(answer).await,
            EidPurpose::Recovery => self.recover_by_eid(&answer).await,
        };
        if entered.as_ref().map_or_else(is_final, |_| true) {
            self.keep_visit(None)?;
        }
        entered.map_err(|error| match error {
            // This phone is registered as another person's.
            CoreError::Refused { ref code, .. } if code == "id_reused" => {
                CoreError::refused("another_account")
            }
            error => error,
        })
    }
}

/// Refusals that pass by themselves: the same answer may count later.
const PASSING: [&str; 6] =
    ["busy", "eid_unavailable", "internal", "too_many_requests", "too_slow", "unknown"];

/// Returns `true` if an answer has counted, or never will. Otherwise (no connection, a server or a
/// provider that is busy or away, a phone whose storage is full) the same address may be tried
/// again.
pub(super) fn is_final(error: &CoreError) -> bool {
    matches!(error, CoreError::Refused { code, .. } if !PASSING.contains(&code.as_str()))
}

impl Core {
    async fn start_eid(&self, purpose: EidPurpose) -> Result<EidPage, CoreError> {
        let secret = self.eid_secret()?;
        let (secret_hash, language) = (secret_hash(&secret), self.language.clone());
        let start = StartEid { purpose, secret_hash, language };
        let ask = ApiRequest::json(RequestKind::StartEid, "/v1/sessions/eid", &start).public();
        let EidStart { ceremony, authorization_url, expires_at } =
            self.driver.http.json(ask).await?;
        let state = state_of(&authorization_url).ok_or_else(failed)?;
        self.keep_visit(Some(&EidVisit { purpose, ceremony, secret, state }))?;
        let return_path = EID_APP_PATH.to_owned();
        Ok(EidPage { url: authorization_url, return_path, expires_at: expires_at.0 })
    }

    /// The secret of a new visit.
    pub(super) fn eid_secret(&self) -> Result<String, CoreError> {
        let secret = self.driver.platform.entropy.bytes(SECRET_BYTES);
        match u32::try_from(secret.len()) {
            Ok(SECRET_BYTES) => Ok(URL_SAFE_NO_PAD.encode(secret)),
            _ => Err(CoreError::internal("no entropy")),
        }
    }

    async fn enter_by_eid(&self, answer: EidAnswer) -> Result<Account, CoreError> {
        self.new_device_if_taken()?;
        let (device, ceremony) = (self.device()?, answer.ceremony);
        // Signing in hardware may be slow, so it runs off the runtime's threads.
        let (device, proof) = self.driver.blocking(move || device.proof(ceremony)).await??;
        let finish = FinishEid { answer, device, proof };
        let path = "/v1/sessions/eid/finish";
        let ask = ApiRequest::json(RequestKind::FinishEid, path, &finish).public();
        let session: Session = self.driver.http.json(ask).await?;
        self.entered(session).await
    }

    async fn recover_by_eid(&self, answer: &EidAnswer) -> Result<Account, CoreError> {
        let (kind, path) = (RequestKind::StartRecovery, "/v1/registrations/by-eid");
        let challenge = self.start(kind, path, answer, ChallengePurpose::Recovery).await?;
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.register(options).await?;
        let (kind, path) = (RequestKind::FinishRecovery, "/v1/registrations/by-eid/finish");
        self.finish(kind, path, &challenge, &credential).await
    }

    fn eid_visit(&self) -> Result<Option<EidVisit>, CoreError> {
        let name = AccountScope::GUEST.secret(EID_VISIT);
        let kept = self.driver.platform.secure_store.get(name)?;
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
    }

    fn keep_visit(&self, visit: Option<&EidVisit>) -> Result<(), CoreError> {
        let kept = visit.map(serde_json::to_vec).transpose().map_err(CoreError::internal)?;
        let name = AccountScope::GUEST.secret(EID_VISIT);
        Ok(self.driver.platform.secure_store.set(name, kept.unwrap_or_default())?)
    }
}

pub(super) fn failed() -> CoreError {
    CoreError::refused("eid_failed")
}

/// The refusal for a visit that ended without an answer.
pub(super) fn of_fault(fault: &str) -> CoreError {
    match fault {
        "cancelled" => CoreError::refused("cancelled"),
        "provider" => CoreError::refused("eid_unavailable"),
        _ => failed(),
    }
}

/// The `state` in the address of the provider's page.
pub(super) fn state_of(page: &str) -> Option<String> {
    let (_, query) = page.split_once('?')?;
    let query = query.split('#').next()?;
    let value = query.split('&').find_map(|field| field.strip_prefix("state="))?;
    decoded(value).filter(|state| !state.is_empty())
}

/// The answer in an address.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Returned {
    pub state: String,
    pub code: Option<String>,
    pub iss: Option<String>,
    pub fault: Option<String>,
}

impl Returned {
    /// Reads the fragment of an address; `None` if it is no answer.
    pub fn read(address: &str) -> Option<Self> {
        if address.len() > ADDRESS_BYTES_MAX {
            return None;
        }
        let (path, fragment) = address.split_once('#')?;
        if !path.ends_with(EID_APP_PATH) {
            return None;
        }
        let mut returned = Self::default();
        for field in fragment.split('&') {
            let (name, value) = field.split_once('=')?;
            let value = decoded(value)?;
            match name {
                "state" => returned.state = value,
                "code" => returned.code = Some(value),
                "iss" => returned.iss = Some(value),
                "fault" => returned.fault = Some(value),
                // Of a later server.
                _ => {}
            }
        }
        Some(returned)
    }
}

/// A value as a form encodes it.
fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let value = digit(digits[0])? * 16 + digit(digits[1])?;
                u8::try_from(value).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_visit_is_the_one_in_the_pages_address() {
        for (page, expected) in [
            ("https://eid.kg/authorize?scope=openid&state=a%2Db&nonce=c", Some("a-b")),
            ("https://eid.kg/authorize?state=a#state=b", Some("a")),
            ("https://eid.kg/authorize?xstate=a", None),
            ("https://eid.kg/authorize?state=", None),
            ("https://eid.kg/authorize#state=a", None),
            ("https://eid.kg/authorize", None),
        ] {
            assert_eq!(state_of(page).as_deref(), expected, "{page}");
        }
    }

    #[test]
    fn an_answer_is_read_from_the_fragment_of_the_claimed_address_alone() {
        let returned = |state: &str, code: Option<&str>, iss: Option<&str>, fault: Option<&str>| {
            let own = |text: Option<&str>| text.map(str::to_owned);
            Some(Returned {
                state: state.to_owned(),
                code: own(code),
                iss: own(iss),
                fault: own(fault),
            })
        };
        let at = "https://auction.example.kg/eid/app";
        let long = format!("{at}#state={}", "a".repeat(ADDRESS_BYTES_MAX));
        for (address, expected) in [
            (format!("{at}#state=a&code=b"), returned("a", Some("b"), None, None)),
            (
                format!("{at}#state=a&code=b+c%2Bd&iss=https%3A%2F%2Feid.kg&more=1"),
                returned("a", Some("b c+d"), Some("https://eid.kg"), None),
            ),
            (format!("{at}#state=a&fault=late"), returned("a", None, None, Some("late"))),
            (format!("{at}?state=a&code=b"), None),
            ("https://auction.example.kg/other#state=a&code=b".to_owned(), None),
            (format!("{at}#state"), None),
            (format!("{at}#state=%"), None),
            (format!("{at}#state=%zz"), None),
            (format!("{at}#state=%ff"), None),
            (String::new(), None),
            (long, None),
        ] {
            assert_eq!(Returned::read(&address), expected, "{address:.80}");
        }
    }
}
