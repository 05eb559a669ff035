//! The result of an auction for those who conclude it: the winner by name, and every application
//! with what was done with it, also long after its end.

use anyhow::{Context as _, ensure};
use reqwest::header::COOKIE;
use toruk_server::identity::Role;
use toruk_sync::domain::auction::Status;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::receipt::{ApplicationAct, ApplicationReceipt, VerifierKey};
use toruk_tests::world::Staff;
use toruk_tests::world::open_auction::OpenAuction;

/// A page of the auction as an official sees it, in English.
async fn page(stage: &OpenAuction, staff: &Staff, path: &str) -> anyhow::Result<(u16, String)> {
    let url = format!("{}/console/auctions/{}{path}", stage.world.origin, stage.auction);
    let session = format!("toruk_session={}; toruk_lang=en", staff.token);
    let answer = stage.world.http()?.get(url).header(COOKIE, session).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test]
async fn the_organiser_sees_the_winner_by_name_and_what_became_of_each_application()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let organiser = &stage.officials.organiser;
    assert_eq!(page(&stage, organiser, "/result").await?.0, 409, "before the result");
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;
    let (_, proposed) = page(&stage, organiser, "/result").await?;
    ensure!(!proposed.contains("Токтогулова"), "named before the confirmation");
    let path = format!("/v1/auctions/{}", stage.auction);
    let text: ProtocolView = clients[0].get(&format!("{path}/protocol")).await?.json()?;
    let answer = AnswerAward::Confirm { confirmation: clients[0].confirm(&text.protocol)? };
    assert_eq!(clients[0].post(&format!("{path}/award"), &answer).await?.status, 204);

    let (status, shown) = page(&stage, organiser, "/result").await?;
    assert_eq!(status, 200);
    for part in [
        "Аида Токтогулова",
        "participant No.\u{a0}1",
        "participant No.\u{a0}2",
        "Handed in",
        "Last offer",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let (_, overview) = page(&stage, organiser, "").await?;
    ensure!(overview.contains("/result\""), "no way to the result");

    // Each act has its signed receipt, which anyone can verify.
    let receipts: Vec<&str> =
        shown.split("/receipts/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ensure!(receipts.len() >= 2, "{} receipts", receipts.len());
    let key: VerifierKey = clients[0].session.receipt_key.parse()?;
    for receipt in &receipts {
        let (status, text) = page(&stage, organiser, &format!("/receipts/{receipt}")).await?;
        assert_eq!(status, 200, "{text}");
        let given = ApplicationReceipt::from_text(&text)?;
        given.verify(&key).map_err(|fault| anyhow::anyhow!("{fault:?}"))?;
        assert_eq!(given.body.auction, stage.auction);
        assert_eq!(given.body.act, ApplicationAct::Submit);
    }
    let unknown = page(&stage, organiser, &format!("/receipts/{}", stage.auction)).await?;
    assert_eq!(unknown.0, 404);

    let finance = stage.world.official(Role::Finance, "Асель Осмонова").await?;
    for path in ["/result".to_owned(), format!("/receipts/{}", receipts[0])] {
        assert_eq!(page(&stage, &finance, &path).await?.0, 403, "{path}");
    }
    let auditor = stage.world.official(Role::Auditor, "Нурлан Базаров").await?;
    let trail = stage.world.state().audit.page(&auditor.official, None).await?;
    let opened = trail.iter().filter(|row| row.action == "application.contact").count();
    assert_eq!(opened, 1, "who looked at the name is on record");
    Ok(())
}

#[tokio::test]
async fn applications_of_an_auction_that_failed_stay_with_their_history() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    stage.eligible("alone").await?;
    while let Some(wake) = stage.view().await?.auction.wake_at() {
        stage.play_until(wake).await?;
    }
    assert_eq!(stage.view().await?.auction.status, Status::Unsuccessful);
    let (status, shown) = page(&stage, &stage.officials.organiser, "/result").await?;
    assert_eq!(status, 200);
    ensure!(shown.contains("Handed in") && shown.contains("Signed receipt"), "{shown}");
    let (_, overview) = page(&stage, &stage.officials.moderator, "").await?;
    ensure!(overview.contains("/console/applications?auction="), "the list is gone");
    Ok(())
}
