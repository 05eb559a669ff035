//! Replies with numbers as no honest server sends them, anywhere: they are refused, left out or end
//! at a limit; nothing panics, and the phone goes on.

use super::fixtures::{
    OWN, RIVAL, S, at, auction_id, log, mine, page, record, reply, row, session,
};
use super::fixtures::{signed_in, view};
use crate::engine::uploads::UploadReply;
use crate::engine::{Engine, Input, UserCommand};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use toruk_sync::draft::{Draft, DraftState, draft_id};
use toruk_sync::protocol::identity::ServerTime;
use toruk_sync::protocol::live::{Heartbeat, LiveFrame};
use toruk_sync::protocol::operations::{DraftView, Verdict};
use toruk_sync::protocol::pull::kind;

const NUMBERS: [i128; 9] = [
    0,
    1,
    -1,
    u32::MAX as i128,
    toruk_sync::draft::COUNT_MAX as i128,
    i64::MAX as i128,
    i64::MIN as i128,
    u64::MAX as i128,
    u64::MAX as i128 - 1,
];

type Spoil = (Index, Index);

fn spoils() -> impl Strategy<Value = Vec<Spoil>> {
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

/// The same with some of its numbers replaced; unchanged where that is refused as it is read.
fn spoiled<T: Serialize + DeserializeOwned + Clone>(whole: &T, spoils: &[Spoil]) -> T {
    let mut value = serde_json::to_value(whole).unwrap();
    for (place, number) in spoils {
        let mut found = numbers(&mut value);
        if found.is_empty() {
            return whole.clone();
        }
        let number = NUMBERS[number.index(NUMBERS.len())];
        **place.get_mut(&mut found) = match u64::try_from(number) {
            Ok(number) => json!(number),
            Err(_) => json!(i64::try_from(number).unwrap()),
        };
    }
    serde_json::from_value(value).unwrap_or_else(|_| whole.clone())
}

fn drafted() -> DraftView {
    let mut draft = Draft::default();
    draft.set("phone", Some("a".to_owned()), 3);
    draft.set("phone", Some("b".to_owned()), 5);
    let id = draft_id(session().person, auction_id(1));
    DraftView { id, auction: auction_id(1), state: draft.state() }
}

fn use_it(engine: &mut Engine, now: i64) {
    let auction = auction_id(1);
    let commands = [
        UserCommand::SetField(auction, "phone".to_owned(), Some("c".to_owned())),
        UserCommand::Follow(auction),
        UserCommand::Unfollow(auction),
    ];
    for command in commands {
        let _ = engine.execute(command, now);
    }
    let _ = (engine.overview(), engine.server_now(now), engine.mine(), engine.followed());
    engine.handle(Input::Woken, now);
    engine.handle(Input::SyncNow, now.saturating_add(S));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_phone_goes_on_whatever_numbers_a_server_sends(
        pulled in spoils(), framed in spoils(), pushed in spoils(), timed in spoils(),
    ) {
        let mut engine = signed_in();
        let rows = vec![
            row(kind::DRAFT, drafted().id, 2, &drafted()),
            row(kind::AUCTION, auction_id(1), 3, &view(1, &log(1, &[OWN]))),
        ];
        let pages = [mine(1), page(rows)];
        let mut now = S;
        use_it(&mut engine, now);
        for reply in &pages {
            now += 100 * S;
            engine.handle(Input::SyncNow, now);
            engine.handle(Input::Pulled(Ok(spoiled(reply, &pulled))), now);
            use_it(&mut engine, now);
        }
        engine.handle(Input::Watch(auction_id(1)), now);
        let events = log(1, &[OWN, RIVAL, OWN]);
        let seqs = BTreeMap::from([(auction_id(1), 6)]);
        let beat = Heartbeat { server_time: at(0), next_ms: 1_000, seqs };
        for generation in 0..3 {
            let view = spoiled(&view(1, &events[..5]), &framed);
            let next = view.seq.wrapping_add(1);
            let frames = [
                LiveFrame::Heartbeat(beat.clone()),
                LiveFrame::Snapshot(Box::new(view)),
                LiveFrame::Record(Box::new(record(1, &events, 6))),
                LiveFrame::Record(Box::new(spoiled(&record(1, &events, 7), &framed))),
                LiveFrame::Record(Box::new(toruk_sync::receipt::Record {
                    seq: next,
                    ..record(1, &events, 6)
                })),
                LiveFrame::Heartbeat(spoiled(&beat, &framed)),
            ];
            for frame in frames {
                engine.handle(Input::StreamFrame(generation, frame), now);
                use_it(&mut engine, now);
            }
            engine.handle(Input::StreamEnded(generation, Some(u64::MAX)), now);
        }
        let time = ServerTime { received_at: at(1), sent_at: at(2) };
        for sent in [0, now, i64::MAX, i64::MIN] {
            let answer = Ok(spoiled(&time, &timed));
            engine.handle(Input::Time { sent, received: now, answer }, now);
            use_it(&mut engine, now);
        }
        let merged = Verdict::Merged { draft: DraftState::default() };
        let outcomes = [(1, merged.clone()), (2, merged)];
        let answer = spoiled(&reply(&outcomes, 3), &pushed);
        engine.handle(Input::Pushed(Ok(answer)), now);
        for offset in [0, 1, u64::MAX] {
            let reply = UploadReply::At(offset);
            engine.handle(Input::Uploaded { sha256: "ab".repeat(32), reply }, now);
        }
        use_it(&mut engine, now.saturating_add(S));
        let answer = engine.drafts().get(auction_id(1)).and_then(|draft| {
            draft.answers().get("phone").cloned()
        });
        prop_assert_eq!(answer.as_deref(), Some("c"));
    }
}
