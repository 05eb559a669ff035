//! What is kept for a time is removed after it, and not before.

use crate::ground::TestServices;
use crate::ground::phone::Phone;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use toruk_server::db::Db;
use toruk_server::entity::{notification, outbox, session};
use toruk_server::push::PersonNotice;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::limits::PHONE_SESSION_DAYS;
use uuid::Uuid;

async fn sessions(db: &Db) -> u64 {
    session::Entity::find().count(db.read()).await.unwrap()
}

async fn notices(db: &Db) -> u64 {
    notification::Entity::find().count(db.read()).await.unwrap()
}

#[tokio::test]
async fn a_session_whose_person_stays_away_is_removed_a_month_after_its_end() {
    let ground = TestServices::new().await;
    let (identity, db) = (&ground.state.identity, &ground.state.context.db);
    Phone::new(0xA).register(identity).await;
    ground.clock.pass(TimeSpan::days(PHONE_SESSION_DAYS + 30));
    let own = Phone::new(0xB).register(identity).await;
    for (days, removed, left) in [(0, 0, 2), (1, 1, 1), (PHONE_SESSION_DAYS + 28, 0, 1), (2, 1, 0)]
    {
        ground.clock.pass(TimeSpan::days(days));
        assert_eq!(identity.sweep().await.unwrap(), removed, "after {days} days");
        assert_eq!(sessions(db).await, left, "after {days} days");
    }
    assert!(identity.bidder(&own.token).await.is_err());
}

#[tokio::test]
async fn a_notice_is_removed_three_months_after_it_has_expired() {
    let ground = TestServices::new().await;
    let (push, db) = (&ground.state.push, &ground.state.context.db);
    let session = Phone::new(0xA).register(&ground.state.identity).await;
    let now = ground.state.context.ports.clock.now();
    let notice = |minutes| PersonNotice {
        person: session.person,
        kind: NoticeKind::Outbid,
        auction: AuctionId(Uuid::from_u128(0xA0C)),
        seq: 1,
        expires_at: now + TimeSpan::minutes(minutes),
    };
    let txn = db.begin().await.unwrap();
    push.enqueue(&txn, &[notice(5), notice(60)], None).await.unwrap();
    db.commit(txn).await.unwrap();
    // A push that waits is not old, however late it is.
    assert_eq!(outbox::Entity::find().count(db.read()).await.unwrap(), 2);
    ground.clock.pass(TimeSpan::days(90));
    assert_eq!((push.sweep().await.unwrap(), notices(db).await), (0, 2));
    ground.clock.pass(TimeSpan::minutes(6));
    assert_eq!((push.sweep().await.unwrap(), notices(db).await), (1, 1));
    ground.clock.pass(TimeSpan::hours(1));
    assert_eq!((push.sweep().await.unwrap(), notices(db).await), (1, 0));
    assert_eq!(outbox::Entity::find().count(db.read()).await.unwrap(), 2);
}
