//! Who signs out and in again in a browser loses nothing and blocks nothing; a second person gets a
//! browser without anything of the first; and what is signed is what stands in the form.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use toruk_tests::browser::{Browser, Driver, ENTER};
use toruk_tests::day::paper;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// The app's database in the browser.
const DATABASE: &str = "toruk-bidder";
/// What is typed into the form but for the name, by the field.
const ANSWERS: [(&str, &str); 4] = [
    ("pin", "12345678901234"),
    ("phone", "0555 123 456"),
    ("address", "Бишкек, Жаз көчөсү, 20"),
    ("refund_account", "1234567890123456"),
];

struct Visit {
    stage: OpenAuction,
    browser: Browser,
    /// Ends with the visit.
    _driver: Driver,
    _photographs: tempfile::TempDir,
}

impl Visit {
    /// A browser in which nobody has signed in yet.
    async fn begin() -> anyhow::Result<Self> {
        let stage = OpenAuction::published().await?;
        let photographs = tempfile::tempdir()?;
        let driver = Driver::start().await?;
        let origin = &stage.world.origin;
        let browser = Browser::open(&driver, "Aigul", origin, photographs.path()).await?;
        Ok(Self { stage, browser, _driver: driver, _photographs: photographs })
    }

    async fn to_auction(&self) -> anyhow::Result<()> {
        self.browser.visit(&format!("/b/?auction={}", self.stage.auction)).await
    }

    /// Makes an account, and opens the form of the auction.
    async fn register(&self, name: &str) -> anyhow::Result<()> {
        let browser = &self.browser;
        browser.visit(&format!("/b/?auction={}&lang=ky", self.stage.auction)).await?;
        browser.watch("main:not([aria-busy]) h1", |text| !text.is_empty()).await?;
        browser.fill("#name", name).await?;
        browser.click("form button[type=submit]").await?;
        browser.watch("[data-apply]", |text| !text.is_empty()).await?;
        Ok(())
    }

    /// Until the form shows this name.
    async fn shows(&self, name: &str) -> anyhow::Result<()> {
        until("the name", || async {
            let shown = self.browser.property("#field-full_name", "value").await?;
            Ok((shown == name).then_some(()))
        })
        .await
    }

    async fn types_name(&self, name: &str) -> anyhow::Result<()> {
        self.browser.fill("#field-full_name", name).await?;
        self.is_saved().await
    }

    async fn is_saved(&self) -> anyhow::Result<()> {
        self.browser.watch("[data-saved]", |said| said.contains("БЕРИЛГЕН ЖОК")).await?;
        Ok(())
    }

    /// Answers everything but the name.
    async fn answers(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        for (field, typed) in ANSWERS {
            browser.fill(&format!("#field-{field}"), typed).await?;
        }
        browser.set("#field-applicant_kind", "person").await?;
        let file = self.stage.folder.path().join("паспорт.pdf");
        std::fs::write(&file, paper(self.stage.auction))?;
        browser.fill("#field-identity_document", file.to_str().context("a path")?).await?;
        self.is_saved().await?;
        browser.click("#field-consent").await?;
        browser.click("#field-independence").await?;
        self.is_saved().await
    }

    async fn applies(&self) -> anyhow::Result<()> {
        self.answers().await?;
        self.browser.click("[data-apply]").await?;
        self.browser.watch("[data-application]", |said| !said.is_empty()).await?;
        Ok(())
    }

    /// Signs out once everything was sent.
    async fn signs_out(&self) -> anyhow::Result<()> {
        let browser = &self.browser;
        browser.visit("/b/").await?;
        browser.watch("[data-waiting='0']", |text| !text.is_empty()).await?;
        browser.click("[data-sign-out]").await?;
        browser.watch("[data-sign-in]", |text| !text.is_empty()).await?;
        Ok(())
    }

    async fn signs_in(&self) -> anyhow::Result<()> {
        self.browser.click("[data-sign-in]").await?;
        self.browser.watch("[data-sign-out]", |text| !text.is_empty()).await?;
        self.to_auction().await?;
        self.browser.watch("[data-apply]", |text| !text.is_empty()).await?;
        Ok(())
    }

