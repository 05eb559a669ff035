//! The payment system's books: orders, codes, payments, refunds. Pure; time is given.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// No more orders than this are kept.
pub const ORDERS_MAX: usize = 100_000;
/// No order takes more payments than this.
pub const PAYMENTS_OF_AN_ORDER_MAX: usize = 100;

/// The way in which an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A code, typed into an electronic wallet.
    WalletCode,
    /// A code, said at a bank's branch.
    BranchCode,
    /// A card, on the bank's page.
    Card,
}

/// A merchant's request for an order: `POST /v1/orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// Named by the merchant.
    pub order: Uuid,
    pub channel: Channel,
    /// The bank or wallet that the payer chose.
    #[serde(default)]
    pub provider: Option<String>,
    /// The amount due, in tyiyn, above 0.
    pub amount_tyiyn: i64,
    /// Not payable at this moment or later.
    pub expires_at: Timestamp,
    /// The URL that is called after each payment.
    pub callback_url: String,
    /// The text that the payer reads.
    pub description: String,
}

/// A payment of an order, in full or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The payment system's name for it.
    pub reference: String,
    /// The amount paid, in tyiyn.
    pub amount_tyiyn: i64,
    /// The moment at which the payer gave it.
    pub paid_at: Timestamp,
}

/// An order as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// As the merchant asked.
    pub asked: NewOrder,
    /// The code that the payer types or says; cards have none.
    pub code: Option<String>,
    /// `open`, `pending` or `cancelled`.
    pub state: &'static str,
    /// Payments of this order, oldest first.
    pub payments: Vec<Payment>,
}

/// Money that went back: `POST /v1/refunds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// Named by the merchant.
    pub refund: Uuid,
    /// The reference of the payment that is given back.
    pub reference: String,
    /// The amount given back, in tyiyn, above 0.
    pub amount_tyiyn: i64,
}

/// A line of a statement: `GET /v1/statements/{day}/{page}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// `payment` or `refund`.
    pub kind: &'static str,
    /// The payment, or the one that was given back.
    pub reference: String,
    /// The refund's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<Uuid>,
    /// The order that was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Uuid>,
    /// In hundredths of the currency.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// By the payment system's clock.
    pub at: Timestamp,
}

/// The payment system's reasons to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such order, code or payment.
    #[error("unknown")]
    Unknown,
    /// The code's or the page's time is over.
    #[error("expired")]
    Expired,
    /// Nothing is owed any more.
    #[error("already paid")]
    AlreadyPaid,
    /// One name, another body.
    #[error("conflict")]
    Conflict,
    /// More is to go back than came.
    #[error("more than was paid")]
    MoreThanPaid,
    /// An amount is above 0.
    #[error("invalid amount")]
    InvalidAmount,
    /// The books are full.
    #[error("too many")]
    TooMany,
}

/// All that the payment system knows.
#[derive(Debug, Default)]
pub struct Book {
    orders: BTreeMap<Uuid, Order>,
    codes: BTreeMap<String, Uuid>,
    refunds: BTreeMap<Uuid, (Refund, Timestamp)>,
    payments_made: u64,
    first_code: usize,
}

impl Book {
    /// New books, whose references and codes follow those of books opened earlier: a payer's
    /// account counts a reference once, for ever.
    pub fn opened(at: Timestamp) -> Self {
        let second = at.0.div_euclid(1_000_000);
        let payments_made = u64::try_from(second).unwrap_or(0);
        Self { payments_made, first_code: payments_made as usize, ..Self::default() }
    }

    /// Takes an order, or finds it again.
    pub fn order(&mut self, asked: NewOrder) -> Result<&Order, Refusal> {
        if asked.amount_tyiyn <= 0 {
            return Err(Refusal::InvalidAmount);
        }
        let id = asked.order;
        match self.orders.get(&id) {
            Some(known) if known.asked != asked => return Err(Refusal::Conflict),
            Some(_) => {}
            None if self.orders.len() >= ORDERS_MAX => return Err(Refusal::TooMany),
            None => {
                let code = (asked.channel != Channel::Card)
                    .then(|| code(self.first_code + self.codes.len()));
                self.codes.extend(code.clone().map(|code| (code, id)));
                self.orders.insert(id, Order { asked, code, state: "open", payments: Vec::new() });
            }
        }
        self.find(id)
    }

    /// An order by its name.
    pub fn find(&self, order: Uuid) -> Result<&Order, Refusal> {
        self.orders.get(&order).ok_or(Refusal::Unknown)
    }

