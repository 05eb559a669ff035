//! Drafts on several phones: whatever is written, delivered twice, late, in part or in whole, all
//! replicas end up equal, and no write is lost that nobody has seen and replaced.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::draft::{
    Actor, COUNT_MAX, Clock, DeltaFault, Draft, DraftState, FileRef, FollowedSet, Group, MemberSet,
    Sibling,
};

mod model;

use model::{FIELDS, PHONES, Step, World, actor, field_name, file, group, played, steps};

/// The number of random histories for each law, and for the law that compares with the model.
const CASES: u32 = 600;
const MODEL_CASES: u32 = 100_000;
/// The most steps of a history: errors that the model can find need only a few.
const LONG: usize = 40;
const SHORT: usize = 16;

fn merged(parts: &[&DraftState]) -> DraftState {
    let mut draft = Draft::default();
    parts.iter().for_each(|part| draft.merge(part));
    draft.state()
}

/// Clocks and values that no honest phone would write, among some that one would.
fn forged() -> impl Strategy<Value = DraftState> {
    let count = prop_oneof![8 => 0..5u64, 1 => Just(COUNT_MAX + 1), 1 => any::<u64>()];
    let clock = proptest::collection::btree_map(0..5u32, count, 0..4);
    let value = proptest::option::of("[a-c]");
    let sibling = (clock.clone(), value).prop_map(|(clock, value)| Sibling { clock, value });
    let siblings = proptest::collection::vec(sibling, 0..4);
    let fields = proptest::collection::btree_map("full_name|phone|x{0,70}", siblings, 0..3);
    let file = (0..6u8, any::<bool>()).prop_map(|(number, sound)| {
        let name = if sound { "a.pdf" } else { "../a" };
        FileRef { name: name.to_owned(), ..file(number) }
    });
    let files = proptest::collection::vec((file, clock.clone()), 0..4);
    let files =
        (clock.clone(), files).prop_map(|(clock, files)| MemberSet { clock, members: files });
    let member = (0..3u8).prop_map(group);
    let groups = proptest::collection::vec((member, clock.clone()), 0..3);
    let groups = (clock, groups).prop_map(|(clock, members)| MemberSet { clock, members });
    (fields, proptest::option::of(files), proptest::option::of(groups))
        .prop_map(|(fields, files, groups)| DraftState { fields, files, groups })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: MODEL_CASES, failure_persistence: None, ..Default::default()
    })]

    /// C1: a draft shows the writes that no later write has seen.
    #[test]
    fn a_draft_shows_the_writes_no_later_writes_context_covers(steps in steps(SHORT)) {
        let mut world = World::default();
        for step in &steps {
            world.step(step);
        }
        for (draft, known) in world.drafts.iter().zip(&world.known) {
            let state = draft.state();
            for number in 0..FIELDS {
                let shown = state.fields.get(&field_name(number)).into_iter().flatten();
                let mut shown: Vec<_> = shown.map(|sibling| sibling.value.clone()).collect();
                shown.sort();
                prop_assert_eq!(shown, known.values(&world.history, number));
            }
            let files: BTreeSet<_> = draft.files().into_iter().collect();
            prop_assert_eq!(files, known.files());
            prop_assert_eq!(draft.groups(), known.groups());
            let shown = draft.answers().into_keys().filter_map(|name| Group::of_field(&name).map(|(group, _)| group));
            prop_assert!(shown.collect::<BTreeSet<_>>().is_subset(&known.groups()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() })]


    /// C2: merging is commutative, associative and idempotent.
    #[test]
    fn merging_is_commutative_associative_and_idempotent(steps in steps(LONG)) {
        let world = played(&steps);
        let [a, b, c] = world.drafts.each_ref().map(Draft::state);
        prop_assert_eq!(merged(&[&a, &b]), merged(&[&b, &a]));
        let (ab, bc) = (merged(&[&a, &b]), merged(&[&b, &c]));
        prop_assert_eq!(merged(&[&ab, &c]), merged(&[&a, &bc]));
        prop_assert_eq!(merged(&[&a, &a]), merged(&[&a]));
        prop_assert_eq!(&merged(&[&a]), &a);
        prop_assert_eq!(merged(&[&ab, &a]), ab);
    }

    /// C2, C3: parts are the whole, and an old or repeated part is nothing new.
    #[test]
    fn all_parts_in_any_order_are_the_whole(
        steps in steps(LONG),
        order in any::<prop::sample::Index>(),
        reversed in any::<bool>(),
    ) {
        let world = played(&steps);
        let states = world.drafts.each_ref().map(Draft::state);
        let whole = merged(&states.each_ref());
        let mut parts: Vec<&DraftState> = world.parts.iter().map(|(part, _)| part).collect();
        if !parts.is_empty() {
            let turn = order.index(parts.len());
            parts.rotate_left(turn);
            if reversed {
                parts.reverse();
            }
            parts.extend(parts.clone());
        }
        let sum = merged(&parts);
        prop_assert_eq!(&sum.fields, &whole.fields);
        let files = |state: &DraftState| Draft::from(state).files();
        prop_assert_eq!(files(&sum), files(&whole));
        prop_assert_eq!(Draft::from(&sum).groups(), Draft::from(&whole).groups());
    }

    /// Phones that speak only with the server, lose replies and send again, are never rejected.
    #[test]
    fn an_honest_phone_is_never_refused(
        steps in steps(LONG),
        syncs in proptest::collection::vec((0..PHONES, 0..4u8), 40),
    ) {
        let mut server = Draft::default();
        let mut phones: [(Draft, Vec<DraftState>); PHONES] = Default::default();
        for (step, (phone, how)) in steps.iter().zip(syncs) {
            match step {
                Step::Set { phone, field, value } => {
                    let (draft, waiting) = &mut phones[*phone];
                    waiting.push(draft.set(&field_name(*field), value.clone(), actor(*phone)));
                }
                Step::Attach { phone, file: number } => {
                    let (draft, waiting) = &mut phones[*phone];
                    waiting.push(draft.attach(file(*number), actor(*phone)));
                }
                Step::Detach { phone, file: number } => {
                    let (draft, waiting) = &mut phones[*phone];
                    waiting.push(draft.detach(&file(*number)));
                }
                Step::Begin { phone, group: number } => {
                    let (draft, waiting) = &mut phones[*phone];
                    waiting.push(draft.add_group(group(*number), actor(*phone)));
                }
                Step::End { phone, group: number } => {
                    let (draft, waiting) = &mut phones[*phone];
                    waiting.push(draft.remove_group(&group(*number)));
                }
                Step::Whole { .. } | Step::Part { .. } => {}
            }
            let (draft, waiting) = &mut phones[phone];
            if how == 3 {
                // Recovery: the whole draft instead of the waiting parts.
                *waiting = vec![draft.state()];
            }
            for part in waiting.iter() {
                prop_assert_eq!(server.check(part, actor(phone)), Ok(()));
                server.merge(part);
                prop_assert_eq!(server.check(part, actor(phone)), Ok(()), "sent again");
            }
            if how > 0 {
                // The reply arrived.
                waiting.clear();
                draft.merge(&server.state());
            }
        }
    }

    /// C4, C5, C6: the check never panics, and protects the writes of others.
    #[test]
    fn no_state_makes_the_check_panic_nor_changes_what_others_wrote(
        steps in steps(LONG),
        forged in forged(),
        by in 0..5u32,
    ) {
        let world = played(&steps);
        let server = Draft::from(&merged(&world.drafts.each_ref().map(Draft::state).each_ref()));
        if server.check(&forged, by).is_err() {
            return Ok(());
        }
        let (before, mut after) = (server.state(), server.clone());
        after.merge(&forged);
        let after = after.state();
        let fresh = |clock: &Clock, known: &dyn Fn(Actor) -> u64| {
            clock.iter().all(|(actor, count)| *actor == by || *count <= known(*actor))
        };
        for (field, siblings) in &after.fields {
            let old = before.fields.get(field).cloned().unwrap_or_default();
            let known = |actor: Actor| {
                old.iter().filter_map(|old| old.clock.get(&actor)).max().copied().unwrap_or(0)
            };
            for sibling in siblings {
                let own = sibling.clock.get(&by).is_some_and(|count| *count > known(by));
                prop_assert!(old.contains(sibling) || own, "an old write has a new content");
                prop_assert!(fresh(&sibling.clock, &known), "another phone's count rose");
            }
        }
        // A replica that gets the two in the other order ends up equal.
        prop_assert_eq!(merged(&[&forged, &before]), merged(&[&before, &forged]));
        let text = serde_json::to_string(&after).unwrap();
        prop_assert_eq!(serde_json::from_str::<DraftState>(&text).unwrap(), after);
    }
}

