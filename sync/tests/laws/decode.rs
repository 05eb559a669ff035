//! Reading any bytes ends in a value or in an error, and a value can be checked, hashed, merged and
//! written again.
//!
//! The bytes are those of the goldens, damaged: random bytes alone never get past the first brace.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use toruk_sync::draft::{Draft, DraftState, FollowedSet};
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::protocol::operations::{Operation, Push, PushReply};
use toruk_sync::protocol::pull::{Pull, PullReply};

const CASES: u32 = 20_000;

const SEEDS: [&str; 10] = [
    include_str!("../golden/push.snap"),
    include_str!("../golden/push_reply.snap"),
    include_str!("../golden/pull.snap"),
    include_str!("../golden/pull_reply.snap"),
    include_str!("../golden/application_view.snap"),
    include_str!("../golden/draft_view.snap"),
    include_str!("../golden/place_bid.snap"),
    include_str!("../golden/bid_accepted.snap"),
    include_str!("../golden/live_record.snap"),
    include_str!("../golden/auction_view.snap"),
];

/// A golden's JSON, without the header of the snapshot tool.
fn seed(number: usize) -> Vec<u8> {
    let text = SEEDS[number];
    let json = text.splitn(3, "---").nth(2).unwrap_or(text).trim();
    assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "golden {number} is JSON");
    json.as_bytes().to_vec()
}

#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Digits(prop::sample::Index, String),
    Nest(prop::sample::Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        at().prop_map(Damage::Cut),
        (at(), 1..40usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        (at(), 1..200usize).prop_map(|(at, count)| Damage::Repeat(at, count)),
        (at(), "-?[0-9]{1,25}").prop_map(|(at, digits)| Damage::Digits(at, digits)),
        (at(), 1..300usize).prop_map(|(at, depth)| Damage::Nest(at, depth)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            return bytes;
        }
        let length = bytes.len();
        let until = |from: usize, count: usize| (from + count).min(length);
        match damage {
            Damage::Flip(at, byte) => bytes[at.index(length)] = *byte,
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Remove(at, count) => {
                let from = at.index(length);
                bytes.drain(from..until(from, *count));
            }
            Damage::Repeat(at, count) => {
                let from = at.index(length);
                let piece = bytes[from..until(from, *count)].to_vec();
                bytes.splice(from..from, piece);
            }
            // A number where a number stood, too large or too small.
            Damage::Digits(at, digits) => {
                let from = at.index(length);
                let start = (from..length).find(|place| bytes[*place].is_ascii_digit());
                let Some(start) = start else { continue };
                let end = (start..length).find(|place| !bytes[*place].is_ascii_digit());
                bytes.splice(start..end.unwrap_or(length), digits.bytes());
            }
            Damage::Nest(at, depth) => {
                let from = at.index(length);
                bytes.splice(from..from, std::iter::repeat_n(b'[', *depth));
            }
        }
    }
    bytes
}

/// Reads a value; writing and reading it again gives the same.
fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    let text = serde_json::to_vec(&value).unwrap();
    assert_eq!(serde_json::from_slice::<T>(&text).unwrap(), value);
    Some(value)
}

fn taken_in(operation: &Operation) {
    match operation {
        Operation::EditDraft { part, .. } => {
            let mut draft = Draft::default();
            if draft.check(part, 1).is_ok() {
                draft.merge(part);
                let _ = (draft.answers(), draft.conflicts(), draft.files(), draft.groups());
                assert_eq!(Draft::from(&draft.state()).state(), draft.state());
            }
        }
        Operation::EditFollowed { followed } => {
            let mut set = FollowedSet::default();
            if set.check(followed, 1).is_ok() {
                set.merge(followed);
            }
        }
        Operation::SubmitApplication { .. } | Operation::WithdrawApplication { .. } => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() })]

    /// C4: no input makes a decoder panic.
    #[test]
    fn no_bytes_make_reading_panic(
        number in 0..SEEDS.len(),
        damages in proptest::collection::vec(damage(), 0..4),
    ) {
        let bytes = damaged(seed(number), &damages);
        if let Some(push) = read::<Push>(&bytes) {
            for op in &push.ops {
                op.hash();
                taken_in(&op.operation);
            }
        }
        // A row's value is kept as any JSON, and the last digit of JSON's fractions may change; the
        // protocol has none.
        if let Ok(reply) = serde_json::from_slice::<PullReply>(&bytes) {
            reply.rows.iter().for_each(|row| drop(row.entity()));
        }
        read::<PushReply>(&bytes);
        read::<Pull>(&bytes);
        read::<PlaceBid>(&bytes);
        read::<BidReply>(&bytes);
        read::<LiveFrame>(&bytes);
        if let Some(state) = read::<DraftState>(&bytes) {
            let _ = Draft::default().check(&state, 1);
        }
    }
}
