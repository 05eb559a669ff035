//! The officials at their desks: each a browser, a profile, a passkey.

use anyhow::{Context as _, ensure};
use sea_orm::{ActiveModelTrait as _, Set};
use serde_json::json;
use std::path::{Path, PathBuf};
use toruk_server::entity::session;
use toruk_server::identity::Role;
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::browser::{Browser, Driver};
use toruk_tests::day::paper;
use toruk_tests::world::World;
use toruk_tests::world::lots::{SampleLot, synthetic_lots};

const SEED: u64 = 20_261_123;
/// The first made-up lots are extremes of price and title.
const EXTREME_LOTS: usize = 5;
const REAL_LOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/real-lots.json");

/// Everybody who works in the console.
pub struct Desks {
    /// Browser of the administrator, who invites the other officials.
    pub admin: Browser,
    /// Browser of the organiser, who writes auctions.
    pub organiser: Browser,
    /// Publishes them and admits applicants.
    pub moderator: Browser,
    /// Browser of the cashier, who sees the money.
    pub cashier: Browser,
    folder: PathBuf,
}

/// A lot in the console.
pub struct LotFacts {
    /// The path of the auction's page in the console.
    pub path: String,
}

impl Desks {
    /// The first official enrols by the machine's link and invites the others by theirs.
    pub async fn enrol(driver: &Driver, world: &World, photographs: &Path) -> anyhow::Result<Self> {
        let open = |name| Browser::open(driver, name, &world.origin, photographs);
        let folder = world.folder.clone();
        let desks = Self {
            admin: open("Бакыт Осмонов").await?,
            organiser: open("Нургүл Асанова").await?,
            moderator: open("Эркин Байматов").await?,
            cashier: open("Гүлнара Садыкова").await?,
            folder,
        };
        let link = world.state().identity.invite(None, Role::Sysadmin, None).await?.link;
        desks.admin.visit(&link).await?;
        desks.admin.watch("[data-role]", |role| !role.is_empty()).await?;
        desks.admin.photograph("enrol-default").await?;
        desks.take_up(&desks.admin, &link, "ru").await?;
        let roles = [
            (Role::Organiser, &desks.organiser),
            (Role::Moderator, &desks.moderator),
            (Role::Finance, &desks.cashier),
        ];
        for (role, official) in roles {
            let link = desks.invite(role).await?;
            desks.take_up(official, &link, "ky").await?;
            // The browser complains of the refusal, at once or a moment later.
            let visited = desks.admin.visit(&link).await;
            desks.admin.watch("[data-failure]", |words| !words.is_empty()).await?;
            let complained = desks.admin.no_complaints().await;
            ensure!(visited.is_err() || complained.is_err(), "a link works twice");
        }
        desks.admin.visit("/console/staff").await?;
        let names = desks.admin.texts("tbody th bdi").await?;
        ensure!(names.len() == 4 && names.contains(&desks.cashier.name), "staff: {names:?}");
        ensure!(!desks.admin.has("#link").await?, "a one-time link is shown again");
        desks.admin.photograph("staff-ru").await?;
        Ok(desks)
    }

    /// Switches the language in the page's header, staying on the page.
    pub async fn speak(&self, official: &Browser, language: &str) -> anyhow::Result<()> {
        let path = official.path().await?;
        official.follow(&format!(".languages button[value={language}]")).await?;
        ensure!(official.path().await? == path, "the language's switch leads elsewhere");
        let spoken = official.property("html", "lang").await?;
        ensure!(spoken == language, "the page speaks {spoken}");
        Ok(())
    }

    async fn invite(&self, role: Role) -> anyhow::Result<String> {
        self.admin.visit("/console/staff").await?;
        self.admin.click(&format!("input[name=role][value={}]", role.key())).await?;
        self.admin.follow("main form button").await?;
        self.admin.property("#link", "value").await
    }

    async fn take_up(&self, official: &Browser, link: &str, language: &str) -> anyhow::Result<()> {
        official.visit(link).await?;
        self.speak(official, language).await?;
        official.watch("[data-role]", |role| !role.is_empty()).await?;
        official.fill("#name", &official.name).await?;
        official.follow("form[data-passkey] button").await?;
        ensure!(official.path().await? == "/console", "{} did not come in", official.name);
        let greeted = official.text("h1").await?.contains(&official.name);
        ensure!(greeted, "the home page does not know {}", official.name);
        official.photograph(&format!("home-{}", self.tag(official))).await
    }

