//! Protocols: one for each decision, and none twice.

use super::super::{Command, Event, ProtocolFile, ProtocolSubject, Rejection, Status};
use crate::domain::auction::{Auction, SuspendedBy, SuspensionCause, apply, evolve};
use crate::domain::id::BidderNo;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;

const AWARD: ProtocolSubject = ProtocolSubject::Award { number: 1 };

fn file(language: &str, sha256: &str) -> ProtocolFile {
    ProtocolFile { language: language.to_owned(), sha256: sha256.to_owned(), size_bytes: 20_000 }
}

fn keep(of: ProtocolSubject) -> Command {
    Command::KeepProtocol { of, files: vec![file("ky", &"ab".repeat(32))] }
}

fn sign(of: ProtocolSubject, document: &str) -> Command {
    Command::SignProtocol { of, by: AUTHOR, document: document.to_owned() }
}

/// One bidder has raised once, and the window is over.
fn decided() -> Auction {
    won(RuleProfile::standard(), &[1])
}

fn open() -> Auction {
    bidding(RuleProfile::standard(), 2)
}

#[test]
fn a_decision_has_one_protocol_that_is_signed_once() {
    let auction = decided();
    assert_eq!(auction.protocol_due(), Some(AWARD));
    let hash = "0f".repeat(32);
    let kept = after(auction.clone(), HOUR, &keep(AWARD));
    assert_eq!((kept.protocol_due(), kept.status), (None, Status::Qualification));
    let signed = after(kept.clone(), HOUR, &sign(AWARD, &hash));
    let confirm = Command::ConfirmAward { bidder: BidderNo(1), protocol: hash.clone() };
    let confirmed = after(signed.clone(), HOUR, &confirm);
    assert_eq!(confirmed.protocol_due(), None, "a confirmation has none of its own");
    assert!(confirmed.current_protocol().is_some_and(|kept| kept.signed.is_some()));
    let short = ProtocolSubject::Award { number: 2 };
    for (before, command, why) in [
        (&auction, sign(AWARD, &hash), "there is nothing to sign"),
        (&auction, keep(short), "another award's"),
        (&auction, keep(ProtocolSubject::Failure), "it has not failed"),
        (&kept, keep(AWARD), "made twice"),
        (&kept, sign(AWARD, "0f"), "no hash"),
        (&kept, sign(short, &hash), "another award's"),
        (&signed, sign(AWARD, &hash), "signed twice"),
        (&signed, keep(AWARD), "made again after it was signed"),
        (&open(), keep(AWARD), "nothing is decided"),
    ] {
        let refused = apply(before, &command, at(HOUR)).map(|_| ());
        assert_eq!(refused, Err(Rejection::WrongState), "{why}");
    }
}

#[test]
fn files_that_name_nothing_are_no_protocol() {
    let (auction, hash) = (decided(), "ab".repeat(32));
    let of_size = |size_bytes| ProtocolFile { size_bytes, ..file("ky", &hash) };
    for files in [
        vec![],
        vec![file("ky", &hash), file("ky", &"cd".repeat(32))],
        vec![file("kyrgyz", &hash)],
        vec![file("KY", &hash)],
        vec![file("ky", "")],
        vec![file("ky", &"AB".repeat(32))],
        vec![of_size(0)],
        vec![of_size(u64::MAX)],
        vec![file("ky", &hash); 9],
    ] {
        let command = Command::KeepProtocol { of: AWARD, files };
        let refused = apply(&auction, &command, at(HOUR)).map(|_| ());
        assert_eq!(refused, Err(Rejection::WrongState), "{command:?}");
    }
}

#[test]
fn each_suspension_and_announcement_has_its_own() {
    let (by, cause) = (SuspendedBy::Watchdog, SuspensionCause::Outage);
    let stop = Command::Suspend { by, cause, since: at(SECOND) };
    let stopped = after(open(), MINUTE, &stop);
    let of = |resume_at| ProtocolSubject::Suspension { since: at(SECOND), resume_at };
    assert_eq!(stopped.protocol_due(), Some(of(None)));
    let kept = after(stopped, MINUTE, &keep(of(None)));
    assert_eq!(kept.protocol_due(), None);
    let resume_at = at(2 * HOUR);
    let announced = after(kept, MINUTE, &Command::AnnounceResume { by: BOTH, at: resume_at });
    assert_eq!(announced.protocol_due(), Some(of(Some(resume_at))));
    assert!(announced.current_protocol().is_none());
    let goes_on = after(announced, 2 * HOUR, &tick(0));
    assert_eq!(goes_on.protocol_due(), None);
    let late = apply(&goes_on, &keep(of(Some(resume_at))), resume_at).map(|_| ());
    assert_eq!(late, Err(Rejection::WrongState), "it goes on already");
}

#[test]
fn an_event_of_another_decision_changes_nothing() {
    let auction = decided();
    let signed = Event::ProtocolSigned { of: AWARD, by: AUTHOR, document: "ab".repeat(32) };
    assert_eq!(evolve(auction.clone(), &signed), auction);
}
