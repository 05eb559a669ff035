//! A phone behind machines that answer in the server's place: each kind of request of the core, with
//! the whole core over a real server. Every status is tried on the core's reading of answers
//! (`engine/tests/answers.rs`), and time that passes on its engine (`engine/tests/obstacles.rs`).

mod bidding;

use crate::support::portal_answers::{answers, confirm_by_eid, is_a_guests, is_signed_out};
use anyhow::{Context as _, ensure};
use std::sync::Arc;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::records::PaymentChannel;
use toruk_mobile_core::api::{EidAct, SyncReason};
use toruk_mobile_core::engine::request_kind::RequestKind;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::outside::eid::EidProviderSystem;
use toruk_tests::world::api_client::{ANSWERS, ApiClient};
use toruk_tests::world::certificates::{Authority, PhoneToken};
use toruk_tests::world::eid::dastan;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::portal::Portal;
use toruk_tests::world::until;

const SLOT: &str = "identity_document";
/// Time for one delivery, milliseconds.
const BUDGET_MS: u64 = 10_000;

/// One bidder's way, with a machine between the phone and the server.
struct Way {
    stage: OpenAuction,
    phone: Phone,
    portal: Arc<Portal>,
    /// The auction's id, as apps have it.
    auction: String,
    edits: u32,
    /// The bid that reached the server, whose answer did not reach the phone.
    unanswered: Option<String>,
    /// A code of another person's account, while this phone is nobody's.
    code: String,
    /// Another phone of the account.
    other_phone: String,
    eid: EidProviderSystem,
    /// The address by which a browser has come back from eID.
    returned: String,
    /// Whose lists the server reads.
    #[expect(dead_code, reason = "kept until the end")]
    authority: Authority,
}

impl Way {
    async fn begin() -> anyhow::Result<Self> {
        // Terms can be corrected for an hour.
        let rules = RuleProfile {
            rectification: TimeSpan::hours(1),
            admission: Admission::Auto,
            ..RuleProfile::sandbox(1)
        };
        let mut stage = OpenAuction::published_by(rules).await?;
        let eid = stage.world.with_eid().await?;
        let portal = Portal::new()?;
        let mut phone = stage.world.phone("Аида")?;
        phone.reopen_with(portal.clone())?;
        let authority = stage.world.with_certificates().await?;
        let token = authority.by_list(&stage.world, "Аида", "21503199077777", 10);
        phone.reopen_with_token(PhoneToken::new(&stage.world, token))?;
        let auction = stage.auction.to_string();
        let (unanswered, code, returned, other_phone) = Default::default();
        let edits = 0;
        Ok(Self {
            stage,
            phone,
            portal,
            auction,
            edits,
            unanswered,
            code,
            other_phone,
            eid,
            returned,
            authority,
        })
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
            RequestKind::StartByCode => {
                let other = ApiClient::register(&self.stage.world, "Чынгыз").await?;
                self.code = other.next_device_code().await?;
            }
            RequestKind::FinishEid => {
                let page = core.start_eid_sign_in().await?;
                self.returned = self.browse(&page.url).await?;
            }
            RequestKind::StartRecovery => {
                // There is an account to recover.
                let other = self.stage.world.phone("Дастан")?;
                let who = dastan();
                self.stage.world.enter_by_eid(&self.eid, &other.core, &who).await??;
                let page = core.start_eid_recovery().await?;
                self.returned = self.browse(&page.url).await?;
            }
            RequestKind::NameDevice => {
                let other = self.stage.world.phone("Аида-2")?;
                let shown = core.next_phone_code().await?;
                other.core.sign_in_with_code(shown.qr_text).await?;
                let other = core.devices().await?.into_iter().find(|phone| !phone.is_this);
                self.other_phone = other.context("no other phone")?.id;
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
            RequestKind::ReadPapers => core.papers(self.auction.clone()).await.map(drop)?,
            RequestKind::ReadLog => {
                self.submit().await?;
                self.stage.officials.correct(&self.stage.world, self.stage.auction).await?;
            }
            RequestKind::BeginPayment => self.submit().await?,
            RequestKind::PlaceBid => self.open().await?,
            RequestKind::ReadBid => self.lose_the_answer_to_a_bid().await?,
            RequestKind::ReadProtocol => self.win().await?,
            RequestKind::FinishEidConfirmation => {
                let id = self.auction.clone();
                let page = core.start_eid_confirmation(EidAct::Award, id).await?;
                self.returned = self.browse(&page.url).await?;
            }
            RequestKind::ReadContract => self.confirm().await?,
            RequestKind::SignContract => {
                core.contract_file(self.auction.clone()).await.map(drop)?
            }
            _ => {}
        }
        Ok(())
    }

