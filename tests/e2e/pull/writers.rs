//! Counters without gaps, however many write at once.

use super::phone::PullFixture;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use toruk_server::db::change_counter::SyncScope;
use toruk_sync::draft::FollowedSet;
use toruk_sync::protocol::operations::Operation;
use toruk_sync::protocol::pull::{Pull, PullReply, kind};
use toruk_tests::world::api_client::ApiClient;

const WRITERS: usize = 8;
const EACH: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_writers_every_change_gets_its_number_and_no_reader_misses_one() {
    let site = PullFixture::new().await.unwrap();
    let aida = ApiClient::register(&site.world, "Аида").await.unwrap();
    let (db, scope) =
        (site.world.state().context.db.clone(), SyncScope::Person(aida.session.person));
    let mut set = FollowedSet::default();
    set.follow(site.auctions[0], aida.session.actor);
    aida.deliver(Operation::EditFollowed { followed: set.state() }).await.unwrap();
    let mut cookie = pulled(&aida, None).await.cookie;
    let running = std::sync::Arc::new(AtomicUsize::new(WRITERS));
    for writer in 0..WRITERS {
        let (db, running) = (db.clone(), running.clone());
        tokio::spawn(async move {
            for no in 0..EACH {
                let txn = db.begin().await.unwrap();
                // Two rows in one change; a third writer of three gives up.
                txn.forget(scope, kind::OUTCOME, format!("{writer}:{no}:a"));
                txn.touch(scope, kind::OUTCOME, format!("{writer}:{no}:b"));
                if (writer + no) % 3 == 0 {
                    txn.rollback().await.unwrap();
                } else {
                    db.commit(txn).await.unwrap();
                }
            }
            running.fetch_sub(1, Ordering::AcqRel);
        });
    }
    let (mut seen, mut last) = (BTreeSet::new(), false);
    while !last {
        // Looked at before the pull: what comes after this is the end.
        last = running.load(Ordering::Acquire) == 0;
        loop {
            let page = pulled(&aida, Some(cookie)).await;
            for row in &page.rows {
                assert!(seen.insert(row.seq), "{} came twice", row.seq);
            }
            cookie = page.cookie;
            if !page.more {
                break;
            }
        }
    }
    let all =
        |writer: usize| (0..EACH).filter(move |no| !(writer + no).is_multiple_of(3)).count() * 2;
    let written = (0..WRITERS).map(all).sum::<usize>() as u64;
    // The first number was that of the change before.
    assert_eq!(seen, (2..=written + 1).collect());
}

async fn pulled(by: &ApiClient, cookie: Option<String>) -> PullReply {
    let pull = Pull { cookie, rows: Some(7), ..Pull::default() };
    by.post("/v1/sync/pull", &pull).await.unwrap().json().unwrap()
}
