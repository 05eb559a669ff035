//! The person's phones: listed, named, and ended by another phone of theirs.

use super::Core;
use super::passkeys::segment;
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use toruk_sync::protocol::identity::{
    ChallengePurpose, DeviceRevoked, DeviceView, Devices, FinishRevocation, NameDevice,
    RevokedPasskey,
};
use toruk_sync::protocol::passkeys::FinishConfirmation;

/// One of the person's phones.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeviceInfo {
    /// Identifies it, for `name_device` and `revoke_device`.
    pub id: String,
    /// The name that the person gave it.
    pub name: Option<String>,
    /// `android`, `ios` or `terminal`.
    pub platform: String,
    /// The moment when it was added, or got another key, Unix µs.
    pub created_at: i64,
    /// The last use, to the hour, Unix µs; `None` if it is not signed in.
    pub seen_at: Option<i64>,
    /// `true` for this phone.
    pub is_this: bool,
    /// `true` if it has ended.
    pub is_revoked: bool,
}

/// The passkey that was made on a phone which has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum EndedPasskey {
    /// It has ended with the phone.
    Ended,
    /// It still signs in, because the account has no other.
    KeptAsLast,
    /// None is known to be made there.
    NoneKnown,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The person's phones, in the order in which they were added, with those that have ended.
    ///
    /// # Errors
    /// [`CoreError::Offline`], [`CoreError::SignedOut`].
    pub async fn devices(&self) -> Result<Vec<DeviceInfo>, CoreError> {
        let ask = ApiRequest::new(RequestKind::ReadDevices, "/v1/devices");
        let devices: Devices = self.signed(ask).await?;
        let info = |device: DeviceView| DeviceInfo {
            id: device.id.to_string(),
            name: device.name,
            platform: device.platform,
            created_at: device.created_at.0,
            seen_at: device.seen_at.map(|at| at.0),
            is_this: device.is_this,
            is_revoked: device.is_revoked,
        };
        Ok(devices.items.into_iter().map(info).collect())
    }

    /// Names a phone; only the person sees the name.
    ///
    /// # Errors
    /// `malformed` for the name; `not_found`; [`CoreError::Offline`].
    pub async fn name_device(&self, id: String, name: String) -> Result<(), CoreError> {
        let path = format!("/v1/devices/{}/name", segment(&id)?);
        let ask = ApiRequest::json(RequestKind::NameDevice, &path, &NameDevice { name });
        self.signed_empty(ask).await
    }

    /// Ends another phone for good: a lost one. Its session, key and pushes end within a second,
    /// and so does the passkey that was made on it, the account's last one only with
    /// `end_last_passkey`. A passkey of the person has to confirm it; a person without one adds
    /// it by `start_eid_recovery` or by a certificate before. May be repeated.
    ///
    /// # Errors
    /// `wrong_state` for this phone, which the person leaves by `logout`; `not_found`; `cancelled`;
    /// [`CoreError::Offline`].
    pub async fn revoke_device(
        &self,
        id: String,
        end_last_passkey: bool,
    ) -> Result<EndedPasskey, CoreError> {
        let own = self.driver.read(|engine| Some(engine.profile()?.device.to_string()));
        if own.as_ref() == Some(&id) {
            return Err(CoreError::refused("wrong_state"));
        }
        let path = format!("/v1/devices/{}/revocation", segment(&id)?);
        let start = format!("{path}?end_last_passkey={end_last_passkey}");
        let purpose = ChallengePurpose::EndAccess;
        let answer = self.confirmed(RequestKind::StartDeviceEnd, &start, purpose).await?;
        let FinishConfirmation { ceremony, credential } = answer;
        let (path, answer) = (format!("{path}/finish"), FinishRevocation { ceremony, credential });
        let ask = ApiRequest::json(RequestKind::FinishDeviceEnd, &path, &answer);
        let DeviceRevoked { passkey } = self.signed(ask).await?;
        Ok(match passkey {
            RevokedPasskey::Ended => EndedPasskey::Ended,
            RevokedPasskey::KeptAsLast => EndedPasskey::KeptAsLast,
            RevokedPasskey::NoneKnown => EndedPasskey::NoneKnown,
        })
    }
}
