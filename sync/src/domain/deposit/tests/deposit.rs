use crate::domain::auction::{self, Command as AuctionCommand, DualApproval};
use crate::domain::deposit::*;
use crate::domain::rules::{RuleProfile, SoleApplicant};
use crate::domain::test_support::*;
use uuid::Uuid;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

fn with_status(status: Status) -> Deposit {
    Deposit {
        id: DepositId(Uuid::from_u128(40)),
        application: ApplicationId(Uuid::from_u128(30)),
        amount: tyiyn(10_000),
        status,
        forfeit_proposed_by: None,
    }
}

/// Each row of the deposit's state machine (§5.5): command, state before, state after, entries.
#[test]
fn the_deposits_machine_row_by_row() {
    use Status::*;
    let id = with_status(Due).id;
    let mine = Account::Deposit(id);
    let wrong = Err(Rejection::WrongState);
    let alone = Err(Rejection::SecondPersonNeeded);
    let decide = |keep, by| Command::DecideForfeit { keep, by };
    let one = DualApproval { proposed: AUTHOR, approved: AUTHOR };
    let propose = Command::ProposeForfeit;
    for (command, before, expected) in [
        (Command::Hold, Paid, Ok((Held, None))),
        (Command::Hold, Due, wrong),
        (Command::Release, Due, Ok((Released, None))),
        (Command::Release, Paid, Ok((Releasing, Some((mine, Account::RefundsDue))))),
        (Command::Release, Held, Ok((Releasing, Some((mine, Account::RefundsDue))))),
        (Command::Release, Releasing, wrong),
        (Command::Release, Released, wrong),
        (Command::Release, ForfeitProposed, wrong),
        (Command::Release, Applied, wrong),
        (
            Command::ConfirmRefund { from: Account::Gateway },
            Releasing,
            Ok((Released, Some((Account::RefundsDue, Account::Gateway)))),
        ),
        (Command::ConfirmRefund { from: Account::Gateway }, Released, wrong),
        (propose, Held, Ok((ForfeitProposed, None))),
        (propose, Releasing, wrong),
        (decide(true, one), ForfeitProposed, alone),
        (decide(true, BOTH), ForfeitProposed, Ok((Forfeited, Some((mine, Account::Forfeited))))),
        (decide(true, BOTH), Held, wrong),
        (decide(true, BOTH), Forfeited, wrong),
        (decide(false, one), ForfeitProposed, alone),
        (decide(false, BOTH), ForfeitProposed, Ok((Releasing, Some((mine, Account::RefundsDue))))),
        (decide(false, BOTH), Releasing, wrong),
        (Command::Apply, Held, Ok((Applied, Some((mine, Account::Seller))))),
        (Command::Apply, Releasing, wrong),
    ] {
        let applied = apply(&with_status(before), command).map(|(deposit, moves)| {
            assert!(moves.iter().all(|entry| entry.amount == deposit.amount));
            (deposit.status, moves.first().map(|entry| (entry.debit, entry.credit)))
        });
        assert_eq!(applied, expected, "{command:?} on {before:?}");
    }
}

/// The deposits of numbers 1 to 3 after `commands`, all of them paid at the start.
fn play(rules: RuleProfile, commands: &[(i64, AuctionCommand)]) -> [Status; 3] {
    let mut auction = tendering(rules);
    let mut deposits = [1, 2, 3].map(|_| with_status(Status::Paid));
    for (micros, command) in commands {
        let (next, events) = auction::apply(&auction, command, at(*micros)).unwrap();
        for event in &events {
            for (no, deposit) in (1..).zip(&mut deposits) {
                let command = consequence(&next, event, BidderNo(no));
                // A command that the present state rejects was overtaken.
                if let Some(Ok((moved, _))) = command.map(|command| apply(deposit, command)) {
                    *deposit = moved;
                }
            }
        }
        auction = next;
    }
    deposits.map(|deposit| deposit.status)
}

