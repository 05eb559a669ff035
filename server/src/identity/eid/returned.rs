//! The browser's way back from the provider: handed over to the app or the page that began, never
//! redeemed here.

use crate::identity::ceremony::EidDoor;
use crate::identity::service::{Error, Service};
use openidconnect::url::form_urlencoded;
use toruk_sync::protocol::eid::{EID_APP_PATH, EID_CODE_CHARS_MAX};

/// Longest name of a provider that is handed over, characters.
const ISS_CHARS_MAX: usize = 512;

/// What the provider sent by the browser.
#[derive(Clone, Default)]
pub struct EidReturn {
    pub state: String,
    pub code: Option<String>,
    pub iss: Option<String>,
    /// OAuth's name of a refusal.
    pub error: Option<String>,
}

/// The reason why there is no answer to hand over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EidReturnFault {
    /// This server began no such sign-in.
    Unknown,
    /// Its time is over.
    Late,
    /// The person refused, or left the provider's page.
    Cancelled,
    /// The provider failed, or refused this server.
    Provider,
}

impl EidReturnFault {
    /// All faults, in the order of the variants.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Late, Self::Cancelled, Self::Provider];

    /// The name; the page's text is `eid-back-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Late => "late",
            Self::Cancelled => "cancelled",
            Self::Provider => "provider",
        }
    }
}

/// The next step of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EidHandOver {
    /// The language in which the sign-in was begun, if it is known: `ky`, `ru` or `en`.
    pub language: Option<String>,
    /// Where it began; `None` if that was not here.
    pub onward: Option<EidOnward>,
    /// Set if there is no answer.
    pub fault: Option<EidReturnFault>,
}

/// Who waits for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EidOnward {
    /// An app, at its claimed address, with what the app needs to go on or to stop waiting in the
    /// fragment, which no browser sends to a server.
    App(String),
    /// The console's sign-in page.
    ConsoleSignIn,
    /// The page of an official's own access.
    ConsoleLink,
}

impl Service {
    /// The way on from the provider. Decides nothing, and stores nothing: whether the answer holds
    /// is found out when the one who began brings it with their secret.
    ///
    /// # Errors
    /// [`Error::Store`] with `NotFound` if this server has no eID.
    pub fn returned_from_eid(&self, back: &EidReturn) -> Result<EidHandOver, Error> {
        if self.eid.is_none() {
            return Err(Error::Store(crate::db::StoreError::NotFound));
        }
        let Some(begun) = self.eid_seal.open(&back.state) else {
            let fault = Some(EidReturnFault::Unknown);
            return Ok(EidHandOver { language: None, onward: None, fault });
        };
        let code = back.code.as_deref();
        let code = code.filter(|code| !code.is_empty() && code.len() <= EID_CODE_CHARS_MAX);
        let fault = match (&back.error, code) {
            _ if self.now() >= begun.until => Some(EidReturnFault::Late),
            (Some(error), _) if error == "access_denied" => Some(EidReturnFault::Cancelled),
            (Some(_), _) | (None, None) => Some(EidReturnFault::Provider),
            (None, Some(_)) => None,
        };
        let onward = match begun.door {
            EidDoor::ConsoleSignIn => EidOnward::ConsoleSignIn,
            EidDoor::ConsoleLink => EidOnward::ConsoleLink,
            EidDoor::PhoneSignIn | EidDoor::Recovery | EidDoor::Confirmation => {
                EidOnward::App(self.app_url(back, code, fault))
            }
        };
        Ok(EidHandOver { language: Some(begun.language), onward: Some(onward), fault })
    }

    fn app_url(
        &self,
        back: &EidReturn,
        code: Option<&str>,
        fault: Option<EidReturnFault>,
    ) -> String {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields.append_pair("state", &back.state);
        match (fault, code) {
            (None, Some(code)) => {
                fields.append_pair("code", code);
                let iss = back.iss.as_ref().filter(|iss| iss.len() <= ISS_CHARS_MAX);
                if let Some(iss) = iss {
                    fields.append_pair("iss", iss);
                }
            }
            (fault, _) => {
                let fault = fault.unwrap_or(EidReturnFault::Provider);
                fields.append_pair("fault", fault.key());
            }
        }
        let origin = &self.context.config.public_origin;
        format!("{origin}{EID_APP_PATH}#{}", fields.finish())
    }
}