    async fn kept(&self, store: &str) -> anyhow::Result<Vec<Value>> {
        self.browser.kept(DATABASE, store).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_person_signs_out_and_in_and_goes_on() -> anyhow::Result<()> {
    let visit = Visit::begin().await?;
    visit.register("Айгүл").await?;
    visit.types_name("Айгүл Биринчи").await?;
    visit.signs_out().await?;
    ensure!(visit.kept("drafts").await?.is_empty(), "the draft stayed in the browser");
    visit.signs_in().await?;
    visit.shows("Айгүл Биринчи").await?;
    // Numbers and counts go on from where the server has them, so the answer arrives.
    visit.types_name("Айгүл Экинчи").await?;
    visit.signs_out().await?;
    visit.signs_in().await?;
    visit.shows("Айгүл Экинчи").await?;
    visit.applies().await?;
    ensure!(visit.kept("ops").await?.is_empty(), "something waits for ever");
    visit.browser.no_complaints().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_second_person_gets_a_browser_of_their_own() -> anyhow::Result<()> {
    let visit = Visit::begin().await?;
    let browser = &visit.browser;
    visit.register("Айгүл").await?;
    visit.types_name("Айгүл Биринчи").await?;
    // Passkeys are the first window's; the other one only looks.
    let first = browser.window().await?;
    let other = browser.open_window().await?;
    visit.to_auction().await?;
    browser.watch("[data-apply]", |text| !text.is_empty()).await?;
    visit.shows("Айгүл Биринчи").await?;
    browser.mark().await?;
    browser.turn_to(&first).await?;
    visit.signs_out().await?;
    visit.register("Бек").await?;
    for store in ["drafts", "ops", "files", "bids"] {
        ensure!(visit.kept(store).await?.is_empty(), "{store} of the first person");
    }
    visit.shows("").await?;
    visit.types_name("Бек Экинчи").await?;
    visit.applies().await?;
    ensure!(visit.kept("ops").await?.is_empty(), "something waits for ever");
    browser.turn_to(&other).await?;
    // The other window has learnt of it, and writes nothing of the first person any more.
    browser.watch("[data-application]", |said| !said.is_empty()).await?;
    ensure!(!browser.is_marked().await?, "the first person's page is still open");
    browser.forget_complaints().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_is_signed_is_what_stands_in_the_form() -> anyhow::Result<()> {
    let visit = Visit::begin().await?;
    let browser = &visit.browser;
    visit.register("Айгүл").await?;
    visit.types_name("Айгүл Биринчи").await?;
    visit.answers().await?;
    browser.worker_is_ready().await?;
    browser.set_offline(true).await?;
    // Confirmed from within the field, before a pause in typing has written the answer down.
    browser.fill("#field-full_name", &format!("Айгүл Экинчи{ENTER}")).await?;
    browser.watch("[data-submit]", |said| said.contains("БЕРИЛГЕН ЖОК")).await?;
    let waiting = visit.kept("ops").await?;
    let signed = waiting.iter().find_map(|op| op["operation"].get("submit_application"));
    let signed = signed.context("no application")?;
    ensure!(signed["package"]["answers"]["full_name"] == "Айгүл Экинчи", "{signed}");
    // What waits is not thrown away without a question.
    browser.click("[data-ways] a[href='/b/']").await?;
    browser.watch("[data-waiting]", |text| !text.is_empty()).await?;
    browser.click("[data-sign-out]").await?;
    browser.watch("[data-leave]", |text| !text.is_empty()).await?;
    ensure!(!visit.kept("ops").await?.is_empty(), "lost before the answer");
    browser.reload().await?;
    browser.set_offline(false).await?;
    browser.forget_complaints().await?;
    visit.to_auction().await?;
    browser.watch("[data-application]", |said| !said.is_empty()).await?;
    browser.forget_complaints().await
}