    /// A person signs in at eID's page; the address by which the browser comes back.
    async fn browse(&self, page: &str) -> anyhow::Result<String> {
        self.stage.world.browse_eid(&self.eid, page, &dastan()).await
    }

    /// Submits what the terms are now.
    async fn submit(&self) -> anyhow::Result<()> {
        let core = &self.phone.core;
        // The later of two applications is the one that the server received later.
        self.stage.clock.advance(TimeSpan::seconds(1));
        let status = core.submit(self.auction.clone()).await?;
        ensure!(status.state == "submitted", "after the portal was gone: {status:?}");
        core.my_auctions().await?;
        Ok(())
    }

    /// Confirms the award, and has a contract to sign.
    async fn confirm(&self) -> anyhow::Result<()> {
        self.phone.core.confirm_award(self.auction.clone()).await?;
        let auction = self.stage.view().await?.auction;
        ensure!(auction.status == Status::Awarded && auction.pending_award().is_none());
        let auctions = &self.stage.world.state().auctions;
        let organiser = &self.stage.officials.organiser.official;
        let content = b"%PDF-1.7 the contract of sale";
        Ok(auctions.upload_contract(organiser, self.stage.auction, "Договор", content).await?)
    }

    /// Pays, and comes to the start of an auction that has a second bidder.
    async fn open(&self) -> anyhow::Result<()> {
        let (core, id) = (&self.phone.core, self.auction.clone());
        let paying = core.begin_payment(id.clone(), PaymentChannel::WalletCode).await?;
        let code = paying.code.context("no code")?;
        self.stage.world.payments.pay_code(&code, paying.amount)?;
        self.stage.eligible("Бек").await?;
        until("a paid deposit", || async {
            let mine = core.my_auctions().await?.items;
            Ok(mine.iter().any(|mine| mine.status == "eligible").then_some(()))
        })
        .await?;
        core.watch(id)?;
        self.stage.play_until(self.stage.terms().await?.start).await?;
        self.sees("can_first_offer").await
    }

    /// Downloads the auction's only paper.
    async fn paper(&self) -> anyhow::Result<Result<(), CoreError>> {
        let (core, id) = (&self.phone.core, self.auction.clone());
        let sha256 = core.papers(id.clone()).await?.items.remove(0).sha256;
        Ok(core.download_paper(id, sha256, None, None).await.map(drop))
    }

    /// Recovers the account; each answer of eID counts once.
    async fn recover(&self) -> anyhow::Result<Result<(), CoreError>> {
        let page = self.phone.core.start_eid_recovery().await?;
        let returned = self.browse(&page.url).await?;
        Ok(self.phone.core.finish_eid(returned).await.map(drop))
    }

    /// The person's passkeys: listed, named, and the last one not ended.
    async fn about_passkeys(&self, kind: RequestKind) -> anyhow::Result<Result<(), CoreError>> {
        let core = &self.phone.core;
        let own = self.phone.passkey().context("no passkey")?;
        Ok(match kind {
            RequestKind::ReadPasskeys => core.passkeys().await.map(drop),
            RequestKind::NamePasskey => core.name_passkey(own, "Телефон".to_owned()).await,
            _ => core.end_passkey(own).await,
        })
    }

    /// The person's phones: listed, named, and another one ended.
    async fn about_phones(&self, kind: RequestKind) -> Result<(), CoreError> {
        let (core, other) = (&self.phone.core, self.other_phone.clone());
        match kind {
            RequestKind::ReadDevices => core.devices().await.map(drop),
            RequestKind::NameDevice => core.name_device(other, "Телефон".to_owned()).await,
            _ => core.revoke_device(other, false).await.map(drop),
        }
    }

    async fn by_token(&self) -> Result<(), CoreError> {
        self.phone.core.sign_in_by_certificate().await.map(drop)
    }

    async fn edit(&mut self, auction: String) -> anyhow::Result<Result<(), CoreError>> {
        self.edits += 1;
        let value = Some(format!("Көчө {}", self.edits));
        let core = &self.phone.core;
        core.draft_set(auction, "address".to_owned(), value)?;
        Ok(core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await.map(drop))
    }

    async fn upload(&self) -> anyhow::Result<Result<(), CoreError>> {
        let report = self.phone.core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
        ensure!(report.files_waiting == 1, "{report:?}");
        Ok(Ok(()))
    }

