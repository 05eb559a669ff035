//! Live streams: nobody misses anything, nobody is held up by anybody else.

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use reqwest::Method;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
use std::collections::BTreeMap;
use toruk_server::entity::{auction, auction_event, device};
use toruk_server::identity::{Role, cookie_name};
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::limits::{REPLAY_RECORDS_MAX, STREAMS_PER_SESSION_MAX};
use toruk_sync::protocol::live::{Follow, LiveFrame};
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::receipt::Record;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::watcher::{Watch, Watcher};

/// Longer than what must lie between two bids of one bidder.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);

/// The clients bid by turns.
async fn raise(stage: &OpenAuction, clients: &[ApiClient], times: usize) -> anyhow::Result<()> {
    for client in clients.iter().cycle().take(times) {
        stage.clock.advance(A_WHILE);
        let view = stage.view().await?;
        client.bid(&view, &client.raise(&view)?).await?;
    }
    Ok(())
}

async fn records(watcher: &mut Watcher, count: usize) -> anyhow::Result<Vec<Record>> {
    let mut records = Vec::new();
    while records.len() < count {
        let seen = watcher.news().await?;
        let LiveFrame::Record(record) = seen.frame else { anyhow::bail!("not a record: {seen:?}") };
        ensure!(seen.id == Some(format!("{}:{}", record.auction, record.seq)), "{:?}", seen.id);
        records.push(*record);
    }
    Ok(records)
}

