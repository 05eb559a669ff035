//! Prints the interactive demo's lines: every public record of the auctions as it is decided, and
//! from time to time the state of each auction.

use crate::output::Output;
use crate::world::World;
use crate::world::clock::{Clock, ScaledClock};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::auction::{Event, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;

/// Between two looks at the logs.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Between two lines about an auction in which nothing happens.
const REMIND_EVERY: TimeSpan = TimeSpan::seconds(30);
/// Records read at once.
const RECORDS_MAX: u64 = 100;
/// The winner who lets this pass (in real time) no longer holds up the next round.
const CONFIRMATION_AWAITED: TimeSpan = TimeSpan::minutes(10);

/// Prints the demo's lines to its terminal.
pub struct Diary {
    output: Output,
    clock: Arc<ScaledClock>,
    speed: u32,
}

/// The part of one auction's log that has been printed.
struct Told {
    seq: u64,
    reminded: Timestamp,
}

impl Diary {
    /// A diary by this clock, which runs `speed` times as fast as ours.
    pub fn new(clock: Arc<ScaledClock>, speed: u32) -> Self {
        Self { output: Output::stdout(), clock, speed }
    }

    /// Prints a line with the demo's time.
    pub fn say(&self, line: impl std::fmt::Display) {
        let now = self.clock.now().bishkek();
        self.print(format_args!("{}  {line}", now.rsplit(' ').next().unwrap_or(&now)));
    }

    /// Prints a line as it is.
    pub fn print(&self, line: impl std::fmt::Display) {
        self.output.line(line);
    }

    /// Waits until nobody reads what is printed.
    ///
    /// # Errors
    /// When it can't be written for another reason.
    pub async fn lost(&self) -> anyhow::Result<()> {
        self.output.lost().await
    }

    /// A span of the demo's time, and what it is for those who sit before the screen.
    pub fn span(&self, span: TimeSpan) -> String {
        if self.speed == 1 {
            return span.to_string();
        }
        format!("{span} (in real time {})", TimeSpan(span.0 / i64::from(self.speed)))
    }

    /// Tells what happens in `auctions` until all of them are over, or the last winner keeps
    /// silent for too long.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn follow(&self, world: &World, auctions: &[AuctionId]) -> anyhow::Result<()> {
        let mut told: BTreeMap<AuctionId, Told> = BTreeMap::new();
        let began = self.clock.now();
        loop {
            let mut going_on = false;
            for id in auctions {
                let view = world.state().catalogue.view(*id).await?;
                let told = told.entry(*id).or_insert(Told { seq: 0, reminded: began });
                let log = world.state().catalogue.log(*id, told.seq, RECORDS_MAX).await?;
                for record in log {
                    told.seq = record.seq;
                    told.reminded = self.clock.now();
                    if let Some(line) = self.line(&view, &record) {
                        self.say(format!("{}  {line}", view.number));
                    }
                }
                let now = self.clock.now();
                if now - told.reminded >= self.stretched(REMIND_EVERY) {
                    told.reminded = now;
                    if let Some(line) = self.reminder(&view, now) {
                        self.say(format!("{}  {line}", view.number));
                    }
                }
                going_on |= self.goes_on(&view, now);
            }
            if !going_on {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn stretched(&self, span: TimeSpan) -> TimeSpan {
        TimeSpan(span.0.saturating_mul(i64::from(self.speed)))
    }

    fn goes_on(&self, view: &AuctionView, now: Timestamp) -> bool {
        let closed = view.auction.closes_at().unwrap_or(now);
        match view.auction.status {
            Status::Complete | Status::Unsuccessful | Status::Cancelled => false,
            Status::Qualification => now - closed < self.stretched(CONFIRMATION_AWAITED),
            _ => true,
        }
    }

    fn line(&self, view: &AuctionView, record: &Record) -> Option<String> {
        let until = |deadline: Timestamp| self.span(deadline - record.at);
        Some(match &record.event {
            Event::Published { terms, .. } => format!(
                "published: {}; from {} som, step {} som, guarantee {} som; applications close in \
                 {}",
                title(view),
                terms.value,
                terms.minimal_step,
                terms.guarantee,
                until(terms.tender_end)
            ),
            Event::TenderingClosed { participants } => format!(
                "applications closed with {} participants; bidding starts in {}",
                participants.len(),
                until(view.auction.birth.offer.start)
            ),
            Event::BiddingOpened { deadline } => {
                format!("bidding is open; {} for the first offer", until(*deadline))
            }
            Event::BidPlaced { bidder, amount, outbid, deadline, .. } => {
                let over = outbid.map(|outbid| format!(" over bidder {}", outbid.0));
                let over = over.unwrap_or_default();
                format!("bidder {}: {amount} som{over}; {} left", bidder.0, until(*deadline))
            }
            Event::BidRefused { bidder, reason, .. } => {
                format!("bidder {}: refused, {reason}", bidder.0)
            }
            Event::Suspended { .. } => "SUSPENDED; the clock stands".to_owned(),
            Event::ResumeAnnounced { at, .. } => format!("goes on in {}", until(*at)),
            Event::Resumed { .. } => "goes on".to_owned(),
            Event::BiddingClosed { .. } => "bidding is closed".to_owned(),
            Event::AwardProposed { award } => format!(
                "bidder {} has won at {} som and is asked to confirm",
                award.bidder.0, award.price
            ),
            Event::AwardConfirmed { bidder, .. } => {
                format!("bidder {} has signed the result", bidder.0)
            }
            Event::AwardLapsed { bidder, .. } => format!("bidder {} has not confirmed", bidder.0),
            Event::WinnerDisqualified { .. } => "the winner was excluded".to_owned(),
            Event::CalendarChanged { .. } => "days off were moved".to_owned(),
            Event::ProtocolKept { .. } => "its protocol is made and kept".to_owned(),
            Event::ProtocolSigned { .. } => "the organiser signs the protocol".to_owned(),
            Event::ContractSigned { .. } => "the contract is signed; complete".to_owned(),
            Event::ContractFailed { .. } => "no contract came about".to_owned(),
            Event::Failed { reason } => format!("unsuccessful: {}", plain(reason)),
            Event::Cancelled { reason, .. } => format!("cancelled: {reason}"),
            Event::Relaunched { .. } => "created again".to_owned(),
            Event::Amended { .. } => "the terms were changed".to_owned(),
            Event::Created { .. }
            | Event::Edited { .. }
            | Event::Submitted { .. }
            | Event::Returned { .. }
            | Event::TenderingOpened => return None,
        })
    }

    fn reminder(&self, view: &AuctionView, now: Timestamp) -> Option<String> {
        let auction = &view.auction;
        let terms = auction.terms.as_ref()?;
        Some(match auction.status {
            Status::Rectification | Status::Tendering => {
                format!("applications close in {}", self.span(terms.tender_end - now))
            }
            Status::Waiting => format!("bidding starts in {}", self.span(terms.start - now)),
            Status::Bidding => {
                let round = auction.round?;
                let left = self.span(auction.closes_at()? - now);
                match round.leader {
                    Some(leader) => {
                        format!("bidder {} leads at {} som; {left} left", leader.0, round.price)
                    }
                    None => format!("no offer yet; {left} left"),
                }
            }
            Status::Qualification => {
                let award = auction.pending_award()?;
                format!("bidder {} has won and has not confirmed yet", award.bidder.0)
            }
            _ => return None,
        })
    }
}

/// The lot's title in the first language it has.
pub fn title(view: &AuctionView) -> &str {
    view.lot.title.get("en")
}

fn plain<T: serde::Serialize>(code: &T) -> String {
    let code = serde_json::to_value(code).unwrap_or_default();
    code.as_str().unwrap_or_default().replace('_', " ")
}
