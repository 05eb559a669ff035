//! Bidders who bid at the same time, each on a socket of their own.

use super::bidder::{Bidder, BidderView};
use super::chance::Chance;
use super::history::{Finding, Operation};
use super::process::ServerProcess;
use super::wire::RawClient;
use crate::world::seed::seed;
use crate::world::seed::{SeedPlan, Seeded};
use anyhow::Context as _;
use futures_util::future::join_all;
use std::sync::Arc;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::PlaceBid;

/// The bidders of one auction.
pub struct Crowd {
    /// The auction in which all of them bid.
    pub auction: AuctionId,
    pub bidders: Vec<Bidder>,
}

/// An auction that has been open for a moment, on a new site's database.
///
/// # Errors
/// When the database can't be written.
pub async fn open(
    site: &ServerProcess,
    bidders: usize,
    clock: &Arc<SystemClock>,
) -> anyhow::Result<Crowd> {
    let now = clock.now();
    let rules = site.config.rules.clone();
    let plan = SeedPlan::new(1, bidders, rules, now - TimeSpan::seconds(1));
    Crowd::new(&seed(&site.config, &plan, now).await?, 0, clock)
}

impl Crowd {
    /// All who were seeded, in one of the auctions. They have not looked at it yet.
    ///
    /// # Errors
    /// When there is no such auction.
    pub fn new(seeded: &Seeded, no: usize, clock: &Arc<SystemClock>) -> anyhow::Result<Self> {
        let auction = *seeded.auctions.get(no).context("no such auction")?;
        let basis = Basis { round: 0, price: Tyiyn::ZERO };
        let unseen = BidderView { epoch: 0, basis, step: Tyiyn::ZERO };
        let key = &seeded.receipt_key;
        let seats = seeded.seats.iter().enumerate();
        let bidders = seats
            .map(|(place, seat)| Bidder::new(place, seat, auction, key, clock, unseen))
            .collect::<Result<_, _>>()?;
        Ok(Self { auction, bidders })
    }

    /// All settle what is unclear to them and look at the auction. Whether all is clear now.
    pub async fn clear_up(&mut self, port: u16) -> bool {
        let all = self.bidders.iter_mut().map(|bidder| async move {
            let Ok(mut wire) = RawClient::open(port).await else { return false };
            bidder.clear_up(&mut wire).await && bidder.look(&mut wire).await
        });
        join_all(all).await.into_iter().all(|clear| clear)
    }

    /// All bid as fast as they are answered, until their connections break.
    #[must_use]
    pub fn bid_until_broken(self, port: u16, chance: &mut Chance) -> tokio::task::JoinHandle<Self> {
        let auction = self.auction;
        let all: Vec<_> = self.bidders.into_iter().map(|one| (one, chance.branch())).collect();
        tokio::spawn(async move {
            let bidding = all.into_iter().map(|(one, chance)| bid_on(one, port, chance));
            Self { auction, bidders: join_all(bidding).await }
        })
    }

    /// The calls of all bidders, in no particular order.
    pub fn operations(&self) -> Vec<Operation> {
        self.bidders.iter().flat_map(|bidder| bidder.operations.iter().cloned()).collect()
    }

    /// Contradictions that any bidder was told.
    pub fn findings(&self) -> Vec<Finding> {
        self.bidders.iter().flat_map(|bidder| bidder.findings.iter().cloned()).collect()
    }
}

/// One bidder's evening: mostly proper raises; wrong amounts, repetitions, looks and hang-ups.
async fn bid_on(mut bidder: Bidder, port: u16, mut chance: Chance) -> Bidder {
    let Ok(mut wire) = RawClient::open(port).await else { return bidder };
    let mut last: Option<PlaceBid> = None;
    loop {
        let Ok(raise) = bidder.raise() else { return bidder };
        let holds = match (chance.below(100), &last) {
            (0..10, Some(last)) => bidder.send(&mut wire, &last.clone()).await,
            (10..20, _) => {
                let amount = raise.amount.checked_add(bidder.seen.step).unwrap_or(raise.amount);
                let Ok(wrong) = bidder.bid(raise.basis, amount) else { return bidder };
                bidder.send(&mut wire, &wrong).await
            }
            (20..24, _) => bidder.look(&mut wire).await,
            (24..28, _) => {
                bidder.unclear.push(raise.clone());
                let sent = bidder.send_unread(&mut wire, &raise).await.is_ok();
                match RawClient::open(port).await {
                    Ok(next) if sent => {
                        wire = next;
                        bidder.look(&mut wire).await
                    }
                    _ => false,
                }
            }
            _ => {
                last = Some(raise.clone());
                bidder.send(&mut wire, &raise).await
            }
        };
        if !holds {
            return bidder;
        }
    }
}
