//! What can start now, and when to wake otherwise: the only place where work is started.

use super::clock::Mono;
use super::{Effect, Engine};
use crate::events::EventKind;
use toruk_sync::domain::time::TimeSpan;

/// Clock exchanges while an auction is followed, and while the last minute runs.
const CLOCK_EVERY_US: Mono = 5_000_000;
const CLOCK_EVERY_AT_THE_END_US: Mono = 1_000_000;
/// Server time before a deadline that counts as its end.
const THE_END: TimeSpan = TimeSpan::minutes(1);

impl Engine {
    pub(super) fn plan(&mut self, now: Mono) {
        let mut wake: Option<Mono> = None;
        let mut at = |moment: Mono| wake = Some(wake.map_or(moment, |wake| wake.min(moment)));
        if !self.online {
            return;
        }
        if self.signed_in {
            self.plan_deliveries(now, &mut at);
            self.plan_questions(now, &mut at);
        }
        self.plan_streams(now, &mut at);
        self.plan_clock(now, &mut at);
        if let Some(wake) = wake {
            self.effects.push(Effect::WakeAt(wake));
        }
    }

    fn plan_deliveries(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        if !self.uploads.is_sending() && self.uploads.pending() > 0 {
            if now >= self.upload_pace.not_before() {
                self.effects.extend(self.uploads.step().map(Effect::Upload));
            } else {
                at(self.upload_pace.not_before());
            }
        }
        let uploads = &self.uploads;
        let is_stored = |sha256: &str| uploads.is_stored(sha256);
        if self.outbox.is_sending() || !self.outbox.has_ready(is_stored) {
            return;
        }
        if now < self.delivery.not_before() {
            at(self.delivery.not_before());
        } else if let Some((push, writes)) = self.outbox.batch(is_stored) {
            self.writes.extend(writes);
            self.effects.push(Effect::Push(push));
        }
    }

    fn plan_questions(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        if self.mine_wanted && !self.mine_asked {
            if now >= self.mine_pace.not_before() {
                self.mine_asked = true;
                self.effects.push(Effect::FetchMine);
            } else {
                at(self.mine_pace.not_before());
            }
        }
        if self.bid_asked.is_some() {
            return;
        }
        if let Some(bid) = self.bids.any_unknown() {
            if now >= self.bid_pace.not_before() {
                self.bid_asked = Some(bid);
                self.effects.push(Effect::AskBid(bid));
            } else {
                at(self.bid_pace.not_before());
            }
        }
    }

    fn plan_streams(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        let mut lost = Vec::new();
        for (auction, follower) in &mut self.followers {
            let was_up = follower.is_up();
            if let Some(opening) = follower.plan(now) {
                self.effects.push(Effect::OpenStream(*auction, opening));
            }
            if was_up && !follower.is_up() {
                lost.push(*auction);
            }
            at(follower.wake_at());
        }
        for auction in lost {
            self.notify(Some(auction), EventKind::ConnectionChanged { connected: false });
        }
    }

    fn plan_clock(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        if self.followers.is_empty() || self.clock_asked {
            return;
        }
        if now < self.clock_due {
            at(self.clock_due);
            return;
        }
        let estimate = self.server_clock.now(now).map(|estimate| estimate.time);
        let ends_soon = self.followers.values().any(|follower| {
            let deadline = follower.auction().and_then(|auction| auction.round).map(|r| r.deadline);
            let left = deadline.zip(estimate).map(|(deadline, now)| deadline - now);
            left.is_some_and(|left| left > TimeSpan::ZERO && left <= THE_END)
        });
        let every = if ends_soon { CLOCK_EVERY_AT_THE_END_US } else { CLOCK_EVERY_US };
        self.clock_due = now.saturating_add(every);
        self.clock_asked = true;
        self.effects.push(Effect::SampleClock);
    }
}
