//! Read access to the engine's state.

use super::bids::Bids;
use super::clock::{Estimate, Mono};
use super::drafts::Drafts;
use super::live::Follower;
use super::load::{self, Decided};
use super::outbox::Outbox;
use super::outbox::attention::Attention;
use super::outbox::delivered::Sent;
use super::pull::Pulls;
use super::receipts::Receipts;
use super::uploads;
use super::{Engine, Mine};
use crate::obstacle::Obstacle;
use crate::overview::Overview;
use serde::Deserialize as _;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::application;
use toruk_sync::domain::file::{FileKind, FileLimits, check_size};
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::operations::{ApplicationView, OperationRejection, Verdict};
use toruk_sync::protocol::pull::{OutcomeView, Scope, kind};
use toruk_sync::receipt::Opening;

impl Engine {
    /// A snapshot for the app; there is a call for each thing it counts.
    pub fn overview(&self) -> Overview {
        Overview {
            person: self.profile().map(|profile| profile.person.to_string()),
            signed_in: self.is_signed_in(),
            online: self.is_online(),
            obstacle: self.obstacle,
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

    /// Returns `true` if the stream of any followed auction is connected.
    pub fn is_live(&self) -> bool {
        !self.connected.is_empty()
    }

    /// The auctions whose live screen is open.
    pub fn watched(&self) -> impl Iterator<Item = AuctionId> {
        self.watched.iter().copied()
    }

    /// The profile of the person who uses this phone.
    pub fn profile(&self) -> Option<&Session> {
        self.profile.as_ref()
    }

    /// Returns `true` if there is a session that the server has not ended.
    pub fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// Returns `true` if requests may be sent.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// Something that answers in the server's place, if the last answer was its.
    pub fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle
    }

    /// The person's drafts on this phone.
    pub fn drafts(&self) -> &Drafts {
        &self.drafts
    }

    /// The files to upload.
    pub fn uploads(&self) -> &uploads::Uploads {
        &self.uploads
    }

    /// The server's limits of files, as it last told them.
    pub fn file_limits(&self) -> FileLimits {
        self.file_limits
    }

    /// Returns `true` if the server takes a file of this kind and size, and has not refused it.
    pub fn is_usable(&self, file: &FileRef) -> bool {
        let refused = |upload: &uploads::Upload| matches!(upload.phase, uploads::Phase::Refused(_));
        FileKind::of_mime(&file.mime).is_some()
            && check_size(file.size_bytes, &self.file_limits).is_ok()
            && !self.uploads.get(&file.sha256).is_some_and(refused)
    }

    /// The queue of waiting operations.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Decided operations that are not acknowledged, by number.
    pub fn outcomes(&self) -> &BTreeMap<u64, Decided> {
        &self.outcomes
    }

    /// The bids of this phone.
    pub fn bids(&self) -> &Bids {
        &self.bids
    }

    /// The person's applications and drafts, as last pulled.
    pub fn mine(&self) -> Option<&Mine> {
        self.mine.as_ref()
    }

    /// The newest state of an auction: the followed one, or the one fetched last.
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

    /// The person's bidder number in an auction.
    pub fn own_number(&self, auction: AuctionId) -> Option<BidderNo> {
        let mine = self.mine.as_ref()?;
        let of = |view: &&ApplicationView| view.application.auction == auction;
        mine.applications.iter().filter(of).find_map(|view| view.bidder_no)
    }

    /// The opening of this person's commitment in the log, if it is for their application to this
    /// auction.
    pub fn opening(&self, auction: AuctionId) -> Option<&Opening> {
        let mine = self.mine.as_ref()?.applications.iter();
        let mut own = mine.filter(|view| view.application.auction == auction);
        own.find_map(|view| {
            let opening = view.opening.as_ref()?;
            let same = (opening.auction, opening.application, Some(opening.bidder))
                == (auction, view.application.id, view.bidder_no);
            same.then_some(opening)
        })
    }

    /// The estimated server time.
    pub fn server_now(&self, now: Mono) -> Option<Estimate> {
        self.server_clock.now(now)
    }

    /// Returns `true` if an auction's stream is connected, not silent, and can be believed.
    pub fn is_fresh(&self, auction: AuctionId, now: Mono) -> bool {
        self.contradiction(auction).is_none() && self.live.is_fresh(auction, now)
    }

    /// The number of records for which the operator stated two histories of an auction, if that
    /// happened. After that nothing the operator states about it is believed.
    pub fn contradiction(&self, auction: AuctionId) -> Option<u64> {
        self.histories.contradiction(auction)
    }

    /// Returns `true` if an auction's live stream is wanted.
    pub fn is_streamed(&self, auction: AuctionId) -> bool {
        self.watched.contains(&auction) || self.live.get(auction).is_some()
    }

    /// Returns `true` while a delivery is under way.
    pub fn is_delivering(&self) -> bool {
        self.outbox.is_sending() || self.uploads.is_sending()
    }

    /// Returns `true` if no delivery is under way and the next one waits for its retry time.
    pub fn is_backing_off(&self, now: Mono) -> bool {
        let later = self.delivery.not_before().max(self.upload_pace.not_before());
        !self.is_delivering() && later > now
    }

    /// The outcome of the last submit to an auction, until it is acknowledged.
    pub fn submit_outcome(&self, auction: AuctionId) -> Option<&Decided> {
        let of = |decided: &&Decided| {
            decided.auction == Some(auction) && decided.operation == load::SUBMIT
        };
        self.outcomes.values().rev().find(of)
    }

    pub(super) fn needed_files(verdict: &Verdict) -> BTreeSet<String> {
        match verdict {
            // Asked again, the server gives the reason why an infected file is missing.
            Verdict::Refused(
                OperationRejection::FilesMissing { sha256 }
                | OperationRejection::FilesInfected { sha256 },
            ) => sha256.iter().cloned().collect(),
            _ => BTreeSet::new(),
        }
    }

    /// The server's data, as published last.
    pub fn pulls(&self) -> &Pulls {
        &self.pulls
    }

    /// The auctions this person follows.
    pub fn followed(&self) -> BTreeSet<AuctionId> {
        self.followed.auctions()
    }

    /// Refused operations that need the person, by ticket.
    pub fn attention(&self) -> &BTreeMap<u64, Attention> {
        &self.attention
    }

    /// Returns `true` if another copy of this phone uses its device name, so that it must become a
    /// new device.
    pub fn must_register_again(&self) -> bool {
        self.is_copied
    }

    /// Outcomes of operations of the person's other phones.
    pub fn elsewhere(&self) -> impl Iterator<Item = OutcomeView> {
        let own = self.profile.as_ref().map(|profile| profile.device);
        let rows = self.pulls.of_kind(Scope::Person, kind::OUTCOME);
        let views =
            rows.filter_map(|(_, held)| OutcomeView::deserialize(held.value.as_ref()?).ok());
        views.filter(move |view| Some(view.device) != own)
    }

    /// The time of receipt of a submit, as far as this phone knows, whether or not the application
    /// has been pulled.
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

    /// The kept receipts of acts on applications.
    pub fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    /// Returns `true` if the terms have changed since the person's application was taken in, and no
    /// later one was.
    pub fn must_reconfirm(&self, auction: AuctionId) -> bool {
        let own = |view: &&ApplicationView| view.application.auction == auction;
        let pulled = self.mine.iter().flat_map(|mine| &mine.applications).find(own);
        let Some(application) = pulled.map(|view| &view.application) else { return false };
        let is_later = |sent: &Sent| match &sent.outcome.verdict {
            Verdict::Submitted { package_hash, received_at, .. } => {
                sent.row.auction == Some(auction)
                    && *package_hash != application.package_hash
                    && *received_at > application.received_at
            }
            _ => false,
        };
        application.status == application::Status::NeedsReconfirm
            && !self.outbox.delivered.rows().any(is_later)
    }

    /// Returns `true` if a waiting submit is known to be late: it is sent for the record only, and
    /// nothing that depends on it is of use.
    pub fn is_late_unsent(&self, auction: AuctionId, now: Mono) -> bool {
        let waits =
            self.outbox.waiting().any(|row| row.auction == Some(auction) && row.is_submit());
        waits && self.left_to_tender_end(auction, now).is_some_and(|left| left <= TimeSpan::ZERO)
    }

    /// The server time left until applications close.
    pub(super) fn left_to_tender_end(&self, auction: AuctionId, now: Mono) -> Option<TimeSpan> {
        let terms = self.view(auction)?.auction.terms.as_ref()?;
        Some(terms.tender_end - self.server_now(now)?.time)
    }
}
