//! Checks of the facts that the day must have left behind.

use super::Officials;
use super::bidders::Bidders;
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;
use toruk_sync::verify::{LogVerdict, Replay};

/// Totals of an auction's log.
pub struct Tally {
    /// The winner's number as bidder.
    pub winner: u16,
    /// The winner's price, in tyiyn.
    pub price: i64,
    /// Number of bids accepted as raises.
    pub accepted: u64,
    /// Number of bids in the log that were refused.
    pub refused: u64,
}

/// Waits until an auction stands at `status`, as anyone may see.
pub async fn wait_for(
    world: &World,
    auction: AuctionId,
    status: Status,
) -> anyhow::Result<AuctionView> {
    let url = format!("{}/v1/auctions/{auction}", world.origin);
    let http = world.http()?;
    until("an auction's state", || async {
        let view: AuctionView = http.get(&url).send().await?.error_for_status()?.json().await?;
        Ok((view.auction.status == status).then_some(view))
    })
    .await
    .with_context(|| format!("not {status:?}"))
}

/// Recomputes the result from the public log alone: every decision, the chain, the winner.
///
/// # Errors
/// When a record is not what the rules make, or the log leads elsewhere than the server shows.
pub async fn recompute(
    world: &World,
    auction: AuctionId,
    shown: &AuctionView,
) -> anyhow::Result<Tally> {
    let url = format!("{}/v1/auctions/{auction}/log", world.origin);
    let log: Vec<Record> = world.http()?.get(url).send().await?.json().await?;
    let replay = Replay::of(&log)?;
    let verdict = replay.verdict();
    ensure!(hex::encode(verdict.head) == shown.head, "the log's head is not the one shown");
    ensure!(replay.auction() == &shown.auction, "the log leads to another state");
    let (winner, price) = verdict.winner.context("no award in the log")?;
    let LogVerdict { accepted, refused, .. } = verdict;
    Ok(Tally { winner: winner.0, price: price.get(), accepted, refused })
}

/// The winner's deposit counts towards the price, the others' went back, the books balance.
///
/// # Errors
/// When one does not, after a while.
pub async fn deposits_are_settled(
    world: &World,
    officials: &Officials,
    bidders: &Bidders,
    won: AuctionId,
) -> anyhow::Result<()> {
    for (phone, wanted) in bidders.all().into_iter().zip(["applied", "released", "released"]) {
        let settled = until("settled deposits", || async {
            let mine = phone.core.my_auctions().await?.items;
            let status = |auction: String| {
                let mine = mine.iter().find(|mine| mine.auction == auction);
                mine.and_then(|mine| mine.deposit_status.clone())
            };
            Ok((status(won.to_string()).as_deref() == Some(wanted)).then_some(()))
        });
        settled.await.with_context(|| format!("{}'s deposit is not {wanted}", phone.name))?;
    }
    let balances = world.state().deposits.balances(&officials.cashier.official).await?;
    let sum: i64 = balances.iter().map(|balance| balance.amount_tyiyn).sum();
    ensure!(sum == 0, "the books do not balance: {balances:?}");
    Ok(())
}
