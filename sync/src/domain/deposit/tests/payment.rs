use super::super::payment::*;
use crate::domain::deposit::{Account, Deposit, PaymentSpan, Rejection, Status};
use crate::domain::id::ApplicationId;
use crate::domain::id::DepositId;
use crate::domain::id::IntentId;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;
use uuid::Uuid;

const TENDER_END: i64 = -2 * HOUR;

fn due(status: Status) -> Deposit {
    Deposit {
        id: DepositId(Uuid::from_u128(40)),
        application: ApplicationId(Uuid::from_u128(30)),
        amount: tyiyn(10_000),
        status,
        forfeit_proposed_by: None,
    }
}

fn attempt(channel: Channel, micros: i64) -> Result<Intent, Rejection> {
    let id = IntentId(Uuid::from_u128(50));
    let rules = RuleProfile::standard();
    begin(&due(Status::Due), id, channel, &rules, at(TENDER_END), at(micros))
}

#[test]
fn a_code_lives_30_minutes_in_a_wallet_and_60_at_a_branch_r3_r4() {
    for (channel, begun, expires, cut_short) in [
        (Channel::WalletCode, -DAY, -DAY + 30 * MINUTE, false),
        (Channel::BranchCode, -DAY, -DAY + 60 * MINUTE, false),
        (Channel::BranchCode, TENDER_END - 50 * MINUTE, TENDER_END, false),
        (Channel::WalletCode, TENDER_END - 10 * MINUTE, TENDER_END, false),
        (Channel::WalletCode, TENDER_END - 10 * MINUTE + 1, TENDER_END, true),
    ] {
        let intent = attempt(channel, begun).unwrap();
        assert_eq!((intent.expires_at, intent.cut_short), (at(expires), cut_short));
        assert!(intent.is_live(at(expires - 1)) && !intent.is_live(at(expires)));
    }
    assert_eq!(attempt(Channel::Card, TENDER_END), Err(Rejection::TooLate));
}

#[test]
fn a_paid_deposit_is_not_paid_again() {
    let rules = RuleProfile::standard();
    for status in [Status::Paid, Status::Held, Status::Released] {
        let id = IntentId(Uuid::from_u128(50));
        let begun = begin(&due(status), id, Channel::Card, &rules, at(TENDER_END), at(-DAY));
        assert_eq!(begun, Err(Rejection::AlreadyPaid));
    }
}

/// Settling money: amount, moment, deposit before; deposit after, attempt after, and the refund.
#[test]
fn money_in_time_and_enough_is_credited_and_all_other_goes_back() {
    use IntentStatus::{CodeIssued, Succeeded, SucceededLate};
    use Status::{Due, Held, Paid, Released};
    let code_ends = -DAY + 30 * MINUTE;
    for (amount, paid, before, after, intent_after, back) in [
        (10_000, code_ends - 1, Due, Paid, Succeeded, None),
        (10_000, code_ends, Due, Paid, SucceededLate, None),
        (10_000, TENDER_END - 1, Due, Paid, SucceededLate, None),
        (10_000, TENDER_END, Due, Due, SucceededLate, Some((10_000, Mismatch::Late))),
        (9_999, code_ends - 1, Due, Due, CodeIssued, Some((9_999, Mismatch::Short))),
        (10_001, code_ends - 1, Due, Paid, Succeeded, Some((1, Mismatch::Over))),
        (10_000, code_ends - 1, Paid, Paid, Succeeded, Some((10_000, Mismatch::NotDue))),
        (10_000, TENDER_END, Held, Held, SucceededLate, Some((10_000, Mismatch::NotDue))),
        (10_000, code_ends, Released, Released, SucceededLate, Some((10_000, Mismatch::NotDue))),
    ] {
        let issued = IntentChange::CodeIssued { code: "471".to_owned(), expires_at: None };
        let intent = attempt(Channel::WalletCode, -DAY).unwrap().apply(issued).unwrap();
        let reference = "r1".to_owned();
        let payment = Payment { reference, amount: tyiyn(amount), paid_at: at(paid) };
        let span = PaymentSpan { begun: at(-DAY), heard: at(paid) };
        let settled = settle(&due(before), &intent, &payment, span, at(TENDER_END));
        assert_eq!((settled.deposit.status, settled.intent.status), (after, intent_after));
        assert_eq!(settled.unmatched, back.map(|(rest, why)| (tyiyn(rest), why)));
        let booked: i64 = settled.moves.iter().map(|entry| entry.amount.get()).sum();
        assert_eq!(booked, amount, "every tyiyn is booked once");
        assert!(settled.moves.iter().all(|entry| entry.debit == Account::Gateway));
    }
}

