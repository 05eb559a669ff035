//! No payment system: a server without one takes no payments and says so.

use crate::ports::{GatewayError, Issued, Order, OrderReport, PaymentGateway};
use async_trait::async_trait;
use http::HeaderMap;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::StatementLine;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Always unavailable, so that nothing counts as refused that a payment system may still know.
pub struct Unconfigured;

fn unavailable<T>() -> Result<T, GatewayError> {
    Err(GatewayError::Unavailable("none is configured".to_owned()))
}

#[async_trait]
impl PaymentGateway for Unconfigured {
    async fn create(&self, _: &Order) -> Result<Issued, GatewayError> {
        unavailable()
    }

    async fn payments(&self, _: IntentId) -> Result<OrderReport, GatewayError> {
        unavailable()
    }

    async fn refund(&self, _: Uuid, _: &str, _: Tyiyn) -> Result<(), GatewayError> {
        unavailable()
    }

    async fn statement(&self, _: BusinessDay) -> Result<Vec<StatementLine>, GatewayError> {
        unavailable()
    }

    fn is_attached(&self) -> bool {
        false
    }

    fn callback(&self, _: &HeaderMap, _: &str, _: &[u8], _: Timestamp) -> Option<IntentId> {
        None
    }
}
