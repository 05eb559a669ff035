//! The console's main path in real Chromium: from the machine's one-time link to the contract, each
//! official in their own browser with their own passkey, in three languages.
//!
//! The browser's complaints fail the test wherever it goes: a script or style that the policy
//! refuses, a request that fails, an error in a script.

mod bidding;
mod desks;
mod finding;
mod healing;
mod stopping;

use anyhow::{Context as _, ensure};
use bidding::ConsoleBidders;
use desks::{Desks, LotFacts};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toruk_server::identity::Role;
use toruk_sync::domain::auction::{Failure, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_tests::browser::Driver;
use toruk_tests::world::clock::{Clock as _, LeapingClock};
use toruk_tests::world::{World, until};

/// Environment variable that names a folder for photographs; they stay there after the test.
const PHOTOGRAPHS: &str = "TORUK_PHOTOGRAPHS";
const MORNING: &str = "2026-11-24T09:00:00+06:00";
const TENDER_END: &str = "2026-11-24T09:55:00+06:00";
const START: &str = "2026-11-24T10:00:00+06:00";
/// As a form's field has it, in Bishkek.
const START_TYPED: &str = "2026-11-24T10:00";
/// Two days later, for the auction that fails.
const LATER_TENDER_END: &str = "2026-11-26T09:55:00+06:00";
const LATER_TYPED: &str = "2026-11-26T10:00";
const START_AGAIN_TYPED: &str = "2026-12-01T10:00";

#[tokio::test(flavor = "multi_thread")]
async fn officials_run_an_auction_day_from_their_browsers() {
    let kept = std::env::var_os(PHOTOGRAPHS).map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let photographs = kept.clone().unwrap_or_else(|| folder.path().join("photographs"));
    if let Err(error) = play(folder.path(), &photographs).await {
        let photographs = if kept.is_some() { photographs } else { folder.keep() };
        panic!("{error:#}\nphotographs are under {}", photographs.display());
    }
}

async fn play(folder: &Path, photographs: &Path) -> anyhow::Result<()> {
    let clock = LeapingClock::new(moment(MORNING)?);
    let driver = Driver::start().await?;
    let world = World::start(clock.clone(), RuleProfile::sandbox(1), folder, 0).await?;
    let desks = Desks::enrol(&driver, &world, photographs).await?;
    let outcome = day(&world, &clock, &desks).await;
    if outcome.is_err() {
        desks.photograph_all("failure").await;
    }
    outcome?;
    desks.close().await
}

async fn day(world: &World, clock: &Arc<LeapingClock>, desks: &Desks) -> anyhow::Result<()> {
    let (sold, failing) = lots_are_brought_and_completed(desks).await?;
    let sold = desks.create_and_submit(&sold, START_TYPED).await?;
    let failing = desks.create_and_submit(&failing, LATER_TYPED).await?;
    desks.publish(sold, failing).await?;

    let mut bidders = ConsoleBidders::apply(world, sold).await?;
    applicants_are_decided_on(desks, &bidders, sold).await?;
    bidders.pay(world, sold).await?;
    a_far_moment_is_told_in_days(desks, failing).await?;
    payments_are_seen(desks).await?;
    finding::lists_are_searched(desks).await?;

    clock.leap_to(moment(TENDER_END)?);
    reached(world, sold, Status::Waiting).await?;
    bidding_is_watched(world, clock, desks, &mut bidders, sold).await?;
    a_contract_is_signed_by_both(world, desks, &bidders, sold).await?;

    clock.leap_to(moment(LATER_TENDER_END)?);
    let failed = reached(world, failing, Status::Unsuccessful).await?;
    ensure!(failed == Some(Failure::NoApplications), "failed for another reason: {failed:?}");
    desks.come_back().await?;
    desks.relaunch(failing, START_AGAIN_TYPED).await?;
    desks.leave_elsewhere(world).await?;
    finding::a_passkey_is_named_and_the_next_device_gets_a_link(desks).await?;
    every_act_is_in_the_trail(world, desks).await?;
    desks.leave().await
}

/// The organiser uploads the real lots, pastes a made-up one, and completes a real one.
async fn lots_are_brought_and_completed(desks: &Desks) -> anyhow::Result<(LotFacts, LotFacts)> {
    let organiser = &desks.organiser;
    desks.speak(organiser, "ru").await?;
    organiser.visit("/console/lots").await?;
    organiser.photograph("lots-none-ru").await?;
    let made_up = desks.import_lots().await?;
    organiser.photograph("lots-ru").await?;
    let real = desks.lot("Ак-Кула").await?;
    ensure!(organiser.has(".notice.warn li").await?, "a real lot with unknown facts asks nothing");
    organiser.photograph("lot-incomplete-ru").await?;
    organiser.fill("#title_ky", "«Ак-Кула» ипподромунун жер тилкеси").await?;
    organiser.fill("#holder_ky", "Бишкек шаарынын мэриясы").await?;
    organiser.fill("#holder_ru", "Мэрия города Бишкек").await?;
    organiser.follow("form:has(#title_ky) button").await?;
    for lot in [&real, &made_up] {
        organiser.visit(&lot.path).await?;
        desks.add_document().await?;
        ensure!(!organiser.has(".notice.warn li").await?, "{} still lacks something", lot.path);
    }
    desks.speak(organiser, "en").await?;
    organiser.photograph("lot-complete-en").await?;
    Ok((made_up, real))
}

/// The moderator opens each application, admits three and refuses one, who is told why.
async fn applicants_are_decided_on(
    desks: &Desks,
    bidders: &ConsoleBidders,
    auction: AuctionId,
) -> anyhow::Result<()> {
    let moderator = &desks.moderator;
    moderator.visit("/console/applications").await?;
    let rows = moderator.texts("tbody th a").await?;
    ensure!(rows.len() == bidders.all().len(), "applications: {rows:?}");
    moderator.photograph("applications-ky").await?;
    for phone in bidders.all() {
        let application = bidders.mine(phone, auction).await?.application;
        moderator.visit(&format!("/console/applications/{application}")).await?;
        ensure!(moderator.text("h1").await?.contains(&phone.name), "whose application is it?");
        if phone.name == bidders.refused.name {
            moderator.photograph("application-ky").await?;
            moderator.fill("#reason", bidding::REASON).await?;
            moderator.follow("form[action$='/refuse'] button").await?;
            moderator.photograph("application-refused-ky").await?;
        } else {
            moderator.follow("form[action$='/admit'] button").await?;
        }
        ensure!(moderator.has(".notice.good").await?, "nothing says that it was done");
    }
    let told = until("the refusal on the phone", || async {
        let mine = bidders.mine(&bidders.refused, auction).await?;
        Ok((mine.status == "not_admitted").then_some(mine.reason))
    });
    ensure!(told.await?.as_deref() == Some(bidding::REASON), "refused without the reason");
    Ok(())
}

/// The live monitor of an auction whose applications close in two days.
async fn a_far_moment_is_told_in_days(desks: &Desks, auction: AuctionId) -> anyhow::Result<()> {
    let moderator = &desks.moderator;
    moderator.visit(&format!("/console/auctions/{auction}/live")).await?;
    moderator.watch("[role=status][data-link=live]", |_| true).await?;
    moderator.watch("[data-clock]", |left| left.starts_with("2 күн 0:")).await?;
    moderator.photograph("live-before-ky").await
}

async fn payments_are_seen(desks: &Desks) -> anyhow::Result<()> {
    let cashier = &desks.cashier;
    desks.speak(cashier, "en").await?;
    cashier.visit("/console/payments").await?;
    let rows = cashier.texts("tbody tr").await?;
    ensure!(rows.len() == 3, "payments: {rows:?}");
    ensure!(!cashier.has("tbody .tag.bad").await?, "a payment does not fit: {rows:?}");
    let balances = cashier.texts("dl.amounts dd").await?;
    // At the payment system and at the bank; then the guarantees.
    let held = figure(&balances[0])? + figure(&balances[1])?;
    let owed = figure(&balances[2])?;
    ensure!(held > 0 && !balances[0].starts_with('−'), "nothing is held: {balances:?}");
    ensure!(held == owed, "what is held is not what is owed: {balances:?}");
    cashier.photograph("payments-en").await?;
    desks.speak(cashier, "ky").await?;
    cashier.photograph("payments-ky").await
}

/// Price and leader change under the cashier's eyes, on the page that was opened before the start.
async fn bidding_is_watched(
    world: &World,
    clock: &Arc<LeapingClock>,
    desks: &Desks,
    bidders: &mut ConsoleBidders,
    auction: AuctionId,
) -> anyhow::Result<()> {
    let screen = &desks.cashier;
    screen.visit(&format!("/console/auctions/{auction}/live")).await?;
    screen.watch("[data-clock]", |left| left.starts_with("04:")).await?;
    let start = screen.text("[data-price]").await?;
    screen.mark().await?;
    clock.leap_to(moment(START)?);
    reached(world, auction, Status::Bidding).await?;
    screen.watch("[data-clock]", |left| left.starts_with("29:")).await?;
    let mut before = start;
    for raise in 1..=bidding::RAISES {
        let leader = bidders.raise(auction).await?;
        let price = screen.watch("[data-price]", |price| price != before).await?;
        let shown = screen.watch("[data-leader]", |shown| shown.contains(&leader.to_string()));
        shown.await?;
        ensure!(figure(&price)? > figure(&before)?, "the price fell from {before} to {price}");
        ensure!(screen.texts("[data-bids] tr").await?.len() == raise, "bids are missing");
        before = price;
    }
    // One person may not bid twice in a second.
    clock.leap_to(clock.now() + TimeSpan::seconds(2));
    bidders.both_at_once(auction).await?;
    until("both bids in the list", || async {
        let rows = screen.texts("[data-bids] tr").await?;
        Ok((rows.len() == bidding::RAISES + 2).then_some(()))
    })
    .await?;
    ensure!(screen.has("[data-bids] .tag.bad").await?, "the refused bid is not told");
    screen.watch("[data-clock]", |left| left.starts_with("04:")).await?;
    ensure!(screen.is_marked().await?, "the page was loaded again");
    ensure!(screen.has("[role=status][data-link=live]").await?, "the connection's state is wrong");
    screen.photograph("live-ky").await?;
    stopping::two_officials_stop_the_clock(clock, desks, bidders, auction).await?;
    ensure!(screen.is_marked().await?, "the page was loaded again");
    desks.speak(screen, "ru").await?;
    screen.photograph("live-ru").await?;
    desks.speak(screen, "en").await?;
    screen.photograph("live-en").await?;
    let closes = closes_at(world, auction).await?;
    clock.leap_to(closes);
    reached(world, auction, Status::Qualification).await?;
    screen.watch("[data-board] .state .tag", |state| state.contains("winner")).await?;
    screen.no_complaints().await
}

async fn a_contract_is_signed_by_both(
    world: &World,
    desks: &Desks,
    bidders: &ConsoleBidders,
    auction: AuctionId,
) -> anyhow::Result<()> {
    let (winner, id) = (&bidders.winner(auction).await?.core, auction.to_string());
    winner.confirm_award(id.clone()).await?;
    let organiser = &desks.organiser;
    let page = format!("/console/auctions/{auction}");
    organiser.visit(&page).await?;
    organiser.photograph("auction-awarded-en").await?;
    desks.upload_contract().await?;
    let sign = "form[data-start$='/contract/sign/start'] button";
    ensure!(!organiser.has(sign).await?, "the lot holder signs before the winner");
    for language in ["ru", "ky", "en"] {
        desks.speak(organiser, language).await?;
        organiser.photograph(&format!("contract-uploaded-{language}")).await?;
    }
    ensure!(winner.contract_file(id.clone()).await?.starts_with(b"%PDF"), "another file");
    winner.sign_contract(id).await?;
    organiser.visit(&page).await?;
    organiser.photograph("contract-to-sign-en").await?;
    organiser.follow(sign).await?;
    reached(world, auction, Status::Complete).await?;
    desks.speak(organiser, "ky").await?;
    organiser.photograph("auction-complete-ky").await
}

/// The officials' actions in this story, as the trail names them. Actions of bidders and of the
/// system stand there too.
const ACTS: [&str; 16] = [
    "staff.invite",
    "staff.enrol",
    "lot.import",
    "lot.complete",
    "lot.document",
    "auction.create",
    "auction.submit",
    "auction.publish",
    "application.open",
    "application.admit",
    "application.refuse",
    "auction.propose",
    "auction.approve",
    "contract.upload",
    "auction.contract",
    "auction.relaunch",
];

async fn every_act_is_in_the_trail(world: &World, desks: &Desks) -> anyhow::Result<()> {
    let auditor = world.official(Role::Auditor, "Айгүл Токтоматова").await?.official;
    let mut recorded = world.state().audit.page(&auditor, None).await?;
    while let Some(before) = recorded.last().map(|act| act.seq).filter(|seq| *seq > 1) {
        recorded.extend(world.state().audit.page(&auditor, Some(before)).await?);
    }
    for act in ACTS {
        ensure!(recorded.iter().any(|row| row.action == act), "the trail lacks {act}");
    }
    let admin = &desks.admin;
    let mut shown = Vec::new();
    for language in ["ru", "en", "ky"] {
        admin.visit("/console/audit").await?;
        desks.speak(admin, language).await?;
        admin.photograph(&format!("audit-{language}")).await?;
        shown = admin.texts("tbody tr td:first-child").await?;
        let acts = admin.texts("tbody tr th").await?;
        let unworded =
            |act: &&String| act.contains(['{', '_']) || !act.starts_with(char::is_uppercase);
        let unworded: Vec<_> = acts.iter().filter(unworded).collect();
        ensure!(unworded.is_empty(), "acts without words in {language}: {unworded:?}");
    }
    while admin.has(".pager a[href*='after=']").await? {
        admin.follow(".pager a[href*='after=']").await?;
        shown.extend(admin.texts("tbody tr td:first-child").await?);
    }
    ensure!(shown.len() == recorded.len(), "{} acts of {}", shown.len(), recorded.len());
    Ok(())
}

async fn reached(
    world: &World,
    auction: AuctionId,
    status: Status,
) -> anyhow::Result<Option<Failure>> {
    let found = until("the auction's state", || async {
        let auction = world.state().catalogue.view(auction).await?.auction;
        Ok((auction.status == status).then_some(auction.failure))
    });
    match found.await {
        Ok(failure) => Ok(failure),
        Err(error) => {
            let last = world.state().catalogue.view(auction).await?.auction.status;
            Err(error.context(format!("{last:?} instead of {status:?}")))
        }
    }
}

async fn closes_at(world: &World, auction: AuctionId) -> anyhow::Result<Timestamp> {
    world.state().catalogue.view(auction).await?.auction.closes_at().context("it does not close")
}

fn moment(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text).context("a moment")
}

/// The digits of an amount, for comparing.
fn figure(amount: &str) -> anyhow::Result<i64> {
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    digits.parse().with_context(|| amount.to_owned())
}
