//! The content of a push to a browser. It is sealed for that browser, so it says price and time, and it
//! is sent only while it is true: a worker in a browser shows what it is told.

use super::notice::PersonNotice;
use super::store::subject::{AuctionNow, Subject};
use toruk_sync::domain::notice::{NoticeClass, NoticeKind, holds_of};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::push_hint::PushHint;
use toruk_sync::protocol::web_push::WebPushNotice;

/// The hint of a notice that is sent at `now`.
pub(super) fn hint(notice: &PersonNotice, now: Timestamp) -> PushHint {
    PushHint {
        kind: notice.kind,
        person: notice.person,
        auction: notice.auction,
        seq: notice.seq,
        expires_at: notice.expires_at,
        server_time: now,
    }
}

/// Returns `true` if a notice still says what is so, as far as its auction tells.
pub(super) fn holds(notice: &PersonNotice, subject: &Subject, now: Timestamp) -> bool {
    let Some(AuctionNow { state, own, .. }) = &subject.auction else { return true };
    holds_of(notice.kind, state, *own, now).unwrap_or(true)
}

/// The content for a browser, JSON.
pub(super) fn content(
    notice: &PersonNotice,
    subject: &Subject,
    now: Timestamp,
) -> Result<String, serde_json::Error> {
    let mut content = WebPushNotice {
        hint: hint(notice, now),
        language: subject.language.clone(),
        tag: tag(notice),
        title: None,
        price: None,
        deadline: None,
    };
    if let Some(AuctionNow { state, seq, title, .. }) = &subject.auction {
        content.hint.seq = (*seq).max(notice.seq);
        content.title = Some(title.get(&subject.language).to_owned());
        let round = state.round;
        content.price = round.filter(|_| has_price(notice.kind)).map(|round| round.price);
        content.deadline = match notice.kind {
            NoticeKind::Outbid
            | NoticeKind::Started
            | NoticeKind::FirstOfferMade
            | NoticeKind::Resumed => round.map(|round| round.deadline),
            // It moves with days off.
            NoticeKind::ConfirmDue => state.pending_award().map(|award| award.confirm_by),
            NoticeKind::AuctionStarting | NoticeKind::ResumeAnnounced => Some(notice.expires_at),
            _ => None,
        };
    }
    serde_json::to_string(&content)
}

fn has_price(kind: NoticeKind) -> bool {
    use NoticeKind::{ClosedLost, ConfirmDue, FirstOfferMade, Outbid, Resumed, Started};
    matches!(kind, Outbid | Started | FirstOfferMade | Resumed | ConfirmDue | ClosedLost)
}

/// A notice that asks for an act stands until it is answered; of an auction's course only the newest is of use.
fn tag(notice: &PersonNotice) -> String {
    let PersonNotice { kind, auction, seq, .. } = notice;
    let name = rule_name(*kind);
    match kind.class() {
        NoticeClass::Raise | NoticeClass::Course => auction.to_string(),
        NoticeClass::Act | NoticeClass::Own if kind.is_of_account() => format!("{name}:{seq}"),
        NoticeClass::Act | NoticeClass::Own => format!("{name}:{auction}"),
    }
}

/// A kind's name on the wire.
pub(super) fn rule_name(kind: NoticeKind) -> String {
    let name = serde_json::to_value(kind).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
