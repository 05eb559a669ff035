//! The three bidders' part of the day.

use super::doors::{Doors, pin};
use super::officials::paper;
use super::screens::{pushed, screen};
use super::steps::Steps;
use crate::world::phone::Phone;
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::api::live::{BidResult, BidState};
use toruk_mobile_core::api::receipt::BidReceipt;
use toruk_sync::domain::application::Application;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::catalogue::AuctionView;

/// A bidder whose phone thinks it is tomorrow.
const A_DAY_WRONG: TimeSpan = TimeSpan::days(1);

/// The three bidders and their phones.
pub(super) struct Bidders {
    pub aida: Phone,
    pub bek: Phone,
    pub chyngyz: Phone,
}

/// Steps 1 to 7: the app, an account by each door, a passkey, pushes.
pub async fn sign_up(world: &World, doors: &Doors, steps: &mut Steps) -> anyhow::Result<Bidders> {
    let bidders = Bidders {
        aida: world.phone("Аида")?,
        bek: world.phone("Бек")?,
        chyngyz: world.phone("Чыңгыз")?,
    };
    bidders.chyngyz.set_wall_error_us(A_DAY_WRONG.0);
    let reached = bidders.aida.core.auctions().await?;
    steps.check(1, !reached.stale, "the app reaches the server at the address it has")?;
    for phone in bidders.all() {
        let new = phone.core.account().is_none() && phone.passkey().is_none();
        steps.check(2, new, "nobody is logged in yet: the app asks to")?;
    }
    doors.enter(world, bidders.all()).await?;
    for phone in bidders.all() {
        phone.core.register_push(Some(phone.pushes.token.clone())).await?;
    }
    let passkeys: BTreeSet<_> = bidders.all().into_iter().filter_map(Phone::passkey).collect();
    steps.check(3, passkeys.len() == 3, "a passkey, eID, a certificate: one door each")?;
    steps.check(4, passkeys.len() == 3, "passkeys, made by the phones, without any plug-in")?;
    let people = bidders.all().into_iter().filter_map(|phone| phone.core.account());
    let people: BTreeSet<_> = people.map(|account| account.person).collect();
    steps.check(5, people.len() == 3, "registration at the portal: three people")?;
    bidders.bek.core.sign_out().await?;
    let account = bidders.bek.core.sign_in().await?;
    bidders.bek.core.register_push(Some(bidders.bek.pushes.token.clone())).await?;
    steps.check(6, account.signed_in, "log in again with the chosen way")?;
    let mine = bidders.aida.core.my_auctions().await?;
    steps.check(7, mine.items.is_empty(), "the personal cabinet opens")?;
    Ok(bidders)
}

/// Steps 8 to 13: applications written, signed and queued without a connection, delivered later;
/// how many were.
pub async fn apply_offline(
    world: &World,
    bidders: &mut Bidders,
    won: AuctionId,
    failing: AuctionId,
    steps: &mut Steps,
) -> anyhow::Result<u64> {
    let mut delivered_later = 0;
    for phone in bidders.all() {
        let listed = phone.core.auctions().await?.items;
        let seen = listed
            .iter()
            .filter(|card| card.id == won.to_string() || card.id == failing.to_string());
        steps.check(8, seen.count() == 2, "all auctions are listed")?;
        for auction in [won, failing] {
            let detail = phone.core.auction(auction.to_string()).await?;
            steps.check(9, !detail.fields.is_empty(), "an auction's page offers to take part")?;
        }
        phone.core.set_online(false)?;
    }
    for phone in bidders.all() {
        fill_in(phone, won, steps).await?;
    }
    for phone in [&bidders.aida, &bidders.bek] {
        fill_in(phone, failing, steps).await?;
    }
    // The system kills an app in the background; what waits must survive it.
    bidders.aida.kill_and_reopen()?;
    for phone in bidders.all() {
        phone.core.set_online(true)?;
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
    }
    for (phone, auction) in bidders.applicants(won, failing) {
        let delivered = until("an application's delivery", || async {
            let status = phone.core.draft_status(auction.to_string())?.submit;
            Ok(status.filter(|status| status.state == "submitted"))
        });
        let status = delivered.await.with_context(|| {
            format!(
                "{}: {:?} {:?}",
                phone.name,
                phone.core.outcomes(),
                phone.core.draft_status(auction.to_string())
            )
        })?;
        let received = status.received_at.context("a submission without its time")?;
        ensure!(received < status.tender_end, "received late and taken");
        delivered_later += 1;
        let mine = phone.core.my_auctions().await?;
        let there = mine.items.iter().any(|mine| mine.auction == auction.to_string());
        steps.check(13, there, "the auction is in \"my auctions\" by itself")?;
    }
    for phone in bidders.all() {
        let person = phone.core.account().context("nobody")?.person.parse()?;
        let taken = world.state().applications.of(person).await?;
        let signed = |taken: &Application| taken.signed_with == ConfirmationMethod::Passkey;
        let all = !taken.is_empty() && taken.iter().all(signed);
        steps.check(11, all, "signed with the passkey offline, and the signature held")?;
    }
    Ok(delivered_later)
}

