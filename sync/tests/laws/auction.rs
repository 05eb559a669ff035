//! Random auctions: people who bid well and badly, operators who suspend, officials who cancel, and
//! timers that come early, late and twice.

use crate::world::{self, AUTHOR, PARTICIPANTS, SECOND_PERSON, START, tick_of};
use proptest::prelude::*;
use toruk_sync::domain::auction::bidding::{self, Basis, Bid, BidRejection, Phase};
use toruk_sync::domain::auction::{
    Auction, Command, ContractFault, DualApproval, Event, Status, SuspendedBy, SuspensionCause,
    apply, evolve,
};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::{Fallback, RuleProfile, SoleApplicant};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// The next action, `after` the one before it.
#[derive(Debug, Clone)]
pub struct Act {
    pub after: TimeSpan,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    Tick,
    Bid { bidder: u16, behind: u64, over: i64, old_epoch: bool, hasty: bool },
    Suspend { ago: TimeSpan },
    Announce { ahead: TimeSpan },
    Confirm { bidder: u16 },
    Refuse { bidder: u16 },
    Exclude,
    Sign,
    Fail,
    Cancel,
    Relaunch,
}

const BOTH: DualApproval = DualApproval { proposed: AUTHOR, approved: SECOND_PERSON };

/// One history: the auction after each step, with the step's events.
pub struct Play {
    pub auction: Auction,
    pub log: Vec<Event>,
    pub now: Timestamp,
    /// Acts so far; each bid has its own id.
    acts: u128,
}

impl Play {
    /// Starts before the opening, so that late starts happen too.
    pub fn new(rules: RuleProfile) -> Self {
        let (auction, log) = world::published(rules);
        Self { auction, log, now: START - TimeSpan::hours(1), acts: 0 }
    }

    /// Where the rules offer the lot to a sole applicant, there is one.
    fn eligible(&self) -> u16 {
        let rules = &self.auction.birth.rules;
        if rules.sole_applicant.is_some() { 1 } else { PARTICIPANTS }
    }

    pub fn command(&self, what: &What) -> Command {
        let text = || "ground".to_owned();
        match what {
            What::Tick => tick_of(self.eligible()),
            What::Bid { bidder, behind, over, old_epoch, hasty } => Command::PlaceBid(Bid {
                id: BidId(Uuid::from_u128(self.acts)),
                hasty: *hasty,
                ..bid(&self.auction, *bidder, *behind, *over, *old_epoch)
            }),
            What::Suspend { ago } => Command::Suspend {
                by: SuspendedBy::Watchdog,
                cause: SuspensionCause::Outage,
                since: self.now - *ago,
            },
            What::Announce { ahead } => Command::AnnounceResume { by: BOTH, at: self.now + *ahead },
            What::Confirm { bidder } => {
                Command::ConfirmAward { bidder: BidderNo(*bidder), protocol: text() }
            }
            What::Refuse { bidder } => Command::RefuseAward { bidder: BidderNo(*bidder) },
            What::Exclude => {
                Command::DisqualifyWinner { by: BOTH, reason: text(), document: text() }
            }
            What::Sign => Command::SignContract { by: AUTHOR, document: text() },
            What::Fail => Command::FailContract { by: AUTHOR, fault: ContractFault::Bidder },
            What::Cancel => Command::Cancel { by: BOTH, reason: text(), document: text() },
            What::Relaunch => {
                Command::Relaunch { by: AUTHOR, successor: AuctionId(Uuid::from_u128(20)) }
            }
        }
    }

    /// Acts as the server does: stamps a bid, writes a rejection to the log, appends.
    pub fn act(&mut self, act: &Act) -> Vec<Event> {
        let stamped = self.auction.stamped_at.unwrap_or(self.now);
        self.now = (self.now + act.after).max(stamped);
        let command = self.command(&act.what);
        self.acts += 1;
        let is_bid = matches!(command, Command::PlaceBid(_));
        let at = if is_bid { self.auction.receive(self.now) } else { self.now };
        let events = match (apply(&self.auction, &command, at), command) {
            (Ok((next, events)), _) => {
                let folded = events.iter().fold(self.auction.clone(), evolve);
                assert_eq!(next, folded, "a decision's state is the fold of its events");
                events
            }
            (Err(toruk_sync::domain::auction::Rejection::Bid(reason)), Command::PlaceBid(bid)) => {
                bidding::refused(&self.auction, &bid, reason, at).into_iter().collect()
            }
            (Err(_), _) => Vec::new(),
        };
        self.auction = events.iter().fold(self.auction.clone(), evolve);
        self.log.extend(events.clone());
        events
    }
}

fn bid(auction: &Auction, bidder: u16, behind: u64, over: i64, old_epoch: bool) -> Bid {
    let round = auction.round;
    let price = round.map_or(auction.birth.offer.value, |round| round.price);
    let number = round.map_or(0, |round| round.number);
    let required = bidding::required(auction).unwrap_or(Tyiyn::ZERO).get();
    Bid {
        id: BidId(Uuid::from_u128(u128::from(bidder))),
        bidder: Some(BidderNo(bidder)),
        epoch: auction.epoch.saturating_sub(u32::from(old_epoch)),
        basis: Basis { round: number.saturating_sub(behind), price },
        amount: Tyiyn::new(required + over).unwrap_or(Tyiyn::ZERO),
        hasty: false,
    }
}

