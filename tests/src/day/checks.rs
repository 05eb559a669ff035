//! What the day must have left behind.

use super::{Bidders, Officials};
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use toruk_sync::domain::auction::{Event, Status, create, evolve};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::{GENESIS, Record, link};

/// What an auction's log says.
pub struct Tally {
    /// The winner's number.
    pub winner: u16,
    /// His price, in tyiyn.
    pub price: i64,
    /// Raises.
    pub accepted: u64,
    /// Refusals.
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

/// Recomputes the result from the public log alone: the chain, the state, the winner.
///
/// # Errors
/// When a link does not hold, or the log leads to another state than the server shows.
pub async fn recompute(
    world: &World,
    auction: AuctionId,
    shown: &AuctionView,
) -> anyhow::Result<Tally> {
    let url = format!("{}/v1/auctions/{auction}/log", world.origin);
    let log: Vec<Record> = world.http()?.get(url).send().await?.json().await?;
    let (mut head, mut state) = (GENESIS, None);
    let (mut accepted, mut refused) = (0, 0);
    for (position, record) in log.iter().enumerate() {
        ensure!(record.seq == position as u64 + 1, "the log has a gap");
        head = link(&head, record);
        state = Some(match (state, &record.event) {
            (None, Event::Created { birth }) => create(birth.clone()).0,
            (Some(state), event) => evolve(state, event),
            (None, _) => anyhow::bail!("the log does not begin with a beginning"),
        });
        accepted += u64::from(matches!(record.event, Event::BidPlaced { .. }));
        refused += u64::from(matches!(record.event, Event::BidRefused { .. }));
    }
    let state = state.context("an empty log")?;
    ensure!(hex::encode(head) == shown.head, "the log's head is not the one shown");
    ensure!(state == shown.auction, "the log leads to another state");
    let award = state.awards.last().context("no award in the log")?;
    Ok(Tally { winner: award.bidder.0, price: award.price.get(), accepted, refused })
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
