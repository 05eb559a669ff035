//! Starts all work: whatever can start now, or else the time to wake up. No other file starts any.

use super::clock::Mono;
use super::live::StreamStep;
use super::{Effect, Engine};
use std::collections::BTreeSet;
use toruk_sync::domain::application;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::limits::FOLLOW_MAX;

/// The intervals of clock exchanges, microseconds: while an auction is followed, and in its last
/// minute.
const CLOCK_EVERY_US: Mono = 5_000_000;
const CLOCK_EVERY_AT_THE_END_US: Mono = 1_000_000;
/// The time before its start from which an auction is followed if the person takes part in it.
const SOON: TimeSpan = TimeSpan::minutes(15);
/// The last part of a round, in which the clock is exchanged more often.
const THE_END: TimeSpan = TimeSpan::minutes(1);

impl Engine {
    pub(super) fn plan(&mut self, now: Mono) {
        let mut wake: Option<Mono> = None;
        let mut at = |moment: Mono| wake = Some(wake.map_or(moment, |wake| wake.min(moment)));
        self.choose_followed(now, &mut at);
        self.notify_late(now, &mut at);
        if !self.online {
            // Deadlines also pass without a connection.
            self.effects.extend(wake.map(Effect::WakeAt));
            return;
        }
        if self.signed_in {
            self.plan_deliveries(now, &mut at);
            self.plan_questions(now, &mut at);
            self.plan_push_token(now, &mut at);
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
        if let Some(from) = self.pulling.is_wanted()
            && !self.pulls.is_asked()
            && self.pulling.is_its_turn(self.outbox.is_sending(), self.outbox.answers())
        {
            if now >= from {
                self.ask_page();
            } else {
                at(from);
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
        match self.live.plan(now) {
            Some(StreamStep::Open(opening)) => self.effects.push(Effect::OpenStream(opening)),
            Some(StreamStep::Close) => self.effects.push(Effect::CloseStream),
            None => {}
        }
        if let Some(wake) = self.live.wake_at() {
            at(wake);
        }
        self.notify_connections();
    }

    /// Follows the auctions on screen and, as far as there is room, those the person takes part in.
    fn choose_followed(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        let mut wanted = self.watched.clone();
        let room = FOLLOW_MAX.saturating_sub(wanted.len());
        wanted.extend(self.taking_part(now, at).into_iter().take(room));
        // An operator that stated two histories is not asked for a third.
        wanted.retain(|auction| self.histories.contradiction(*auction).is_none());
        let followed: Vec<AuctionId> = self.live.followers().keys().copied().collect();
        for auction in followed.iter().filter(|auction| !wanted.contains(auction)) {
            self.live.unfollow(*auction);
        }
        for auction in wanted {
            if self.live.get(auction).is_none() {
                self.live.follow(auction, self.views.get(&auction).cloned());
            }
        }
    }

    /// Auctions in which this person takes part and that are open or will open soon.
    fn taking_part(&self, now: Mono, at: &mut impl FnMut(Mono)) -> BTreeSet<AuctionId> {
        let server = self.server_now(now).map(|estimate| estimate.time);
        let own = self.mine.iter().filter(|_| self.signed_in).flat_map(|mine| &mine.applications);
        let eligible = own.filter(|own| own.application.status == application::Status::Eligible);
        let mut live = |auction: &AuctionId| {
            let Some(state) = self.view(*auction).map(|view| &view.auction) else { return false };
            match (state.status, state.terms.as_ref(), server) {
                (Status::Bidding, ..) => true,
                (Status::Waiting, Some(terms), Some(server)) => {
                    let left = (terms.start - SOON) - server;
                    if left > TimeSpan::ZERO {
                        at(now.saturating_add(left.0 / self.server_clock.speed()));
                    }
                    left <= TimeSpan::ZERO
                }
                _ => false,
            }
        };
        eligible.map(|own| own.application.auction).filter(|auction| live(auction)).collect()
    }

    fn plan_clock(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        if self.live.followers().is_empty() || self.clock_asked {
            return;
        }
        if now < self.clock_due {
            at(self.clock_due);
            return;
        }
        let estimate = self.server_clock.now(now).map(|estimate| estimate.time);
        let ends_soon = self.live.followers().values().any(|follower| {
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