/// Appends long records to the log behind the server's back, as another node would; nobody is
/// notified. What they say does not matter here.
async fn append(stage: &OpenAuction, count: u64, length: usize) -> anyhow::Result<u64> {
    let view = stage.view().await?;
    let txn = stage.world.state().context.db.begin().await?;
    let reason = "x".repeat(length);
    let both = view.auction.participants.len();
    ensure!(both > 0, "nobody takes part");
    let event = serde_json::json!({ "cancelled": {
        "by": { "proposed": uuid::Uuid::nil(), "approved": uuid::Uuid::nil() },
        "reason": reason, "document": "",
    }});
    let _: Event = serde_json::from_value(event.clone()).context("no event")?;
    for seq in view.seq + 1..=view.seq + count {
        let row = auction_event::ActiveModel {
            auction: Set(stage.auction.0),
            seq: Set(seq.try_into()?),
            at: Set(view.server_time.0),
            event: Set(event.to_string()),
            hash: Set(vec![0; 32]),
        };
        row.insert(&txn).await?;
    }
    let seq = view.seq + count;
    let row = auction::ActiveModel {
        id: Set(stage.auction.0),
        seq: Set(seq.try_into()?),
        ..Default::default()
    };
    row.update(&txn).await?;
    stage.world.state().context.db.commit(txn).await?;
    Ok(seq)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_replayed_after_a_gap_is_the_log() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let origin = &stage.world.origin;
    let mut watcher = Watcher::open(origin, &Watch::auction(stage.auction, Some(0))).await?;
    assert_eq!((watcher.status, watcher.header("x-accel-buffering")), (200, Some("no")));
    let before = stage.log().await?;
    assert_eq!(records(&mut watcher, before.len()).await?, before);
    drop(watcher);
    raise(&stage, &clients, 5).await?;

    let log = stage.log().await?;
    let (seen, missed) = log.split_at(before.len() + 1);
    let after = seen.len() as u64;
    let by_query = Watch::auction(stage.auction, Some(after));
    // A browser comes back with its first address and the last id it has seen.
    let last_event_id = Some(format!("{}:{after}", stage.auction));
    let by_header = Watch { last_event_id, ..Watch::auction(stage.auction, Some(1)) };
    for watch in [by_query, by_header] {
        let mut watcher = Watcher::open(origin, &watch).await?;
        assert_eq!(records(&mut watcher, missed.len()).await?, missed, "{watch:?}");
    }
    for after in [None, Some(log.len() as u64 + 1), Some(u64::MAX)] {
        let mut watcher = Watcher::open(origin, &Watch::auction(stage.auction, after)).await?;
        let seen = watcher.news().await?;
        let LiveFrame::Snapshot(snapshot) = seen.frame else {
            anyhow::bail!("{after:?}: {seen:?}")
        };
        let view = stage.view().await?;
        assert_eq!((snapshot.seq, &snapshot.auction), (view.seq, &view.auction), "{after:?}");
        assert_eq!(seen.id, Some(format!("{}:{}", stage.auction, view.seq)));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stream_follows_several_auctions_and_its_heartbeats_name_them() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let lots = stage.officials.import_lots(&stage.world, 11).await?;
    let start = stage.view().await?.server_time + TimeSpan::hours(3);
    let other = stage.officials.publish(&stage.world, lots[1], start).await?;
    let unknown = AuctionId(uuid::Uuid::from_u128(1));
    let follow = |auction, after| Follow { auction, after };
    let follow = vec![follow(stage.auction, Some(3)), follow(unknown, None), follow(other, None)];
    let watch = Watch { follow, ..Watch::default() }.by(&clients[0].session.token);
    let mut watcher = Watcher::open(&stage.world.origin, &watch).await?;
    raise(&stage, &clients, 3).await?;
    let log = stage.log().await?;
    let (mut seen, mut snapshots, mut lengths) = (3, 0, BTreeMap::new());
    let length = log.len() as u64;
    while lengths.get(&stage.auction) != Some(&length) || lengths.len() < 2 {
        match watcher.next().await?.context("the stream ended")?.frame {
            LiveFrame::Record(record) => {
                assert_eq!(*record, log[seen]);
                seen += 1;
            }
            LiveFrame::Snapshot(view) => {
                assert_eq!(view.auction.birth.id, other);
                snapshots += 1;
            }
            LiveFrame::Heartbeat(heartbeat) => {
                assert!(heartbeat.next_ms <= 1_000, "a bidder hears more often");
                lengths = heartbeat.seqs;
            }
            LiveFrame::Poke => {}
        }
    }
    assert_eq!((seen, snapshots), (log.len(), 1));
    assert!(!lengths.contains_key(&unknown));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_streams_see_every_record_in_order() -> anyhow::Result<()> {
    const OBSERVERS: usize = 196;
    let (stage, clients) = OpenAuction::open(2).await?;
    let start = stage.log().await?.len();
    let observer = Watch::auction(stage.auction, Some(start as u64));
    let bidder = observer.clone().by(&clients[0].session.token);
    let watches = std::iter::repeat_n(observer, OBSERVERS).chain(std::iter::repeat_n(bidder, 4));
    let watches: Vec<Watch> = watches.collect();
    let opened = watches.iter().map(|watch| Watcher::open(&stage.world.origin, watch));
    let mut watchers = try_join_all(opened).await?;
    raise(&stage, &clients, 8).await?;
    let log = stage.log().await?.split_off(start);
    let seen = watchers.iter_mut().map(|watcher| records(watcher, log.len()));
    for seen in try_join_all(seen).await? {
        assert_eq!(seen, log);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_reading_gets_a_snapshot_and_holds_nobody_up() -> anyhow::Result<()> {
    // Together far more than all buffers between the server and a reader hold.
    const RECORDS: u64 = 500;
    const LENGTH: usize = 40_000;
    let (stage, _clients) = OpenAuction::open(2).await?;
    let start = stage.view().await?.seq;
    let from_now = Watch::auction(stage.auction, Some(start));
    let narrow = Watch { buffer_bytes: Some(4 * 1024), ..from_now.clone() };
    let mut slow = Watcher::open(&stage.world.origin, &narrow).await?;
    let mut quick = Watcher::open(&stage.world.origin, &from_now).await?;
    let mut end = start;
    for _ in 0..RECORDS / 20 {
        end = append(&stage, 20, LENGTH).await?;
        // Without a notification: the tail finds it by itself.
        let seen = records(&mut quick, 20).await?;
        assert_eq!(seen.last().map(|record| record.seq), Some(end));
    }
    let (mut at, mut snapshots) = (start, 0);
    while at < end {
        let Some(seen) = slow.next().await? else {
            // On a busy machine this reader has read nothing for so long that its place was given
            // away: it comes back to where it was.
            slow = Watcher::open(&stage.world.origin, &Watch::auction(stage.auction, Some(at)))
                .await?;
            continue;
        };
        match seen.frame {
            LiveFrame::Record(record) => {
                assert_eq!(record.seq, at + 1, "out of order");
                at = record.seq;
            }
            LiveFrame::Snapshot(view) => {
                assert!(view.seq > at + 1, "there was nothing to jump over");
                at = view.seq;
                snapshots += 1;
            }
            LiveFrame::Heartbeat(_) | LiveFrame::Poke => {}
        }
    }
    assert_eq!(at, end);
    // One, or several when its buffers took something in between.
    assert!(snapshots > 0, "the slow client was spared nothing");

    let behind = end - REPLAY_RECORDS_MAX - 1;
    let watch = Watch::auction(stage.auction, Some(behind));
    let seen = Watcher::open(&stage.world.origin, &watch).await?.news().await?;
    assert!(matches!(seen.frame, LiveFrame::Snapshot(_)), "too far behind for a replay");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_and_a_device_that_is_revoked_end_their_streams() -> anyhow::Result<()>
{
    let (stage, clients) = OpenAuction::open(2).await?;
    let origin = &stage.world.origin;
    let watch = Watch::auction(stage.auction, None);
    let mut observer = Watcher::open(origin, &watch).await?;
    let open = |client: &ApiClient| {
        let watch = watch.clone().by(&client.session.token);
        async move { Watcher::open(origin, &watch).await }
    };
    let (mut revoked, mut signed_out) = (open(&clients[0]).await?, open(&clients[1]).await?);
    let (first, second) = (revoked.news().await?, signed_out.news().await?);
    assert_eq!(first.id, second.id);

    let txn = stage.world.state().context.db.begin().await?;
    let row = device::ActiveModel {
        id: Set(clients[0].session.device.0),
        revoked_at: Set(Some(1)),
        ..Default::default()
    };
    row.update(&txn).await?;
    stage.world.state().context.db.commit(txn).await?;
    let gone = clients[1].request(Method::DELETE, "/v1/sessions/current").send().await?;
    assert_eq!(gone.status(), 204);
    for stream in [&mut revoked, &mut signed_out] {
        let mut frames = 0;
        while stream.next().await?.is_some() {
            frames += 1;
        }
        // A second at 600 ms, and what was on its way.
        assert!(frames <= 4, "{frames} frames after the end");
    }
    assert!(observer.next().await?.is_some(), "others go on");
    for client in &clients {
        assert_eq!(open(client).await?.status, 401, "and do not come back");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn observers_are_refused_while_bidders_get_in() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    stage.world.stop_server().await;
    stage.world.config.observers_max = 2;
    stage.world.start_server().await?;
    let origin = stage.world.origin.clone();
    let observer = Watch::auction(stage.auction, None);
    let bidder = observer.clone().by(&clients[0].session.token);
    let first = Watcher::open(&origin, &observer).await?;
    let mut second = Watcher::open(&origin, &observer).await?;
    assert_eq!((first.status, second.status), (200, 200));
    let refused = Watcher::open(&origin, &observer).await?;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(refused.header("retry-after"), Some("10"));
    let mut in_time = Watcher::open(&origin, &bidder).await?;
    assert!(matches!(in_time.news().await?.frame, LiveFrame::Snapshot(_)));
    stage.world.stop_server().await;
    for stream in [&mut second, &mut in_time] {
        while stream.next().await?.is_some() {}
    }
    Ok(())
}

/// The console's request for a stream, as a browser's window sends it.
async fn console_stream(
    stage: &OpenAuction,
    token: &str,
    viewer: &str,
) -> anyhow::Result<reqwest::Response> {
    let (world, auction) = (&stage.world, stage.auction);
    let named = if viewer.is_empty() { String::new() } else { format!("&viewer={viewer}") };
    let url = format!("{}/v1/live?follow={auction}{named}", world.origin);
    let cookie = format!("{}={token}", cookie_name(&world.config));
    Ok(world.http()?.get(url).header("cookie", cookie).send().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_with_too_many_streams_is_told_so_and_loses_none() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let official = stage.world.official(Role::Moderator, "Эркин Байматов").await?;
    let open = async |viewer: &str| console_stream(&stage, &official.token, viewer).await;
    let mut streams = Vec::new();
    for no in 0..STREAMS_PER_SESSION_MAX {
        streams.push(open(&format!("window-{no}")).await?.error_for_status()?);
    }
    for newest in ["", "window-9"] {
        let refused = open(newest).await?;
        assert_eq!(refused.status(), 429, "{newest}");
        assert!(refused.headers().contains_key("retry-after"));
        let problem: ProblemBody = refused.json().await?;
        assert_eq!(problem.code, ProblemCode::TooManyRequests);
    }
    for stream in &mut streams {
        assert!(stream.chunk().await?.is_some(), "a stream was ended for another");
    }
    // A window whose connection died opens its stream again; the dead one's place is its own.
    let mut again = open("window-0").await?.error_for_status()?;
    assert!(again.chunk().await?.is_some());
    while streams[0].chunk().await?.is_some() {}
    assert!(streams[1].chunk().await?.is_some());
    for unusable in ["a%20b", &"x".repeat(65)] {
        assert_eq!(open(unusable).await?.status(), 400, "{unusable}");
    }
    Ok(())
}
