//! A person's own phones: listed and named. How one ends is in [`super::phones`].

use super::caller::Bidder;
use super::devices::device_object;
use super::phones::{LIFE, LIFE_MAX};
use super::service::{Error, Service};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::StoreError;
use serde_json::json;
use toruk_sync::domain::id::DeviceId;
use toruk_sync::domain::text;
use toruk_sync::protocol::identity::DeviceView;
use toruk_sync::protocol::limits::DEVICE_NAME_CHARS_MAX;

impl Service {
    /// A person's phones, in the order in which they were added.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn devices(&self, by: &Bidder) -> Result<Vec<DeviceView>, Error> {
        let (db, now) = (self.context.db.read(), self.now());
        let ends = store::session_ends(db, by.person).await?;
        // Each use moves the end, at most once an hour, until the session is as old as one can be: from
        // then on nothing says when it was used.
        let seen_at = |device: &store::Device| {
            let (begun, end) = *ends.get(&device.id).filter(|_| !device.is_revoked)?;
            (now < end && end < begun + LIFE_MAX).then(|| (end - LIFE).max(device.created_at))
        };
        let view = |device: store::Device| DeviceView {
            seen_at: seen_at(&device),
            id: device.id,
            platform: device.platform,
            name: device.name,
            created_at: device.created_at,
            is_this: device.id == by.device,
            is_revoked: device.is_revoked,
        };
        let mine = store::devices(db, by.person).await?;
        Ok(mine.into_iter().map(view).collect())
    }

    /// Names one of a person's phones; the name is for the person only.
    ///
    /// # Errors
    /// [`Error::Malformed`] for the name; [`StoreError::NotFound`] if the phone is not theirs.
    pub async fn name_device(&self, by: &Bidder, id: DeviceId, name: &str) -> Result<(), Error> {
        let name = text::line(name, DEVICE_NAME_CHARS_MAX);
        let name = name.map_err(|_| Error::Malformed("name"))?;
        let txn = self.context.db.begin().await?;
        let known = store::device(&txn, id).await?;
        let is_own = known.is_some_and(|known| known.person == by.person);
        if !is_own {
            return Err(StoreError::NotFound.into());
        }
        store::name_device(&txn, id, &name).await?;
        let (actor, object) = (Principal::Bidder(by.person), device_object(id));
        let entry = Entry { actor, action: Action::DeviceName, object, detail: json!({}) };
        self.audit.record(&txn, entry).await?;
        Ok(self.context.db.commit(txn).await?)
    }
}
