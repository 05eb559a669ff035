//! The inputs of the one big button, from this phone's data. The rules decide what it shows,
//! [`toruk_sync::domain::button`], the same on every platform.

use super::Engine;
use super::clock::Mono;
use toruk_sync::domain::button::{Button, NotEligible, Pending, ServerClock, Situation, button};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;

impl Engine {
    /// The big button of the live screen; `None` if this phone has not seen the auction yet.
    ///
    /// The app alerts the person to a lost lead and to a refused bid by the event and the bid's
    /// result: these do not hold up the button here.
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
        // An accepted bid counts as under way until its record has been seen.
        let catching_up = self.bids.latest(auction).filter(|(_, seq)| *seq > view.seq);
        let sending = self.bids.sending(auction).or(catching_up.map(|(bid, _)| bid));
        let unknown = self.bids.unknown(auction).map(Pending::Unknown);
        Some(button(&Situation {
            auction: state,
            own,
            clock,
            // The follower decides how much silence is too much.
            silence: self.is_fresh(auction, now).then_some(TimeSpan::ZERO),
            pending: sending.map(Pending::Sending).or(unknown),
            outbid_seen: u64::MAX,
            refusal: None,
        }))
    }
}
