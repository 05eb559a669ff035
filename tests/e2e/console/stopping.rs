//! In mid-round two officials stop the clock from their live pages and let it go on; the phones
//! say why and until when.

use super::bidding::ConsoleBidders;
use super::desks::Desks;
use anyhow::{Context as _, ensure};
use std::sync::Arc;
use toruk_mobile_core::api::live::LiveState;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_tests::world::clock::LeapingClock;
use toruk_tests::world::until;

/// The organiser's reason for stopping the clock.
const FAULT: &str = "Сунуштар келбей жатат";
/// The button that stops the clock.
const STOP: &str = "[data-waits=suspend] form[action$='/approve'] button";
/// The button that announces when it goes on.
const ANNOUNCE: &str = "[data-waits=resume] form[action$='/approve'] button";

/// The organiser sees a fault, the moderator stops the clock by one button that came by itself.
pub async fn two_officials_stop_the_clock(
    clock: &Arc<LeapingClock>,
    desks: &Desks,
    bidders: &ConsoleBidders,
    auction: AuctionId,
) -> anyhow::Result<()> {
    let (organiser, moderator) = (&desks.organiser, &desks.moderator);
    let live = format!("/console/auctions/{auction}/live");
    for official in [organiser, moderator] {
        official.visit(&live).await?;
    }
    moderator.mark().await?;
    organiser.click("[data-propose] summary").await?;
    organiser.fill("#joint-reason", FAULT).await?;
    organiser.follow("form[action$='/suspend'] button").await?;
    ensure!(organiser.path().await? == live, "led away from the live page");
    ensure!(!organiser.has(STOP).await?, "one's own proposal to approve");
    moderator.watch(STOP, |_| true).await?;
    ensure!(moderator.text("[data-waits=suspend]").await?.contains(FAULT), "no reason is told");
    ensure!(moderator.is_marked().await?, "the page was loaded again");
    moderator.photograph("live-proposed-ky").await?;
    moderator.follow(STOP).await?;
    desks.cashier.watch("[data-board] .state", |state| state.contains("токтотул")).await?;
    for phone in &bidders.admitted {
        let state = seen(bidders, &phone.name, auction, |state| state.button == "suspended");
        let stopped = state.await?.suspension.context("no suspension")?;
        ensure!(stopped.cause == "technical_fault" && stopped.resume_at.is_none(), "{stopped:?}");
    }

    moderator.visit(&live).await?;
    moderator.photograph("live-stopped-ky").await?;
    let typed = moderator.property("#joint-at", "value").await?;
    let resume_at = Timestamp::parse_bishkek(&typed).context("a moment")?;
    moderator.follow("form[action$='/resume'] button").await?;
    organiser.watch(ANNOUNCE, |_| true).await?;
    organiser.follow(ANNOUNCE).await?;
    for (language, name) in [("ru", "live-announced-ru"), ("en", "live-announced-en")] {
        desks.speak(organiser, language).await?;
        organiser.photograph(name).await?;
    }
    let leader = &bidders.admitted[0].name;
    let announced = seen(bidders, leader, auction, |state| {
        state.suspension.as_ref().is_some_and(|stopped| stopped.resume_at == Some(resume_at.0))
    });
    ensure!(announced.await?.ends_in.is_none(), "a deadline runs while the clock stands");
    clock.leap_to(resume_at);
    for phone in &bidders.admitted {
        let state = seen(bidders, &phone.name, auction, |state| state.epoch == 1).await?;
        ensure!(state.suspension.is_none(), "still stopped: {state:?}");
        let bidding = |state: &LiveState| ["leading", "can_raise"].contains(&state.button.as_str());
        seen(bidders, &phone.name, auction, bidding).await?;
    }
    desks.cashier.watch("[data-clock]", |left| left.starts_with("04:")).await?;
    organiser.no_complaints().await?;
    moderator.no_complaints().await
}

async fn seen(
    bidders: &ConsoleBidders,
    name: &str,
    auction: AuctionId,
    wanted: impl Fn(&LiveState) -> bool,
) -> anyhow::Result<LiveState> {
    let phone = bidders.admitted.iter().find(|phone| phone.name == name).context("no phone")?;
    let mut last = None;
    let found = until("the phone's live screen", || {
        let state = phone.core.live_state(auction.to_string()).ok();
        last.clone_from(&state);
        let found = state.filter(|state| wanted(state));
        async move { Ok(found) }
    });
    found.await.with_context(|| format!("{name} saw last: {last:?}"))
}
