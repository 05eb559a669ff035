use super::super::payment::*;
use crate::domain::deposit::{Account, Deposit, Rejection, Status};
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
        let settled = settle(&due(before), &intent, &payment, at(TENDER_END));
        assert_eq!((settled.deposit.status, settled.intent.status), (after, intent_after));
        assert_eq!(settled.unmatched, back.map(|(rest, why)| (tyiyn(rest), why)));
        let booked: i64 = settled.moves.iter().map(|entry| entry.amount.get()).sum();
        assert_eq!(booked, amount, "every tyiyn is booked once");
        assert!(settled.moves.iter().all(|entry| entry.debit == Account::Gateway));
    }
}

#[test]
fn too_little_money_leaves_the_attempt_open_for_the_whole_sum() {
    let intent = attempt(Channel::WalletCode, -DAY).unwrap();
    let pay = |amount, deposit: &Deposit, intent: &Intent| {
        let reference = format!("r{amount}");
        let payment = Payment { reference, amount: tyiyn(amount), paid_at: at(-DAY + MINUTE) };
        settle(deposit, intent, &payment, at(TENDER_END))
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