    /// An order by its code; spaces around it and a missing hyphen are forgiven, as a cashier
    /// would.
    pub fn find_code(&self, code: &str) -> Result<&Order, Refusal> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let code = digits.split_at_checked(4).map(|(head, tail)| format!("{head}-{tail}"));
        let order = code.and_then(|code| self.codes.get(&code)).ok_or(Refusal::Unknown)?;
        self.find(*order)
    }

    /// Requires that the order can still be paid in the ordinary way.
    pub fn check_payable(&self, order: Uuid, now: Timestamp) -> Result<(), Refusal> {
        let order = self.find(order)?;
        let paid: i64 = order.payments.iter().map(|payment| payment.amount_tyiyn).sum();
        if paid >= order.asked.amount_tyiyn {
            return Err(Refusal::AlreadyPaid);
        }
        if now >= order.asked.expires_at {
            return Err(Refusal::Expired);
        }
        Ok(())
    }

    /// Enters a payment, without a look at what is owed: what arrived has arrived.
    pub fn pay(
        &mut self,
        order: Uuid,
        amount_tyiyn: i64,
        paid_at: Timestamp,
    ) -> Result<Payment, Refusal> {
        let order = self.orders.get_mut(&order).ok_or(Refusal::Unknown)?;
        if !(1..=i64::MAX / PAYMENTS_OF_AN_ORDER_MAX as i64).contains(&amount_tyiyn) {
            return Err(Refusal::InvalidAmount);
        }
        if order.payments.len() >= PAYMENTS_OF_AN_ORDER_MAX {
            return Err(Refusal::TooMany);
        }
        self.payments_made += 1;
        let reference = format!("KG{:010}", self.payments_made);
        let payment = Payment { reference, amount_tyiyn, paid_at };
        order.payments.push(payment.clone());
        Ok(payment)
    }

    /// The payer has begun, or given up: `open`, `pending` or `cancelled`.
    pub fn set_state(&mut self, order: Uuid, state: &'static str) -> Result<(), Refusal> {
        self.orders.get_mut(&order).ok_or(Refusal::Unknown)?.state = state;
        Ok(())
    }

    /// Sends money back, or finds that it did.
    pub fn refund(&mut self, asked: Refund, now: Timestamp) -> Result<(), Refusal> {
        if asked.amount_tyiyn <= 0 {
            return Err(Refusal::InvalidAmount);
        }
        if let Some((known, _)) = self.refunds.get(&asked.refund) {
            return if *known == asked { Ok(()) } else { Err(Refusal::Conflict) };
        }
        let mut payments = self.orders.values().flat_map(|order| &order.payments);
        let paid = payments.find(|payment| payment.reference == asked.reference);
        let paid = paid.ok_or(Refusal::Unknown)?.amount_tyiyn;
        let back: i64 = self.refunds_of(&asked.reference).map(|refund| refund.amount_tyiyn).sum();
        if asked.amount_tyiyn > paid - back {
            return Err(Refusal::MoreThanPaid);
        }
        self.refunds.insert(asked.refund, (asked, now));
        Ok(())
    }

    /// The refunds of one payment.
    pub fn refunds_of(&self, reference: &str) -> impl Iterator<Item = &Refund> {
        self.refunds().filter(move |refund| refund.reference == reference)
    }

    /// Refunds of all orders, in the order of their ids.
    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values().map(|(refund, _)| refund)
    }

    /// Everything that happened from `start` until `end`, in the order of time.
    pub fn operations(&self, start: Timestamp, end: Timestamp) -> Vec<Operation> {
        let payment = |order: &Order, payment: &Payment| Operation {
            kind: "payment",
            reference: payment.reference.clone(),
            refund: None,
            order: Some(order.asked.order),
            amount: payment.amount_tyiyn,
            currency: "KGS".to_owned(),
            at: payment.paid_at,
        };
        let refund = |refund: &Refund, at: Timestamp| Operation {
            kind: "refund",
            reference: refund.reference.clone(),
            refund: Some(refund.refund),
            order: None,
            amount: refund.amount_tyiyn,
            currency: "KGS".to_owned(),
            at,
        };
        let paid = self
            .orders
            .values()
            .flat_map(|order| order.payments.iter().map(move |paid| payment(order, paid)));
        let refunded = self.refunds.values().map(|(one, at)| refund(one, *at));
        let mut all: Vec<Operation> =
            paid.chain(refunded).filter(|one| start <= one.at && one.at < end).collect();
        all.sort_by(|one, next| (one.at, &one.reference).cmp(&(next.at, &next.reference)));
        all
    }
}

