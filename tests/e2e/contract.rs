//! The contract of an award: uploaded by an official, read and signed by the winner, signed for the
//! lot holder, and in the log by the digest of what both have signed.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use toruk_server::auction::{Error, OfficialAction};
use toruk_server::db::StoreError;
use toruk_sync::domain::auction::{Event, Rejection, Status};
use toruk_sync::domain::rules::{Admission, ConfirmationMethod, RuleProfile};
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::contract::{ContractView, SignContract};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::protocol::signature::SIGNATURE_BYTES_MAX;
use toruk_sync::signing::SignedPayload;
use toruk_sync::verify::verify;
use toruk_tests::world::Staff;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;

const FILE: &[u8] = b"%PDF-1.7 the contract of sale";

/// An auction whose winner has confirmed; the winner is the first client.
async fn awarded() -> anyhow::Result<(OpenAuction, Vec<ApiClient>)> {
    let (stage, clients) = OpenAuction::open(2).await?;
    won(&stage, &clients[0]).await?;
    assert_eq!(confirm(&stage, &clients[0]).await?.status, 204);
    Ok((stage, clients))
}

/// Leads until the bidding is over.
async fn won(stage: &OpenAuction, client: &ApiClient) -> anyhow::Result<()> {
    let open = stage.view().await?;
    let led = client.bid(&open, &client.raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await
}

/// Confirms the award with a passkey.
async fn confirm(stage: &OpenAuction, winner: &ApiClient) -> anyhow::Result<Answer> {
    let path = format!("/v1/auctions/{}", stage.auction);
    let view: ProtocolView = winner.get(&format!("{path}/protocol")).await?.json()?;
    let answer = AnswerAward::Confirm { confirmation: winner.confirm(&view.protocol)? };
    winner.post(&format!("{path}/award"), &answer).await
}

/// The passkey of an official signs what is to be signed.
fn by_official(staff: &Staff, package: &impl SignedPayload) -> Confirmation {
    let options = json!({ "publicKey": {
        "challenge": URL_SAFE_NO_PAD.encode(package.digest()),
        "rpId": "localhost",
        "userVerification": "required",
    }});
    let credential = staff.passkeys.assert(&options.to_string()).unwrap();
    let credential: Value = serde_json::from_str(&credential).unwrap();
    Confirmation::Passkey { credential }
}

#[tokio::test]
async fn a_contract_is_concluded_when_the_winner_and_then_the_lot_holder_have_signed_it()
-> anyhow::Result<()> {
    let (stage, clients) = awarded().await?;
    let (winner, rival) = (&clients[0], &clients[1]);
    let (auctions, id) = (&stage.world.state().auctions, stage.auction);
    let staff = &stage.officials.organiser;
    let organiser = &staff.official;
    let path = format!("/v1/auctions/{id}/contract");
    assert_eq!(winner.get(&path).await?.status, 404, "there is no file yet");
    let picture = auctions.upload_contract(organiser, id, "Договор", b"\x89PNG\r\n\x1a\n").await;
    assert!(picture.is_err(), "a contract that is no PDF");
    auctions.upload_contract(organiser, id, "Черновик", b"%PDF-1.7 draft").await?;
    auctions.upload_contract(organiser, id, "Договор", FILE).await?;

    // The winner alone reads it, and signs what they have read.
    let view: ContractView = winner.get(&path).await?.json()?;
    assert_eq!((view.title.as_str(), view.contract.size_bytes), ("Договор", FILE.len() as u64));
    assert_eq!(rival.get(&path).await?.status, 403);
    assert_eq!(rival.get(&format!("{path}/document")).await?.status, 403);
    let file = winner.request(reqwest::Method::GET, &format!("{path}/document")).send().await?;
    assert_eq!(file.bytes().await?.as_ref(), FILE);
    let early = by_official(staff, &view.contract);
    let early = auctions.sign_contract_as_holder(organiser, id, &early).await;
    assert!(matches!(early, Err(Error::Rejected(Rejection::WrongState))), "{early:?}");
    let sign = |by: &ApiClient, contract| {
        Ok::<_, anyhow::Error>(SignContract { confirmation: by.confirm(contract)? })
    };
    let mut other = view.contract.clone();
    other.size_bytes += 1;
    let wrong = winner.post(&path, &sign(winner, &other)?).await?;
    assert_eq!(wrong.status, 422, "signed another file");
    assert_eq!(winner.post(&path, &sign(rival, &view.contract)?).await?.status, 422);
    assert_eq!(winner.post(&path, &sign(winner, &view.contract)?).await?.status, 204);
    let late = auctions.upload_contract(organiser, id, "Другой", b"%PDF-1.7 other").await;
    assert!(late.is_err(), "changed behind the winner's back");
    let paper = OfficialAction::SignContract { document: "9f".repeat(32) };
    let paper = auctions.act(organiser, id, paper).await;
    assert!(matches!(paper, Err(Error::Store(StoreError::Conflict))), "{paper:?}");

    // The lot holder's official signs the same, and nobody for them.
    let stranger = by_official(&stage.officials.moderator, &view.contract);
    let stranger = auctions.sign_contract_as_holder(organiser, id, &stranger).await;
    assert!(matches!(stranger, Err(Error::BadSignature)), "{stranger:?}");
    let signed = by_official(staff, &view.contract);
    auctions.sign_contract_as_holder(organiser, id, &signed).await?;
    assert_eq!(stage.view().await?.auction.status, Status::Complete);
    let log = stage.log().await?;
    let document = log.iter().find_map(|record| match &record.event {
        Event::ContractSigned { document, .. } => Some(document.clone()),
        _ => None,
    });
    assert_eq!(document, Some(hex::encode(view.contract.digest())));
    verify(&log)?;
    let view: ContractView = winner.get(&path).await?.json()?;
    assert!(view.winner_signed_at.is_some() && view.holder_signed_at.is_some());
    Ok(())
}

#[tokio::test]
async fn after_its_time_nobody_signs_a_contract() -> anyhow::Result<()> {
    let (stage, clients) = awarded().await?;
    let (auctions, id) = (&stage.world.state().auctions, stage.auction);
    let organiser = &stage.officials.organiser.official;
    auctions.upload_contract(organiser, id, "Договор", FILE).await?;
    let path = format!("/v1/auctions/{id}/contract");
    let view: ContractView = clients[0].get(&path).await?.json()?;
    stage.clock.set(view.contract_by.context("no deadline")?);
    let signed = SignContract { confirmation: clients[0].confirm(&view.contract)? };
    assert_eq!(clients[0].post(&path, &signed).await?.status, 409);
    let again = auctions.upload_contract(organiser, id, "Договор", FILE).await;
    assert!(matches!(again, Err(Error::Rejected(Rejection::TooLate))), "{again:?}");
    Ok(())
}

#[tokio::test]
async fn an_award_is_confirmed_only_in_a_way_that_the_rules_accept() -> anyhow::Result<()> {
    let rules = RuleProfile {
        admission: Admission::Auto,
        award_confirmation: BTreeSet::from([ConfirmationMethod::Eds]),
        ..RuleProfile::sandbox(1)
    };
    let (stage, clients) = OpenAuction::open_by(rules, 2).await?;
    won(&stage, &clients[0]).await?;
    let refused = confirm(&stage, &clients[0]).await?;
    let problem: ProblemBody = serde_json::from_str(&refused.body)?;
    assert_eq!((refused.status, problem.code), (422, ProblemCode::RuleBroken));
    assert_eq!(problem.params["fault"], "method_not_accepted");
    let auction = stage.view().await?.auction;
    assert!(auction.pending_award().is_some(), "decided by a passkey: {:?}", auction.status);
    Ok(())
}

#[tokio::test]
async fn a_contract_that_was_signed_on_paper_is_recorded_by_its_hash() -> anyhow::Result<()> {
    let (stage, _clients) = awarded().await?;
    let organiser = &stage.officials.organiser.official;
    let document = "c0".repeat(32);
    let action = OfficialAction::SignContract { document: document.clone() };
    stage.world.state().auctions.act(organiser, stage.auction, action).await?;
    assert_eq!(stage.view().await?.auction.status, Status::Complete);
    let recorded = stage.log().await?.into_iter().find_map(|record| match record.event {
        Event::ContractSigned { document, .. } => Some(document),
        _ => None,
    });
    assert_eq!(recorded, Some(document));
    Ok(())
}

/// A chain of certificates makes a signature long. Whatever becomes of it, it must be read.
#[tokio::test]
async fn the_largest_signature_reaches_those_who_verify_it() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    won(&stage, &clients[0]).await?;
    let signature = STANDARD.encode(vec![0x30; SIGNATURE_BYTES_MAX]);
    let confirmation = json!({ "cms": { "signature": signature } });
    for (act, body) in [
        ("award", json!({ "confirm": { "confirmation": confirmation } })),
        ("contract", json!({ "confirmation": confirmation })),
    ] {
        let path = format!("/v1/auctions/{}/{act}", stage.auction);
        let answer = clients[0].post(&path, &body).await?;
        assert!(![405, 413].contains(&answer.status), "{act}: {}", answer.status);
    }
    Ok(())
}
