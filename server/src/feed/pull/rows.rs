//! Loads the values of rows in bulk by their kind, from the features they belong to.

use super::super::service::{Error, Service};
use super::super::store::Change;
use crate::db::StoreError;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::HashMap;
use toruk_sync::domain::application::Application;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::protocol::operations::ApplicationView;
use toruk_sync::protocol::pull::kind;

/// The kinds of rows with a counter.
const KINDS: [&str; 6] =
    [kind::CARD, kind::APPLICATION, kind::DRAFT, kind::OUTCOME, kind::FOLLOWED, kind::RECEIPT];

/// Loaded values by kind and name.
#[derive(Default)]
pub struct Values(HashMap<&'static str, HashMap<String, Box<RawValue>>>);

impl Values {
    /// Returns `true` if this server can load such rows.
    pub fn knows(&self, kind: &str) -> bool {
        KINDS.contains(&kind)
    }

    /// Takes a value out; `None` if it is absent.
    pub fn take(&mut self, kind: &str, id: &str) -> Option<Box<RawValue>> {
        self.0.get_mut(kind)?.remove(id)
    }

    fn put<T: Serialize>(
        &mut self,
        kind: &'static str,
        id: String,
        value: &T,
    ) -> Result<(), StoreError> {
        let value = to_raw_value(value).map_err(StoreError::damaged("sync_row"))?;
        self.insert(kind, id, value);
        Ok(())
    }

    fn insert(&mut self, kind: &'static str, id: String, value: Box<RawValue>) {
        self.0.entry(kind).or_default().insert(id, value);
    }
}

impl Service {
    /// Loads the values of rows in a person's scope or in the catalogue.
    pub(super) async fn values(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        changes: &[Change],
    ) -> Result<Values, Error> {
        let mut values = Values::default();
        let ids = |kind: &str| -> Vec<String> {
            let of_kind = changes.iter().filter(|change| change.kind == kind && !change.deleted);
            of_kind.map(|change| change.id.clone()).collect()
        };
        let auctions = |kind: &str| -> Result<Vec<AuctionId>, StoreError> {
            let parsed = ids(kind).into_iter().map(|id| id.parse());
            parsed.collect::<Result<_, _>>().map_err(StoreError::damaged("sync_row"))
        };
        let cards = auctions(kind::CARD)?;
        if !cards.is_empty() {
            for (id, card) in self.catalogue.cards(db, &cards).await? {
                values.insert(kind::CARD, id.to_string(), card);
            }
        }
        let applications = auctions(kind::APPLICATION)?;
        if !applications.is_empty() {
            for view in self.application_views(db, person, &applications).await? {
                values.put(kind::APPLICATION, view.application.auction.to_string(), &view)?;
            }
        }
        let drafts = auctions(kind::DRAFT)?;
        if !drafts.is_empty() {
            for view in self.drafts.in_auctions(db, person, &drafts).await? {
                values.put(kind::DRAFT, view.auction.to_string(), &view)?;
            }
        }
        let outcomes = ids(kind::OUTCOME);
        if !outcomes.is_empty() {
            for (id, view) in self.applications.outcomes(db, person, &outcomes).await? {
                values.put(kind::OUTCOME, id, &view)?;
            }
        }
        let receipts = ids(kind::RECEIPT);
        if !receipts.is_empty() {
            for (id, receipt) in self.applications.receipts(db, person, &receipts).await? {
                values.put(kind::RECEIPT, id, &receipt)?;
            }
        }
        if !ids(kind::FOLLOWED).is_empty()
            && let Some(followed) = self.drafts.followed(db, person).await?
        {
            values.put(kind::FOLLOWED, String::new(), &followed)?;
        }
        Ok(values)
    }

    async fn application_views(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        auctions: &[AuctionId],
    ) -> Result<Vec<ApplicationView>, Error> {
        let applications = self.applications.in_auctions(db, person, auctions).await?;
        let ids: Vec<_> = applications.iter().map(|application| application.id).collect();
        let mut deposits = self.deposits.within(db, &ids).await?;
        let mut openings = self.auctions.openings_within(db, person).await?;
        let view = |application: Application| {
            let (deposit, intents) = deposits.remove(&application.id).unzip();
            let opening = openings.remove(&application.auction);
            let bidder_no = opening.as_ref().map(|opening| opening.bidder);
            let intents = intents.unwrap_or_default();
            ApplicationView { application, deposit, intents, bidder_no, opening }
        };
        Ok(applications.into_iter().map(view).collect())
    }
}
