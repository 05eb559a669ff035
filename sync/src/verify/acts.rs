//! Checking the receipt of an act on an application against a log: the log must be the one that the
//! receipt was given after, and the decision one that the rules could make there.
//!
//! Openings of participants' commitments are checked here as well.
//!
//! The files, the signature, the deposit and a moderator's grounds are in no log. A decision that
//! depends on them is believed as it is stated.

use super::{ReceiptFault, Replay, StateAt};
use crate::domain::auction::Status;
use crate::domain::id::BidderNo;
use crate::receipt::{ActDecision, ApplicationAct, ApplicationReceipt, Opening, VerifierKey};

impl Replay<'_> {
    /// Checks a receipt against the log: the operator signed it, its prefix is the log's, and the
    /// decision can follow from the rules at that place.
    ///
    /// # Errors
    /// The first [`ReceiptFault`] that applies.
    pub fn check_act(
        &self,
        receipt: &ApplicationReceipt,
        trusted: &VerifierKey,
    ) -> Result<(), ReceiptFault> {
        receipt.verify(trusted).map_err(ReceiptFault::Bad)?;
        let (body, seq) = (&receipt.body, receipt.body.seq);
        if body.auction != self.auction.birth.id {
            return Err(ReceiptFault::OtherAuction);
        }
        let moment = self.moment(seq).ok_or(ReceiptFault::LogTooShort(seq))?;
        if hex::encode(moment.head) != body.head {
            return Err(ReceiptFault::OtherHistory(seq));
        }
        let fits = match &body.decision {
            ActDecision::Accepted => is_acceptable(moment, receipt),
            ActDecision::Refused(word) => is_refusable(moment, receipt, word),
        };
        if fits { Ok(()) } else { Err(ReceiptFault::WronglyDecided(seq)) }
    }

    /// Checks that the log has committed itself to this application under this number.
    ///
    /// # Errors
    /// [`OpeningFault`].
    pub fn check_opening(&self, opening: &Opening) -> Result<(), OpeningFault> {
        if opening.auction != self.auction.birth.id {
            return Err(OpeningFault::OtherAuction);
        }
        match opening.opens(&self.auction.participants) {
            true => Ok(()),
            false => Err(OpeningFault::NotCommitted(opening.bidder)),
        }
    }
}

/// The reason why an opening opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum OpeningFault {
    #[error("the opening is of another auction")]
    OtherAuction,
    #[error("number {0} of the log is not the application that the opening names")]
    NotCommitted(BidderNo),
}

/// Returns `true` while applications are taken in.
fn takes(moment: &StateAt) -> bool {
    matches!(moment.status, Status::Rectification | Status::Tendering)
}

/// Returns `true` if the rules could carry out the act then.
fn is_acceptable(moment: &StateAt, receipt: &ApplicationReceipt) -> bool {
    let body = &receipt.body;
    let in_time = takes(moment) && moment.tender_end.is_some_and(|end| body.received_at < end);
    match body.act {
        ApplicationAct::Submit | ApplicationAct::Reconfirm => {
            in_time && body.terms_version == Some(moment.version)
        }
        ApplicationAct::Withdraw | ApplicationAct::Admit => in_time,
        ApplicationAct::NotAdmit | ApplicationAct::Disqualify => {
            // An award to the sole applicant comes without a round.
            let is_awarded =
                matches!(moment.status, Status::Qualification | Status::Awarded | Status::Complete);
            moment.round.is_none() && !is_awarded
        }
    }
}

/// Returns `true` unless the log shows that the rules had no such reason.
fn is_refusable(moment: &StateAt, receipt: &ApplicationReceipt, word: &str) -> bool {
    let body = &receipt.body;
    let (code, value) = word.split_once(' ').unwrap_or((word, ""));
    match code {
        "deadline_passed" => moment.tender_end.is_some_and(|end| {
            value == end.0.to_string() && (body.received_at >= end || !takes(moment))
        }),
        "terms_changed" => value == moment.version.to_string(),
        "not_tendering" => !takes(moment),
        _ => true,
    }
}
