//! A phone behind machines that answer in the server's place: each kind of request of the core, with
//! the whole core over a real server. Every status is tried on the core's reading of answers
//! (`engine/tests/answers.rs`), and time that passes on its engine (`engine/tests/obstacles.rs`).

use anyhow::{Context as _, ensure};
use std::sync::Arc;
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::api::records::PaymentChannel;
use toruk_mobile_core::engine::request_kind::RequestKind;
use toruk_mobile_core::{CoreError, Obstacle};
use toruk_tests::world::api_client::ANSWERS;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::portal::{Portal, PortalAnswer};
use toruk_tests::world::until;

const SLOT: &str = "identity_document";
/// Time for one delivery, milliseconds.
const BUDGET_MS: u64 = 10_000;

/// Answers as hotels, companies and proxies give them, with what the person is to be told.
fn answers() -> Vec<(PortalAnswer, Obstacle)> {
    let html = ("content-type", "text/html");
    let problem = ("content-type", "application/problem+json");
    let page = b"<html><title>Wi-Fi</title></html>";
    let answer = |status, headers: &[_], body: &'static [u8]| PortalAnswer {
        status,
        headers: headers.to_vec(),
        body,
        breaks: false,
    };
    let json = [("content-type", "application/json")];
    let of_tomorrow = br#"{"type":"urn:toruk:problem:new","title":"","status":410,"code":"new"}"#;
    let mut all = vec![
        (
            answer(302, &[html, ("location", "https://wifi.example/login")], b""),
            Obstacle::SignInPage,
        ),
        (answer(307, &[], b""), Obstacle::SignInPage),
        (answer(511, &[html], page), Obstacle::SignInPage),
        (answer(200, &[html], page), Obstacle::SignInPage),
        (answer(200, &json, b"{}"), Obstacle::SignInPage),
        (answer(204, &[], b""), Obstacle::SignInPage),
        (PortalAnswer { breaks: true, ..answer(200, &[html], b"<ht") }, Obstacle::SignInPage),
    ];
    for status in [400, 401, 403, 404, 407, 410, 413, 422, 429] {
        all.push((answer(status, &[html, ("retry-after", "3600")], page), Obstacle::Filter));
    }
    all.push((answer(401, &json, br#"{"code":"signed_out"}"#), Obstacle::Filter));
    all.push((answer(401, &[problem], br#"{"title":"Denied","status":401}"#), Obstacle::Filter));
    for status in [500, 502, 503, 504] {
        all.push((answer(status, &[], b""), Obstacle::Unavailable));
    }
    let marked = [problem, ("sync-protocol", "1")];
    all.push((answer(410, &marked, of_tomorrow), Obstacle::Unavailable));
    all
}

/// One bidder's way, with a machine between the phone and the server.
struct Way {
    /// The server, which ends with it.
    _stage: OpenAuction,
    phone: Phone,
    portal: Arc<Portal>,
    /// The auction's id, as apps have it.
    auction: String,
    edits: u32,
}

impl Way {
    async fn begin() -> anyhow::Result<Self> {
        let stage = OpenAuction::published().await?;
        let portal = Portal::new()?;
        let mut phone = stage.world.phone("Аида")?;
        phone.reopen_with(portal.clone())?;
        let auction = stage.auction.to_string();
        Ok(Self { _stage: stage, phone, portal, auction, edits: 0 })
    }

    /// Brings the way to the place where the core sends requests of this kind.
    async fn prepare(&mut self, kind: RequestKind) -> anyhow::Result<()> {
        let core = &self.phone.core;
        match kind {
            RequestKind::StartSignIn => {
                core.register("Аида".to_owned()).await?;
                core.auction(self.auction.clone()).await?;
                core.sign_out().await?;
            }
            RequestKind::SetPushToken | RequestKind::SignOut
                if !core.account().is_some_and(|account| account.signed_in) =>
            {
                core.sign_in().await?;
            }
            RequestKind::CreateUpload => {
                for (field, answer) in ANSWERS {
                    let answer = Some(answer.to_owned());
                    core.draft_set(self.auction.clone(), field.to_owned(), answer)?;
                }
                self.portal.obstruct(&[RequestKind::CreateUpload], answers()[0].0.clone());
                let (slot, name) = (SLOT.to_owned(), "паспорт.pdf".to_owned());
                let content = b"%PDF-1.4\n% a passport\n%%EOF\n".to_vec();
                core.draft_attach(self.auction.clone(), slot, name, String::new(), content)?;
            }
            RequestKind::BeginPayment => {
                let status = core.submit(self.auction.clone()).await?;
                ensure!(status.state == "submitted", "after the portal was gone: {status:?}");
                core.my_auctions().await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Lets the core send a request of this kind; what the app is told, or `None` for a kind that is
    /// not on this way. No kind can be forgotten: there is no arm for the rest.
    async fn ask(&mut self, kind: RequestKind) -> anyhow::Result<Option<Result<(), CoreError>>> {
        let (core, id) = (&self.phone.core, self.auction.clone());
        let told = match kind {
            RequestKind::StartRegistration | RequestKind::FinishRegistration => {
                core.register("Аида".to_owned()).await.map(drop)
            }
            RequestKind::StartSignIn | RequestKind::FinishSignIn => core.sign_in().await.map(drop),
            RequestKind::SignOut => core.sign_out().await,
            RequestKind::SetPushToken => {
                self.edits += 1;
                core.register_push(Some(format!("token-{}", self.edits))).await
            }
            RequestKind::ReadAuctions => core.auctions().await.map(|list| assert!(list.stale)),
            RequestKind::ReadAuction => core.auction(id).await.map(|seen| assert!(seen.stale)),
            RequestKind::ReadTime | RequestKind::OpenStream => {
                core.watch(id.clone())?;
                until("a request", || async { Ok((self.portal.caught(kind) > 0).then_some(())) })
                    .await?;
                core.unwatch(id)
            }
            RequestKind::Push => {
                self.edits += 1;
                let value = Some(format!("Көчө {}", self.edits));
                core.draft_set(id, "address".to_owned(), value)?;
                core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await.map(drop)
            }
            RequestKind::Pull => core.my_auctions().await.map(|mine| assert!(mine.stale)),
            RequestKind::CreateUpload | RequestKind::SendUpload | RequestKind::ReadUpload => {
                let report = core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
                ensure!(report.files_waiting == 1, "{report:?}");
                Ok(())
            }
            RequestKind::BeginPayment => {
                core.begin_payment(id, PaymentChannel::WalletCode).await.map(drop)
            }
            RequestKind::ReadProtocol => core.protocol(id).await.map(drop),
            RequestKind::RefuseAward => core.refuse_award(id).await,
            RequestKind::ReadContract => core.contract(id).await.map(drop),
            // They need an open auction, corrected terms or a contract; what their answers mean is
            // one table with the others' (`engine/tests/answers.rs`).
            RequestKind::PlaceBid
            | RequestKind::ReadBid
            | RequestKind::ConfirmAward
            | RequestKind::ReadLog
            | RequestKind::ReadContractFile
            | RequestKind::SignContract => return Ok(None),
        };
        Ok(Some(told))
    }

    /// Nothing was lost, refused, signed out or reset.
    fn check(&self, kind: RequestKind) -> anyhow::Result<()> {
        let (core, overview) = (&self.phone.core, self.phone.core.overview());
        ensure!(overview.attention == 0, "{:?}", core.attention());
        let is_guest =
            matches!(kind, RequestKind::StartRegistration | RequestKind::FinishRegistration);
        let is_out = matches!(
            kind,
            RequestKind::StartSignIn | RequestKind::FinishSignIn | RequestKind::SignOut
        );
        ensure!(overview.person.is_none() == is_guest, "the person: {overview:?}");
        ensure!(overview.signed_in != (is_guest || is_out), "the session: {overview:?}");
        if let Ok(draft) = core.draft_status(self.auction.clone()) {
            let taken = ["waiting", "uploading", "scanning", "stored"];
            let is_kept = draft.files.iter().all(|file| taken.contains(&file.upload.as_str()));
            ensure!(is_kept, "{:?}", draft.files);
        }
        Ok(())
    }
}

#[tokio::test]
async fn whoever_answers_for_the_server_ends_refuses_and_resets_nothing() -> anyhow::Result<()> {
    let mut way = Way::begin().await?;
    for kind in RequestKind::ALL.iter().copied() {
        way.prepare(kind).await.with_context(|| format!("before {kind:?}"))?;
        for (answer, obstacle) in answers() {
            let is_ours = answer.headers.iter().any(|(name, _)| *name == "sync-protocol");
            // The server's own answer to HEAD has no body, and decides by its status.
            if is_ours && kind == RequestKind::ReadUpload {
                continue;
            }
            let what = format!("{kind:?} answered by {answer:?}");
            if kind == RequestKind::SignOut {
                way.prepare(kind).await?;
            }
            way.portal.obstruct(&[kind], answer);
            let Some(told) = way.ask(kind).await.with_context(|| what.clone())? else { continue };
            let caught = way.portal.caught(kind);
            ensure!((1..=3).contains(&caught), "{what}: {caught} requests");
            ensure!(matches!(told, Ok(()) | Err(CoreError::Offline)), "{what}: {told:?}");
            way.check(kind).with_context(|| what.clone())?;
            // Other kinds are answered by the server, so the cause may be gone again.
            let shown = way.phone.core.overview().obstacle;
            ensure!(shown.is_none_or(|shown| shown == obstacle), "{what}: {shown:?}");
            way.portal.clear();
        }
    }
    // The machines are gone, and nothing is left to be sent.
    way.portal.clear();
    let report = way.phone.core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
    assert_eq!((report.waiting, report.files_waiting, report.obstacle), (0, 0, None));
    Ok(())
}

#[tokio::test]
async fn the_app_names_what_stands_in_the_way_and_everything_goes_once_it_is_gone()
-> anyhow::Result<()> {
    let mut way = Way::begin().await?;
    way.prepare(RequestKind::StartSignIn).await?;
    way.phone.core.sign_in().await?;
    for (answer, obstacle) in answers() {
        way.portal.obstruct(RequestKind::ALL, answer.clone());
        let edited = way.ask(RequestKind::Push).await?;
        edited.context("no edit")??;
        let report = way.phone.core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
        let what = format!("{answer:?}: {report:?}");
        assert_eq!((report.state.as_str(), report.waiting), ("offline", 1), "{what}");
        assert_eq!(report.obstacle, Some(obstacle), "{what}");
        way.portal.clear();
        let report = way.phone.core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
        assert_eq!((report.state.as_str(), report.obstacle), ("done", None), "{answer:?}");
    }
    Ok(())
}
