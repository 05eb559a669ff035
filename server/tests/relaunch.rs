//! An auction that two officials cancelled is created again.

use crate::ground::sale::Sale;
use crate::people::member;
use toruk_server::auction::{Error, OfficialAction};
use toruk_server::identity::Role;
use toruk_server::pdf::ProtocolOutcome;
use toruk_sync::domain::auction::{Offer, Rejection, Status};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::TimeSpan;

#[tokio::test]
async fn a_cancelled_auction_has_one_successor_that_is_published_as_its_next_attempt() {
    let sale = Sale::new().await;
    let organiser = member(sale.state(), None, Role::Organiser, "Айгүл").await.official;
    let moderator = member(sale.state(), None, Role::Moderator, "Бакыт").await.official;
    let (auctions, id) = (sale.state().auctions.clone(), sale.auction);
    let before = sale.auction().await;
    let offer = Offer {
        start: before.birth.offer.start + TimeSpan::days(16),
        ..before.birth.offer.clone()
    };
    let early = auctions.relaunch(&organiser, id, offer.clone(), "").await;
    assert!(matches!(early, Err(Error::Rejected(Rejection::WrongState))), "{early:?}");
    let act = JointAct::Cancel { reason: "court order".to_owned(), document: "ab".repeat(32) };
    auctions.propose(&organiser, id, act).await.unwrap();
    let waiting = auctions.proposals(&moderator, &before).await.unwrap();
    auctions.approve(&moderator, id, waiting[0].id).await.unwrap();
    assert_eq!(sale.auction().await.status, Status::Cancelled);

    let protocol = auctions.result_protocol(id).await.unwrap();
    let next = auctions.relaunch(&organiser, id, offer.clone(), "").await.unwrap();
    // The relaunch is one more record of the log, and no other result.
    assert_eq!(auctions.result_protocol(id).await.unwrap().json(), protocol.json());
    let (reason, document) = ("court order".to_owned(), "ab".repeat(32));
    assert_eq!(protocol.outcome, ProtocolOutcome::Cancelled { reason, document });
    let twice = auctions.relaunch(&organiser, id, offer, "").await;
    assert!(matches!(twice, Err(Error::Rejected(Rejection::AlreadyRelaunched))), "{twice:?}");
    assert_eq!(sale.auction().await.successor, Some(next));
    auctions.act(&organiser, next, OfficialAction::Submit).await.unwrap();
    auctions.act(&moderator, next, OfficialAction::Publish).await.unwrap();
    let db = sale.state().context.db.read();
    let heir = sale.state().catalogue.auction(db, next).await.unwrap();
    let birth = &heir.birth;
    assert_eq!((birth.attempt, birth.previous, birth.root), (2, Some(id), before.birth.root));
    assert_eq!(birth.lot, before.birth.lot);
}