/// One forged part a line, with the reason for its rejection.
#[test]
fn a_forged_part_is_refused() {
    let mut server = Draft::default();
    server.set("phone", Some("a".to_owned()), 1);
    server.attach(file(0), 1);
    let sibling = |clock: &[(Actor, u64)], value: &str| {
        let clock = clock.iter().copied().collect();
        let fields = BTreeMap::from([(
            "phone".to_owned(),
            vec![Sibling { clock, value: Some(value.to_owned()) }],
        )]);
        DraftState { fields, ..DraftState::default() }
    };
    let files = |clock: &[(Actor, u64)], file: FileRef, adds: &[(Actor, u64)]| {
        let clock = clock.iter().copied().collect();
        let files = vec![(file, adds.iter().copied().collect())];
        DraftState { files: Some(MemberSet { clock, members: files }), ..DraftState::default() }
    };
    let long = "x".repeat(8 * 1024 + 1);
    let named = |name: &str| FileRef { name: name.to_owned(), ..file(1) };
    for (part, expected) in [
        (sibling(&[(2, 1)], "b"), Ok(())),
        (sibling(&[(1, 1), (2, 1)], "b"), Ok(())),
        (sibling(&[(1, 1)], "a"), Ok(())), // what the server has already
        (sibling(&[(1, 1)], "b"), Err(DeltaFault::ForgedClock)),
        (sibling(&[(1, 2)], "b"), Err(DeltaFault::ForgedClock)),
        (sibling(&[(3, 1), (2, 1)], "b"), Err(DeltaFault::ForgedClock)),
        (sibling(&[], "b"), Err(DeltaFault::ForgedClock)),
        (sibling(&[(2, 0)], "b"), Err(DeltaFault::ForgedClock)),
        (sibling(&[(2, COUNT_MAX)], "b"), Ok(())),
        (sibling(&[(2, COUNT_MAX + 1)], "b"), Err(DeltaFault::ForgedClock)),
        (sibling(&[(2, 1)], &long), Err(DeltaFault::TooLarge)),
        (files(&[(1, 1), (2, 1)], file(1), &[(2, 1)]), Ok(())),
        (files(&[(1, 1)], file(0), &[(1, 1)]), Ok(())),
        (files(&[(1, 1)], file(1), &[(1, 1)]), Err(DeltaFault::ForgedClock)),
        (files(&[(1, 1)], file(1), &[(2, 1)]), Err(DeltaFault::ForgedClock)),
        (files(&[(1, 2)], file(1), &[(1, 2)]), Err(DeltaFault::ForgedClock)),
        (files(&[(2, 1)], named("a/b.pdf"), &[(2, 1)]), Err(DeltaFault::MalformedFile)),
        (files(&[(2, 1)], named("a.html"), &[(2, 1)]), Err(DeltaFault::MalformedFile)),
        (files(&[(2, 1)], named("a\u{202e}b.pdf"), &[(2, 1)]), Err(DeltaFault::MalformedFile)),
    ] {
        assert_eq!(server.check(&part, 2), expected, "{part:?}");
    }
}

