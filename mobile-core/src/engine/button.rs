//! What this phone knows that the one big button depends on. What the button then says is decided
//! by the rules, [`toruk_sync::domain::button`], the same for every platform.

use super::Engine;
use super::clock::Mono;
use toruk_sync::domain::button::{Button, NotEligible, Pending, ServerClock, Situation, button};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;

impl Engine {
    /// The big button of the live screen; `None` before anything was seen of the auction.
    ///
    /// The alert of a lost lead and the words of a refused bid are the app's, by the event and by
    /// the bid's result: they do not hold up the button here.
    pub fn button(&self, auction: AuctionId, now: Mono) -> Option<Button> {
        let view = self.view(auction)?;
        let state = &view.auction;
        let unnumbered = state.participants.is_empty() && state.round.is_none();
        let own = match self.own_number(auction).filter(|_| !state.participants.is_empty()) {
            Some(own) => Ok(own),
            None if unnumbered => Err(NotEligible::NumbersPending),
            None => Err(NotEligible::Observer),
        };
        let clock = self
            .server_now(now)
            .map(|estimate| ServerClock { now: estimate.time, uncertainty: estimate.uncertainty });
        // A bid that was taken is under way until its record is seen.
        let catching_up = self.bids.latest(auction).filter(|(_, seq)| *seq > view.seq);
        let sending = self.bids.sending(auction).or(catching_up.map(|(bid, _)| bid));
        let unknown = self.bids.unknown(auction).map(Pending::Unknown);
        Some(button(&Situation {
            auction: state,
            own,
            clock,
            // The follower knows what silence means on its stream.
            silence: self.is_fresh(auction, now).then_some(TimeSpan::ZERO),
            pending: sending.map(Pending::Sending).or(unknown),
            outbid_seen: u64::MAX,
            refusal: None,
        }))
    }
}
