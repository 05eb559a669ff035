use super::super::auction::{Command, apply};
use super::super::rules::{Fallback, RuleProfile, SoleApplicant};
use super::super::test_support::*;
use super::*;
use std::collections::BTreeSet;

fn told(auction: &Auction, micros: i64, command: &Command) -> Vec<(NoticeKind, Audience)> {
    let (next, events) = apply(auction, command, at(micros)).unwrap();
    let notices = events.iter().flat_map(|event| super::after(&next, event, at(micros)));
    notices.map(|notice| (notice.kind, notice.to)).collect()
}

#[test]
fn a_sole_applicant_hears_that_the_lot_is_theirs_to_confirm_a20() {
    let sole_applicant = Some(SoleApplicant::StartPrice);
    let rules = RuleProfile { sole_applicant, ..RuleProfile::standard() };
    let expected = [
        (NoticeKind::TenderingClosed, Audience::Organiser),
        (NoticeKind::ConfirmDue, Audience::Bidder(BidderNo(1))),
    ];
    assert_eq!(told(&tendering(rules), -HOUR, &tick(1)), expected);
}

#[test]
fn a_winner_whose_deadline_moves_with_a_day_off_is_told() {
    let winner = Audience::Bidder(BidderNo(2));
    for (day, expected) in [
        // Their deadline is on Tuesday.
        ("2026-11-24", vec![(NoticeKind::ConfirmDue, winner)]),
        ("2026-11-30", vec![]),
    ] {
        let command = Command::ChangeCalendar { by: BOTH, holidays: [day.to_owned()].into() };
        let told = told(&won(RuleProfile::standard(), &[2]), HOUR, &command);
        assert_eq!(told, expected, "{day}");
    }
}

#[test]
fn each_event_is_told_to_those_whose_state_it_changes_5_10() {
    use Audience::{Applicants, Bidder, Organiser, Participants};
    let rules = RuleProfile::standard;
    let everyone = Participants { except: None };
    let but = |no| Participants { except: Some(BidderNo(no)) };
    let refuse = Command::RefuseAward { bidder: BidderNo(2) };
    let confirm = Command::ConfirmAward { bidder: BidderNo(2), protocol: "cd".to_owned() };
    let refuses = Command::RefuseAward { bidder: BidderNo(2) };
    let runner_up = RuleProfile { fallback: Fallback::RunnerUp, ..rules() };
    let cancel = Command::Cancel { by: BOTH, reason: "law".into(), document: "ef".into() };
    let amend = Command::Amend { by: AUTHOR, approved: None, offer: offer(), lot: None };
    for (auction, micros, command, expected) in [
        (published(rules()), -15 * DAY, amend, vec![(NoticeKind::NeedsReconfirm, Applicants)]),
        (
            tendering(rules()),
            -HOUR,
            tick(0),
            vec![(NoticeKind::Unsuccessful, Applicants), (NoticeKind::Unsuccessful, Organiser)],
        ),
        (tendering(rules()), -HOUR, tick(2), vec![(NoticeKind::TenderingClosed, Organiser)]),
        (waiting(rules(), 3), 0, tick(0), vec![(NoticeKind::Started, everyone)]),
        (waiting(rules(), 3), HOUR, tick(0), vec![(NoticeKind::Suspended, everyone)]),
        (bidding(rules(), 3), 1, raise(1, 0), vec![(NoticeKind::FirstOfferMade, but(1))]),
        // Manual, step 29: only the one who lost the lead.
        (
            raised(rules(), &[1]),
            2 * MINUTE,
            raise(2, 1),
            vec![(NoticeKind::Outbid, Bidder(BidderNo(1)))],
        ),
        (
            bidding(rules(), 3),
            HOUR,
            tick(0),
            vec![(NoticeKind::NoFirstOffer, everyone), (NoticeKind::NoFirstOffer, Organiser)],
        ),
        (
            raised(rules(), &[1, 2]),
            HOUR,
            tick(0),
            vec![(NoticeKind::ConfirmDue, Bidder(BidderNo(2))), (NoticeKind::ClosedLost, but(2))],
        ),
        (won(rules(), &[1, 2]), HOUR, confirm, vec![(NoticeKind::AwardConfirmed, Organiser)]),
        (
            won(rules(), &[1, 2]),
            HOUR,
            refuse,
            vec![(NoticeKind::Unsuccessful, everyone), (NoticeKind::Unsuccessful, Organiser)],
        ),
        (
            won(runner_up, &[1, 2]),
            HOUR,
            refuses,
            vec![
                (NoticeKind::ConfirmDue, Bidder(BidderNo(1))),
                (NoticeKind::ClosedLost, Bidder(BidderNo(2))),
            ],
        ),
        (bidding(rules(), 3), MINUTE, cancel, vec![(NoticeKind::Cancelled, Applicants)]),
    ] {
        assert_eq!(told(&auction, micros, &command), expected, "{command:?}");
    }
}

