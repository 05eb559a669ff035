//! A circuit breaker before the payment system: while it does not answer, bidders are told so at
//! once instead of after ten seconds each.
//!
//! # Why only orders are stopped
//! A bidder who asks for a code waits for the answer. The worker's questions and refunds wait for nobody
//! and pace themselves; they go on, and the first of them that is answered closes the circuit.

use crate::clock::Clock;
use crate::lock::lock;
use crate::ports::{GatewayError, Issued, Order, OrderReport, PaymentGateway};
use async_trait::async_trait;
use http::HeaderMap;
use std::sync::{Arc, Mutex};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::StatementLine;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::deposit::PaymentProvider;
use uuid::Uuid;

/// Calls without an answer, one after the other, that open the circuit.
const FAILURES_MAX: u32 = 5;
/// An open circuit lets one order through after this time, to see.
const TRIAL_AFTER: TimeSpan = TimeSpan::seconds(30);

/// A payment system behind a circuit breaker.
pub struct Breaker {
    inner: Arc<dyn PaymentGateway>,
    clock: Arc<dyn Clock>,
    circuit: Mutex<Circuit>,
}

#[derive(Default)]
struct Circuit {
    failures: u32,
    /// The moment of the failure that opened it, and of the last trial.
    open: Option<(Timestamp, Timestamp)>,
}

impl Breaker {
    /// Stands before `inner`.
    pub fn new(inner: Arc<dyn PaymentGateway>, clock: Arc<dyn Clock>) -> Self {
        metrics::gauge!("toruk_gateway_circuit_open").set(0.0);
        Self { inner, clock, circuit: Mutex::default() }
    }

    /// Returns `true` if an order may be sent now.
    fn lets_through(&self) -> bool {
        let now = self.clock.now();
        let mut circuit = lock(&self.circuit);
        match &mut circuit.open {
            Some((_, tried)) if now < *tried + TRIAL_AFTER => false,
            Some((_, tried)) => {
                *tried = now;
                true
            }
            None => true,
        }
    }

    fn seen<T>(&self, answer: Result<T, GatewayError>) -> Result<T, GatewayError> {
        let now = self.clock.now();
        let mut circuit = lock(&self.circuit);
        match &answer {
            // A refusal is an answer, and so is a decision that is still to come.
            Ok(_) | Err(GatewayError::Refused(_) | GatewayError::Undecided) => {
                if circuit.open.is_some() {
                    tracing::info!("the payment system answers again");
                    metrics::gauge!("toruk_gateway_circuit_open").set(0.0);
                }
                *circuit = Circuit::default();
            }
            Err(GatewayError::Unavailable(_)) => {
                circuit.failures = circuit.failures.saturating_add(1);
                metrics::counter!("toruk_gateway_failures_total").increment(1);
                if circuit.failures >= FAILURES_MAX && circuit.open.is_none() {
                    circuit.open = Some((now, now));
                    tracing::warn!("the payment system does not answer; orders are refused");
                    metrics::gauge!("toruk_gateway_circuit_open").set(1.0);
                }
            }
        }
        answer
    }
}

#[async_trait]
impl PaymentGateway for Breaker {
    async fn create(&self, order: &Order) -> Result<Issued, GatewayError> {
        if !self.lets_through() {
            return Err(GatewayError::Unavailable("its circuit is open".to_owned()));
        }
        let answer = self.inner.create(order).await;
        self.seen(answer)
    }

    async fn payments(&self, intent: IntentId) -> Result<OrderReport, GatewayError> {
        let answer = self.inner.payments(intent).await;
        self.seen(answer)
    }

    async fn refund(&self, id: Uuid, reference: &str, amount: Tyiyn) -> Result<(), GatewayError> {
        let answer = self.inner.refund(id, reference, amount).await;
        self.seen(answer)
    }

    /// A statement that is not there says nothing about the other calls.
    async fn statement(&self, day: BusinessDay) -> Result<Vec<StatementLine>, GatewayError> {
        self.inner.statement(day).await
    }

    /// A list that is not there keeps nobody from paying.
    async fn providers(&self) -> Result<Vec<PaymentProvider>, GatewayError> {
        self.inner.providers().await
    }

    fn is_attached(&self) -> bool {
        self.inner.is_attached()
    }

    fn silent_since(&self) -> Option<Timestamp> {
        lock(&self.circuit).open.map(|(since, _)| since)
    }

    fn callback(
        &self,
        headers: &HeaderMap,
        path: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Option<IntentId> {
        self.inner.callback(headers, path, body, now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::unconfigured::Unconfigured;
    use super::*;
    use futures_util::future::BoxFuture;

    struct Hand(Mutex<Timestamp>);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            *lock(&self.0)
        }

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    const REFUSED: Result<(), GatewayError> = Err(GatewayError::Refused(String::new()));
    const SILENT: Result<(), GatewayError> = Err(GatewayError::Unavailable(String::new()));

    #[test]
    fn it_opens_after_five_silent_calls_tries_again_and_closes_with_any_answer() {
        let clock = Arc::new(Hand(Mutex::new(Timestamp(0))));
        let breaker = Breaker::new(Arc::new(Unconfigured), clock.clone());
        for _ in 0..FAILURES_MAX - 1 {
            let _ = breaker.seen(SILENT);
            assert!(breaker.lets_through());
        }
        // Four, an answer, and four again: never five in a row.
        let _ = breaker.seen(REFUSED);
        for _ in 0..FAILURES_MAX - 1 {
            let _ = breaker.seen(SILENT);
        }
        let _ = breaker.seen::<()>(Err(GatewayError::Undecided));
        for _ in 0..FAILURES_MAX {
            assert!(breaker.lets_through());
            let _ = breaker.seen(SILENT);
        }
        assert!(!breaker.lets_through());
        assert_eq!(breaker.silent_since(), Some(Timestamp(0)));
        *lock(&clock.0) = Timestamp(0) + TRIAL_AFTER;
        assert!(breaker.lets_through(), "one trial");
        assert!(!breaker.lets_through(), "and no second");
        let _ = breaker.seen(SILENT);
        assert!(!breaker.lets_through());
        let _ = breaker.seen(Ok(()));
        assert!(breaker.lets_through());
        assert_eq!(breaker.silent_since(), None);
    }
}