fn span() -> impl Strategy<Value = TimeSpan> {
    prop_oneof![
        4 => 0..5_000_000i64,
        4 => 0..400_000_000i64,
        1 => 295_000_000..310_000_000i64,
        2 => 0..4_000_000_000i64,
        1 => 0..172_800_000_000i64,
        1 => Just(0i64),
    ]
    .prop_map(TimeSpan)
}

fn what() -> impl Strategy<Value = What> {
    let good = (1..=PARTICIPANTS).prop_map(|bidder| What::Bid {
        bidder,
        behind: 0,
        over: 0,
        old_epoch: false,
        hasty: false,
    });
    let any = (0..=PARTICIPANTS + 1, 0..3u64, -1..=1i64, any::<bool>(), any::<bool>()).prop_map(
        |(bidder, behind, over, old_epoch, hasty)| What::Bid {
            bidder,
            behind,
            over,
            old_epoch,
            hasty,
        },
    );
    prop_oneof![
        12 => good,
        4 => any,
        8 => Just(What::Tick),
        1 => span().prop_map(|ago| What::Suspend { ago }),
        2 => span().prop_map(|ahead| What::Announce { ahead }),
        1 => (1..=PARTICIPANTS).prop_map(|bidder| What::Confirm { bidder }),
        1 => (1..=PARTICIPANTS).prop_map(|bidder| What::Refuse { bidder }),
        1 => prop_oneof![
            4 => Just(What::Exclude),
            4 => Just(What::Sign),
            4 => Just(What::Fail),
            1 => Just(What::Cancel),
            4 => Just(What::Relaunch),
        ],
    ]
}

pub fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (span(), what()).prop_map(|(after, what)| Act { after, what });
    // Most histories should reach bidding: the first actions are its punctual opening.
    let opening = prop_oneof![
        9 => Just(vec![
            Act { after: TimeSpan::ZERO, what: What::Tick },
            Act { after: TimeSpan::hours(1), what: What::Tick },
        ]),
        1 => Just(vec![]),
    ];
    (opening, proptest::collection::vec(act, 0..60))
        .prop_map(|(opening, acts)| [opening, acts].concat())
}