#[test]
fn raising_oneself_outbids_nobody() {
    let rules = RuleProfile { allow_self_raise: true, ..RuleProfile::standard() };
    assert_eq!(told(&raised(rules, &[1]), 2 * MINUTE, &raise(1, 1)), []);
}

#[test]
fn a_notice_of_a_lost_lead_is_of_no_use_after_the_window() {
    let auction = raised(RuleProfile::standard(), &[1]);
    let (next, events) = apply(&auction, &raise(2, 1), at(2 * MINUTE)).unwrap();
    let notices = super::after(&next, &events[0], at(2 * MINUTE));
    assert_eq!(notices[0].expires_at, at(7 * MINUTE));
    assert!(NoticeKind::Outbid.is_urgent() && !NoticeKind::DepositPaid.is_urgent());
}

#[test]
fn reminders_come_before_the_start_the_confirmation_and_the_contract() {
    let rules = RuleProfile::standard;
    let confirm = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".to_owned() };
    let awarded = super::super::test_support::after(won(rules(), &[1]), HOUR, &confirm);
    let starts = vec![-DAY, -HOUR, -10 * MINUTE];
    for (auction, kind, expected) in [
        (tendering(rules()), NoticeKind::AuctionStarting, starts.clone()),
        (waiting(rules(), 2), NoticeKind::AuctionStarting, starts),
        (won(rules(), &[1]), NoticeKind::ConfirmDue, vec![30 * HOUR, 32 * HOUR - 30 * MINUTE]),
        (awarded, NoticeKind::ContractDue, vec![HOUR + 10 * DAY]),
        (draft(rules()), NoticeKind::AuctionStarting, vec![]),
        (bidding(rules(), 2), NoticeKind::AuctionStarting, vec![]),
    ] {
        let reminders = reminders(&auction);
        assert!(reminders.iter().all(|reminder| reminder.notice.kind == kind));
        let moments: Vec<_> = reminders.iter().map(|reminder| (reminder.at - START).0).collect();
        assert_eq!(moments, expected);
    }
    let stopped = super::super::test_support::after(waiting(rules(), 2), HOUR, &tick(0));
    assert_eq!(reminders(&stopped), []);
}

/// The keys that FCM keeps for one phone.
const KEYS_MAX: usize = 4;

#[test]
fn what_asks_for_an_act_is_never_replaced_by_what_informs_and_four_keys_are_enough() {
    let auctions: Vec<AuctionId> =
        (0..500).map(|no| AuctionId(uuid::Uuid::from_u128(no))).collect();
    let key = |kind: NoticeKind, auction: AuctionId| kind.collapse_key(auction);
    let all = || NoticeKind::ALL.into_iter().flat_map(|k| auctions.iter().map(move |a| (k, *a)));
    let keys: BTreeSet<String> = all().filter_map(|(kind, auction)| key(kind, auction)).collect();
    assert!(keys.len() <= KEYS_MAX, "{keys:?}");
    for asks in NoticeKind::ALL {
        let is_act = matches!(asks.class(), NoticeClass::Act | NoticeClass::Raise);
        for informs in NoticeKind::ALL.into_iter().filter(|kind| *kind != asks && is_act) {
            for one in &auctions[..8] {
                let own = key(asks, *one);
                let is_free = auctions.iter().all(|other| key(informs, *other) != own);
                assert!(own.is_none() || is_free, "{asks:?} is replaced by {informs:?}");
            }
        }
    }
    assert_eq!(NoticeKind::ALL.into_iter().collect::<BTreeSet<_>>().len(), NoticeKind::ALL.len());
    // A deadline of the person's own has no key at all.
    for kind in [NoticeKind::ConfirmDue, NoticeKind::NeedsReconfirm, NoticeKind::ContractDue] {
        assert_eq!(kind.class(), NoticeClass::Act);
        assert_eq!(key(kind, auctions[0]), None);
    }
}
