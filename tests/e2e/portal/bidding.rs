//! The bidder's bids behind the portal, up to the win.

use super::Way;
use crate::support::portal_answers::answers;
use anyhow::{Context as _, ensure};
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::BidState;
use toruk_mobile_core::engine::request_kind::RequestKind;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::world::portal::PortalAnswer;
use toruk_tests::world::until;

impl Way {
    /// Places a bid that the server accepts, and whose answer is replaced on the way.
    pub(super) async fn lose_the_answer_to_a_bid(&mut self) -> anyhow::Result<()> {
        self.sees("can_first_offer").await?;
        let replaced = PortalAnswer { replaces: true, ..answers()[0].0.clone() };
        self.portal.obstruct(&[RequestKind::PlaceBid, RequestKind::ReadBid], replaced);
        let core = &self.phone.core;
        let placed = core.place_bid(core.quote(self.auction.clone())?).await?;
        ensure!(placed.state == BidState::Unknown, "a bid without an answer: {placed:?}");
        let (bidding, caught) =
            (self.stage.view().await?, self.portal.caught(RequestKind::PlaceBid));
        ensure!(bidding.auction.round.is_some_and(|round| round.number == 1), "{bidding:?}");
        ensure!(caught == 1, "a bid was sent {caught} times");
        self.unanswered = Some(placed.bid);
        Ok(())
    }

    /// Learns that the bid was accepted, and wins with it.
    pub(super) async fn win(&mut self) -> anyhow::Result<()> {
        let bid = self.unanswered.take().context("no bid")?;
        let placed = self.phone.core.bid_status(bid).await?;
        ensure!(placed.state == BidState::Accepted, "the server's own answer: {placed:?}");
        let round = self.stage.view().await?.auction.round.context("no round")?;
        self.stage.play_until(round.deadline + TimeSpan::minutes(1)).await?;
        until("an award", || async {
            let auction = self.stage.view().await?.auction;
            Ok(auction.pending_award().map(|_| ()))
        })
        .await
    }

    /// Waits until the button says so.
    pub(super) async fn sees(&self, button: &str) -> anyhow::Result<()> {
        until("the button", || async {
            // Three hours in a moment look to a phone like a stream that fell silent: it follows
            // again, which takes a little of its time.
            self.stage.clock.advance(TimeSpan::milliseconds(100));
            let live = self.phone.core.live_state(self.auction.clone())?;
            Ok((live.button == button).then_some(()))
        })
        .await
        .with_context(|| format!("no {button}"))
    }

    /// Offers a price; the app is told that it has not arrived, and nothing else.
    pub(super) async fn bid(&self) -> anyhow::Result<Result<(), CoreError>> {
        self.sees("can_first_offer").await?;
        let core = &self.phone.core;
        let placed = match core.place_bid(core.quote(self.auction.clone())?).await {
            Ok(placed) => placed,
            Err(error) => return Ok(Err(error)),
        };
        let caught = self.portal.caught(RequestKind::PlaceBid);
        ensure!(caught == 1, "a bid was sent {caught} times");
        ensure!(placed.state == BidState::NotReceived && placed.code.is_none(), "{placed:?}");
        Ok(Ok(()))
    }

    /// Asks about the bid that got no answer.
    pub(super) async fn bid_status(&self) -> anyhow::Result<Result<(), CoreError>> {
        let bid = self.unanswered.clone().context("no bid")?;
        let told = self.phone.core.bid_status(bid).await;
        Ok(told.map(|told| assert_eq!((told.state, told.code), (BidState::Unknown, None))))
    }
}
