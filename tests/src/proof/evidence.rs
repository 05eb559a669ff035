//! Evidence of signatures as a server exports it, for validators of others to judge: applications, an
//! award and a contract that people confirm by certificate (ЭЦП).

use crate::world::api_client::ApiClient;
use crate::world::certificates::{Authority, Signatory};
use crate::world::clock::Clock as _;
use crate::world::open_auction::{OpenAuction, UNTIL_START};
use anyhow::{Context as _, ensure};
use reqwest::header::COOKIE;
use std::collections::BTreeSet;
use std::path::Path;
use toruk_server::clock::SystemClock;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::domain::rules::{Admission, ConfirmationMethod, Fallback, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::contract::{ContractView, SignContract};

/// The day begins so long ago: what is signed in it is the past for a validator.
const AGO: TimeSpan = TimeSpan::hours(12);
/// The contract's file.
const FILE: &[u8] = b"%PDF-1.7 the contract of sale";

/// A day in which people confirm by certificate, up to the winner's signature under the contract.
pub struct CertificateDay {
    /// What is left of the day.
    pub stage: OpenAuction,
    /// The winner's phone, once somebody has won.
    pub winner: Option<ApiClient>,
    /// The authority of everybody's certificates.
    pub authority: Authority,
    /// The two applications, with what tells whether their certificates were revoked.
    pub applications: Vec<(ApplicationId, &'static str)>,
}

impl CertificateDay {
    /// Plays it, for a console with this local signer.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn play(local_signer: Option<String>) -> anyhow::Result<Self> {
        let (day, mut bidders) = Self::begin(local_signer).await?;
        let (client, who) = bidders.swap_remove(0);
        close_after(&day.stage, &[&client]).await?;
        conclude(&day.stage, &client, &who).await?;
        Ok(Self { winner: Some(client), ..day })
    }

    /// Plays it up to the start of the bidding, with those who may bid. The best of them who loses is
    /// asked when the winner refuses.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn begin(
        local_signer: Option<String>,
    ) -> anyhow::Result<(Self, Vec<(ApiClient, Signatory)>)> {
        let both = BTreeSet::from([ConfirmationMethod::Passkey, ConfirmationMethod::Eds]);
        let rules = RuleProfile {
            admission: Admission::Auto,
            application_confirmation: both.clone(),
            award_confirmation: both,
            fallback: Fallback::RunnerUp,
            ..RuleProfile::sandbox(1)
        };
        let start = SystemClock::start().now() - AGO;
        let mut stage = OpenAuction::begun(rules, start).await?;
        stage.world.config.local_signer = local_signer;
        let authority = stage.world.with_certificates().await?;
        let world = &stage.world;
        let aida = authority.by_list(world, "Асанова Айгүл", "21503199077777", 10);
        let bek = authority.by_ocsp(world, "Бек Уулу", "11503199012345", 11);
        let (mut bidders, mut applications) = (Vec::new(), Vec::new());
        for (who, told_by) in [(aida, "list"), (bek, "ocsp")] {
            let client = ApiClient::by_certificate(world, &who).await?;
            let view = stage.view().await?;
            let application = client.apply_by_certificate(world, &view, &who).await?;
            client.pay(world, application).await?;
            applications.push((application, told_by));
            bidders.push((client, who));
        }
        stage.play_until(start + UNTIL_START).await?;
        Ok((Self { stage, winner: None, authority, applications }, bidders))
    }
}

/// Plays a day and writes the evidence of its signatures into `folder`: containers, and the root
/// that they lead to as `root.der`. Returns what is left of the day.
///
/// # Errors
/// When a step is refused.
pub async fn export(folder: &Path) -> anyhow::Result<CertificateDay> {
    let day = CertificateDay::play(None).await?;
    std::fs::write(folder.join("root.der"), &day.authority.root.certificate)?;
    let stage = &day.stage;
    for (application, told_by) in &day.applications {
        let (path, name) =
            (format!("applications/{application}"), format!("application-{told_by}"));
        keep(stage, folder, &path, &name).await?;
    }
    let auction = format!("auctions/{}", stage.auction);
    keep(stage, folder, &format!("{auction}/award"), "award").await?;
    keep(stage, folder, &format!("{auction}/contract"), "contract").await?;
    Ok(day)
}

/// Each of them bids once, in this order; then nobody does, and the last has won.
///
/// # Errors
/// When a step is refused.
pub async fn close_after(stage: &OpenAuction, bidders: &[&ApiClient]) -> anyhow::Result<()> {
    let mut closes_at = None;
    for client in bidders {
        let open = stage.view().await?;
        let led = client.bid(&open, &client.raise(&open)?).await?;
        let deadline = led.body.deadline.context("no deadline")?;
        closes_at = Some(deadline + open.auction.birth.rules.drain);
    }
    stage.play_until(closes_at.context("nobody bids")?).await
}

/// Confirms the award and signs the contract, by certificate.
///
/// # Errors
/// When a step is refused.
pub async fn conclude(
    stage: &OpenAuction,
    client: &ApiClient,
    who: &Signatory,
) -> anyhow::Result<()> {
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
///
/// # Errors
/// When there is none.
pub async fn keep(
    stage: &OpenAuction,
    folder: &Path,
    path: &str,
    name: &str,
) -> anyhow::Result<()> {
    let url = format!("{}/console/{path}/evidence", stage.world.origin);
    let cookie = format!("toruk_session={}", stage.officials.moderator.token);
    let answer = stage.world.http()?.get(url).header(COOKIE, cookie).send().await?;
    ensure!(answer.status() == 200, "{path}: {}", answer.status());
    std::fs::write(folder.join(format!("{name}.asics")), answer.bytes().await?)?;
    Ok(())
}