    /// Lets the core send a request of this kind; what the app is told. No kind can be forgotten:
    /// there is no arm for the rest.
    async fn ask(&mut self, kind: RequestKind) -> anyhow::Result<Result<(), CoreError>> {
        let (core, id) = (&self.phone.core, self.auction.clone());
        let told = match kind {
            RequestKind::StartRegistration | RequestKind::FinishRegistration => {
                core.register("Аида".to_owned()).await.map(drop)
            }
            RequestKind::StartByCode | RequestKind::FinishByCode => {
                core.sign_in_with_code(self.code.clone()).await.map(drop)
            }
            RequestKind::StartCertificate | RequestKind::FinishCertificate => self.by_token().await,
            RequestKind::StartEid => core.start_eid_sign_in().await.map(drop),
            RequestKind::FinishEid | RequestKind::StartRecovery => {
                core.finish_eid(self.returned.clone()).await.map(drop)
            }
            RequestKind::FinishRecovery => self.recover().await?,
            RequestKind::ReadPasskeys
            | RequestKind::NamePasskey
            | RequestKind::StartPasskeyEnd
            | RequestKind::FinishPasskeyEnd => self.about_passkeys(kind).await?,
            RequestKind::ReadDevices
            | RequestKind::NameDevice
            | RequestKind::StartDeviceEnd
            | RequestKind::FinishDeviceEnd => self.about_phones(kind).await,
            RequestKind::StartCode | RequestKind::FinishCode => {
                core.next_phone_code().await.map(drop)
            }
            RequestKind::StartSignIn | RequestKind::FinishSignIn => core.sign_in().await.map(drop),
            RequestKind::SignOut => core.sign_out().await,
            RequestKind::SetPushToken => {
                self.edits += 1;
                core.register_push(Some(format!("token-{}", self.edits))).await
            }
            RequestKind::ReadAuctions => core.auctions().await.map(|list| assert!(list.stale)),
            RequestKind::ReadAuction => core.auction(id).await.map(|seen| assert!(seen.stale)),
            RequestKind::ReadPapers => core.papers(id).await.map(|list| assert!(list.stale)),
            RequestKind::ReadPaper => self.paper().await?,
            RequestKind::ReadTime | RequestKind::OpenStream => {
                core.watch(id.clone())?;
                until("a request", || async { Ok((self.portal.caught(kind) > 0).then_some(())) })
                    .await?;
                core.unwatch(id)
            }
            RequestKind::Push => self.edit(id).await?,
            RequestKind::Pull => core.my_auctions().await.map(|mine| assert!(mine.stale)),
            RequestKind::CreateUpload | RequestKind::SendUpload | RequestKind::ReadUpload => {
                self.upload().await?
            }
            RequestKind::ReadPaymentWays => core.payment_ways().await.map(drop),
            RequestKind::BeginPayment => {
                core.begin_payment(id, PaymentChannel::WalletCode).await.map(drop)
            }
            RequestKind::PlaceBid => self.bid().await?,
            RequestKind::ReadBid => self.bid_status().await?,
            RequestKind::ReadProtocol => core.protocol(id).await.map(drop),
            RequestKind::StartEidConfirmation | RequestKind::FinishEidConfirmation => {
                confirm_by_eid(core, kind, id, self.returned.clone()).await
            }
            RequestKind::ConfirmAward => core.confirm_award(id).await,
            RequestKind::ReadLog => core.changed_terms(id).await.map(drop),
            RequestKind::RefuseAward => core.refuse_award(id).await,
            RequestKind::ReadContract => core.contract(id).await.map(drop),
            RequestKind::ReadContractFile => core.contract_file(id).await.map(drop),
            RequestKind::SignContract => core.sign_contract(id).await,
        };
        Ok(told)
    }

    /// Nothing was lost, refused, signed out or reset.
    fn check(&self, kind: RequestKind) -> anyhow::Result<()> {
        let (core, overview) = (&self.phone.core, self.phone.core.overview());
        ensure!(overview.attention == 0, "{:?}", core.attention());
        let (is_guest, is_out) = (is_a_guests(kind), is_signed_out(kind));
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
            let told = way.ask(kind).await.with_context(|| what.clone())?;
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
    way.phone.core.sign_contract(way.auction.clone()).await?;
    let contract = way.phone.core.contract(way.auction.clone()).await?;
    assert!(contract.winner_signed_at.is_some(), "{contract:?}");
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
        way.ask(RequestKind::Push).await??;
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
