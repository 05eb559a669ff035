//! The end of a lost phone by the door through which its owner came, for those who have no passkey
//! at hand: a certificate's signature, or eID.

use super::caller::Bidder;
use super::confirmation::NotConfirmed;
use super::devices::device_object;
use super::service::{Error, Service};
use crate::audit::{Action, Entry, Principal};
use serde_json::json;
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::DeviceRevoked;
use toruk_sync::protocol::revocation::ConfirmRevocation;
use toruk_sync::signing::RevocationPayload;

impl Service {
    /// Revokes one of the person's phones as [`Service::revoke`], confirmed by any of their doors.
    /// Refusals are recorded.
    ///
    /// # Errors
    /// [`Error::ConfirmationWrong`], [`Error::ConfirmationExpired`], [`Error::Signature`];
    /// [`crate::db::StoreError::NotFound`] when the phone is not theirs.
    pub async fn revoke_confirmed(
        &self,
        by: &Bidder,
        device: DeviceId,
        request: &ConfirmRevocation,
    ) -> Result<DeviceRevoked, Error> {
        let ConfirmRevocation { end_last_passkey, confirmation } = request;
        let end_last_passkey = *end_last_passkey;
        let payload = RevocationPayload { person: by.person, device, end_last_passkey };
        let confirmed = self.confirm(by.person, &payload, confirmation, self.now()).await;
        let confirmed = match confirmed {
            Ok(confirmed) => confirmed,
            Err(NotConfirmed::Identity(error)) => return Err(error),
            Err(fault) => return Err(self.record_not_confirmed(by, device, fault).await?),
        };
        let txn = self.context.db.begin().await?;
        let revoked = self.revoke_in(&txn, by.person, device, end_last_passkey).await?;
        if !self.spend_confirmation(&txn, &confirmed).await? {
            drop(txn);
            return Err(self.record_not_confirmed(by, device, NotConfirmed::Expired).await?);
        }
        self.context.db.commit(txn).await?;
        self.lately.forget();
        Ok(revoked)
    }

    async fn record_not_confirmed(
        &self,
        by: &Bidder,
        device: DeviceId,
        fault: NotConfirmed,
    ) -> Result<Error, Error> {
        let (fault, error) = match fault {
            NotConfirmed::Passkey(_) => ("bad_signature", Error::ConfirmationWrong),
            NotConfirmed::Expired => ("confirmation_expired", Error::ConfirmationExpired),
            NotConfirmed::Certificate(refusal) => (refusal.fault.key(), refusal.into()),
            NotConfirmed::Identity(error) => return Ok(error),
        };
        let (actor, object) = (Principal::Bidder(by.person), device_object(device));
        let (action, detail) = (Action::SignatureRefuse, json!({ "fault": fault }));
        let txn = self.context.db.begin().await?;
        let entry = Entry { actor, action, object, detail };
        self.audit.record_once(&txn, entry).await?;
        self.context.db.commit(txn).await?;
        Ok(error)
    }
}
