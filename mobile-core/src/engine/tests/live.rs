use super::fixtures::log;
use super::fixtures::{OWN, RIVAL, at, auction_id, record, view};
use crate::engine::clock::Mono;
use crate::engine::live::*;
use crate::engine::retry::LIVE;
use toruk_sync::domain::auction::Event;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::HEARTBEAT_MS;
use toruk_sync::protocol::live::{Follow, Heartbeat, LiveFrame};

const MS: Mono = 1_000;
const BEAT: Mono = HEARTBEAT_MS as Mono * MS;
const FRESH_US: Mono = FRESH_HALVES * BEAT / 2;
const SILENCE_US: Mono = SILENT_BEATS * BEAT;

struct Stream {
    events: Vec<Event>,
    live: Live,
    generation: u64,
}

fn opening(live: &mut Live, now: Mono) -> Opening {
    match live.plan(now) {
        Some(StreamStep::Open(opening)) => opening,
        other => panic!("no stream is opened: {other:?}"),
    }
}

impl Stream {
    /// Eight records exist; the first five are in the snapshot.
    fn open() -> Self {
        let events = log(1, &[OWN, RIVAL, OWN]);
        let mut live = Live::new(7);
        live.follow(auction_id(1), None);
        let mut stream = Self { events, live, generation: 0 };
        assert_eq!(stream.reopened(0), None, "a first stream begins with a snapshot");
        let snapshot = LiveFrame::Snapshot(Box::new(view(1, &stream.events[..5])));
        stream.live.frame(stream.generation, snapshot, 0);
        stream
    }

    /// Opens the stream again; returns the record it continues after.
    fn reopened(&mut self, now: Mono) -> Option<u64> {
        let opening = opening(&mut self.live, now);
        self.generation = opening.generation;
        opening.follow[0].after
    }

    fn record(&mut self, seq: u64, now: Mono) -> bool {
        let frame = LiveFrame::Record(Box::new(record(1, &self.events, seq)));
        self.live.frame(self.generation, frame, now) == Some(auction_id(1))
    }

    fn heartbeat(&mut self, seq: u64, now: Mono) {
        let seqs = [(auction_id(1), seq)].into();
        let heartbeat = Heartbeat { server_time: at(0), next_ms: HEARTBEAT_MS, seqs };
        self.live.frame(self.generation, LiveFrame::Heartbeat(heartbeat), now);
    }

    fn view(&self) -> &AuctionView {
        self.live.get(auction_id(1)).unwrap().view().unwrap()
    }

    fn is_fresh(&self, now: Mono) -> bool {
        self.live.is_fresh(auction_id(1), now)
    }
}

#[test]
fn records_in_order_are_folded_by_the_rules() {
    let mut stream = Stream::open();
    assert!((6..=8).all(|seq| stream.record(seq, 0)));
    assert_eq!(stream.view().auction, view(1, &stream.events).auction);
}

#[test]
fn a_record_that_is_known_or_older_changes_nothing() {
    let mut stream = Stream::open();
    stream.record(6, 0);
    let before = stream.view().clone();
    assert!(!stream.record(6, 0) && !stream.record(2, 0));
    assert_eq!(*stream.view(), before);
    assert_eq!(stream.live.plan(0), None, "nor is it a reason to open again");
}

#[test]
fn a_record_too_early_is_not_shown_and_the_stream_is_opened_from_the_last_one() {
    let mut stream = Stream::open();
    assert!(!stream.record(7, 0));
    assert_eq!(stream.view().seq, 5);
    let old = stream.generation;
    assert_eq!(stream.reopened(0), Some(5));
    let late = LiveFrame::Record(Box::new(record(1, &stream.events, 6)));
    assert_eq!(stream.live.frame(old, late, 0), None, "the old stream's frames are late");
    assert!(stream.record(6, 0) && stream.record(7, 0));
}

#[test]
fn a_heartbeat_that_has_seen_more_shows_a_gap_after_a_moment_of_grace() {
    let mut stream = Stream::open();
    stream.heartbeat(6, 100 * MS);
    assert_eq!(stream.live.plan(200 * MS), None, "the record may be under way");
    assert!(stream.record(6, 210 * MS));
    assert_eq!(stream.live.plan(500 * MS), None, "it was");
    stream.heartbeat(7, 1_000 * MS);
    assert!(!stream.is_fresh(1_000 * MS), "no bid on a price that is not the last");
    assert!(stream.live.wake_at().unwrap() <= 1_250 * MS);
    assert_eq!(stream.reopened(1_250 * MS), Some(6));
}

