//! Evidence of signatures as a server exports it, for validators of others to judge: applications, an
//! award and a contract that people confirm by certificate (ЭЦП).

use crate::world::api_client::ApiClient;
use crate::world::certificates::Signatory;
use crate::world::clock::Clock as _;
use crate::world::open_auction::{OpenAuction, UNTIL_START};
use anyhow::{Context as _, ensure};
use reqwest::header::COOKIE;
use std::collections::BTreeSet;
use std::path::Path;
use toruk_server::clock::SystemClock;
use toruk_sync::domain::rules::{Admission, ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::contract::{ContractView, SignContract};

/// The day begins so long ago: what is signed in it is the past for a validator.
const AGO: TimeSpan = TimeSpan::hours(12);
/// The contract's file.
const FILE: &[u8] = b"%PDF-1.7 the contract of sale";

/// Plays a day and writes the evidence of its signatures into `folder`: containers, and the root
/// that they lead to as `root.der`. Returns what is left of the day.
///
/// # Errors
/// When a step is refused.
pub async fn export(folder: &Path) -> anyhow::Result<OpenAuction> {
    let both = BTreeSet::from([ConfirmationMethod::Passkey, ConfirmationMethod::Eds]);
    let rules = RuleProfile {
        admission: Admission::Auto,
        application_confirmation: both.clone(),
        award_confirmation: both,
        ..RuleProfile::sandbox(1)
    };
    let start = SystemClock::start().now() - AGO;
    let mut stage = OpenAuction::begun(rules, start).await?;
    let authority = stage.world.with_certificates().await?;
    std::fs::write(folder.join("root.der"), &authority.root.certificate)?;
    let world = &stage.world;
    let aida = authority.by_list(world, "Асанова Айгүл", "21503199077777", 10);
    let bek = authority.by_ocsp(world, "Бек Уулу", "11503199012345", 11);
    let mut clients = Vec::new();
    for (who, name) in [(&aida, "application-list"), (&bek, "application-ocsp")] {
        let client = ApiClient::by_certificate(world, who).await?;
        let view = stage.view().await?;
        let application = client.apply_by_certificate(world, &view, who).await?;
        client.pay(world, application).await?;
        keep(&stage, folder, &format!("applications/{application}/evidence"), name).await?;
        clients.push(client);
    }
    stage.play_until(start + UNTIL_START).await?;
    conclude(&stage, &clients[0], &aida).await?;
    let auction = format!("auctions/{}", stage.auction);
    keep(&stage, folder, &format!("{auction}/award/evidence"), "award").await?;
    keep(&stage, folder, &format!("{auction}/contract/evidence"), "contract").await?;
    Ok(stage)
}

/// Wins the auction, confirms the award and signs the contract, by certificate.
async fn conclude(stage: &OpenAuction, client: &ApiClient, who: &Signatory) -> anyhow::Result<()> {
    let open = stage.view().await?;
    let led = client.bid(&open, &client.raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;
    let path = format!("/v1/auctions/{}", stage.auction);
    let view: ProtocolView = client.get(&format!("{path}/protocol")).await?.json()?;
    let confirmation = who.confirm(&stage.world, &view.protocol);
    let answer = AnswerAward::Confirm { confirmation };
    let confirmed = client.post(&format!("{path}/award"), &answer).await?;
    ensure!(confirmed.status == 204, "the award: {confirmed:?}");
    let auctions = &stage.world.state().auctions;
    let organiser = &stage.officials.organiser.official;
    auctions.upload_contract(organiser, stage.auction, "Договор", FILE).await?;
    let view: ContractView = client.get(&format!("{path}/contract")).await?.json()?;
    let signed = SignContract { confirmation: who.confirm(&stage.world, &view.contract) };
    let signed = client.post(&format!("{path}/contract"), &signed).await?;
    ensure!(signed.status == 204, "the contract: {signed:?}");
    Ok(())
}

/// Downloads a container from the console, as a moderator.
async fn keep(stage: &OpenAuction, folder: &Path, path: &str, name: &str) -> anyhow::Result<()> {
    let url = format!("{}/console/{path}", stage.world.origin);
    let cookie = format!("toruk_session={}", stage.officials.moderator.token);
    let answer = stage.world.http()?.get(url).header(COOKIE, cookie).send().await?;
    ensure!(answer.status() == 200, "{path}: {}", answer.status());
    std::fs::write(folder.join(format!("{name}.asics")), answer.bytes().await?)?;
    Ok(())
}
