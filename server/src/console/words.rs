//! Texts for the names in the rules: states, kinds, events of a log.

use super::layout::Page;
pub use super::rule_name::name;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::auction::{Auction, Event, ProtocolSubject, Status};
use toruk_sync::domain::deposit::Mismatch;

/// A state in words and the colour that repeats it.
#[derive(Debug, Clone)]
pub struct Tag {
    pub text: String,
    /// The colour: `accent`, `good`, `warn`, `bad` or empty.
    pub tone: &'static str,
}

/// The state of an auction.
pub fn status(page: &Page, status: Status) -> Tag {
    let tone = match status {
        Status::Draft => "",
        Status::Review | Status::Qualification | Status::Awarded => "warn",
        Status::Rectification | Status::Tendering | Status::Waiting => "accent",
        Status::Bidding | Status::Complete => "good",
        Status::Unsuccessful | Status::Cancelled => "bad",
    };
    Tag { text: page.text_for("status", &name(&status)), tone }
}

/// The state of an auction, or that its clock is stopped.
pub fn state(page: &Page, auction: &Auction) -> Tag {
    match auction.suspension {
        Some(_) => Tag { text: page.text("status-stopped"), tone: "bad" },
        None => status(page, auction.status),
    }
}

/// The state of an application.
pub fn application(page: &Page, status: ApplicationStatus) -> Tag {
    use ApplicationStatus as S;
    let tone = match status {
        S::Signed | S::NeedsReconfirm => "warn",
        S::Admitted | S::Reserve => "accent",
        S::Eligible | S::Won => "good",
        S::NotAdmitted | S::Disqualified => "bad",
        S::Withdrawn | S::Lost => "",
    };
    Tag { text: page.text_for("application", &name(&status)), tone }
}

/// The reason why a payment does not match.
pub fn mismatch(page: &Page, mismatch: Mismatch) -> Tag {
    Tag { text: page.text_for("mismatch", &name(&mismatch)), tone: "bad" }
}

/// The text of an event, for the history of an auction.
pub fn event(page: &Page, event: &Event) -> String {
    let title = page.text_for("event", &name(event));
    let more = match event {
        Event::Returned { reason, .. } | Event::Cancelled { reason, .. } => reason.clone(),
        Event::TenderingClosed { participants } => {
            page.text_count("count-participants", participants.len())
        }
        Event::BiddingOpened { deadline } | Event::BiddingClosed { deadline } => {
            page.text_with("until", deadline.bishkek())
        }
        Event::BidPlaced { bidder, amount, .. } => {
            let bidder = page.text_with("participant", bidder.to_string());
            format!("{bidder}, {}", page.som(amount))
        }
        Event::BidRefused { bidder, reason, .. } => {
            let bidder = page.text_with("participant", bidder.to_string());
            format!("{bidder}: {}", page.text_for("bid", &name(reason)))
        }
        Event::Suspended { cause, .. } => page.text_for("cause", &name(cause)),
        Event::ResumeAnnounced { at, .. } => page.text_with("from-moment", at.bishkek()),
        Event::AwardProposed { award } => {
            let bidder = page.text_with("participant", award.bidder.to_string());
            format!("{bidder}, {}", page.som(&award.price))
        }
        Event::AwardConfirmed { bidder, .. } => page.text_with("participant", bidder.to_string()),
        Event::AwardLapsed { bidder, reason } => {
            let bidder = page.text_with("participant", bidder.to_string());
            format!("{bidder}: {}", page.text_for("lapse", &name(reason)))
        }
        Event::Failed { reason } => page.text_for("failure", &name(reason)),
        Event::ProtocolKept { of, .. } | Event::ProtocolSigned { of, .. } => {
            protocol_subject(page, *of)
        }
        Event::ContractFailed { fault, .. } => page.text_for("contract-fault", &name(fault)),
        _ => String::new(),
    };
    if more.is_empty() { title } else { format!("{title} · {more}") }
}

/// The decision that a protocol is about, in words.
pub fn protocol_subject(page: &Page, of: ProtocolSubject) -> String {
    match of {
        ProtocolSubject::Award { .. } => page.text("protocol-of-award"),
        ProtocolSubject::Failure => page.text("protocol-of-failure"),
        ProtocolSubject::Cancellation => page.text("protocol-of-cancellation"),
        ProtocolSubject::Suspension { .. } => page.text("protocol-of-suspension"),
    }
}
