//! The person's passkeys, and a code for their next phone.

use super::Core;
use super::records::Account;
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use toruk_sync::domain::link_code::LinkCode;
use toruk_sync::protocol::identity::{Challenge, ChallengePurpose};
use toruk_sync::protocol::passkeys::{
    FinishConfirmation, NamePasskey, NextDeviceCode, PasskeyView, Passkeys, StartByCode,
};

/// A passkey that signs the person in.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PasskeyInfo {
    /// Identifies it, for `name_passkey` and `end_passkey`.
    pub id: String,
    /// The name that the person gave it.
    pub name: Option<String>,
    /// The moment when it was added, Unix µs.
    pub created_at: i64,
    /// The last sign-in or confirmation with it, Unix µs.
    pub used_at: Option<i64>,
    /// `true` for the one with which this phone is signed in.
    pub is_this: bool,
}

/// A code that adds the person's next phone. Show both forms; keep neither.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct LinkingCode {
    /// For reading and typing: sixteen characters in groups of four.
    pub code: String,
    /// For a QR code.
    pub qr_text: String,
    /// The end of its validity, Unix µs, exclusive. It counts once, and the next one ends it.
    pub expires_at: i64,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The person's passkeys, in the order in which they were added.
    ///
    /// # Errors
    /// [`CoreError::Offline`], [`CoreError::SignedOut`].
    pub async fn passkeys(&self) -> Result<Vec<PasskeyInfo>, CoreError> {
        let ask = ApiRequest::new(RequestKind::ReadPasskeys, "/v1/passkeys");
        let passkeys: Passkeys = self.signed(ask).await?;
        let own = self.driver.read(|engine| Some(engine.profile()?.credential_id.clone()));
        let info = |passkey: PasskeyView| PasskeyInfo {
            is_this: own.as_ref() == Some(&passkey.id),
            id: passkey.id,
            name: passkey.name,
            created_at: passkey.created_at.0,
            used_at: passkey.used_at.map(|at| at.0),
        };
        Ok(passkeys.items.into_iter().map(info).collect())
    }

    /// Names a passkey; only the person sees the name.
    ///
    /// # Errors
    /// `malformed` for the name; `not_found`; [`CoreError::Offline`].
    pub async fn name_passkey(&self, id: String, name: String) -> Result<(), CoreError> {
        let path = format!("/v1/passkeys/{}/name", segment(&id)?);
        let ask = ApiRequest::json(RequestKind::NamePasskey, &path, &NamePasskey { name });
        self.signed_empty(ask).await
    }

    /// Ends a passkey: it signs nobody in any more. Phones that are signed in stay so. A passkey of
    /// the person has to confirm it.
    ///
    /// # Errors
    /// `wrong_state` for the account's last passkey; `not_found`; `cancelled`;
    /// [`CoreError::Offline`].
    pub async fn end_passkey(&self, id: String) -> Result<(), CoreError> {
        let path = format!("/v1/passkeys/{}/revocation", segment(&id)?);
        let purpose = ChallengePurpose::EndAccess;
        let answer = self.confirmed(RequestKind::StartPasskeyEnd, &path, purpose).await?;
        let path = format!("{path}/finish");
        self.signed_empty(ApiRequest::json(RequestKind::FinishPasskeyEnd, &path, &answer)).await
    }

    /// Makes a code for the person's next phone, in place of an earlier one. A passkey of the
    /// person has to confirm it.
    ///
    /// # Errors
    /// `limit_reached` if there are ten passkeys already; `cancelled`; [`CoreError::Offline`].
    pub async fn next_phone_code(&self) -> Result<LinkingCode, CoreError> {
        let (path, purpose) = ("/v1/passkey-codes", ChallengePurpose::NextDevice);
        let answer = self.confirmed(RequestKind::StartCode, path, purpose).await?;
        let path = "/v1/passkey-codes/finish";
        let ask = ApiRequest::json(RequestKind::FinishCode, path, &answer);
        let NextDeviceCode { code, expires_at } = self.signed(ask).await?;
        let parsed = LinkCode::parse(&code).ok_or_else(|| CoreError::internal("no code"))?;
        Ok(LinkingCode { code, qr_text: parsed.qr_text(), expires_at: expires_at.0 })
    }

    /// Signs in on this phone with a code that another phone of the person shows, typed or scanned:
    /// adds a passkey of this phone to the account.
    ///
    /// # Errors
    /// `link_code_invalid` if it is no code, was used or has expired; `another_account` if this
    /// phone belongs to another person; otherwise as `register`.
    pub async fn sign_in_with_code(&self, code: String) -> Result<Account, CoreError> {
        let invalid = || CoreError::refused("link_code_invalid");
        let code = LinkCode::parse(&code).ok_or_else(invalid)?.to_string();
        let (path, purpose) = ("/v1/registrations/by-code", ChallengePurpose::AddPasskey);
        let refused_as = |error| if is_refused(&error, "not_found") { invalid() } else { error };
        let (kind, body) = (RequestKind::StartByCode, StartByCode { code });
        let challenge = self.start(kind, path, &body, purpose).await.map_err(refused_as)?;
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.register(options).await?;
        let path = "/v1/registrations/by-code/finish";
        let entered = self.finish(RequestKind::FinishByCode, path, &challenge, &credential).await;
        entered.map_err(|error| match is_refused(&error, "id_reused") {
            // This phone is registered as another person's.
            true => CoreError::refused("another_account"),
            false => refused_as(error),
        })
    }
}

impl Core {
    /// Lets a passkey of the person answer a challenge for this purpose, and for no other.
    pub(super) async fn confirmed(
        &self,
        kind: RequestKind,
        path: &str,
        purpose: ChallengePurpose,
    ) -> Result<FinishConfirmation, CoreError> {
        let challenge: Challenge = self.signed(ApiRequest::new(kind, path)).await?;
        if !purpose.is_of(&challenge.options) {
            return Err(CoreError::refused("ceremony_failed"));
        }
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.assert(options).await?;
        let credential = serde_json::from_str(&credential).map_err(CoreError::internal)?;
        Ok(FinishConfirmation { ceremony: challenge.ceremony, credential })
    }
}

/// An id as a part of a path: base64url, which needs no escapes.
pub(super) fn segment(id: &str) -> Result<&str, CoreError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = !id.is_empty() && id.bytes().all(is_plain);
    if fits { Ok(id) } else { Err(CoreError::refused("not_found")) }
}

fn is_refused(error: &CoreError, with: &str) -> bool {
    matches!(error, CoreError::Refused { code, .. } if code == with)
}
