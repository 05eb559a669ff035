//! A bidder without any passkey: applies, confirms the award and signs the contract by eID, of which
//! evidence is left that others verify.

use anyhow::{Context as _, ensure};
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::records::PaymentChannel;
use toruk_mobile_core::api::{EidAct, EidConfirmation, SyncReason};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::rules::{Admission, ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::EID_CONFIRMATION_LIFE;
use toruk_tests::outside::eid::{EidPerson, EidProviderSystem};
use toruk_tests::world::api_client::ANSWERS;
use toruk_tests::world::eid::eid_person;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::until;

const BUDGET_MS: u64 = 10_000;
const PIN: &str = "21503199012345";
const FILE: &[u8] = b"%PDF-1.7 the contract of sale";

struct Way {
    stage: OpenAuction,
    eid: EidProviderSystem,
    phone: Phone,
    auction: String,
}

fn aida() -> EidPerson {
    eid_person("aida", PIN, "Асанова", "Аида")
}

impl Way {
    async fn begin() -> anyhow::Result<Self> {
        let methods = BTreeSet::from([ConfirmationMethod::Passkey, ConfirmationMethod::Eid]);
        let rules = RuleProfile {
            admission: Admission::Auto,
            application_confirmation: methods.clone(),
            award_confirmation: methods,
            ..RuleProfile::sandbox(1)
        };
        let mut stage = OpenAuction::published_by(rules).await?;
        let eid = stage.world.with_eid().await?;
        let phone = stage.world.phone("Аида")?;
        stage.world.enter_by_eid(&eid, &phone.core, &aida()).await??;
        let auction = stage.auction.to_string();
        Ok(Self { stage, eid, phone, auction })
    }

    async fn fill_in(&self) -> anyhow::Result<()> {
        let core = &self.phone.core;
        core.auction(self.auction.clone()).await?;
        for (field, answer) in ANSWERS {
            // As eID has proven it.
            let answer = if field == "pin" { PIN } else { answer };
            core.draft_set(self.auction.clone(), field.to_owned(), Some(answer.to_owned()))?;
        }
        let (slot, name) = ("identity_document".to_owned(), "паспорт.pdf".to_owned());
        let content = b"%PDF-1.4\n% a passport\n%%EOF\n".to_vec();
        core.draft_attach(self.auction.clone(), slot, name, String::new(), content)?;
        core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
        Ok(())
    }

    /// The person confirms in the browser; the address by which it comes back.
    async fn browse(&self, act: EidAct, who: &EidPerson) -> anyhow::Result<String> {
        let page = self.phone.core.start_eid_confirmation(act, self.auction.clone()).await?;
        ensure!(page.url.contains("prompt=login") && page.url.contains("max_age=0"));
        self.stage.world.browse_eid(&self.eid, &page.url, who).await
    }

    async fn confirm(&self, act: EidAct) -> anyhow::Result<EidConfirmation> {
        let address = self.browse(act, &aida()).await?;
        Ok(self.phone.core.finish_eid_confirmation(address).await?)
    }

    /// Each act is exported with what the provider has signed, which a program verifies that shares
    /// no code with the server; for another document or under other keys it does not hold.
    async fn evidence_is_verified_by_a_stranger(&self) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let mine = self.phone.core.my_auctions().await?.items;
        let application = mine.iter().find(|mine| mine.auction == self.auction);
        let application = application.context("no application")?.application.clone();
        let auction = format!("auctions/{}", self.auction);
        let kept = [
            ("toruk/application/v1", format!("applications/{application}")),
            ("toruk/protocol/v1", format!("{auction}/award")),
            ("toruk/contract/v1", format!("{auction}/contract")),
        ];
        for (at, (kind, path)) in kept.iter().enumerate() {
            let url = format!("{}/console/{path}/evidence", self.stage.world.origin);
            let cookie = format!("toruk_session={}", self.stage.officials.moderator.token);
            let answer = self.stage.world.http()?.get(url).header(COOKIE, cookie).send().await?;
            ensure!(answer.status() == 200, "{path}: {}", answer.status());
            ensure!(answer.headers()["content-type"] == "application/zip", "{path}");
            let file = folder.path().join(format!("{at}.zip"));
            std::fs::write(&file, answer.bytes().await?)?;
            let (holds, said) = verify(&file, &[])?;
            ensure!(holds, "{path}: {said}");
            let facts: Value = serde_json::from_str(&said)?;
            let found = (&facts["sub"], &facts["pin"], &facts["kind"]);
            assert_eq!(found, (&json!("aida"), &json!(PIN), &json!(kind)), "{path}");
        }
        let file = folder.path().join("1.zip");
        let other = folder.path().join("other");
        for (option, content, reason) in [
            ("--document", b"toruk/protocol/v1\n{}".to_vec(), "another document was confirmed"),
            ("--keys", br#"{"keys":[]}"#.to_vec(), "the key that the token names"),
            ("--keys", self.other_keys().await?, "the provider's signature"),
        ] {
            std::fs::write(&other, content)?;
            let (holds, said) = verify(&file, &[option, &other.display().to_string()])?;
            ensure!(!holds && said.contains(reason), "{option}: {said}");
        }
        Ok(())
    }

    /// Keys that the provider has made since, under the names of the former ones.
    async fn other_keys(&self) -> anyhow::Result<Vec<u8>> {
        self.eid.rotate_keys()?;
        let url = format!("{}/keys", self.eid.issuer());
        let keys = self.stage.world.http()?.get(url).send().await?.text().await?;
        Ok(keys.replace("rsa-2", "rsa-1").into_bytes())
    }

    /// Pays, and wins against nobody's bid.
    async fn win(&self) -> anyhow::Result<()> {
        let core = &self.phone.core;
        let paying = core.begin_payment(self.auction.clone(), PaymentChannel::WalletCode).await?;
        let code = paying.code.context("no code")?;
        self.stage.world.payments.pay_code(&code, paying.amount)?;
        self.stage.eligible("Бек").await?;
        until("a paid deposit", || async {
            let mine = core.my_auctions().await?.items;
            Ok(mine.iter().any(|mine| mine.status == "eligible").then_some(()))
        })
        .await?;
        core.watch(self.auction.clone())?;
        self.stage.play_until(self.stage.terms().await?.start).await?;
        until("the button", || async {
            self.stage.clock.advance(TimeSpan::milliseconds(100));
            let live = core.live_state(self.auction.clone())?;
            Ok((live.button == "can_first_offer").then_some(()))
        })
        .await?;
        core.place_bid(core.quote(self.auction.clone())?).await?;
        let round = self.stage.view().await?.auction.round.context("no round")?;
        self.stage.play_until(round.deadline + TimeSpan::minutes(1)).await?;
        until("an award", || async {
            let auction = self.stage.view().await?.auction;
            Ok(auction.pending_award().map(|_| ()))
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bidder_without_a_passkey_confirms_everything_by_eid() -> anyhow::Result<()> {
    let way = Way::begin().await?;
    let core = &way.phone.core;
    way.fill_in().await?;
    assert!(is_refused(&core.submit(way.auction.clone()).await, "passkey_missing"));
    // Somebody else at the provider, and a page that knows nothing, confirm nothing.
    let bek = eid_person("bek", "11503199012345", "Беков", "Бек");
    let address = way.browse(EidAct::Application, &bek).await?;
    assert!(is_refused(&core.finish_eid_confirmation(address).await, "eid_failed"));
    let address = way.browse(EidAct::Application, &aida()).await?;
    let made_up = format!("{}/eid/app#state=AAAA&fault=cancelled", way.stage.world.origin);
    assert!(is_refused(&core.finish_eid_confirmation(made_up).await, "eid_failed"));
    // What was confirmed is not what the draft has now.
    let street = Some("Ош, Ленин 1".to_owned());
    core.draft_set(way.auction.clone(), "address".to_owned(), street)?;
    assert!(is_refused(&core.finish_eid_confirmation(address).await, "draft_changed"));
    core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
    let confirmed = way.confirm(EidAct::Application).await?;
    let submit = confirmed.submit.context("no submit")?;
    assert_eq!((confirmed.act, submit.state.as_str()), (EidAct::Application, "submitted"));

    way.win().await?;
    assert!(is_refused(&core.confirm_award(way.auction.clone()).await, "passkey_missing"));
    core.protocol(way.auction.clone()).await?;
    assert_eq!(way.confirm(EidAct::Award).await?.act, EidAct::Award);
    assert_eq!(way.stage.view().await?.auction.status, Status::Awarded);

    let auctions = &way.stage.world.state().auctions;
    let organiser = &way.stage.officials.organiser.official;
    auctions.upload_contract(organiser, way.stage.auction, "Договор", FILE).await?;
    let unread = core.start_eid_confirmation(EidAct::Contract, way.auction.clone()).await;
    assert!(is_refused(&unread, "contract_changed"), "nobody has read it: {unread:?}");
    core.contract_file(way.auction.clone()).await?;
    way.confirm(EidAct::Contract).await?;
    assert!(core.contract(way.auction.clone()).await?.winner_signed_at.is_some());
    way.evidence_is_verified_by_a_stranger().await
}

/// The phone loses its connection after the person has confirmed. The application is delivered
/// later, or, when it is too late, refused so that they confirm again.
#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_waits_for_a_connection_for_a_day() -> anyhow::Result<()> {
    let way = Way::begin().await?;
    let core = &way.phone.core;
    way.fill_in().await?;
    let address = way.browse(EidAct::Application, &aida()).await?;
    core.set_online(false)?;
    assert!(matches!(core.finish_eid_confirmation(address.clone()).await, Err(CoreError::Offline)));
    core.set_online(true)?;
    let confirmed = core.finish_eid_confirmation(address.clone()).await?;
    assert_eq!(confirmed.submit.context("no submit")?.state, "submitted");
    assert!(is_refused(&core.finish_eid_confirmation(address).await, "eid_failed"), "once");
    ensure!(EID_CONFIRMATION_LIFE == TimeSpan::hours(24));
    Ok(())
}

/// What a verifier that knows nothing of this server says of the file.
fn verify(file: &Path, options: &[&str]) -> anyhow::Result<(bool, String)> {
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("guards/eid_evidence.py");
    let ran = Command::new("python3").arg(verifier).arg(file).args(options).output()?;
    let said = [ran.stdout, ran.stderr].concat();
    Ok((ran.status.success(), String::from_utf8(said)?))
}

fn is_refused<T>(outcome: &Result<T, CoreError>, with: &str) -> bool {
    matches!(outcome, Err(CoreError::Refused { code, .. }) if code == with)
}