/// Complete answers to the form, of a person of that name.
pub(super) fn answers(name: &str) -> [(&'static str, &str); 8] {
    [
        ("applicant_kind", "person"),
        ("full_name", name),
        ("pin", pin(name)),
        ("phone", "+996700000001"),
        ("address", "Бишкек, Чүй пр. 1"),
        ("refund_account", "0000000000000001"),
        ("consent", "yes"),
        ("independence", "yes"),
    ]
}

/// Steps 10 to 12: an application written, signed and queued by a phone without a connection.
///
/// # Errors
/// When a step does not hold.
pub async fn fill_in(phone: &Phone, auction: AuctionId, steps: &mut Steps) -> anyhow::Result<()> {
    let id = auction.to_string();
    for (field, answer) in answers(&phone.name) {
        phone.core.draft_set(id.clone(), field.to_owned(), Some(answer.to_owned()))?;
    }
    let faults = phone.core.draft_status(id.clone())?.faults;
    ensure!(faults.len() == 1, "only the document is missing, but: {faults:?}");
    let incomplete = phone.core.submit(id.clone()).await;
    ensure!(incomplete.is_err(), "an incomplete application was signed");
    phone.core.draft_attach(
        id.clone(),
        "identity_document".to_owned(),
        "паспорт.pdf".to_owned(),
        "application/pdf".to_owned(),
        paper(&phone.name),
    )?;
    let complete = phone.core.draft_status(id.clone())?.faults.is_empty();
    steps.check(10, complete, "the form is filled in and the files are attached, offline")?;
    let status = phone.core.submit(id).await?;
    let honest = status.state == "saved_not_submitted";
    steps.check(12, honest, "\"Participate\" offline: saved, NOT submitted, and said so")
}

/// Steps 21 and 22: the waiting room, then the start.
pub async fn wait(
    world: &World,
    bidders: &Bidders,
    won: AuctionId,
    failing: AuctionId,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    for phone in bidders.all() {
        phone.core.watch(won.to_string())?;
    }
    for phone in [&bidders.aida, &bidders.bek] {
        phone.core.watch(failing.to_string())?;
    }
    for phone in bidders.all() {
        let mine = phone.core.my_auctions().await?.items;
        let there = mine.iter().any(|mine| mine.auction == won.to_string());
        steps.check(21, there, "the auction is chosen from \"my auctions\"")?;
        let room = screen(phone, won, "the waiting room", |state| state.status == "waiting");
        let room = room.await?;
        let known = room.starts_in.is_some_and(|left| left > 0) && room.participants == 3;
        steps.check(22, known, "time until the start and number of participants are shown")?;
        let truth = world.clock.now().0;
        let told = room.server_time.context("no server time")?;
        let off = (truth - told).abs();
        ensure!(off < TimeSpan::minutes(5).0, "{}'s clock is off by {off} µs", phone.name);
    }
    Ok(())
}

/// Steps 23 to 29: the first offer, raises, two at the same moment, "your competitor raised".
pub async fn bid(
    bidders: &mut Bidders,
    auction: AuctionId,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let id = auction.to_string();
    let open = screen(&bidders.aida, auction, "the first offer's button", |state| {
        state.button == "can_first_offer"
    });
    let open = open.await?;
    let first = bidders.aida.core.quote(id.clone())?;
    let window = TimeSpan(open.deadline.context("no window")? - open.start);
    ensure!(first.first_offer && Some(first.amount) == open.amount, "not a first offer: {first:?}");
    steps.check(
        23,
        window == TimeSpan::minutes(30),
        "30 minutes for the first offer, one step above the start price",
    )?;
    let receipt = accepted(bidders.aida.core.place_bid(first.clone()).await?)?;
    let leads = screen(&bidders.aida, auction, "the lead", |state| state.button == "leading");
    let leads = leads.await?;
    let window = TimeSpan(leads.deadline.context("no window")? - receipt.received_at);
    let five = window == TimeSpan::minutes(5) && leads.price == first.amount;
    steps.check(25, five, "5 minutes after the raise")?;

    let (bek, chyngyz) = (&bidders.bek, &bidders.chyngyz);
    for phone in [bek, chyngyz] {
        let raise = screen(phone, auction, "the raise button", |state| {
            state.button == "can_raise" && state.round == 1
        });
        steps.check(26, raise.await?.amount.is_some(), "\"raise the price\", with the amount")?;
    }
    // Both confirm at the same moment: one leads, the other learns that it was not the first.
    let (one, other) = (bek.core.quote(id.clone())?, chyngyz.core.quote(id.clone())?);
    let shown = [one.amount, other.amount];
    let (one, other) = tokio::join!(bek.core.place_bid(one), chyngyz.core.place_bid(other));
    let (one, other) = (one?, other?);
    let asked = [&one, &other].map(|bid| bid.receipt.as_ref().map_or(0, |receipt| receipt.amount));
    steps.check(27, asked == shown, "the shown amount is confirmed: \"Ооба\"")?;
    let won_race = [&one, &other].into_iter().filter(|r| r.state == BidState::Accepted).count();
    ensure!(won_race == 1, "two bids on one round: {one:?} {other:?}");
    let (second, loser) =
        if one.state == BidState::Accepted { (bek, &other) } else { (chyngyz, &one) };
    ensure!(loser.code.as_deref() == Some("stale_basis"), "refused otherwise: {loser:?}");
    ensure!(loser.receipt.is_some(), "a refusal without a receipt");
    let own = screen(second, auction, "one's own raised price", |state| state.button == "leading");
    steps.check(28, own.await?.round == 2, "\"your raised price\"")?;

    let mut taken = 0;
    let alert = pushed(&mut bidders.aida, "outbid", auction, &mut taken).await?;
    let told = alert.body.contains("атаандашыңыз") && alert.urgent;
    steps.check(29, told, "\"your competitor has raised the price\", by push, still true")?;
    bidders.aida.taken(taken);
    raise(&bidders.aida, auction, 2).await
}

/// Raises on `round` and holds the lead.
async fn raise(phone: &Phone, auction: AuctionId, round: u64) -> anyhow::Result<()> {
    screen(phone, auction, "the raise button", |state| {
        state.amount.is_some() && state.round == round
    })
    .await?;
    let quote = phone.core.quote(auction.to_string())?;
    accepted(phone.core.place_bid(quote).await?)?;
    screen(phone, auction, "the lead", |state| state.button == "leading").await?;
    Ok(())
}

fn accepted(result: BidResult) -> anyhow::Result<BidReceipt> {
    ensure!(result.state == BidState::Accepted, "not accepted: {result:?}");
    result.receipt.context("accepted without a receipt")
}

/// Step 30: the winner hears of it and signs the protocol; nobody else can.
pub async fn confirm(
    bidders: &mut Bidders,
    auction: AuctionId,
    closed: &AuctionView,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let id = auction.to_string();
    let mut taken = 0;
    pushed(&mut bidders.aida, "confirm_due", auction, &mut taken).await?;
    bidders.aida.taken(taken);
    let stranger = bidders.bek.core.protocol(id.clone()).await;
    ensure!(stranger.is_err(), "a loser was shown the winner's protocol");
    let protocol = bidders.aida.core.protocol(id.clone()).await?;
    let award = closed.auction.pending_award().context("no award")?;
    ensure!(protocol.winner == award.bidder.0 && protocol.price == award.price.get(), "another");
    bidders.aida.core.confirm_award(id.clone()).await?;
    let twice = bidders.aida.core.confirm_award(id).await;
    steps.check(30, twice.is_err(), "the winner confirmed by signature, once")
}

/// Pushes that reached phones, with those nobody waited for.
pub fn pushes(bidders: &mut Bidders) -> u64 {
    let mut count = 0;
    for phone in [&mut bidders.aida, &mut bidders.bek, &mut bidders.chyngyz] {
        count += phone.read;
        while phone.pushes.messages.try_recv().is_ok() {
            count += 1;
        }
    }
    count
}

impl Bidders {
    pub(super) fn all(&self) -> [&Phone; 3] {
        [&self.aida, &self.bek, &self.chyngyz]
    }

    /// Applications of the day: all three bidders to the first auction, two to the second.
    pub(super) fn applicants(
        &self,
        won: AuctionId,
        failing: AuctionId,
    ) -> [(&Phone, AuctionId); 5] {
        [
            (&self.aida, won),
            (&self.bek, won),
            (&self.chyngyz, won),
            (&self.aida, failing),
            (&self.bek, failing),
        ]
    }
}
