//! The payment system of the demo and the tests: an HTTP server of its own, in virtual time.
//!
//! It knows merchants' orders and money, and nothing of auctions. It forgets everything when it
//! is dropped.
//!
//! # Why
//! No public interface of the state's payment system is known. The contract is ours, in the form
//! such systems use: signed JSON, idempotent orders, and callbacks that are only hints.

mod api;
pub mod book;
mod callback;
mod pages;
pub mod signature;
mod texts;

use crate::outside::listening::{self, Listening};
use crate::world::clock::Clock;
use book::{Book, Channel, Order, Payment, Refund, Refusal};
use callback::Callbacks;
pub use callback::{Attempt, CALLBACK_ATTEMPTS_MAX};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// The merchant's identity and the secret that both sides sign with.
#[derive(Clone)]
pub struct Merchant {
    /// Its name with the payment system.
    pub id: String,
    /// Known to both sides.
    pub secret: Vec<u8>,
}

/// Behaviour towards the merchant's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answers {
    /// At once, as the API says.
    #[default]
    Normally,
    /// Never, and nothing is done: the payment system hangs.
    Never,
    /// Never, though the work is done: the answer is lost on its way.
    LostAfterWork,
}

/// The fate of a payment's callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallbackFault {
    /// It is sent once, signed.
    #[default]
    None,
    /// It is never sent.
    Lost,
    /// It is sent twice, at the same time.
    Doubled,
    /// Somebody who does not know the secret signed it.
    Forged,
    /// It is sent this much later.
    Delayed(TimeSpan),
}

/// The fate of the next payments, of people on the pages as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaymentFault {
    /// They are made as asked.
    #[default]
    None,
    /// This many tyiyn are missing.
    Short(i64),
    /// This many tyiyn come on top.
    Over(i64),
    /// They are taken though the order's time is over.
    Late,
    /// They are made twice, under two references.
    Doubled,
}

/// The fault of the statements, in the first operation of each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatementFault {
    /// They state what happened.
    #[default]
    None,
    /// It is left out.
    Missing,
    /// It is there twice.
    Doubled,
    /// It has this many tyiyn more.
    Off(i64),
    /// It is in dollars.
    OtherCurrency,
    /// It comes in the next day's statement.
    Late,
    /// The day is never closed.
    StillOpen,
}

/// Faults in force until they are set otherwise. None, by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Misbehaviour {
    pub answers: Answers,
    /// This many of the merchant's next requests are answered with 503.
    pub failing_calls: u32,
    /// This many of the merchant's next refunds are not decided yet.
    pub undecided_refunds: u32,
    pub callback: CallbackFault,
    pub payment: PaymentFault,
    pub statement: StatementFault,
}

/// The payment system, from the side of its payers and of the test.
pub struct PaymentSystem {
    desk: Arc<Desk>,
    listening: Listening,
}

/// State that the routes share.
struct Desk {
    base: String,
    merchant: Merchant,
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
    misbehaviour: Mutex<Misbehaviour>,
    callbacks: Callbacks,
    stopping: CancellationToken,
}

