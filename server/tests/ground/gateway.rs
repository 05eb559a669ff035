//! A payment system with scripted answers, which records its calls.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;
use toruk_server::ports::{
    GatewayError, Issued, Order, OrderReport, OrderState, PaymentGateway, ReportedPayment,
};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::StatementLine;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::deposit::PaymentProvider;
use uuid::Uuid;

/// The header without which a callback counts as forged.
pub const SEAL: &str = "x-seal";

/// What it says about one attempt or payment, for ever.
#[derive(Debug, Clone, Copy)]
pub enum GatewayWord {
    No,
    NotYet,
    Nothing,
}

#[derive(Default)]
pub struct RecordingGateway {
    pub down: Mutex<bool>,
    pub orders: Mutex<Vec<Order>>,
    pub paid: Mutex<BTreeMap<IntentId, Vec<ReportedPayment>>>,
    pub refunds: Mutex<Vec<(Uuid, String, i64)>>,
    /// Its word on single attempts and payments, by their names.
    pub words: Mutex<BTreeMap<String, GatewayWord>>,
    /// Its statements; those of other days are empty.
    pub statements: Mutex<BTreeMap<BusinessDay, Vec<StatementLine>>>,
    /// States of orders; others are open.
    pub states: Mutex<BTreeMap<IntentId, OrderState>>,
    /// Its banks and wallets.
    pub providers: Mutex<Vec<PaymentProvider>>,
    /// How often it was asked what was paid.
    pub questions: Mutex<usize>,
}

impl RecordingGateway {
    pub fn pay(&self, intent: IntentId, reference: &str, amount: Tyiyn, paid_at: Timestamp) {
        let payment = ReportedPayment { reference: reference.to_owned(), amount, paid_at };
        self.paid.lock().unwrap().entry(intent).or_default().push(payment);
    }

    /// References and amounts given back; each refund counts once, even if it was requested
    /// repeatedly.
    pub fn given_back(&self) -> Vec<(String, i64)> {
        let refunds = self.refunds.lock().unwrap();
        let by_id: BTreeMap<_, _> =
            refunds.iter().map(|(id, of, amount)| (*id, (of.clone(), *amount))).collect();
        let mut given: Vec<_> = by_id.into_values().collect();
        given.sort();
        given
    }

    /// From now on this is its answer about an attempt or a payment.
    pub fn say(&self, about: String, word: GatewayWord) {
        self.words.lock().unwrap().insert(about, word);
    }

    fn word(&self, about: &str) -> Result<(), GatewayError> {
        match self.words.lock().unwrap().get(about) {
            None => Ok(()),
            Some(GatewayWord::No) => Err(GatewayError::Refused("never".to_owned())),
            Some(GatewayWord::NotYet) => Err(GatewayError::Undecided),
            Some(GatewayWord::Nothing) => Err(GatewayError::Unavailable("a time-out".to_owned())),
        }
    }

    fn up(&self) -> Result<(), GatewayError> {
        let down = *self.down.lock().unwrap();
        if down { Err(GatewayError::Unavailable("down".to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl PaymentGateway for RecordingGateway {
    async fn create(&self, order: &Order) -> Result<Issued, GatewayError> {
        self.up()?;
        self.orders.lock().unwrap().push(order.clone());
        Ok(Issued { code: Some("7731-0288".to_owned()), redirect_url: None })
    }

    async fn payments(&self, intent: IntentId) -> Result<OrderReport, GatewayError> {
        *self.questions.lock().unwrap() += 1;
        self.up()?;
        self.word(&intent.to_string())?;
        let payments = self.paid.lock().unwrap().get(&intent).cloned().unwrap_or_default();
        let state = self.states.lock().unwrap().get(&intent).copied().unwrap_or_default();
        Ok(OrderReport { state, payments })
    }

    async fn refund(&self, id: Uuid, reference: &str, amount: Tyiyn) -> Result<(), GatewayError> {
        self.up()?;
        self.word(reference)?;
        self.refunds.lock().unwrap().push((id, reference.to_owned(), amount.get()));
        Ok(())
    }

    async fn statement(&self, day: BusinessDay) -> Result<Vec<StatementLine>, GatewayError> {
        self.up()?;
        Ok(self.statements.lock().unwrap().get(&day).cloned().unwrap_or_default())
    }

    async fn providers(&self) -> Result<Vec<PaymentProvider>, GatewayError> {
        self.up()?;
        Ok(self.providers.lock().unwrap().clone())
    }

    fn callback(
        &self,
        headers: &http::HeaderMap,
        _: &str,
        body: &[u8],
        _: Timestamp,
    ) -> Option<IntentId> {
        headers.get(SEAL)?;
        std::str::from_utf8(body).ok()?.parse().ok()
    }
}