pub fn rules() -> impl Strategy<Value = RuleProfile> {
    let sole = prop_oneof![7 => Just(None), 1 => Just(Some(SoleApplicant::StartPrice))];
    let all = (any::<bool>(), any::<bool>(), any::<bool>(), sole);
    all.prop_map(|(minimum, own, heir, sole_applicant)| RuleProfile {
        sole_applicant,
        first_window_is_minimum: minimum,
        allow_self_raise: own,
        fallback: if heir { Fallback::RunnerUp } else { Fallback::None },
        ..RuleProfile::standard()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_fold_of_the_log_is_the_state(rules in rules(), acts in acts()) {
        let mut play = Play::new(rules);
        for act in &acts {
            play.act(act);
        }
        // A log is stored as text; reading it back folds to the same state.
        let text = serde_json::to_string(&play.log).unwrap();
        let log: Vec<Event> = serde_json::from_str(&text).unwrap();
        let Event::Created { birth } = &log[0] else { panic!("a log begins with its birth") };
        let (born, _) = toruk_sync::domain::auction::create(birth.clone());
        let folded = log.iter().fold(born, evolve);
        prop_assert_eq!(&folded, &play.auction);
        let text = serde_json::to_string(&folded).unwrap();
        prop_assert_eq!(serde_json::from_str::<Auction>(&text).unwrap(), play.auction);
    }

    #[test]
    fn the_price_strictly_rises_by_one_step_and_no_deadline_moves_back(
        rules in rules(),
        acts in acts(),
    ) {
        let mut play = Play::new(rules);
        for act in &acts {
            let before = play.auction.round;
            let events = play.act(act);
            let (Some(before), Some(after)) = (before, play.auction.round) else { continue };
            let raised = events.iter().any(|event| matches!(event, Event::BidPlaced { .. }));
            let step = play.auction.terms.as_ref().unwrap().minimal_step;
            if raised {
                prop_assert_eq!(Some(after.price), before.price.checked_add(step));
                prop_assert_eq!(after.number, before.number + 1);
            } else {
                prop_assert_eq!((after.price, after.leader), (before.price, before.leader));
            }
            if before.phase == Phase::Raising {
                prop_assert!(after.deadline >= before.deadline);
            }
        }
    }

    #[test]
    fn after_the_close_the_log_holds_only_what_follows_from_it(rules in rules(), acts in acts()) {
        let mut play = Play::new(rules);
        for act in &acts {
            play.act(act);
        }
        let is_close = |event: &Event| {
            matches!(event, Event::BiddingClosed { .. } | Event::Failed { .. } | Event::Cancelled { .. })
        };
        let Some(close) = play.log.iter().position(is_close) else { return Ok(()) };
        for event in &play.log[close + 1..] {
            let follows = matches!(
                event,
                Event::AwardProposed { .. } | Event::AwardConfirmed { .. }
                    | Event::AwardLapsed { .. } | Event::WinnerDisqualified { .. }
                    | Event::ContractSigned { .. } | Event::ContractFailed { .. }
                    | Event::Failed { .. } | Event::Cancelled { .. } | Event::Relaunched { .. }
            );
            prop_assert!(follows, "{event:?} after the close");
        }
    }

    #[test]
    fn a_bid_is_accepted_only_in_its_window(rules in rules(), acts in acts()) {
        let mut play = Play::new(rules);
        for act in &acts {
            let before = play.auction.clone();
            for event in play.act(act) {
                match event {
                    Event::BidPlaced { received_at, bidder, .. } => {
                        prop_assert!(received_at < before.closes_at().unwrap());
                        prop_assert!(before.suspension.is_none());
                        prop_assert!(before.stamped_at.is_none_or(|last| last < received_at));
                        prop_assert!((1..=PARTICIPANTS).contains(&bidder.0));
                    }
                    Event::BidRefused { reason, received_at, .. } => {
                        let late = received_at >= before.closes_at().unwrap();
                        prop_assert!(!late || reason != BidRejection::StaleBasis);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The same people act at the same moments, once with a timer that comes on the microsecond,
    /// once with one that comes only when this test says so, and twice.
    #[test]
    fn a_late_or_doubled_tick_changes_nothing(
        rules in rules(),
        bids in proptest::collection::vec((span(), 1..=PARTICIPANTS), 0..25),
        ticks in proptest::collection::vec(any::<bool>(), 25),
        late in span(),
    ) {
        let opened = || {
            let mut play = Play::new(rules.clone());
            for after in [TimeSpan::ZERO, TimeSpan::hours(1)] {
                play.act(&Act { after, what: What::Tick });
            }
            play
        };
        let (mut punctual, mut lazy) = (opened(), opened());
        for ((after, bidder), ticks) in bids.iter().zip(ticks) {
            let moment = punctual.now + *after;
            run_timers(&mut punctual, moment);
            if ticks {
                // No later than the bid: a timer can't run ahead of time.
                lazy.now = moment;
                lazy.act(&Act { after: TimeSpan::ZERO, what: What::Tick });
                lazy.act(&Act { after: TimeSpan::ZERO, what: What::Tick });
            }
            let (behind, over, old_epoch, hasty) = (0, 0, false, false);
            let what = What::Bid { bidder: *bidder, behind, over, old_epoch, hasty };
            for play in [&mut punctual, &mut lazy] {
                play.now = moment;
                play.act(&Act { after: TimeSpan::ZERO, what: what.clone() });
            }
        }
        let end = punctual.now + TimeSpan::days(4) + late;
        run_timers(&mut punctual, end);
        lazy.now = end;
        lazy.act(&Act { after: TimeSpan::ZERO, what: What::Tick });
        lazy.act(&Act { after: TimeSpan::ZERO, what: What::Tick });
        // A rejected late bid is logged only until the close is written; it changes no outcome.
        for play in [&mut punctual, &mut lazy] {
            play.auction.attempted_at.clear();
            play.auction.refused.clear();
            play.auction.stamped_at = None;
        }
        prop_assert_eq!(punctual.auction, lazy.auction);
    }
}

/// Lets a punctual timer do everything due up to `until`, each at its own microsecond.
fn run_timers(play: &mut Play, until: Timestamp) {
    while let Some(wake_at) = play.auction.wake_at().filter(|wake_at| *wake_at <= until) {
        play.now = wake_at;
        assert!(!play.act(&Act { after: TimeSpan::ZERO, what: What::Tick }).is_empty());
    }
    play.now = until;
}

/// Checks that the histories above reach the interesting states.
#[test]
fn random_histories_reach_every_ending() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..800 {
        let rules = rules().new_tree(&mut runner).unwrap().current();
        let acts = acts().new_tree(&mut runner).unwrap().current();
        let mut play = Play::new(rules);
        acts.iter().for_each(|act| drop(play.act(act)));
        seen.insert(format!("{:?}", play.auction.status));
        if play.auction.has_sole_applicant() {
            seen.insert("sole applicant".to_owned());
        }
        if play.log.iter().any(|event| matches!(event, Event::Resumed { .. })) {
            seen.insert("resumed".to_owned());
        }
    }
    for status in [
        Status::Bidding,
        Status::Qualification,
        Status::Awarded,
        Status::Complete,
        Status::Unsuccessful,
        Status::Cancelled,
    ] {
        assert!(seen.contains(&format!("{status:?}")), "{status:?} is never reached: {seen:?}");
    }
    assert!(seen.contains("resumed") && seen.contains("sole applicant"), "{seen:?}");
}
