//! Payment events in every order there is: the books stay at zero, and no money is lost.

use crate::world::{AUTHOR, SECOND_PERSON, START};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::auction::DualApproval;
use toruk_sync::domain::deposit::ledger::{Account, Move};
use toruk_sync::domain::deposit::{
    Channel, Command, Deposit, Intent, Payment, PaymentSpan, Status, apply, begin, settle,
};
use toruk_sync::domain::id::{ApplicationId, DepositId, IntentId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

const AMOUNT: i64 = 10_000;

/// Something that happens to one deposit.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A report of a payment: its reference, its amount, its time before the close.
    Paid(&'static str, i64, TimeSpan),
    /// The payment system pays every refund that is open.
    Refunded,
    Told(Command),
}

/// An exact payment, its copy, one tyiyn short, one over, one too late; the roster is frozen, the
/// deposit is given back or kept, refunds go out.
const EVENTS: [Event; 9] = {
    let (in_time, late) = (TimeSpan::hours(1), TimeSpan(-1));
    let by = DualApproval { proposed: AUTHOR, approved: SECOND_PERSON };
    [
        Event::Paid("a", AMOUNT, in_time),
        Event::Paid("a", AMOUNT, in_time),
        Event::Paid("b", AMOUNT - 1, in_time),
        Event::Paid("c", AMOUNT + 1, in_time),
        Event::Paid("d", AMOUNT, late),
        Event::Told(Command::Hold),
        Event::Told(Command::Release),
        Event::Told(Command::DecideForfeit { keep: true, by }),
        Event::Refunded,
    ]
};
/// What a refund is of: a payment's unmatched part, or the deposit.
type Owed = (Option<String>, i64);

struct Books {
    deposit: Deposit,
    intent: Intent,
    known: BTreeSet<&'static str>,
    keys: BTreeSet<String>,
    balances: BTreeMap<Account, i64>,
    open: Vec<Owed>,
    arrived: i64,
    returned: i64,
}

impl Books {
    fn new() -> Self {
        let deposit = Deposit {
            id: DepositId(Uuid::from_u128(40)),
            application: ApplicationId(Uuid::from_u128(30)),
            amount: Tyiyn::new(AMOUNT).unwrap(),
            status: Status::Due,
            forfeit_proposed_by: None,
        };
        let (id, rules) = (IntentId(Uuid::from_u128(50)), RuleProfile::standard());
        let begun = START - TimeSpan::hours(8);
        let intent = begin(&deposit, id, Channel::BranchCode, &rules, START, begun).unwrap();
        let (known, keys, balances) = Default::default();
        Self { deposit, intent, known, keys, balances, open: vec![], arrived: 0, returned: 0 }
    }

    fn book(&mut self, moves: &[Move], of: &str) {
        for entry in moves {
            assert!(self.keys.insert(format!("{}:{of}", entry.kind)), "booked twice");
            *self.balances.entry(entry.debit).or_default() -= entry.amount.get();
            *self.balances.entry(entry.credit).or_default() += entry.amount.get();
        }
    }

    fn tell(&mut self, command: Command) {
        let Ok((next, moves)) = apply(&self.deposit, command) else { return };
        self.book(&moves, &next.id.to_string());
        if next.status == Status::Releasing {
            self.open.push((None, AMOUNT));
        }
        self.deposit = next;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Paid(reference, amount, before) => {
                if !self.known.insert(reference) {
                    return;
                }
                let paid_at = START - before;
                let span = PaymentSpan { begun: START - TimeSpan::hours(8), heard: paid_at };
                let amount_tyiyn = Tyiyn::new(amount).unwrap();
                let payment =
                    Payment { reference: reference.to_owned(), amount: amount_tyiyn, paid_at };
                let settled = settle(&self.deposit, &self.intent, &payment, span, START);
                self.book(&settled.moves, reference);
                let rest = settled.unmatched.map(|(rest, _)| rest.get());
                self.open.extend(rest.map(|rest| (Some(reference.to_owned()), rest)));
                (self.deposit, self.intent) = (settled.deposit, settled.intent);
                self.arrived += amount;
            }
            Event::Refunded => {
                for (of, amount) in std::mem::take(&mut self.open) {
                    self.returned += amount;
                    match of {
                        None => self.tell(Command::ConfirmRefund { from: Account::Gateway }),
                        Some(of) => {
                            let amount = Tyiyn::new(amount).unwrap();
                            let (from, to) = (Account::Unmatched, Account::Gateway);
                            self.book(&[Move::new("refund", from, to, amount)], &of);
                        }
                    }
                }
            }
            Event::Told(command) => {
                // What may be kept was brought up by the rules.
                if matches!(command, Command::DecideForfeit { .. }) {
                    self.tell(Command::ProposeForfeit);
                }
                self.tell(command);
            }
        }
    }

    fn balance(&self, account: Account) -> i64 {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    /// Every tyiyn that came is somewhere, once.
    fn check(&self, order: &[Event]) {
        assert_eq!(self.balances.values().sum::<i64>(), 0, "{order:?}");
        let waits: i64 = self.open.iter().map(|(_, amount)| amount).sum();
        let held = self.balance(Account::Deposit(self.deposit.id));
        let kept = self.balance(Account::Forfeited);
        assert_eq!(self.arrived, held + kept + waits + self.returned, "{order:?}");
        assert_eq!(-self.balance(Account::Gateway), self.arrived - self.returned, "{order:?}");
        let owed = self.balance(Account::RefundsDue) + self.balance(Account::Unmatched);
        assert_eq!(owed, waits, "{order:?}");
        assert!(held == 0 || held == AMOUNT, "{order:?}");
    }
}

/// Calls `visit` with every order of `events` (Heap's algorithm).
fn orders(events: &mut [Event], size: usize, visit: &mut impl FnMut(&[Event])) {
    if size <= 1 {
        return visit(events);
    }
    for index in 0..size {
        orders(events, size - 1, visit);
        let other = if size.is_multiple_of(2) { index } else { 0 };
        events.swap(other, size - 1);
    }
}

#[test]
fn every_order_of_payment_events_leaves_the_ledger_at_zero_and_loses_no_money() {
    let (mut events, mut count) = (EVENTS, 0_u32);
    let size = events.len();
    orders(&mut events, size, &mut |order| {
        // Every seventh, from each beginning: 51 840 of 362 880.
        count += 1;
        if !count.is_multiple_of(7) {
            return;
        }
        let mut books = Books::new();
        for event in order {
            books.happen(*event);
            books.check(order);
        }
        // The worker goes on until nothing is open.
        books.happen(Event::Refunded);
        assert!(books.open.is_empty());
        books.check(order);
    });
    assert_eq!(count, 362_880);
}