impl PaymentSystem {
    /// Starts on any free port of this machine.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(clock: Arc<dyn Clock>, merchant: Merchant) -> anyhow::Result<Self> {
        let listener = listening::any_port().await?;
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let callbacks = Callbacks::new(listening::client()?, stopping.clone(), tasks.clone());
        let desk = Arc::new(Desk {
            base: format!("http://{}", listener.local_addr()?),
            merchant,
            book: Mutex::new(Book::opened(clock.now())),
            clock,
            misbehaviour: Mutex::default(),
            callbacks,
            stopping: stopping.clone(),
        });
        let router = api::routes(&desk).merge(pages::routes()).with_state(Arc::clone(&desk));
        let listening = Listening::serve(listener, router, stopping, tasks)?;
        Ok(Self { desk, listening })
    }

    /// `http://127.0.0.1:…`, without a slash at its end; also where people pay.
    pub fn base(&self) -> &str {
        &self.desk.base
    }

    /// Changes what goes wrong from now on.
    pub fn misbehave(&self, change: impl FnOnce(&mut Misbehaviour)) {
        change(&mut lock(&self.desk.misbehaviour));
    }

    /// Pays `amount_tyiyn` with a code, in a wallet or at a branch.
    ///
    /// # Errors
    /// When the code is unknown, expired or paid.
    pub fn pay_code(&self, code: &str, amount_tyiyn: i64) -> Result<Payment, Refusal> {
        let order = self.order_of_code(code)?;
        self.desk.pay(order, Some(amount_tyiyn))
    }

    /// Pays a card's order in full.
    ///
    /// # Errors
    /// When the order is unknown, not to be paid by card, expired or paid.
    pub fn pay_card(&self, order: Uuid) -> Result<Payment, Refusal> {
        self.desk.pay_card(order)
    }

    /// Pays with a code that may have expired, as a branch that sends its money in the evening.
    ///
    /// # Errors
    /// When the code is unknown.
    pub fn pay_late(&self, code: &str, amount_tyiyn: i64) -> Result<Payment, Refusal> {
        let order = self.order_of_code(code)?;
        let payment = self.desk.book().pay(order, amount_tyiyn, self.desk.clock.now())?;
        self.desk.call_back(order);
        Ok(payment)
    }

    /// Pays twice with one code, under two references, with a callback for each.
    ///
    /// # Errors
    /// When the code is unknown.
    pub fn pay_twice(&self, code: &str, amount_tyiyn: i64) -> Result<[Payment; 2], Refusal> {
        Ok([self.pay_late(code, amount_tyiyn)?, self.pay_late(code, amount_tyiyn)?])
    }

    /// Pays an order that no merchant asked for: money that nobody knows.
    ///
    /// # Errors
    /// When the amount is none.
    pub fn pay_unknown(&self, order: Uuid, amount_tyiyn: i64) -> Result<Payment, Refusal> {
        let now = self.desk.clock.now();
        let asked = book::NewOrder {
            order,
            channel: Channel::Card,
            provider: None,
            amount_tyiyn,
            expires_at: now,
            callback_url: String::new(),
            description: String::new(),
        };
        let mut book = self.desk.book();
        book.order(asked)?;
        book.pay(order, amount_tyiyn, now)
    }

    /// The payer of a code has begun, or given up: `open`, `pending` or `cancelled`.
    ///
    /// # Errors
    /// When the code is unknown.
    pub fn set_state(&self, code: &str, state: &'static str) -> Result<(), Refusal> {
        let order = self.order_of_code(code)?;
        self.desk.book().set_state(order, state)?;
        self.desk.call_back(order);
        Ok(())
    }

    /// An order as it stands.
    pub fn order(&self, order: Uuid) -> Option<Order> {
        self.desk.book().find(order).ok().cloned()
    }

    /// Every refund so far.
    pub fn refunds(&self) -> Vec<Refund> {
        self.desk.book().refunds().cloned().collect()
    }

    /// Every attempt of a callback that has ended, oldest first.
    pub fn callbacks(&self) -> Vec<Attempt> {
        self.desk.callbacks.attempts()
    }

    /// Waits until `count` attempts of callbacks have ended.
    pub async fn callbacks_until(&self, count: usize) -> Vec<Attempt> {
        self.desk.callbacks.attempts_until(count).await
    }

    /// Stops; what has not been sent is not sent any more.
    pub async fn stop(self) {
        self.listening.stop().await;
    }

    fn order_of_code(&self, code: &str) -> Result<Uuid, Refusal> {
        self.desk.book().find_code(code).map(|order| order.asked.order)
    }
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    fn misbehaviour(&self) -> Misbehaviour {
        *lock(&self.misbehaviour)
    }

    /// An order that can be paid now.
    fn payable(&self, order: Uuid) -> Result<Order, Refusal> {
        let fault = self.misbehaviour().payment;
        payable(&self.book(), order, self.clock.now(), fault).cloned()
    }

    fn pay_card(&self, order: Uuid) -> Result<Payment, Refusal> {
        if self.book().find(order)?.asked.channel != Channel::Card {
            return Err(Refusal::Unknown);
        }
        self.pay(order, None)
    }

    /// Pays an amount, or all of it, as the misbehaviour has it.
    fn pay(&self, order: Uuid, amount_tyiyn: Option<i64>) -> Result<Payment, Refusal> {
        let fault = self.misbehaviour().payment;
        let now = self.clock.now();
        let payment = {
            let mut book = self.book();
            let asked = payable(&book, order, now, fault)?.asked.amount_tyiyn;
            let amount = amount_tyiyn.unwrap_or(asked);
            let amount = match fault {
                PaymentFault::Short(missing) => amount.saturating_sub(missing),
                PaymentFault::Over(extra) => amount.saturating_add(extra),
                PaymentFault::None | PaymentFault::Late | PaymentFault::Doubled => amount,
            };
            if fault == PaymentFault::Doubled {
                book.pay(order, amount, now)?;
            }
            book.pay(order, amount, now)?
        };
        self.call_back(order);
        Ok(payment)
    }

    fn call_back(&self, order: Uuid) {
        let url = self.book().find(order).map(|order| order.asked.callback_url.clone());
        let Ok(url) = url else { return };
        let fault = self.misbehaviour().callback;
        self.callbacks.send(&self.clock, &self.merchant, order, &url, fault);
    }
}

fn payable(
    book: &Book,
    order: Uuid,
    now: Timestamp,
    fault: PaymentFault,
) -> Result<&Order, Refusal> {
    match book.check_payable(order, now) {
        Err(Refusal::Expired) if fault == PaymentFault::Late => {}
        verdict => verdict?,
    }
    book.find(order)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
