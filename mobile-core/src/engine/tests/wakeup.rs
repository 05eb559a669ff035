//! I4: whatever happens in whatever order, no waiting work is forgotten.

use super::fixtures::{auction_id, page, pushes, reply, session, signed_in};
use crate::engine::*;
use toruk_sync::protocol::operations::Verdict;
use toruk_sync::protocol::problem::ProblemCode;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn lost() -> Failure {
    Failure::Lost
}

fn busy(random: &mut Random) -> Failure {
    let (code, params) = (ProblemCode::Busy, BTreeMap::new());
    Failure::Problem { status: 503, code, params, retry_after_s: Some(random.below(100_000)) }
}

/// The requests on their way.
#[derive(Default)]
struct InFlight {
    push: Option<Vec<u64>>,
    pull: bool,
}

fn input(
    random: &mut Random,
    in_flight: &mut InFlight,
    step: u64,
) -> Result<Input, Box<UserCommand>> {
    let auction = auction_id(u128::from(random.below(3)) + 1);
    let field = |value| UserCommand::SetField(auction, "phone".to_owned(), Some(value));
    Ok(match random.below(13) {
        0 | 1 => return Err(Box::new(field(format!("+{step}")))),
        2 if random.below(2) == 0 => return Err(Box::new(UserCommand::Follow(auction))),
        2 => return Err(Box::new(UserCommand::Unfollow(auction))),
        3 => Input::Online(random.below(3) > 0),
        4 => Input::Woken,
        5 if random.below(2) == 0 => Input::SyncNow,
        5 => Input::SyncInSmallPages,
        6 if random.below(4) == 0 => Input::SignedOut,
        6 | 7 => Input::SignedIn(Box::new(session())),
        8 | 9 if in_flight.push.is_some() => {
            let numbers = in_flight.push.take().unwrap_or_default();
            let decided = random.below(numbers.len() as u64 + 1) as usize;
            let taken: Vec<_> =
                numbers.iter().take(decided).map(|no| (*no, Verdict::DraftClosed)).collect();
            let next = numbers.first().map_or(1, |first| first + decided as u64);
            Input::Pushed(match random.below(3) {
                0 => Err(lost()),
                1 => Err(busy(random)),
                _ => Ok(reply(&taken, next)),
            })
        }
        10 | 11 if in_flight.pull => {
            in_flight.pull = false;
            let backoff_s = (random.below(3) == 0).then(|| random.below(100_000) as u32);
            let more = random.below(3) == 0;
            Input::Pulled(match random.below(3) {
                0 => Err(lost()),
                1 => Err(busy(random)),
                _ => Ok(PullReply { more, backoff_s, ..page(vec![]) }),
            })
        }
        _ => Input::Refresh,
    })
}

#[test]
fn i4_no_wake_up_is_lost_whatever_fails_in_whatever_order() {
    let mut random = Random(88_172_645_463_325_252);
    for run in 0..400 {
        let (mut engine, mut now, mut in_flight) = (signed_in(), 0, InFlight::default());
        for step in 0..80 {
            let input = input(&mut random, &mut in_flight, step);
            now += random.below(3_000_000) as Mono;
            let effects = match input {
                Ok(input) => engine.handle(input, now),
                Err(command) => {
                    engine.execute(*command, now).map_or_else(|_| Vec::new(), |(_, e)| e)
                }
            };
            for push in pushes(&effects) {
                let numbers = push.iter().map(|op| op.op_no).collect();
                assert!(in_flight.push.replace(numbers).is_none(), "one push at a time, run {run}");
            }
            if effects.iter().any(|effect| matches!(effect, Effect::Pull(_))) {
                assert!(
                    !std::mem::replace(&mut in_flight.pull, true),
                    "one pull at a time, run {run}"
                );
            }
            let wake = effects.iter().find_map(|effect| match effect {
                Effect::WakeAt(at) => Some(*at),
                _ => None,
            });
            let waits = engine.outbox().waiting().count() > 0;
            let wants = engine.pulling().is_wanted().is_some();
            if !engine.is_online() || !engine.is_signed_in() {
                continue;
            }
            if waits && in_flight.push.is_none()
                || wants && !in_flight.pull && in_flight.push.is_none()
            {
                let at = wake.expect("something waits and nobody will wake");
                assert!(at <= now + retry::DELIVERY.longest, "run {run}, step {step}");
            }
        }
    }
}

#[test]
fn a_pull_lets_one_push_go_first_and_no_more() {
    let mut engine = signed_in();
    let set =
        |no: u128| UserCommand::SetField(auction_id(no), "phone".to_owned(), Some("+1".into()));
    let pulls = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Pull(_)));
    engine.execute(set(1), 0).unwrap();
    assert!(!pulls(&engine.handle(Input::Refresh, 0)), "the push goes first");
    engine.execute(set(2), 0).unwrap();
    let effects = engine.handle(Input::Pushed(Ok(reply(&[(1, Verdict::DraftClosed)], 2))), 0);
    assert!(!pushes(&effects).is_empty() && pulls(&effects), "both: {effects:?}");
}
