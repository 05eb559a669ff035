//! A world with one auction on it and a clock that stands still until a test moves it.

use crate::day::Officials;
use crate::world::api_client::ApiClient;
use crate::world::clock::{Clock as _, ManualClock};
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use std::sync::Arc;
use tempfile::TempDir;
use toruk_sync::domain::auction::{Status, Terms};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;

/// From publication to the start of bidding.
pub const UNTIL_START: TimeSpan = TimeSpan::hours(3);
/// The sample lots' seed.
const SEED: u64 = 7;
/// A working morning in Bishkek.
const MORNING: &str = "2026-11-24T09:00:00+06:00";

/// A world with one auction in its bidding phase.
pub struct OpenAuction {
    pub world: World,
    /// The world's clock, which moves only when a test says so.
    pub clock: Arc<ManualClock>,
    /// The officials who published the auction.
    pub officials: Officials,
    /// The auction that is open for bids.
    pub auction: AuctionId,
    /// Removed with the stage.
    pub folder: TempDir,
}

impl OpenAuction {
    /// An auction that takes applications, without a moderator in the way.
    ///
    /// # Errors
    /// When the world can't be set up.
    pub async fn published() -> anyhow::Result<Self> {
        Self::published_at(Timestamp::parse(MORNING).context("a date")?).await
    }

    /// As [`Self::published`], with the clock at a chosen moment.
    ///
    /// # Errors
    /// When the world can't be set up.
    pub async fn published_at(now: Timestamp) -> anyhow::Result<Self> {
        let rules = RuleProfile { admission: Admission::Auto, ..RuleProfile::sandbox(1) };
        Self::begun(rules, now).await
    }

    /// As [`Self::published`], by rules of the test's own.
    ///
    /// # Errors
    /// When the world can't be set up.
    pub async fn published_by(rules: RuleProfile) -> anyhow::Result<Self> {
        Self::begun(rules, Timestamp::parse(MORNING).context("a date")?).await
    }

    /// As [`Self::published`], by rules of the test's own and with the clock at a chosen moment.
    ///
    /// # Errors
    /// When the world can't be set up.
    pub async fn begun(rules: RuleProfile, now: Timestamp) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let clock = ManualClock::new(now);
        let world = World::start(clock.clone(), rules, folder.path(), 0).await?;
        let officials = Officials::enrol(&world).await?;
        let lots = officials.import_lots(&world, SEED).await?;
        let auction = officials.publish(&world, lots[0], now + UNTIL_START).await?;
        let stage = Self { world, clock, officials, auction, folder };
        stage.play_until(now).await?;
        Ok(stage)
    }

    /// An auction in which so many bidders with paid deposits may bid; the clock shows its start.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn open(bidders: usize) -> anyhow::Result<(Self, Vec<ApiClient>)> {
        Self::open_at(Timestamp::parse(MORNING).context("a date")? + UNTIL_START, bidders).await
    }

    /// As [`Self::open`], with the start at a chosen moment.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn open_at(
        start: Timestamp,
        bidders: usize,
    ) -> anyhow::Result<(Self, Vec<ApiClient>)> {
        Self::published_at(start - UNTIL_START).await?.opened(start, bidders).await
    }

    /// As [`Self::open`], by rules of the test's own; a moderator must not be in the way.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn open_by(
        rules: RuleProfile,
        bidders: usize,
    ) -> anyhow::Result<(Self, Vec<ApiClient>)> {
        let start = Timestamp::parse(MORNING).context("a date")? + UNTIL_START;
        Self::published_by(rules).await?.opened(start, bidders).await
    }

    async fn opened(
        self,
        start: Timestamp,
        bidders: usize,
    ) -> anyhow::Result<(Self, Vec<ApiClient>)> {
        let stage = self;
        let mut clients = Vec::new();
        for no in 1..=bidders {
            clients.push(stage.eligible(&format!("Bidder {no}")).await?);
        }
        stage.play_until(start).await?;
        let status = stage.view().await?.auction.status;
        ensure!(status == Status::Bidding, "not open but {status:?}");
        Ok((stage, clients))
    }

    /// A bidder whose application is in and paid.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn eligible(&self, name: &str) -> anyhow::Result<ApiClient> {
        let client = ApiClient::register(&self.world, name).await?;
        let application = client.apply(&self.view().await?).await?;
        client.pay(&self.world, application).await?;
        Ok(client)
    }

    /// The auction as anyone sees it.
    ///
    /// # Errors
    /// When the server does not show it.
    pub async fn view(&self) -> anyhow::Result<AuctionView> {
        let url = format!("{}/v1/auctions/{}", self.world.origin, self.auction);
        Ok(self.world.http()?.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// The public log.
    ///
    /// # Errors
    /// When the server does not show it.
    pub async fn log(&self) -> anyhow::Result<Vec<Record>> {
        let url = format!("{}/v1/auctions/{}/log", self.world.origin, self.auction);
        Ok(self.world.http()?.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// The terms as they were published.
    ///
    /// # Errors
    /// When there are none.
    pub async fn terms(&self) -> anyhow::Result<Terms> {
        self.view().await?.auction.terms.context("no terms")
    }

    /// Moves the clock to `at`, halting wherever the auction has something to do on the way.
    ///
    /// # Errors
    /// When the server does not do it.
    pub async fn play_until(&self, at: Timestamp) -> anyhow::Result<()> {
        while let Some(wake) = self.view().await?.auction.wake_at().filter(|wake| *wake <= at) {
            self.clock.set(wake.max(self.clock.now()));
            until("the auction's tick", || async {
                Ok((self.view().await?.auction.wake_at() != Some(wake)).then_some(()))
            })
            .await?;
        }
        self.clock.set(at.max(self.clock.now()));
        Ok(())
    }
}