/// A payment system's clock: what it states and when we hear of it, both after the close of
/// applications, in minutes; whether it is credited, and the fault that finance sees, in minutes.
#[test]
fn a_payment_counts_no_later_than_we_heard_of_it_whatever_its_clock_says() {
    for (stated, heard, credited, fault) in [
        (-5, -5, true, None),
        (0, 0, false, None),
        // Heard of in time, stated by a clock ahead.
        (5, -5, true, Some(10)),
        (355, -5, true, Some(360)),
        (-4, -5, true, None),
        // Heard of late: only a clock at fault decides for the payer.
        (-5, 30, true, None),
        (5, 30, false, None),
        (360, 10, true, Some(350)),
        // Before the attempt began, a day before the opening.
        (-22 * 60 - 10, 30, true, Some(-10)),
        (-22 * 60 - 1, 30, true, None),
        (-28 * 60, -5, true, Some(-6 * 60)),
    ] {
        let intent = attempt(Channel::BranchCode, -DAY).unwrap();
        let minutes = |minutes: i64| at(TENDER_END + minutes * MINUTE);
        let (reference, amount) = ("r1".to_owned(), tyiyn(10_000));
        let payment = Payment { reference, amount, paid_at: minutes(stated) };
        let span = PaymentSpan { begun: at(-DAY), heard: minutes(heard) };
        let settled = settle(&due(Status::Due), &intent, &payment, span, at(TENDER_END));
        assert_eq!(settled.deposit.status == Status::Paid, credited, "{stated} {heard}");
        let found = settled.counted.clock_fault.map(|off| off.0 / MINUTE);
        assert_eq!(found, fault, "{stated} {heard}");
    }
}

#[test]
fn too_little_money_leaves_the_attempt_open_for_the_whole_sum() {
    let intent = attempt(Channel::WalletCode, -DAY).unwrap();
    let pay = |amount, deposit: &Deposit, intent: &Intent| {
        let reference = format!("r{amount}");
        let payment = Payment { reference, amount: tyiyn(amount), paid_at: at(-DAY + MINUTE) };
        let span = PaymentSpan { begun: at(-DAY), heard: at(-DAY + MINUTE) };
        settle(deposit, intent, &payment, span, at(TENDER_END))
    };
    let short = pay(5_000, &due(Status::Due), &intent);
    let rest = pay(5_000, &short.deposit, &short.intent);
    assert_eq!(rest.deposit.status, Status::Due, "two halves are not one whole");
    let whole = pay(10_000, &rest.deposit, &rest.intent);
    assert_eq!(whole.deposit.status, Status::Paid);
}

#[test]
fn an_attempt_takes_one_answer_and_one_end() {
    let wrong = Err(Rejection::WrongState);
    let created = attempt(Channel::WalletCode, -DAY).unwrap();
    let code = |expires| IntentChange::CodeIssued {
        code: "471".to_owned(),
        expires_at: Some(at(expires)),
    };
    let issued = created.apply(code(-DAY + MINUTE)).unwrap();
    assert_eq!(issued.expires_at, at(-DAY + MINUTE), "the payment system may shorten");
    let longer = created.apply(code(0)).unwrap();
    assert_eq!(longer.expires_at, created.expires_at, "but not prolong");
    assert_eq!(issued.apply(code(0)), wrong);
    let expired = issued.apply(IntentChange::Expired).unwrap();
    assert_eq!(expired.status, IntentStatus::Expired);
    assert_eq!(expired.apply(IntentChange::Failed), wrong);
    let redirected = created.apply(IntentChange::Redirected { url: "https://x".to_owned() });
    let failed = redirected.unwrap().apply(IntentChange::Failed).unwrap();
    assert_eq!(failed.status, IntentStatus::Failed);
}

#[test]
fn a_channel_has_one_live_attempt_at_a_time() {
    let intents = [attempt(Channel::WalletCode, -DAY).unwrap()];
    let live = |channel, micros| live_in(&intents, channel, at(micros)).is_some();
    assert!(live(Channel::WalletCode, -DAY + 30 * MINUTE - 1));
    assert!(!live(Channel::WalletCode, -DAY + 30 * MINUTE), "after expiry another may begin");
    assert!(!live(Channel::Card, -DAY));
}
