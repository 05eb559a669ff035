//! What can be seen of the engine.

use super::Engine;
use super::bids::Bids;
use super::clock::{Estimate, Mono};
use super::drafts::Drafts;
use super::live::Follower;
use super::load::{self, Decided};
use super::outbox::Outbox;
use super::outbox::attention::Attention;
use super::outbox::delivered::Sent;
use super::pull::Pulls;
use super::uploads;
use crate::overview::Overview;
use serde::Deserialize as _;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::operations::{ApplicationView, Mine, OperationRejection, Verdict};
use toruk_sync::protocol::pull::{OutcomeView, Scope, kind};

impl Engine {
    /// A snapshot for the app; what it counts has a call of its own.
    pub fn overview(&self) -> Overview {
        Overview {
            person: self.profile().map(|profile| profile.person.to_string()),
            signed_in: self.is_signed_in(),
            online: self.is_online(),
            connected: self.is_live(),
            watched: self.watched().map(|auction| auction.to_string()).collect(),
            waiting: self.outbox().waiting().count() as u32,
            files_waiting: self.uploads().pending() as u32,
            outcomes: self.outcomes().len() as u32,
            attention: self.attention().len() as u32,
        }
    }

    /// The number of the latest event.
    pub fn event_number(&self) -> u64 {
        self.event_no
    }

    /// Whether the stream of every auction that is followed live is there.
    pub fn is_live(&self) -> bool {
        !self.connected.is_empty()
    }

    /// The auctions that are followed live.
    pub fn watched(&self) -> impl Iterator<Item = AuctionId> {
        self.watched.iter().copied()
    }

    /// The profile of the person who uses this phone.
    pub fn profile(&self) -> Option<&Session> {
        self.profile.as_ref()
    }

    /// Whether there is a session that the server has not ended.
    pub fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// Whether requests may leave.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// Drafts.
    pub fn drafts(&self) -> &Drafts {
        &self.drafts
    }

    /// Files.
    pub fn uploads(&self) -> &uploads::Uploads {
        &self.uploads
    }

    /// Waiting operations.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Decided operations that were not acknowledged.
    pub fn outcomes(&self) -> &BTreeMap<u64, Decided> {
        &self.outcomes
    }

    /// Bids.
    pub fn bids(&self) -> &Bids {
        &self.bids
    }

    /// What the server said last of this person.
    pub fn mine(&self) -> Option<&Mine> {
        self.mine.as_ref()
    }

    /// The freshest state of an auction: the followed one, or the last one fetched.
    pub fn view(&self, auction: AuctionId) -> Option<&AuctionView> {
        let followed = self.live.get(auction).and_then(Follower::view);
        let fetched = self.views.get(&auction);
        match (followed, fetched) {
            (Some(followed), Some(fetched)) if fetched.seq > followed.seq => Some(fetched),
            (followed, fetched) => followed.or(fetched),
        }
    }

    /// Every auction that was fetched.
    pub fn views(&self) -> impl Iterator<Item = &AuctionView> {
        self.views.values()
    }

    /// The person's number in an auction.
    pub fn own_number(&self, auction: AuctionId) -> Option<BidderNo> {
        let mine = self.mine.as_ref()?;
        let of = |view: &&ApplicationView| view.application.auction == auction;
        mine.applications.iter().filter(of).find_map(|view| view.bidder_no)
    }

    /// The server's time.
    pub fn server_now(&self, now: Mono) -> Option<Estimate> {
        self.server_clock.now(now)
    }

    /// Whether the live stream of an auction is there and not silent, and can be believed.
    pub fn is_fresh(&self, auction: AuctionId, now: Mono) -> bool {
        self.contradiction(auction).is_none() && self.live.is_fresh(auction, now)
    }

    /// After how many records the operator told two histories of an auction, if he did. Nothing he
    /// says of it is believed since.
    pub fn contradiction(&self, auction: AuctionId) -> Option<u64> {
        self.histories.contradiction(auction)
    }