/// The `n`th code, as `7731-0288`. A step prime to 10⁸ visits every number once, so codes are
/// unique and don't look like a row.
fn code(n: usize) -> String {
    const FIRST: u64 = 77_310_288;
    const STEP: u64 = 61_803_399;
    const CODES: u64 = 100_000_000;
    let number = (FIRST + n as u64 % CODES * STEP) % CODES;
    format!("{:04}-{:04}", number / 10_000, number % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);
    const END: Timestamp = Timestamp(2_000);

    fn asked(order: u128, channel: Channel) -> NewOrder {
        NewOrder {
            order: Uuid::from_u128(order),
            channel,
            provider: None,
            amount_tyiyn: 500,
            expires_at: END,
            callback_url: "http://127.0.0.1:1/paid".to_owned(),
            description: "Deposit".to_owned(),
        }
    }

    fn refund(name: u128, reference: &str, amount_tyiyn: i64) -> Refund {
        Refund { refund: Uuid::from_u128(name), reference: reference.to_owned(), amount_tyiyn }
    }

    #[test]
    fn books_opened_later_repeat_no_reference_and_no_code() {
        let second = Timestamp(1_000_000);
        let paid = [Timestamp(0), second].map(|opened| {
            let mut book = Book::opened(opened);
            let order = book.order(asked(1, Channel::WalletCode)).unwrap().clone();
            (order.code, book.pay(order.asked.order, 1, NOW).unwrap().reference)
        });
        let [(code, reference), (later_code, later_reference)] = paid;
        assert!(code != later_code && reference < later_reference);
    }

    #[test]
    fn an_order_asked_twice_is_one_order_and_another_body_is_a_conflict() {
        let mut book = Book::default();
        let first = book.order(asked(1, Channel::WalletCode)).unwrap().clone();
        assert_eq!(first.code.as_deref(), Some("7731-0288"));
        assert_eq!(book.order(asked(1, Channel::WalletCode)), Ok(&first));
        assert_eq!(book.order(asked(1, Channel::BranchCode)), Err(Refusal::Conflict));
        assert_eq!(book.order(asked(2, Channel::Card)).unwrap().code, None);
        let free = NewOrder { amount_tyiyn: 0, ..asked(3, Channel::Card) };
        assert_eq!(book.order(free), Err(Refusal::InvalidAmount));
    }

    #[test]
    fn a_code_is_found_as_people_type_it() {
        let mut book = Book::default();
        book.order(asked(1, Channel::BranchCode)).unwrap();
        for typed in ["7731-0288", "77310288", " 7731 0288 "] {
            assert!(book.find_code(typed).is_ok(), "{typed}");
        }
        for typed in ["", "77", "7731-0289", "№"] {
            assert_eq!(book.find_code(typed), Err(Refusal::Unknown), "{typed}");
        }
    }

    #[test]
    fn an_order_is_payable_until_it_expires_or_is_paid() {
        let mut book = Book::default();
        let id = book.order(asked(1, Channel::WalletCode)).unwrap().asked.order;
        assert_eq!(book.check_payable(id, NOW), Ok(()));
        assert_eq!(book.check_payable(id, END - Timestamp::TICK), Ok(()));
        assert_eq!(book.check_payable(id, END), Err(Refusal::Expired));
        book.pay(id, 499, NOW).unwrap();
        assert_eq!(book.check_payable(id, NOW), Ok(()));
        book.pay(id, 1, NOW).unwrap();
        assert_eq!(book.check_payable(id, NOW), Err(Refusal::AlreadyPaid));
        assert_eq!(book.pay(id, 0, NOW), Err(Refusal::InvalidAmount));
        assert_eq!(book.pay(Uuid::nil(), 1, NOW), Err(Refusal::Unknown));
    }

    #[test]
    fn a_refund_is_made_once_and_never_of_more_than_was_paid() {
        let mut book = Book::default();
        let id = book.order(asked(1, Channel::Card)).unwrap().asked.order;
        let paid = book.pay(id, 500, NOW).unwrap().reference;
        for (name, amount, expected) in [
            (1, 501, Err(Refusal::MoreThanPaid)),
            (1, 300, Ok(())),
            (1, 300, Ok(())),
            (1, 200, Err(Refusal::Conflict)),
            (2, 201, Err(Refusal::MoreThanPaid)),
            (2, 200, Ok(())),
            (3, 1, Err(Refusal::MoreThanPaid)),
            (4, 0, Err(Refusal::InvalidAmount)),
        ] {
            let refunded = book.refund(refund(name, &paid, amount), NOW);
            assert_eq!(refunded, expected, "{name} {amount}");
        }
        assert_eq!(book.refund(refund(5, "KG404", 1), NOW), Err(Refusal::Unknown));
        assert_eq!(book.refunds_of(&paid).count(), 2);
    }
}
