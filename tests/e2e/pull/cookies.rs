//! Cookies that can't be gone on from: an answer like any other, which says why.

use super::phone::{PullFixture, Staged};
use std::collections::BTreeSet;
use toruk_server::identity::Bidder;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::FollowedSet;
use toruk_sync::protocol::limits::{OUTCOME_DAYS, REMOVAL_DAYS};
use toruk_sync::protocol::operations::Operation;
use toruk_sync::protocol::pull::{Pull, PullReply, ResetReason, Scope};
use toruk_tests::world::api_client::ApiClient;

/// A page as a phone reads it.
async fn pulled(site: &PullFixture, by: &Bidder, request: &Pull) -> PullReply {
    let reply = site.world.state().feed.pull(by, request).await.unwrap();
    serde_json::from_value(serde_json::to_value(reply).unwrap()).unwrap()
}

async fn follower(site: &PullFixture, name: &str, auctions: &[AuctionId]) -> ApiClient {
    let client = ApiClient::register(&site.world, name).await.unwrap();
    let mut set = FollowedSet::default();
    auctions.iter().for_each(|auction| set.follow(*auction, client.session.actor));
    client.deliver(Operation::EditFollowed { followed: set.state() }).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_that_is_not_this_persons_of_this_database_sends_everything_again() {
    let site = PullFixture::new().await.unwrap();
    let aida = follower(&site, "Аида", &site.auctions).await;
    let bek = follower(&site, "Бек", &site.auctions[..1]).await;
    let (mut own, mut foreign) = (Staged::default(), Staged::default());
    own.news(&aida).await;
    foreign.news(&bek).await;
    let cookie = own.cookie.clone().unwrap();
    let mut flipped = cookie.clone().into_bytes();
    flipped[40] = if flipped[40] == b'A' { b'B' } else { b'A' };
    let bad = [
        foreign.cookie.clone().unwrap(),
        cookie[..cookie.len() / 2].to_owned(),
        String::from_utf8(flipped).unwrap(),
        "ключ".to_owned(),
        String::new(),
    ];
    let all: BTreeSet<Scope> =
        site.auctions.map(Scope::Auction).into_iter().chain([Scope::Person]).collect();
    for bad in bad {
        let mut phone = Staged { cookie: Some(bad.clone()), ..Staged::default() };
        let page = phone.page(&aida, &[]).await;
        let scopes: BTreeSet<Scope> = page.reset.keys().copied().collect();
        assert_eq!(scopes, all, "{bad}");
        assert!(page.reset.values().all(|reason| *reason == ResetReason::NotOurs), "{bad}");
        phone.take(page);
        phone.check_against_a_fresh_one(&aida).await;
    }

    let before = own.page(&aida, &[]).await;
    assert!(before.reset.is_empty() && before.rows.is_empty());
    let epoch = site.world.state().feed.new_epoch().await.unwrap();
    let page = own.page(&aida, &[]).await;
    assert!(epoch == page.epoch && epoch != before.epoch);
    assert_eq!(page.reset.len(), 3);
    assert!(page.reset.values().all(|reason| *reason == ResetReason::ServerRestored));
    own.take(page);
    own.check_against_a_fresh_one(&aida).await;
    assert_eq!(own.news(&aida).await, Vec::<String>::new(), "reset again and again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_away_for_longer_than_removals_are_kept_gets_its_scope_again() {
    let site = PullFixture::new().await.unwrap();
    let aida = follower(&site, "Аида", &[]).await;
    // A command about nothing: refused, and its outcome waits to be seen.
    let nothing = toruk_sync::domain::id::ApplicationId(uuid::Uuid::nil());
    for _ in 0..3 {
        aida.deliver(Operation::WithdrawApplication { application: nothing }).await.unwrap();
    }
    let by = Bidder {
        person: aida.session.person,
        device: aida.session.device,
        actor: aida.session.actor,
        public_key: Vec::new(),
        signs_v1: false,
        recovered_at: None,
    };
    let feed = &site.world.state().feed;
    let pull =
        |cookie: &str, rows| Pull { cookie: Some(cookie.to_owned()), rows, ..Pull::default() };
    let full = pulled(&site, &by, &Pull::default()).await;
    assert_eq!(full.rows.len(), 4, "{:?}", full.rows);

    // The session ends long before: the service is asked itself.
    site.clock.advance(TimeSpan::days(OUTCOME_DAYS + 1));
    feed.sweep().await.unwrap();
    let after = pulled(&site, &by, &pull(&full.cookie, None)).await;
    let gone = after.rows.iter().filter(|row| row.value.is_none()).count();
    assert_eq!((gone, after.rows.len(), after.reset.len()), (3, 3, 0), "{:?}", after.rows);

    site.clock.advance(TimeSpan::days(REMOVAL_DAYS + 1));
    feed.sweep().await.unwrap();
    let late = pulled(&site, &by, &pull(&full.cookie, Some(1))).await;
    assert_eq!(late.reset.get(&Scope::Person), Some(&ResetReason::TooOld));
    assert!(late.rows.iter().all(|row| row.value.is_some()), "{:?}", late.rows);
    let (mut page, mut pages) = (late, 1);
    while page.more {
        page = pulled(&site, &by, &pull(&page.cookie, Some(1))).await;
        assert!(page.reset.is_empty(), "reset again at each page");
        pages += 1;
        assert!(pages < 10, "it never ends");
    }
    // Who was there meanwhile goes on.
    let known = pulled(&site, &by, &pull(&after.cookie, None)).await;
    assert!(known.reset.is_empty() && known.rows.is_empty(), "{known:?}");
}
