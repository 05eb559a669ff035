//! The other side of the console's story: four phones.

use anyhow::{Context as _, ensure};
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::api::live::{BidState, LiveState};
use toruk_mobile_core::api::records::{MyAuction, PaymentChannel};
use toruk_sync::domain::id::AuctionId;
use toruk_tests::day::{Steps, fill_in};
use toruk_tests::world::phone::Phone;
use toruk_tests::world::{World, until};

/// The moderator's reason for refusing the fourth application.
pub const REASON: &str = "Документтин көчүрмөсү окулбайт.";
/// Raises one after the other.
pub const RAISES: usize = 3;

/// The four bidders of the story: three are admitted, the fourth is refused.
pub struct ConsoleBidders {
    /// Those who are admitted.
    pub admitted: [Phone; 3],
    /// The bidder whose application is refused.
    pub refused: Phone,
    raises: usize,
}

impl ConsoleBidders {
    /// All register and apply; each application reaches the server.
    pub async fn apply(world: &World, auction: AuctionId) -> anyhow::Result<Self> {
        let bidders = Self {
            admitted: [world.phone("Аида")?, world.phone("Бек")?, world.phone("Чыңгыз")?],
            refused: world.phone("Данияр")?,
            raises: 0,
        };
        for phone in bidders.all() {
            phone.core.register(phone.name.clone()).await?;
            phone.core.auction(auction.to_string()).await?;
            phone.core.set_online(false)?;
            fill_in(phone, auction, &mut Steps::default()).await?;
            phone.core.set_online(true)?;
            phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        }
        for phone in bidders.all() {
            until("an application's delivery", || async {
                let status = phone.core.draft_status(auction.to_string())?.submit;
                Ok(status.filter(|status| status.state == "submitted"))
            })
            .await?;
        }
        Ok(bidders)
    }

    /// The admitted three and the refused one.
    pub fn all(&self) -> Vec<&Phone> {
        self.admitted.iter().chain([&self.refused]).collect()
    }

    /// The auction's state for `phone`'s bidder, once their application is on the server.
    pub async fn mine(&self, phone: &Phone, auction: AuctionId) -> anyhow::Result<MyAuction> {
        until("the auction among their own", || async {
            let mine = phone.core.my_auctions().await?.items;
            Ok(mine.into_iter().find(|mine| mine.auction == auction.to_string()))
        })
        .await
    }

    /// The admitted pay their guarantee by wallet, and follow the auction.
    pub async fn pay(&self, world: &World, auction: AuctionId) -> anyhow::Result<()> {
        let id = auction.to_string();
        for phone in &self.admitted {
            until("the admission", || async {
                let mine = self.mine(phone, auction).await?;
                Ok((mine.status == "admitted").then_some(()))
            })
            .await?;
            let code = phone.core.begin_payment(id.clone(), PaymentChannel::WalletCode).await?;
            let number = code.code.context("no payment code")?;
            world.payments.pay_code(&number, code.amount)?;
        }
        for phone in &self.admitted {
            until("a paid guarantee", || async {
                let mine = self.mine(phone, auction).await?;
                Ok((mine.status == "eligible").then_some(()))
            })
            .await?;
            phone.core.watch(id.clone())?;
        }
        Ok(())
    }

    /// The next bidder in turn raises the price. Returns the bidder's number.
    pub async fn raise(&mut self, auction: AuctionId) -> anyhow::Result<u16> {
        let (round, who) = (self.raises, self.raises % self.admitted.len());
        let phone = &self.admitted[who];
        can_bid(phone, auction, round).await?;
        let quote = phone.core.quote(auction.to_string())?;
        let bid = phone.core.place_bid(quote).await?;
        ensure!(bid.state == BidState::Accepted, "not accepted: {bid:?}");
        self.raises += 1;
        self.mine(phone, auction).await?.bidder_no.context("the leader is without a number")
    }

    /// Two bidders raise at the same moment: one leads, the other is told that they came second.
    pub async fn both_at_once(&mut self, auction: AuctionId) -> anyhow::Result<()> {
        let leader = (self.raises + self.admitted.len() - 1) % self.admitted.len();
        let others = self.admitted.iter().enumerate().filter(|(who, _)| *who != leader);
        let others: Vec<&Phone> = others.map(|(_, phone)| phone).collect();
        let mut quotes = Vec::new();
        for phone in &others {
            can_bid(phone, auction, self.raises).await?;
            quotes.push(phone.core.quote(auction.to_string())?);
        }
        let (second, first) = (quotes.pop().context("a quote")?, quotes.pop().context("a quote")?);
        let (one, other) =
            tokio::join!(others[0].core.place_bid(first), others[1].core.place_bid(second));
        let (one, other) = (one?, other?);
        let states = [one.state, other.state];
        let accepted = states.iter().filter(|state| **state == BidState::Accepted).count();
        ensure!(accepted == 1, "two bids on one round: {one:?} {other:?}");
        self.raises += 1;
        Ok(())
    }

    /// The phone of the winner, who has to confirm the protocol.
    pub async fn winner(&self, auction: AuctionId) -> anyhow::Result<&Phone> {
        for phone in &self.admitted {
            if phone.core.protocol(auction.to_string()).await.is_ok() {
                return Ok(phone);
            }
        }
        anyhow::bail!("nobody has won")
    }
}

async fn can_bid(phone: &Phone, auction: AuctionId, round: usize) -> anyhow::Result<LiveState> {
    let mut last = None;
    let ready = until("the raise button", || {
        let state = phone.core.live_state(auction.to_string()).ok();
        last.clone_from(&state);
        async move { Ok(state.filter(|state| state.amount.is_some() && state.round == round as u64)) }
    });
    ready.await.with_context(|| format!("{} saw last: {last:?}", phone.name))
}