#[test]
fn replays_that_do_not_help_end_in_a_snapshot_and_come_ever_more_slowly() {
    let (mut stream, mut now) = (Stream::open(), 0);
    let mut openings = Vec::new();
    for round in 0..5 {
        stream.record(8, now);
        let again = stream.live.wake_at().unwrap();
        assert_eq!(again <= now, round == 0, "at once only the first time");
        now = again.max(now);
        openings.push(stream.reopened(now));
    }
    assert_eq!(openings, [Some(5), Some(5), Some(5), None, None]);
}

#[test]
fn a_silent_stream_is_offline_and_then_dead() {
    let mut stream = Stream::open();
    stream.heartbeat(5, 0);
    assert!(stream.is_fresh(FRESH_US));
    assert!(!stream.is_fresh(FRESH_US + 1));
    assert!(stream.live.is_connected(auction_id(1)));
    assert_eq!(stream.live.plan(SILENCE_US), None, "not before a pause");
    assert!(!stream.live.is_connected(auction_id(1)));
    let again = stream.live.wake_at().unwrap();
    assert!(again > SILENCE_US && again <= SILENCE_US + LIVE.first);
    assert_eq!(stream.reopened(again), Some(5));
}

#[test]
fn an_observer_with_fewer_heartbeats_waits_longer_before_a_stream_is_dead() {
    let mut stream = Stream::open();
    let seqs = [(auction_id(1), 5)].into();
    let heartbeat = Heartbeat { server_time: at(0), next_ms: 5_000, seqs };
    stream.live.frame(stream.generation, LiveFrame::Heartbeat(heartbeat), 0);
    assert!(stream.is_fresh(12_500 * MS) && !stream.is_fresh(12_501 * MS));
    assert_eq!(stream.live.plan(24_999 * MS), None);
    assert!(stream.live.is_connected(auction_id(1)));
}

#[test]
fn a_stream_that_never_opens_is_tried_again_ever_more_slowly() {
    let mut live = Live::new(7);
    live.follow(auction_id(1), None);
    let mut now = 0;
    for _ in 0..20 {
        let opening = opening(&mut live, now);
        live.ended(opening.generation, now, None);
        assert_eq!(live.plan(now), None);
        let wake = live.wake_at().unwrap();
        assert!(wake > now && wake - now <= LIVE.longest);
        now = wake;
    }
    live.ended(0, now, None);
    assert!(live.plan(now).is_some(), "an old stream's end is not this one's");
}

#[test]
fn an_older_snapshot_does_not_turn_back_the_price() {
    let mut stream = Stream::open();
    stream.record(6, 0);
    let old = LiveFrame::Snapshot(Box::new(view(1, &stream.events[..5])));
    assert_eq!(stream.live.frame(stream.generation, old, 0), None);
    assert_eq!(stream.view().seq, 6);
}

#[test]
fn a_second_auction_opens_the_stream_again_and_the_first_stays_fresh_meanwhile() {
    let mut stream = Stream::open();
    stream.heartbeat(5, 0);
    assert!(stream.live.follow(auction_id(2), None));
    assert!(!stream.live.follow(auction_id(2), None), "it is followed already");
    let opened = opening(&mut stream.live, 100 * MS);
    let follow = [(1, Some(5)), (2, None)];
    let follow = follow.map(|(no, after)| Follow { auction: auction_id(no), after });
    assert_eq!(opened.follow, follow, "one stream for both, each from where it is");
    assert!(stream.is_fresh(200 * MS));
    assert!(!stream.live.is_fresh(auction_id(2), 200 * MS), "nothing was heard of it");
    stream.generation = opened.generation;
    stream.heartbeat(5, 300 * MS);
    assert!(!stream.live.is_fresh(auction_id(2), 300 * MS), "the heartbeat did not name it");
    let other = LiveFrame::Snapshot(Box::new(view(2, &log(2, &[]))));
    assert_eq!(stream.live.frame(stream.generation, other, 310 * MS), Some(auction_id(2)));
    assert!(stream.live.is_fresh(auction_id(2), 310 * MS));
    assert!(stream.record(6, 320 * MS), "each has a number of its own");
    stream.live.unfollow(auction_id(2));
    assert_eq!(opening(&mut stream.live, 400 * MS).follow.len(), 1);
    stream.live.unfollow(auction_id(1));
    assert_eq!(stream.live.plan(400 * MS), Some(StreamStep::Close));
    assert_eq!((stream.live.plan(500 * MS), stream.live.wake_at()), (None, None));
}