#[test]
fn a_draft_stays_within_its_limits() {
    let many = |count: usize, bytes: usize| {
        let sibling =
            |no| Sibling { clock: Clock::from([(2, no)]), value: Some("x".repeat(bytes)) };
        let fields = (0..count).map(|no| (format!("f{no}"), vec![sibling(1)]));
        DraftState { fields: fields.collect(), ..DraftState::default() }
    };
    let empty = Draft::default();
    for (part, expected) in [
        (many(300, 10), Ok(())),
        (many(301, 10), Err(DeltaFault::TooLarge)),
        (many(8, 8 * 1024), Err(DeltaFault::TooLarge)), // the names make it too large
        (many(7, 8 * 1024), Ok(())),
    ] {
        assert_eq!(empty.check(&part, 2), expected);
    }
    let mut crowded = Draft::default();
    for phone in 1..=8 {
        crowded.merge(&Draft::default().set("phone", Some(phone.to_string()), phone));
    }
    let ninth = Draft::default().set("phone", Some("9".to_owned()), 9);
    assert_eq!(crowded.check(&ninth, 9), Err(DeltaFault::TooManySiblings));
}

#[test]
fn an_auction_followed_on_one_phone_and_left_on_another_stays_followed() {
    let auction = |number: u128| toruk_sync::domain::id::AuctionId(uuid::Uuid::from_u128(number));
    let (mut one, mut other) = (FollowedSet::default(), FollowedSet::default());
    one.follow(auction(1), 1);
    one.follow(auction(2), 1);
    other.merge(&one.state());
    other.unfollow(auction(1));
    other.unfollow(auction(2));
    // Unfollowed and followed again, without having seen the other.
    one.unfollow(auction(1));
    one.follow(auction(1), 1);
    for (to, from) in [(&mut one.clone(), &other), (&mut other.clone(), &one)] {
        assert_eq!(from.check(&to.state(), 1), Ok(()));
        to.merge(&from.state());
        assert_eq!(to.auctions(), BTreeSet::from([auction(1)]));
    }
    let mut many = FollowedSet::default();
    (0..=500).for_each(|number| many.follow(auction(number), 2));
    assert_eq!(FollowedSet::default().check(&many.state(), 2), Err(DeltaFault::TooLarge));
    assert_eq!(FollowedSet::default().check(&many.state(), 3), Err(DeltaFault::ForgedClock));
}
