//! One transaction around the rules.

use crate::Shared;
use crate::db::StoreError;
use crate::identity::Official;
use crate::{application, audit, catalogue, deposit, identity, push};
use std::sync::Arc;
use toruk_sync::domain::auction::{ContractFault, Offer, Rejection};
use toruk_sync::domain::id::{AuctionId, LotId};

/// Why an auction refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("forbidden")]
    Forbidden,
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The lot is in another live auction.
    #[error("the lot is in another auction")]
    LotInUse,
    #[error("the signature does not hold")]
    BadSignature,
    #[error("this id stands for another bid")]
    IdReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What officials do with one auction.
#[derive(Debug, Clone)]
pub enum Act {
    Edit { offer: Offer },
    Submit,
    Return { reason: String },
    Publish,
    SignContract { document: String },
    FailContract { fault: ContractFault },
}

#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

#[allow(unused_variables, clippy::todo, clippy::too_many_arguments)]
impl Service {
    pub fn new(
        shared: &Arc<Shared>,
        identity: identity::Service,
        catalogue: catalogue::Service,
        applications: application::Service,
        deposits: deposit::Service,
        push: push::Service,
        audit: audit::Service,
    ) -> Self {
        Self { shared: shared.clone() }
    }
    pub async fn create(
        &self,
        by: &Official,
        lot: LotId,
        offer: Offer,
    ) -> Result<AuctionId, Error> {
        todo!()
    }
    pub async fn act(&self, by: &Official, id: AuctionId, act: Act) -> Result<(), Error> {
        todo!()
    }
    pub async fn relaunch(
        &self,
        by: &Official,
        id: AuctionId,
        offer: Offer,
    ) -> Result<AuctionId, Error> {
        todo!()
    }
}
