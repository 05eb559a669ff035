//! Money: whatever arrives in whatever order, every tyiyn is booked once and none is created.

use crate::world::{AUTHOR, SECOND_PERSON, START};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::auction::DualApproval;
use toruk_sync::domain::deposit::ledger::{Account, Move};
use toruk_sync::domain::deposit::{
    Channel, Command, Deposit, PAYMENT_CLOCK_TRUST, Payment, PaymentSpan, Status, apply, begin,
    settle,
};
use toruk_sync::domain::id::{ApplicationId, DepositId, IntentId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

const AMOUNT: i64 = 10_000;

#[derive(Debug, Clone)]
enum Step {
    /// A payment by its reference: the same reference is always the same payment.
    Pay(usize),
    Do(Command),
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Hold),
        Just(Command::Release),
        Just(Command::ConfirmRefund { from: Account::Gateway }),
        Just(Command::ProposeForfeit),
        decision().prop_map(|(keep, by)| Command::DecideForfeit { keep, by }),
        Just(Command::Apply),
    ]
}

/// By two officials or, which the rules refuse, by one.
fn decision() -> impl Strategy<Value = (bool, DualApproval)> {
    let second = prop_oneof![Just(AUTHOR), Just(SECOND_PERSON)];
    let by = second.prop_map(|approved| DualApproval { proposed: AUTHOR, approved });
    (any::<bool>(), by)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![(0..4usize).prop_map(Step::Pay), command().prop_map(Step::Do)];
    proptest::collection::vec(step, 0..40)
}

/// Short, exact and over; in time, after the code, after the close of applications.
fn payments() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let amount = prop_oneof![Just(AMOUNT), 1..2 * AMOUNT];
    proptest::collection::vec((amount, -30_000_000_000i64..5_000_000_000), 4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_ledger_sums_to_zero_and_nothing_is_credited_twice(
        steps in steps(),
        payments in payments(),
    ) {
        let tender_end = START;
        let rules = RuleProfile::standard();
        let mut deposit = Deposit {
            id: DepositId(Uuid::from_u128(40)),
            application: ApplicationId(Uuid::from_u128(30)),
            amount: Tyiyn::new(AMOUNT).unwrap(),
            status: Status::Due,
            forfeit_proposed_by: None,
        };
        let began = START - TimeSpan::hours(8);
        let id = IntentId(Uuid::from_u128(50));
        let begun = begin(&deposit, id, Channel::BranchCode, &rules, tender_end, began);
        let mut intent = begun.unwrap();
        let mut moves: Vec<Move> = Vec::new();
        let mut settled = BTreeSet::new();
        for step in steps {
            match step {
                Step::Pay(which) if settled.insert(which) => {
                    let (amount, late) = payments[which];
                    let payment = Payment {
                        reference: which.to_string(),
                        amount: Tyiyn::new(amount).unwrap(),
                        paid_at: tender_end + TimeSpan(late),
                    };
                    let span = PaymentSpan { begun: began, heard: tender_end };
                    let result = settle(&deposit, &intent, &payment, span, tender_end);
                    (deposit, intent) = (result.deposit, result.intent);
                    moves.extend(result.moves);
                }
                // The caller settles a reference once; a second call-back is the answer to the
                // first.
                Step::Pay(_) => {}
                Step::Do(command) => {
                    if let Ok((next, moved)) = apply(&deposit, command) {
                        deposit = next;
                        moves.extend(moved);
                    }
                }
            }
        }
        let mut balances: BTreeMap<Account, i64> = BTreeMap::new();
        for entry in &moves {
            prop_assert!(entry.amount > Tyiyn::ZERO);
            *balances.entry(entry.debit).or_default() += entry.amount.get();
            *balances.entry(entry.credit).or_default() -= entry.amount.get();
        }
        prop_assert_eq!(balances.values().sum::<i64>(), 0);
        let mine = Account::Deposit(deposit.id);
        let credits = moves.iter().filter(|entry| entry.credit == mine).count();
        let debits = moves.iter().filter(|entry| entry.debit == mine).count();
        prop_assert!(credits <= 1 && debits <= credits);
        let stands = matches!(deposit.status, Status::Paid | Status::Held | Status::ForfeitProposed);
        let owed = if stands { AMOUNT } else { 0 };
        prop_assert_eq!(-balances.get(&mine).unwrap_or(&0), owed);
        let arrived: i64 = settled.iter().map(|which| payments[*which].0).sum();
        let refunded = moves.iter().filter(|entry| entry.kind == "refund");
        let refunded: i64 = refunded.map(|entry| entry.amount.get()).sum();
        prop_assert_eq!(*balances.get(&Account::Gateway).unwrap_or(&0), arrived - refunded);
        prop_assert!(refunded <= AMOUNT, "nothing is refunded twice");
    }

    /// A payment, made at some moment of its attempt, that a clock of any error dates.
    #[test]
    fn a_wrong_clock_makes_no_payment_late_that_was_heard_of_in_time(
        made in 0..200_000_000_000i64,
        until_heard in 0..100_000_000_000i64,
        error in prop_oneof![
            Just(0),
            Just(21_600_000_000),
            Just(-21_600_000_000),
            Just(600_000_000),
            -100_000_000..100_000_000i64,
            any::<i64>(),
        ],
        end in 0..300_000_000_000i64,
    ) {
        let begun = START;
        let (made, end) = (begun + TimeSpan(made), begun + TimeSpan(end));
        let heard = made + TimeSpan(until_heard);
        let stated = made + TimeSpan(error);
        let counted = PaymentSpan { begun, heard }.counted(stated);
        prop_assert!(begun <= counted.at && counted.at <= heard);
        if error == 0 {
            prop_assert_eq!((counted.at, counted.clock_fault), (made, None));
        }
        let outside = stated < begun - PAYMENT_CLOCK_TRUST || stated > heard + PAYMENT_CLOCK_TRUST;
        prop_assert_eq!(counted.clock_fault.is_some(), outside);
        if let Some(off) = counted.clock_fault {
            prop_assert_eq!(off > TimeSpan(0), error > 0, "ahead or behind as the clock is");
        }
        // A payer who begins in time is late only by a clock that we have no reason to doubt.
        if begun < end && (heard < end || outside) {
            prop_assert!(counted.at < end);
        }
    }
}
