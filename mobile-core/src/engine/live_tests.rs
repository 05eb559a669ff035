use super::*;
use crate::engine::fixtures::{OWN, RIVAL, at, log, record, view};
use toruk_sync::domain::auction::Event;

const MS: Mono = 1_000;

struct Stream {
    events: Vec<Event>,
    follower: Follower,
    generation: u64,
}

impl Stream {
    /// Six records exist, the first five are in the snapshot.
    fn open() -> Self {
        let events = log(1, &[OWN, RIVAL, OWN]);
        let mut follower = Follower::new(None, 7);
        let opening = follower.plan(0).unwrap();
        assert_eq!(opening.after, None, "a first stream begins with a snapshot");
        follower.opened(opening.generation, 0);
        let generation = opening.generation;
        follower.frame(generation, LiveFrame::Snapshot(Box::new(view(1, &events[..5]))), 0);
        Self { events, follower, generation }
    }

    fn record(&mut self, seq: u64, now: Mono) -> bool {
        let frame = LiveFrame::Record(Box::new(record(1, &self.events, seq)));
        self.follower.frame(self.generation, frame, now)
    }

    fn heartbeat(&mut self, seq: u64, now: Mono) {
        let frame = LiveFrame::Heartbeat { server_time: at(0), seq };
        self.follower.frame(self.generation, frame, now);
    }

    fn seq(&self) -> u64 {
        self.follower.view().unwrap().seq
    }
}

#[test]
fn records_in_order_are_folded_by_the_rules() {
    let mut stream = Stream::open();
    assert!((6..=8).all(|seq| stream.record(seq, 0)));
    assert_eq!(stream.follower.auction(), Some(&view(1, &stream.events).auction));
}

#[test]
fn a_record_that_is_known_or_older_changes_nothing() {
    let mut stream = Stream::open();
    stream.record(6, 0);
    let before = stream.follower.view().cloned();
    assert!(!stream.record(6, 0) && !stream.record(2, 0));
    assert_eq!(stream.follower.view().cloned(), before);
    assert_eq!(stream.follower.plan(0), None, "nor is it a reason to open anew");
}

#[test]
fn a_record_too_early_is_not_shown_and_the_stream_is_opened_from_the_last_one() {
    let mut stream = Stream::open();
    assert!(!stream.record(7, 0));
    assert_eq!(stream.seq(), 5);
    let opening = stream.follower.plan(0).unwrap();
    assert_eq!(opening.after, Some(5));
    assert!(!stream.record(6, 0), "the old stream's frames are late");
    stream.generation = opening.generation;
    stream.follower.opened(opening.generation, 0);
    assert!(stream.record(6, 0) && stream.record(7, 0));
}

#[test]
fn a_heartbeat_that_has_seen_more_shows_a_gap_after_a_moment_of_grace() {
    let mut stream = Stream::open();
    stream.heartbeat(6, 100 * MS);
    assert_eq!(stream.follower.plan(200 * MS), None, "the record may be under way");
    assert!(stream.record(6, 210 * MS));
    assert_eq!(stream.follower.plan(900 * MS), None, "it was");
    stream.heartbeat(7, 1_000 * MS);
    assert!(!stream.follower.is_fresh(1_000 * MS), "no bid on a price that is not the last");
    assert!(stream.follower.wake_at() <= 1_250 * MS);
    assert_eq!(stream.follower.plan(1_250 * MS).unwrap().after, Some(6));
}

#[test]
fn replays_that_do_not_help_end_in_a_snapshot() {
    let mut stream = Stream::open();
    let mut openings = Vec::new();
    for _ in 0..5 {
        stream.record(8, 0);
        let opening = stream.follower.plan(0).unwrap();
        stream.generation = opening.generation;
        stream.follower.opened(opening.generation, 0);
        openings.push(opening.after);
    }
    assert_eq!(openings, [Some(5), Some(5), Some(5), None, None]);
}

#[test]
fn a_silent_stream_is_offline_and_then_dead() {
    let mut stream = Stream::open();
    stream.heartbeat(5, 0);
    assert!(stream.follower.is_fresh(FRESH_US));
    assert!(!stream.follower.is_fresh(FRESH_US + 1));
    assert_eq!(stream.follower.plan(SILENCE_US), None, "not before a pause");
    let again = stream.follower.wake_at();
    assert!(again > SILENCE_US && again <= SILENCE_US + LIVE.first);
    assert_eq!(stream.follower.plan(again).unwrap().after, Some(5));
}

#[test]
fn a_stream_that_never_opens_is_tried_again_ever_more_slowly() {
    let mut follower = Follower::new(None, 7);
    let mut now = 0;
    for _ in 0..20 {
        let opening = follower.plan(now).unwrap();
        follower.ended(opening.generation, now, None);
        assert_eq!(follower.plan(now), None);
        let wake = follower.wake_at();
        assert!(wake > now && wake - now <= LIVE.longest);
        now = wake;
    }
    follower.ended(0, now, None);
    assert!(follower.plan(now).is_some(), "an old stream's end is not this one's");
}

#[test]
fn an_older_snapshot_does_not_turn_back_the_price() {
    let mut stream = Stream::open();
    stream.record(6, 0);
    let old = LiveFrame::Snapshot(Box::new(view(1, &stream.events[..5])));
    assert!(!stream.follower.frame(stream.generation, old, 0));
    assert_eq!(stream.seq(), 6);
}
