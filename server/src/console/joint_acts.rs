//! The open proposals of an auction, and the acts that an official may propose, in words: shown on
//! the auction's page and on the live page.

use super::audit;
use super::layout::{Page, StaffPage};
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::proposals::{MayPropose, Pending, kind};
use crate::audit::changes;
use crate::catalogue::rows::LotRow;
use serde_json::json;
use std::collections::BTreeMap;
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Margin that the form adds to the least notice of a resumption: the second person needs time,
/// too.
const RESUME_MARGIN: TimeSpan = TimeSpan::minutes(5);

/// Open proposals and possible ones, for either page.
#[derive(Debug, Clone, Default)]
pub struct Joint {
    /// The URL that its forms post to: the auction's path.
    pub path: String,
    /// Open proposals, the oldest first.
    pub waiting: Vec<Waiting>,
    pub may: MayPropose,
    /// The suggested moment of a resumption, in the format of the form's field.
    pub resume_at: String,
    /// The least notice of a resumption, in minutes.
    pub notice: String,
    /// Set if the clock is stopped and nobody has proposed or announced a resumption.
    pub resume_is_due: bool,
    /// The lot as it is published, to be corrected.
    pub lot: Option<LotRow>,
}

/// A proposal in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct Waiting {
    pub id: String,
    pub kind: &'static str,
    pub title: String,
    pub reason: Option<String>,
    pub document: Option<String>,
    pub by: String,
    pub until: String,
    pub may_decide: bool,
    pub is_own: bool,
}

impl Joint {
    /// Returns `true` if there is anything to show.
    pub fn is_any(&self) -> bool {
        let MayPropose { suspend, resume, cancel, disqualify, refusal, correct } = self.may;
        let any = [suspend, resume, cancel, disqualify, refusal, correct];
        !self.waiting.is_empty() || any.contains(&true)
    }

    /// A part of the lot's title or description in a language, for the form of a correction.
    pub fn published(&self, part: &str, language: &str) -> String {
        let facts = self.lot.as_ref().map(|row| &row.lot);
        let text =
            facts.map(|facts| if part == "title" { &facts.title } else { &facts.description });
        let spoken = text.and_then(|text| match language {
            "ky" => text.ky.clone(),
            "ru" => text.ru.clone(),
            _ => text.en.clone(),
        });
        spoken.unwrap_or_default()
    }
}

/// Loads the open proposals of an auction and the acts that this official may propose.
///
/// # Errors
/// If the database fails.
pub async fn load(state: &AppState, desk: &StaffPage, auction: &Auction) -> Result<Joint, Refusal> {
    let waiting = state.auctions.proposals(&desk.official, auction).await?;
    let people: Vec<PersonId> = waiting.iter().map(|pending| pending.proposal.by).collect();
    let names = match people.is_empty() {
        true => BTreeMap::new(),
        false => state.identity.names(&people).await?,
    };
    let may = state.auctions.may_propose(&desk.official, auction);
    let now = state.context.ports.clock.now();
    let lot = match auction.status {
        Status::Rectification => {
            Some(state.catalogue.lot(&desk.official, auction.birth.lot).await?)
        }
        _ => None,
    };
    Ok(compose(&desk.page, (auction, lot), waiting, &names, may, now))
}

/// Describes the proposals in words.
pub fn compose(
    page: &Page,
    (auction, lot): (&Auction, Option<LotRow>),
    waiting: Vec<Pending>,
    names: &BTreeMap<PersonId, String>,
    may: MayPropose,
    now: Timestamp,
) -> Joint {
    let notice = auction.birth.rules.resume_notice_min;
    let announced = auction.suspension.as_ref().is_some_and(|stop| stop.resume_at.is_some());
    let proposed =
        waiting.iter().any(|pending| matches!(pending.proposal.act, JointAct::Resume { .. }));
    Joint {
        resume_is_due: !announced && !proposed,
        path: format!("/console/auctions/{}", auction.birth.id),
        waiting: waiting
            .into_iter()
            .map(|pending| worded(page, pending, names, auction, lot.as_ref()))
            .collect(),
        lot,
        may,
        resume_at: (now + notice + RESUME_MARGIN).bishkek_field(),
        notice: page.span(&notice),
    }
}

fn worded(
    page: &Page,
    pending: Pending,
    names: &BTreeMap<PersonId, String>,
    auction: &Auction,
    lot: Option<&LotRow>,
) -> Waiting {
    let Pending { id, proposal, may_decide, is_own } = pending;
    let (reason, document) = match &proposal.act {
        JointAct::Suspend { reason } => (Some(reason.trim().to_owned()), None),
        JointAct::Resume { at } => (Some(page.text_with("from-moment", page.at(at))), None),
        JointAct::Correct { offer, lot: corrected } => {
            let known = lot.map(|row| json!({ "facts": row.lot, "documents": row.documents }));
            let was = json!({ "lot": known, "offer": auction.birth.offer });
            let becomes = json!({ "lot": corrected.lot(), "offer": offer });
            let lines = audit::changed_lines(page, &changes(&was, &becomes));
            let lines = lines.into_iter().map(|(name, change)| format!("{name}: {change}"));
            (Some(lines.collect::<Vec<_>>().join("; ")), Some(corrected.hash().to_owned()))
        }
        JointAct::Cancel { reason, document }
        | JointAct::DisqualifyWinner { reason, document }
        | JointAct::RecordRefusal { reason, document } => {
            (Some(reason.trim().to_owned()), Some(document.clone()))
        }
    };
    let name = names.get(&proposal.by).cloned();
    Waiting {
        id: id.to_string(),
        kind: kind(&proposal.act),
        title: page.text_for("joint", kind(&proposal.act)),
        reason,
        document,
        by: name.unwrap_or_else(|| page.text("unknown")),
        until: page.at(&proposal.expires_at),
        may_decide,
        is_own,
    }
}