    /// Whether an auction's live stream is wanted.
    pub fn is_streamed(&self, auction: AuctionId) -> bool {
        self.watched.contains(&auction) || self.live.get(auction).is_some()
    }

    /// Whether a delivery is under way; when not, whatever waits waits for a reason.
    pub fn is_delivering(&self) -> bool {
        self.outbox.is_sending() || self.uploads.is_sending()
    }

    /// Whether nothing is under way and the next attempt waits for its time.
    pub fn is_backing_off(&self, now: Mono) -> bool {
        let later = self.delivery.not_before().max(self.upload_pace.not_before());
        !self.is_delivering() && later > now
    }

    /// What became of the last submit to an auction, while it is not acknowledged.
    pub fn submit_outcome(&self, auction: AuctionId) -> Option<&Decided> {
        let of = |decided: &&Decided| {
            decided.auction == Some(auction) && decided.operation == load::SUBMIT
        };
        self.outcomes.values().rev().find(of)
    }

    pub(super) fn needed_files(verdict: &Verdict) -> BTreeSet<String> {
        match verdict {
            // Asked again, the server says of an infected one why it is not there.
            Verdict::Refused(
                OperationRejection::FilesMissing { sha256 }
                | OperationRejection::FilesInfected { sha256 },
            ) => sha256.iter().cloned().collect(),
            _ => BTreeSet::new(),
        }
    }

    /// What the server owns, as it was published last.
    pub fn pulls(&self) -> &Pulls {
        &self.pulls
    }

    /// The auctions this person follows.
    pub fn followed(&self) -> BTreeSet<AuctionId> {
        self.followed.auctions()
    }

    /// Refused operations that nobody has dealt with, by ticket.
    pub fn attention(&self) -> &BTreeMap<u64, Attention> {
        &self.attention
    }

    /// Whether another copy of this phone uses its name, so that it must become a new device.
    pub fn must_register_again(&self) -> bool {
        self.is_copied
    }

    /// What became of operations of the person's other phones.
    pub fn elsewhere(&self) -> impl Iterator<Item = OutcomeView> {
        let own = self.profile.as_ref().map(|profile| profile.device);
        let rows = self.pulls.of_kind(Scope::Person, kind::OUTCOME);
        let views =
            rows.filter_map(|(_, held)| OutcomeView::deserialize(held.value.as_ref()?).ok());
        views.filter(move |view| Some(view.device) != own)
    }

    /// When a submit to an auction was received, as far as this phone was told, whether or not the
    /// pull that brings the application has come.
    pub fn submitted_at(&self, auction: AuctionId) -> Option<Timestamp> {
        let own = |view: &&ApplicationView| view.application.auction == auction;
        let pulled = self.mine.iter().flat_map(|mine| &mine.applications).find(own);
        let received = |sent: &Sent| match &sent.outcome.verdict {
            Verdict::Submitted { received_at, .. } if sent.row.auction == Some(auction) => {
                Some(*received_at)
            }
            _ => None,
        };
        pulled
            .map(|view| view.application.received_at)
            .or_else(|| self.outbox.delivered.rows().rev().find_map(received))
    }

    /// Whether the phone knows that a submit which waits is too late by now: it goes out for the
    /// record only, and what depends on it is of no use.
    pub fn is_late_unsent(&self, auction: AuctionId, now: Mono) -> bool {
        let waits =
            self.outbox.waiting().any(|row| row.auction == Some(auction) && row.is_submit());
        waits && self.left_to_tender_end(auction, now).is_some_and(|left| left <= TimeSpan::ZERO)
    }

    /// Server time until applications close.
    pub(super) fn left_to_tender_end(&self, auction: AuctionId, now: Mono) -> Option<TimeSpan> {
        let terms = self.view(auction)?.auction.terms.as_ref()?;
        Some(terms.tender_end - self.server_now(now)?.time)
    }
}