    fn tag(&self, official: &Browser) -> &'static str {
        let known = [(&self.admin, "admin"), (&self.organiser, "organiser")];
        let known = known.into_iter().chain([(&self.moderator, "moderator")]);
        let mut known = known.filter(|(browser, _)| browser.name == official.name);
        known.next().map_or("cashier", |(_, tag)| tag)
    }

    /// Uploads the real lots, pastes a made-up one, and finds the latter.
    pub async fn import_lots(&self) -> anyhow::Result<LotFacts> {
        let organiser = &self.organiser;
        organiser.visit("/console/lots/import").await?;
        organiser.fill("#file", REAL_LOTS).await?;
        organiser.follow("main form button").await?;
        let lot = synthetic_lots(SEED)
            .skip(EXTREME_LOTS)
            .find(|lot| lot.object_of_price == ObjectOfPrice::SalePrice)
            .context("no lot for sale")?;
        organiser.visit("/console/lots/import").await?;
        organiser.fill("#text", &json!({ "lots": [as_json(&lot)] }).to_string()).await?;
        organiser.follow("main form button").await?;
        ensure!(organiser.path().await? == "/console/lots", "the import was refused");
        let titles = organiser.texts("tbody th a").await?;
        ensure!(titles.len() == 5, "lots: {titles:?}");
        let title = lot.title.ru.as_deref().or(lot.title.ky.as_deref()).context("no title")?;
        let made_up = self.lot(title).await?;
        organiser.visit("/console/lots").await?;
        Ok(made_up)
    }

    /// Opens the lot whose title in Russian has these words.
    pub async fn lot(&self, words: &str) -> anyhow::Result<LotFacts> {
        let organiser = &self.organiser;
        organiser.visit("/console/lots").await?;
        let titles = organiser.texts("tbody th a").await?;
        let row = titles.iter().position(|title| title.contains(words));
        let row = row.with_context(|| format!("no lot {words}: {titles:?}"))? + 1;
        organiser.follow(&format!("tbody tr:nth-child({row}) th a")).await?;
        Ok(LotFacts { path: organiser.path().await? })
    }

    /// Adds a PDF to the lot that is open.
    pub async fn add_document(&self) -> anyhow::Result<()> {
        let organiser = &self.organiser;
        let path = organiser.path().await?;
        let file = self.folder.join("plan.pdf");
        std::fs::write(&file, paper(&path))?;
        organiser.fill("#title", "Техникалык паспорт").await?;
        organiser.fill("#file", file.to_str().context("a path")?).await?;
        organiser.follow("form[action$='/documents'] button").await?;
        ensure!(organiser.path().await? == path, "the document was refused");
        ensure!(organiser.has(".documents li .hash").await?, "no document on the lot's page");
        Ok(())
    }

    /// The organiser uploads the contract on the auction's page.
    pub async fn upload_contract(&self) -> anyhow::Result<()> {
        let organiser = &self.organiser;
        let path = organiser.path().await?;
        let file = self.folder.join("contract.pdf");
        std::fs::write(&file, paper(&path))?;
        organiser.fill("#contract-name", "Сатуу келишими").await?;
        organiser.fill("#contract-file", file.to_str().context("a path")?).await?;
        organiser.follow("form[action$='/contract-file'] button").await?;
        ensure!(organiser.path().await? == path, "the contract was refused");
        ensure!(organiser.has("a[href$='/contract-file']").await?, "no contract on the page");
        Ok(())
    }

    /// Creates an auction of the lot from what is known of it, and submits it for review.
    pub async fn create_and_submit(
        &self,
        lot: &LotFacts,
        start: &str,
    ) -> anyhow::Result<AuctionId> {
        let organiser = &self.organiser;
        organiser.visit(&lot.path).await?;
        organiser.follow(".title a[role=button]").await?;
        for known in ["#value", "#step", "#guarantee"] {
            ensure!(!organiser.property(known, "value").await?.is_empty(), "{known} was not kept");
        }
        organiser.set("#start", start).await?;
        organiser.follow("button[value=preview]").await?;
        ensure!(organiser.texts("dl.amounts dd").await?.len() == 3, "no preview of the terms");
        organiser.photograph("auction-preview-en").await?;
        organiser.follow("button[value=save]").await?;
        let path = organiser.path().await?;
        let id = path.rsplit('/').next().context("no id")?.parse();
        let id: AuctionId = id.with_context(|| format!("not created: {path}"))?;
        ensure!(!organiser.has("form[action$='/publish']").await?, "one person can publish");
        organiser.follow("form[action$='/submit'] button").await?;
        Ok(id)
    }

    /// The moderator publishes the two auctions that wait for a moderator.
    pub async fn publish(&self, one: AuctionId, other: AuctionId) -> anyhow::Result<()> {
        let moderator = &self.moderator;
        moderator.visit("/console").await?;
        ensure!(moderator.has(".tasks a").await?, "nothing waits for the moderator");
        moderator.photograph("home-waiting-ky").await?;
        for id in [one, other] {
            moderator.visit(&format!("/console/auctions/{id}")).await?;
            moderator.photograph("auction-review-ky").await?;
            moderator.follow("form[action$='/publish'] button").await?;
            ensure!(!moderator.has("form[action$='/publish']").await?, "it can be published twice");
        }
        moderator.photograph("auction-published-ky").await
    }

    /// The organiser creates a failed auction again.
    pub async fn relaunch(&self, failed: AuctionId, start: &str) -> anyhow::Result<()> {
        let organiser = &self.organiser;
        organiser.visit(&format!("/console/auctions/{failed}")).await?;
        for language in ["ky", "ru", "en"] {
            self.speak(organiser, language).await?;
            organiser.photograph(&format!("auction-failed-{language}")).await?;
        }
        organiser.follow("a[href$='/relaunch']").await?;
        ensure!(organiser.property("#start", "value").await?.is_empty(), "a start that has passed");
        organiser.photograph("relaunch-en").await?;
        organiser.set("#start", start).await?;
        organiser.follow("button[value=save]").await?;
        let previous = format!(".notice a[href$='{failed}']");
        ensure!(organiser.has(&previous).await?, "the new auction does not name the failed one");
        organiser.photograph("auction-relaunched-en").await?;
        organiser.follow(&previous).await?;
        ensure!(!organiser.has("a[href$='/relaunch']").await?, "it can be created again twice");
        Ok(())
    }

    /// Days later all sessions have ended; each official signs in again with their passkey, without
    /// a name.
    pub async fn come_back(&self) -> anyhow::Result<()> {
        for official in [&self.admin, &self.organiser, &self.moderator, &self.cashier] {
            official.visit("/console").await?;
            ensure!(official.path().await? == "/console/sign-in", "a session never ends");
            official.photograph(&format!("sign-in-{}", self.tag(official))).await?;
            official.follow("form[data-passkey] button").await?;
            ensure!(official.text("h1").await?.contains(&official.name), "somebody else came in");
        }
        Ok(())
    }

    /// An official who is signed in elsewhere, too, ends that from here, by their passkey.
    pub async fn leave_elsewhere(&self, world: &World) -> anyhow::Result<()> {
        let (organiser, state) = (&self.organiser, world.state());
        let staff = state.identity.access(None).await?.staff;
        let own = staff.iter().find(|row| row.name == organiser.name).context("no organiser")?;
        let now = state.context.ports.clock.now();
        let elsewhere = session::ActiveModel {
            token_hash: Set("elsewhere".to_owned()),
            person: Set(own.person.0),
            device: Set(None),
            created_at: Set(now.0),
            expires_at: Set((now + TimeSpan::hours(1)).0),
            recovered_at: Set(None),
        };
        let txn = state.context.db.begin().await?;
        elsewhere.insert(&txn).await?;
        state.context.db.commit(txn).await?;

        organiser.visit("/console").await?;
        organiser.follow("form.who a").await?;
        ensure!(organiser.texts("ul.access li").await?.len() == 2, "not two sessions");
        for language in ["ky", "ru", "en"] {
            self.speak(organiser, language).await?;
            organiser.photograph(&format!("access-{language}")).await?;
        }
        organiser.follow("#others button").await?;
        ensure!(organiser.texts("ul.access li").await?.len() == 1, "the other session goes on");
        ensure!(organiser.has(".notice.good").await?, "nobody says so");
        Ok(())
    }

    /// Signing out ends the session, whatever the browser still has.
    pub async fn leave(&self) -> anyhow::Result<()> {
        for official in [&self.admin, &self.organiser, &self.moderator, &self.cashier] {
            official.visit("/console/audit").await?;
            official.follow("form.who button").await?;
            official.visit("/console/audit").await?;
            ensure!(official.path().await? == "/console/sign-in", "the session goes on");
        }
        Ok(())
    }

    /// Photographs of every official's page, for the report of a failure.
    pub async fn photograph_all(&self, name: &str) {
        for browser in [&self.admin, &self.organiser, &self.moderator, &self.cashier] {
            // The failure itself is what has to be told.
            let _ = browser.shoot(&format!("{name}-{}", self.tag(browser))).await;
        }
    }

    pub async fn close(self) -> anyhow::Result<()> {
        for browser in [self.admin, self.organiser, self.moderator, self.cashier] {
            browser.close().await?;
        }
        Ok(())
    }
}

/// A sample in the form of the import.
fn as_json(lot: &SampleLot) -> serde_json::Value {
    json!({
        "title": lot.title, "kind": lot.kind, "description": lot.purpose, "area": lot.area,
        "address": lot.address, "cadastral_number": lot.cadastral_number,
        "lot_holder": lot.lot_holder, "object_of_price": lot.object_of_price,
        "value_tyiyn": lot.value, "guarantee_bp": lot.guarantee, "step_bp": lot.step,
        "year": lot.year, "sources": lot.sources, "synthetic": lot.synthetic,
    })
}
