//! A bidder's day in a browser: registered by passkey, an application that loses its network half-way,
//! a payment, two raises with the keyboard alone, and a win that is confirmed.

use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use toruk_mobile_core::api::records::PaymentChannel;
use toruk_mobile_core::api::{BidState, SyncReason};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::browser::{Browser, Driver, ENTER};
use toruk_tests::day::paper;
use toruk_tests::world::api_client::{ANSWERS as PHONES_ANSWERS, ApiClient};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::until;

/// Environment variable that names a folder for photographs; they stay there after the test.
const PHOTOGRAPHS: &str = "TORUK_PHOTOGRAPHS";
/// What is typed into the form, by the field.
const ANSWERS: [(&str, &str); 5] = [
    ("full_name", "Айгүл Өмүрзакова"),
    ("pin", "12345678901234"),
    ("phone", "0555 123 456"),
    ("address", "Бишкек, Жаз көчөсү, 20"),
    ("refund_account", "1234567890123456"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_bidder_wins_an_auction_in_a_browser() {
    let kept = std::env::var_os(PHOTOGRAPHS).map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let photographs = kept.clone().unwrap_or_else(|| folder.path().join("photographs"));
    if let Err(error) = play(&photographs).await {
        let photographs = if kept.is_some() { photographs } else { folder.keep() };
        panic!("{error:#}\nphotographs are under {}", photographs.display());
    }
}

async fn play(photographs: &Path) -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let phone = rival_phone(&stage).await?;
    let other = stage.eligible("Dana").await?;
    let driver = Driver::start().await?;
    let browser = Browser::open(&driver, "Aigul", &stage.world.origin, photographs).await?;
    let day = Day { stage, phone, other, browser };
    let played = day.play().await;
    if played.is_err() {
        let _ = day.browser.shoot("web-failure").await;
    }
    played
}

/// A phone whose person has applied and paid.
async fn rival_phone(stage: &OpenAuction) -> anyhow::Result<Phone> {
    let phone = stage.world.phone("Бек")?;
    let (core, id) = (&phone.core, stage.auction.to_string());
    core.register(phone.name.clone()).await?;
    core.auction(id.clone()).await?;
    for (field, answer) in PHONES_ANSWERS {
        core.draft_set(id.clone(), field.to_owned(), Some(answer.to_owned()))?;
    }
    let (slot, name, mime) = ("identity_document", "паспорт.pdf", "application/pdf");
    let content = paper(stage.auction);
    core.draft_attach(id.clone(), slot.to_owned(), name.to_owned(), mime.to_owned(), content)?;
    core.submit(id.clone()).await?;
    until("the phone's application", || async {
        core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        let status = core.draft_status(id.clone())?.submit;
        Ok(status.filter(|status| status.state == "submitted"))
    })
    .await?;
    let paying = core.begin_payment(id.clone(), PaymentChannel::WalletCode).await?;
    stage.world.payments.pay_code(&paying.code.context("no code")?, paying.amount)?;
    until("the phone's deposit", || async {
        let mine = core.my_auctions().await?.items;
        Ok(mine.iter().any(|mine| mine.status == "eligible").then_some(()))
    })
    .await?;
    core.watch(id)?;
    Ok(phone)
}

struct Day {
    stage: OpenAuction,
    /// A phone's core that takes part.
    phone: Phone,
    /// One more participant.
    other: ApiClient,
    browser: Browser,
}

impl Day {
    async fn play(&self) -> anyhow::Result<()> {
        self.registers().await?;
        self.applies().await?;
        self.pays().await?;
        self.bids().await?;
        self.confirms().await?;
        self.browser.no_complaints().await
    }

    /// Photographs the page in three languages and two widths, and looks for who is shut out.
    async fn looked_at(&self, name: &str) -> anyhow::Result<()> {
        for (language, width, scheme) in
            [("ru", 360, "dark"), ("en", 1440, "light"), ("ky", 360, "light")]
        {
            self.browser.click(&format!("[data-languages] [lang='{language}']")).await?;
            let html = format!("html[lang='{language}'] main:not([aria-busy]) h1");
            self.browser.watch(&html, |text| !text.is_empty()).await?;
            let name = format!("web-{name}-{language}");
            self.browser.photograph_at(&name, width, scheme).await?;
            self.browser.is_accessible(&name).await?;
        }
        Ok(())
    }

    async fn registers(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        browser.visit(&format!("/ky/auctions/{}", self.stage.auction)).await?;
        browser.follow("a[href^='/b/?auction']").await?;
        browser.watch("h1", |text| !text.is_empty()).await?;
        self.looked_at("welcome").await?;
        browser.fill("#name", "Айгүл Өмүрзакова").await?;
        browser.click("form button[type=submit]").await?;
        browser.watch("[data-apply]", |text| !text.is_empty()).await?;
        browser.no_complaints().await
    }

    async fn applies(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        browser.worker_is_ready().await?;
        let (before, after) = ANSWERS.split_at(2);
        for (field, typed) in before {
            browser.fill(&format!("#field-{field}"), typed).await?;
        }
        browser.set_offline(true).await?;
        for (field, typed) in after {
            browser.fill(&format!("#field-{field}"), typed).await?;
        }
        browser.set("#field-applicant_kind", "person").await?;
        let file = self.stage.folder.path().join("паспорт.pdf");
        std::fs::write(&file, paper(self.stage.view().await?.auction.birth.lot))?;
        browser.fill("#field-identity_document", file.to_str().context("a path")?).await?;
        browser.watch("[data-saved]", |said| said.contains("БЕРИЛГЕН ЖОК")).await?;
        browser.click("#field-consent").await?;
        browser.click("#field-independence").await?;
        browser.watch("[data-saved]", |said| said.contains("БЕРИЛГЕН ЖОК")).await?;
        // Without a network the page opens again, and nothing is lost.
        browser.reload().await?;
        browser.watch("[data-apply]", |text| !text.is_empty()).await?;
        until("the answers", || async {
            let phone = browser.property("#field-phone", "value").await?;
            Ok((phone == "+996555123456").then_some(()))
        })
        .await?;
        self.looked_at("apply").await?;
        browser.click("[data-apply]").await?;
        browser.watch("[data-submit]", |said| said.contains("БЕРИЛГЕН ЖОК")).await?;
        browser.photograph_at("web-not-submitted-ky", 360, "light").await?;
        browser.set_offline(false).await?;
        browser.watch("[data-application]", |said| !said.is_empty()).await?;
        browser.forget_complaints().await
    }

    async fn pays(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        browser.click("[data-pay='wallet_code']").await?;
        let code = browser.watch("[data-code]", |code| !code.is_empty()).await?;
        self.looked_at("pay").await?;
        let guarantee = self.stage.terms().await?.guarantee;
        self.stage.world.payments.pay_code(&code, guarantee.get())?;
        browser.watch("[data-act]", |text| !text.is_empty()).await?;
        self.looked_at("waiting").await?;
        browser.no_complaints().await
    }

    /// One raise, by the keyboard alone.
    async fn raises(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        browser.tab_to("[data-act]").await?;
        browser.press(ENTER).await?;
        browser.tab_to("[data-yes]").await?;
        browser.press(ENTER).await?;
        browser.watch("[data-alert][data-state='accepted']", |said| said.contains('✓')).await?;
        Ok(())
    }

    /// The phone takes the lead.
    async fn phone_raises(&self) -> anyhow::Result<()> {
        let id = self.stage.auction.to_string();
        until("the phone's button", || async {
            // Three hours in a moment look to a phone like a stream that fell silent: it follows
            // again, which takes a little of its time.
            self.stage.clock.advance(TimeSpan::milliseconds(100));
            self.phone.core.my_auctions().await?;
            let live = self.phone.core.live_state(id.clone())?;
            Ok((live.amount.is_some() && live.round == 1).then_some(()))
        })
        .await
        .with_context(|| format!("{:?}", self.phone.core.live_state(id.clone())))?;
        let placed = self.phone.core.place_bid(self.phone.core.quote(id)?).await?;
        ensure!(placed.state == BidState::Accepted, "the phone's raise: {placed:?}");
        Ok(())
    }

    async fn bids(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        self.stage.play_until(self.stage.terms().await?.start).await?;
        browser.watch("[data-act][data-state='can_first_offer']", |text| !text.is_empty()).await?;
        self.looked_at("first-offer").await?;
        self.windows_share_a_stream().await?;
        self.raises().await?;
        browser.watch("[data-act][data-state='leading']", |text| !text.is_empty()).await?;
        self.looked_at("leading").await?;
        self.stage.clock.advance(TimeSpan::seconds(20));
        self.phone_raises().await?;
        browser.watch("[data-act][data-state='outbid']", |text| !text.is_empty()).await?;
        self.looked_at("outbid").await?;
        browser.tab_to("[data-act]").await?;
        browser.press(ENTER).await?;
        browser.watch("[data-act][data-state='can_raise']", |text| !text.is_empty()).await?;
        // The price moves while the question is open: it can't be answered any more.
        browser.press(ENTER).await?;
        let asked = browser.watch("[data-amount]", |amount| !amount.is_empty()).await?;
        browser.photograph_at("web-sheet-ky", 360, "light").await?;
        browser.is_accessible("web-sheet").await?;
        let view = self.stage.view().await?;
        self.other.bid(&view, &self.other.raise(&view)?).await?;
        browser.watch("[data-moved]", |said| !said.is_empty()).await?;
        ensure!(browser.property("[data-yes]", "disabled").await? == "true", "an old question");
        browser.photograph_at("web-moved-ky", 360, "dark").await?;
        browser.tab_to("[data-look]").await?;
        browser.press(ENTER).await?;
        let now = browser.watch("[data-amount]", |amount| *amount != *asked).await?;
        browser.tab_to("[data-yes]").await?;
        browser.press(ENTER).await?;
        browser.watch("[data-act][data-state='leading']", |text| !text.is_empty()).await?;
        ensure!(browser.text("[data-price]").await? == now, "another price than was confirmed");
        browser.no_complaints().await
    }

    /// A second window of the same browser shows the same, and asks for no stream of its own.
    async fn windows_share_a_stream(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        let first = browser.window().await?;
        browser.open_window().await?;
        browser.visit(&format!("/b/?auction={}", self.stage.auction)).await?;
        browser.watch("[data-act][data-state='can_first_offer']", |text| !text.is_empty()).await?;
        ensure!(browser.requests("/v1/live").await? == 0, "a second stream");
        browser.close_window().await?;
        browser.turn_to(&first).await
    }

    async fn confirms(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        let closes = self.stage.view().await?.auction.wake_at().context("no end")?;
        self.stage.play_until(closes).await?;
        browser.watch("[data-confirm]", |text| !text.is_empty()).await?;
        self.looked_at("won").await?;
        browser.click("[data-confirm]").await?;
        until("the confirmation", || async {
            let auction = self.stage.view().await?.auction;
            Ok((auction.status == Status::Awarded).then_some(()))
        })
        .await?;
        browser.watch("[data-result]", |said| said.contains("ырасталды")).await?;
        self.looked_at("confirmed").await
    }
}
