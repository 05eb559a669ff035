//! Five live pages of one session behind a proxy that fails, dies without a word and comes back.

use super::PHOTOGRAPHS;
use anyhow::{Context as _, ensure};
use std::path::PathBuf;
use toruk_server::identity::Role;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::browser::{Browser, Driver, WindowHandle};
use toruk_tests::outside::proxy::{Condition, Proxy};
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// More than one session may have streams.
const PAGES: usize = 5;
/// Longer than what must lie between two bids of one bidder.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);

struct Pages<'a> {
    stage: &'a OpenAuction,
    clients: &'a [ApiClient],
    browser: Browser,
    windows: Vec<WindowHandle>,
    bids: usize,
}

impl Pages<'_> {
    /// The next bidder in turn raises, and every page shows the price.
    async fn bid_is_seen(&mut self) -> anyhow::Result<()> {
        self.stage.clock.advance(A_WHILE);
        let client = &self.clients[self.bids % self.clients.len()];
        self.bids += 1;
        let view = self.stage.view().await?;
        client.bid(&view, &client.raise(&view)?).await?;
        let price = self.stage.view().await?.auction.round.context("no round")?.price;
        let price = price.to_short_string().replace('\u{a0}', " ");
        for window in &self.windows {
            self.browser.turn_to(window).await?;
            self.browser.watch("[data-price]", |shown| shown.starts_with(&price)).await?;
        }
        Ok(())
    }

    async fn all_are_live(&self) -> anyhow::Result<()> {
        for window in &self.windows {
            self.browser.turn_to(window).await?;
            until("a live page", || async {
                let live = self.browser.has("[role=status][data-link=live]").await?;
                let says = self.browser.text("[data-lagging]").await?;
                let dimmed = self.browser.has(".old").await?;
                Ok((live && says.is_empty() && !dimmed).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// Each page says that it is out of date, in words and by a price that is dimmed.
    async fn all_are_out_of_date(&self, name: &str) -> anyhow::Result<()> {
        for window in &self.windows {
            self.browser.turn_to(window).await?;
            until("a page that is out of date", || async {
                let says = self.browser.text("[data-lagging]").await?;
                let dimmed = self.browser.has(".old [data-price]").await?;
                Ok((!says.is_empty() && dimmed).then_some(()))
            })
            .await?;
        }
        self.browser.shoot(name).await
    }
}

async fn heal(pages: &mut Pages<'_>, proxy: &Proxy) -> anyhow::Result<()> {
    pages.all_are_live().await?;
    until("one stream for all pages", || async { Ok((proxy.streams() == 1).then_some(())) })
        .await?;
    pages.bid_is_seen().await?;
    for (condition, name) in
        [(Condition::Failing, "live-behind-502"), (Condition::Silent, "live-behind-silence")]
    {
        proxy.turn(condition);
        pages.all_are_out_of_date(name).await?;
        proxy.turn(Condition::Whole);
        pages.all_are_live().await?;
        pages.bid_is_seen().await?;
        pages.browser.shoot(&format!("{name}-healed")).await?;
    }
    // The page that kept the stream goes; another one takes its place.
    let first = pages.windows.remove(0);
    pages.browser.turn_to(&first).await?;
    pages.browser.close_window().await?;
    pages.bid_is_seen().await?;
    pages.all_are_live().await?;
    ensure!(proxy.streams() <= 1, "{} streams of one browser", proxy.streams());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn five_pages_of_a_session_share_one_stream_and_heal_by_themselves() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let proxy = Proxy::to(&stage.world.origin).await?;
    stage.world.stop_server().await;
    stage.world.config.app_origins.push(proxy.origin.clone());
    stage.world.start_server().await?;
    let photographs = std::env::var_os(PHOTOGRAPHS)
        .map_or_else(|| stage.world.folder.join("photographs"), PathBuf::from);
    let driver = Driver::start().await?;
    let browser = Browser::open(&driver, "Эркин Байматов", &proxy.origin, &photographs).await?;
    let link = stage.world.state().identity.invite(None, Role::Moderator, None).await?.link;
    let token = link.rsplit('#').next().context("no token")?;
    browser.visit(&format!("/console/enrol#{token}")).await?;
    browser.fill("#name", &browser.name).await?;
    browser.follow("form[data-passkey] button").await?;
    let mut windows = vec![browser.window().await?];
    for _ in 1..PAGES {
        windows.push(browser.open_window().await?);
    }
    for window in &windows {
        browser.turn_to(window).await?;
        browser.visit(&format!("/console/auctions/{}/live", stage.auction)).await?;
    }
    let mut pages = Pages { stage: &stage, clients: &clients, browser, windows, bids: 0 };
    let outcome = heal(&mut pages, &proxy).await;
    if outcome.is_err() {
        let _ = pages.browser.shoot("live-failure").await;
    }
    outcome?;
    pages.browser.close().await
}