#[test]
fn what_becomes_of_each_deposit_at_each_end_5_7() {
    use Status::*;
    let with_runner_up = || RuleProfile { fallback: Fallback::RunnerUp, ..standard() };
    let begin = [(-HOUR, tick(3)), (0, tick(0))];
    let duel =
        [begin.to_vec(), vec![(MINUTE, raise(1, 0)), (2 * MINUTE, raise(2, 1)), (HOUR, tick(0))]]
            .concat();
    let confirm = |no| AuctionCommand::ConfirmAward { bidder: BidderNo(no), protocol: "cd".into() };
    let refuse = |no| AuctionCommand::RefuseAward { bidder: BidderNo(no) };
    let sign = AuctionCommand::SignContract { by: AUTHOR, document: "ef".to_owned() };
    let fail = |fault| AuctionCommand::FailContract { by: AUTHOR, fault };
    let cancel = AuctionCommand::Cancel { by: BOTH, reason: "law".into(), document: "ef".into() };
    let nobody_pays = RuleProfile { forfeit_if_nobody_bids: true, ..standard() };
    let proposed = [ForfeitProposed; 3];
    for (rules, start, rest, expected) in [
        (standard(), &begin[..1], vec![], [Held; 3]),
        (standard(), &begin, vec![tick(0)], [Releasing; 3]),
        (nobody_pays, &begin, vec![tick(0)], proposed),
        (standard(), &begin, vec![cancel], [Releasing; 3]),
        (standard(), &duel, vec![], [Releasing, Held, Releasing]),
        (with_runner_up(), &duel, vec![], [Held, Held, Releasing]),
        (with_runner_up(), &duel, vec![confirm(2)], [Releasing, Held, Releasing]),
        (standard(), &duel, vec![refuse(2)], [Releasing, ForfeitProposed, Releasing]),
        (with_runner_up(), &duel, vec![refuse(2)], [Held, ForfeitProposed, Releasing]),
        (
            with_runner_up(),
            &duel,
            vec![refuse(2), refuse(1)],
            [ForfeitProposed, ForfeitProposed, Releasing],
        ),
        (
            with_runner_up(),
            &duel,
            vec![refuse(2), confirm(1), sign.clone()],
            [Applied, ForfeitProposed, Releasing],
        ),
        (standard(), &duel, vec![confirm(2), sign], [Releasing, Applied, Releasing]),
        (
            standard(),
            &duel,
            vec![confirm(2), fail(ContractFault::Bidder)],
            [Releasing, ForfeitProposed, Releasing],
        ),
        (
            standard(),
            &duel,
            vec![confirm(2), fail(ContractFault::Other)],
            [Releasing, Releasing, Releasing],
        ),
    ] {
        let rest: Vec<_> = rest.into_iter().map(|command| (HOUR, command)).collect();
        let said = format!("{rest:?}");
        assert_eq!(play(rules, &[start.to_vec(), rest].concat()), expected, "{said}");
    }
}

#[test]
fn a_sole_applicants_deposit_is_kept_as_a_winners_a20() {
    use Status::{Applied, ForfeitProposed, Held, Releasing};
    let sole_applicant = Some(SoleApplicant::StartPrice);
    let fallback = Fallback::RunnerUp;
    let rules = || RuleProfile { sole_applicant, fallback, ..standard() };
    let confirm = AuctionCommand::ConfirmAward { bidder: BidderNo(1), protocol: "cd".into() };
    let sign = AuctionCommand::SignContract { by: AUTHOR, document: "ef".to_owned() };
    for (rest, expected) in [
        (vec![], Held),
        (vec![AuctionCommand::RefuseAward { bidder: BidderNo(1) }], ForfeitProposed),
        (vec![confirm, sign], Applied),
    ] {
        let rest = rest.into_iter().map(|command| (HOUR, command));
        let commands: Vec<_> = [(-HOUR, tick(1))].into_iter().chain(rest).collect();
        // Nothing is kept of the two others, whatever numbers they might have had.
        assert_eq!(play(rules(), &commands), [expected, Releasing, Releasing]);
    }
}

#[test]
fn who_leaves_without_a_result_gets_his_deposit_back() {
    use application::Status::*;
    for status in [Withdrawn, NotAdmitted, Disqualified] {
        assert_eq!(after_application(status), Some(Command::Release));
    }
    assert_eq!(after_application(Eligible), None);
    let closed = AuctionEvent::TenderingClosed { participants: Vec::new() };
    assert_eq!(consequence_unplaced(&closed), Some(Command::Release));
}
