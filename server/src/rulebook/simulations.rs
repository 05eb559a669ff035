//! A profile tried on auctions that are over.

use super::fields::with_fields;
use super::service::{Error, Service, editor};
use super::store;
use crate::db::StoreError;
use crate::identity::Official;
use sea_orm::DbErr;
use std::collections::BTreeMap;
use tokio::task::spawn_blocking;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::simulation::{Simulated, simulate};

/// Auctions on which a profile is tried.
pub const SIMULATED_AUCTIONS: u64 = 100;
/// Most records of an auction's log; longer ones are left out.
const RECORDS_MAX: u64 = 20_000;

/// A profile tried on the auctions that ended last.
#[derive(Debug, Clone, Default)]
pub struct Simulation {
    /// Auctions, the one that ended last first.
    pub auctions: Vec<SimulatedAuction>,
    /// The number of auctions that were left out: their logs are too long.
    pub left_out: usize,
}

/// One auction of a simulation.
#[derive(Debug, Clone)]
pub struct SimulatedAuction {
    /// The auction.
    pub id: AuctionId,
    /// Its public number.
    pub number: String,
    /// Its end under both profiles.
    pub ends: Simulated,
}

impl Service {
    /// Tries a profile, by the texts of its fields, on the last auctions. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Field`]; [`Error::Store`].
    pub async fn simulate(
        &self,
        by: &Official,
        texts: &BTreeMap<String, String>,
    ) -> Result<Simulation, Error> {
        editor(by)?;
        // One at a time: it reads whole logs, beside bids that are decided.
        let _one = self.simulating.try_acquire().map_err(|_| {
            StoreError::Busy(DbErr::Custom("another profile is being tried".to_owned()))
        })?;
        let db = self.context.db.read();
        let rules = with_fields(&self.current(db).await?, texts)?;
        let mut found = Simulation::default();
        for (id, number) in store::ended(db, SIMULATED_AUCTIONS).await? {
            let Some(log) = store::log(db, id, RECORDS_MAX).await? else {
                found.left_out += 1;
                continue;
            };
            let rules = rules.clone();
            // Bids are decided on the same threads.
            let ends = spawn_blocking(move || simulate(&log, &rules)).await;
            let ends = ends.map_err(StoreError::damaged("auction_event"))?;
            match ends {
                Some(ends) => found.auctions.push(SimulatedAuction { id, number, ends }),
                None => found.left_out += 1,
            }
        }
        Ok(found)
    }
}
