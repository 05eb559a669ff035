//! Numbers as nobody honest would send them, anywhere in what comes from outside: they are refused,
//! left out or end at a limit, and nothing panics.

use crate::auction::{Act, Play, acts, rules};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use toruk_sync::domain::auction::evolve;
use toruk_sync::draft::{Draft, DraftState, FileRef, FollowedSet, Group, MemberSet};
use toruk_sync::protocol::pull::Digest;

/// The ends of the number types, and of what is accepted.
const NUMBERS: [i128; 10] = [
    0,
    1,
    -1,
    i32::MAX as i128,
    u32::MAX as i128,
    toruk_sync::draft::COUNT_MAX as i128,
    i64::MAX as i128,
    i64::MIN as i128,
    u64::MAX as i128,
    u64::MAX as i128 - 1,
];

/// A number's place among all, and the one to put there.
type Spoil = (Index, Index);

pub fn spoils() -> impl Strategy<Value = Vec<Spoil>> {
    proptest::collection::vec((any::<Index>(), any::<Index>()), 1..4)
}

fn numbers(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Number(_) => vec![value],
        Value::Array(items) => items.iter_mut().flat_map(numbers).collect(),
        Value::Object(fields) => fields.iter_mut().flat_map(|(_, value)| numbers(value)).collect(),
        _ => Vec::new(),
    }
}

/// The same with some of its numbers replaced; `None` where it is refused as it is read.
fn spoiled<T: Serialize + DeserializeOwned>(whole: &T, spoils: &[Spoil]) -> Option<T> {
    let mut value = serde_json::to_value(whole).unwrap();
    for (place, number) in spoils {
        let mut found = numbers(&mut value);
        if found.is_empty() {
            return None;
        }
        let number = NUMBERS[number.index(NUMBERS.len())];
        **place.get_mut(&mut found) = match u64::try_from(number) {
            Ok(number) => json!(number),
            Err(_) => json!(i64::try_from(number).unwrap()),
        };
    }
    serde_json::from_value(value).ok()
}

fn file(no: u8) -> FileRef {
    FileRef {
        slot: format!("slot {no}"),
        sha256: format!("{no:064x}"),
        size_bytes: 1,
        mime: "application/pdf".to_owned(),
        name: "a.pdf".to_owned(),
    }
}

/// Two phones' draft with everything in it.
fn draft() -> Draft {
    let mut draft = Draft::default();
    draft.set("phone", Some("a".to_owned()), 1);
    let mut other = draft.clone();
    draft.set("phone", Some("b".to_owned()), 1);
    other.set("phone", Some("c".to_owned()), 2);
    other.attach(file(1), 2);
    other.add_group(Group { kind: "owner".to_owned(), id: uuid::Uuid::from_u128(1) }, 2);
    draft.merge(&other.state());
    draft
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    /// C4 for numbers: merged without a check, as on a phone, and written on.
    #[test]
    fn a_draft_with_any_counts_is_merged_and_goes_on(spoils in spoils(), again in spoils()) {
        let whole = draft().state();
        let Some(part) = spoiled::<DraftState>(&whole, &spoils) else { return Ok(()) };
        let mut mine = draft();
        let _ = mine.check(&part, 1);
        mine.merge(&part);
        let before = mine.state();
        mine.merge(&before);
        prop_assert_eq!(mine.state(), before);
        for actor in [1, 2, 7] {
            let _ = mine.missing_from(&part, actor);
            mine.set("phone", Some("d".to_owned()), actor);
            mine.attach(file(2), actor);
            mine.add_group(Group { kind: "owner".to_owned(), id: uuid::Uuid::from_u128(2) }, actor);
        }
        let answers = mine.answers();
        prop_assert_eq!(answers.get("phone").map(String::as_str), Some("d"));
        if let Some(part) = spoiled::<DraftState>(&mine.state(), &again) {
            mine.merge(&part);
            mine.detach(&file(2));
            mine.set("phone", None, 1);
        }
        let _ = (mine.answers(), mine.conflicts(), mine.files(), mine.groups());
    }

    /// The same for the followed auctions.
    #[test]
    fn a_set_with_any_counts_is_merged_and_goes_on(spoils in spoils()) {
        let auction = |no| toruk_sync::domain::id::AuctionId(uuid::Uuid::from_u128(no));
        let mut set = FollowedSet::default();
        set.follow(auction(1), 1);
        set.follow(auction(2), 2);
        let Some(part) = spoiled::<MemberSet<_>>(&set.state(), &spoils) else { return Ok(()) };
        let _ = set.check(&part, 1);
        set.merge(&part);
        for actor in [1, 2, 7] {
            set.unfollow(auction(3));
            set.follow(auction(3), actor);
        }
        prop_assert!(set.auctions().contains(&auction(3)));
    }

    /// An auction as a phone may get it from anybody: whatever its numbers, the rules go on.
    #[test]
    fn an_auction_with_any_numbers_is_played_on(
        rules in rules(),
        acts in acts(),
        at in any::<Index>(),
        spoils in spoils(),
        now in any::<Index>(),
    ) {
        let mut play = Play::new(rules);
        let (before, after): (&[Act], &[Act]) = acts.split_at(at.index(acts.len() + 1));
        for act in before {
            play.act(act);
        }
        let events: Vec<_> = play.log.iter().filter_map(|event| spoiled(event, &spoils)).collect();
        let Some(auction) = spoiled(&play.auction, &spoils) else { return Ok(()) };
        play.auction = auction;
        let _ = (play.auction.wake_at(), play.auction.closes_at());
        let _ = events.iter().fold(play.auction.clone(), evolve);
        for act in after {
            play.act(act);
        }
        if let Ok(now) = i64::try_from(NUMBERS[now.index(NUMBERS.len())]) {
            play.now.0 = now;
        }
        for act in after {
            play.act(act);
        }
    }

    #[test]
    fn a_digest_with_any_numbers_counts_on(rows in any::<u64>(), seq in any::<u64>()) {
        for rows in [rows, u64::MAX] {
            Digest { rows, sum: 0 }.add("draft", "a", seq);
        }
    }
}
