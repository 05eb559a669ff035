//! The winner's name and contacts: for the officials who make the contract, from the confirmation
//! on, and never without a trace.

use anyhow::Context as _;
use toruk_server::auction::Error;
use toruk_server::identity::{Official, Role};
use toruk_sync::domain::auction::{Rejection, Status};
use toruk_sync::domain::id::OrganisationId;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;
use uuid::Uuid;

#[tokio::test]
async fn a_winner_has_a_name_for_officials_once_they_have_confirmed() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let auctions = &stage.world.state().auctions;
    let organiser = stage.officials.organiser.official.clone();
    let view = stage.view().await?;
    let winner = &clients[1];
    winner.bid(&view, &winner.raise(&view)?).await?;
    let end = stage.view().await?.auction.wake_at().context("no deadline")?;
    stage.play_until(end).await?;
    let proposed = until("an award", || async {
        Ok((stage.view().await?.auction.status == Status::Qualification).then_some(()))
    });
    proposed.await?;
    let early = auctions.winner(&organiser, stage.auction).await;
    assert!(matches!(early, Err(Error::Rejected(Rejection::WrongState))), "{early:?}");

    let path = format!("/v1/auctions/{}", stage.auction);
    let text: ProtocolView = winner.get(&format!("{path}/protocol")).await?.json()?;
    let answer = AnswerAward::Confirm { confirmation: winner.confirm(&text.protocol)? };
    assert_eq!(winner.post(&format!("{path}/award"), &answer).await?.status, 204);

    let found = auctions.winner(&organiser, stage.auction).await?;
    assert_eq!(found.bidder, text.protocol.winner);
    assert_eq!(found.price, text.protocol.price);
    let mine = winner.applications().await?.pop().context("no application")?;
    assert_eq!(found.contact.application, mine.application.id);
    assert_eq!(found.contact.name, "Аида Токтогулова");
    assert_eq!(found.contact.phone, "+996700000001");

    let own = stage.view().await?.auction.birth.procuring_entity;
    let bound = |organisation| {
        let bound = [(Role::Organiser, organisation)].into();
        Official { bound, ..organiser.clone() }
    };
    assert!(auctions.winner(&bound(own), stage.auction).await.is_ok());
    let elsewhere = bound(OrganisationId(Uuid::from_u128(404)));
    let administrator = stage.world.official(Role::Sysadmin, "Тилек Асанов").await?.official;
    for by in [elsewhere, administrator] {
        let refused = auctions.winner(&by, stage.auction).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    }
    let auditor = stage.world.official(Role::Auditor, "Нурлан Базаров").await?.official;
    let trail = stage.world.state().audit.page(&auditor, None).await?;
    let opened = trail.iter().filter(|row| row.action == "application.contact");
    assert_eq!(opened.count(), 2, "each of the two who saw it");
    Ok(())
}
