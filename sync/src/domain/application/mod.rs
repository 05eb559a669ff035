//! One person's application: from its arrival to its part in the result.
//!
//! The server's receive time decides whether it is in time; the time on the phone and the time at
//! which it was queued never count.

mod applicant;

pub use self::applicant::ApplicantFault;

use super::auction::{Auction, Event as AuctionEvent, Status as AuctionStatus};
use super::id::{ApplicationId, AuctionId, BidderNo};
use super::rules::{Admission, ConfirmationMethod};
use super::text::paragraph;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The status of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ApplicationStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The terms have changed since; the person must read them and sign again.
    NeedsReconfirm,
    /// Complete, signed and in time; a moderator decides next.
    Signed,
    /// Admitted; the deposit is due.
    Admitted,
    /// Not admitted by the moderator.
    NotAdmitted,
    /// The deposit is paid: the person takes part.
    Eligible,
    /// Withdrawn by the person.
    Withdrawn,
    /// Excluded before the start.
    Disqualified,
    /// The auction ended with another winner, or with none.
    Lost,
    /// The best bidder after the winner, kept in reserve.
    Reserve,
    /// The person won the auction.
    Won,
}

/// An application as the rules see it; its content is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Application {
    /// The id, assigned by the server on arrival.
    pub id: ApplicationId,
    /// The auction it is for.
    pub auction: AuctionId,
    /// The status at present; commands change it.
    pub status: Status,
    /// The version of the terms it was signed for.
    pub terms_version: u64,
    /// Hash of the signed package's canonical bytes, hex.
    pub package_hash: String,
    /// The server's time when the whole package had arrived.
    pub received_at: Timestamp,
    /// The method by which it was signed.
    pub signed_with: ConfirmationMethod,
    /// `true` once the deposit is paid.
    pub deposit_paid: bool,
    /// The moderator's reason, for a refusal or exclusion.
    pub reason: Option<String>,
}

/// The server's data about a package that arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The id for the new application.
    pub id: ApplicationId,
    /// The version of the terms it names.
    pub terms_version: u64,
    /// Hash of its canonical bytes, hex.
    pub package_hash: String,
    /// The method by which it was signed; the caller has verified the signature.
    pub signed_with: ConfirmationMethod,
    /// The server's time when the whole package had arrived.
    pub received_at: Timestamp,
}

/// A command to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Admit it, by the moderator.
    Admit,
    /// Do not admit it, by the moderator.
    Refuse {
        /// The reason, shown to the person.
        reason: String,
    },
    /// Note that the deposit is paid.
    DepositPaid,
    /// Withdraw it, by the person.
    Withdraw,
    /// Exclude it before the start, by the moderator.
    Disqualify {
        /// The reason, shown to the person.
        reason: String,
    },
    /// Note that the auction's terms changed.
    TermsChanged,
    /// Note the auction's result.
    Conclude(Conclusion),
}

/// An application's part in the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // As [`Status`].
pub enum Conclusion {
    Lost,
    Reserve,
    Won,
}

/// The reason why a command was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ApplicationRejection))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The messages say it.
pub enum Rejection {
    #[error("the auction takes no applications now")]
    NotTendering,
    #[error("applications are closed since {tender_end:?}")]
    DeadlinePassed { tender_end: Timestamp },
    #[error("the terms have changed")]
    TermsChanged { version: u64 },
    #[error("there is an application of this person already")]
    Duplicate { application: ApplicationId },
    #[error("this way of signing is not accepted here")]
    MethodNotAccepted,
    #[error("this is not possible in the application's present state")]
    WrongState,
    #[error("a reason is needed")]
    ReasonNeeded,
}

/// Takes in a complete, verified package. The same package again gives the same application.
///
/// # Errors
/// [`Rejection`]; every phone of the person is told, and the draft is kept.
pub fn submit(
    auction: &Auction,
    standing: Option<&Application>,
    submission: Submission,
) -> Result<Application, Rejection> {
    let terms = auction.terms.as_ref().ok_or(Rejection::NotTendering)?;
    if let Some(standing) = standing.filter(|standing| is_repeated(standing, &submission)) {
        return Ok(standing.clone());
    }
    if submission.received_at >= terms.tender_end {
        return Err(Rejection::DeadlinePassed { tender_end: terms.tender_end });
    }
    if !matches!(auction.status, AuctionStatus::Tendering | AuctionStatus::Rectification) {
        return Err(Rejection::NotTendering);
    }
    if submission.terms_version != auction.version {
        return Err(Rejection::TermsChanged { version: auction.version });
    }
    if !auction.birth.rules.application_confirmation.contains(&submission.signed_with) {
        return Err(Rejection::MethodNotAccepted);
    }
    let renewed = match standing {
        Some(standing) if standing.status == Status::NeedsReconfirm => Some(standing),
        Some(standing) if standing.status != Status::Withdrawn => {
            return Err(Rejection::Duplicate { application: standing.id });
        }
        _ => None,
    };
    let application = Application {
        id: renewed.map_or(submission.id, |standing| standing.id),
        auction: auction.birth.id,
        status: Status::Signed,
        terms_version: submission.terms_version,
        package_hash: submission.package_hash,
        received_at: submission.received_at,
        signed_with: submission.signed_with,
        deposit_paid: renewed.is_some_and(|standing| standing.deposit_paid),
        reason: None,
    };
    match auction.birth.rules.admission {
        Admission::Auto => Ok(admitted(application)),
        Admission::Manual => Ok(application),
    }
}

/// Decides a command on an application at `now`.
///
/// # Errors
/// [`Rejection`], with the application unchanged.
pub fn apply(
    auction: &Auction,
    application: &Application,
    command: &Command,
    now: Timestamp,
) -> Result<Application, Rejection> {
    let mut next = application.clone();
    // Once the roster is frozen, nothing is accepted any more, whatever its stamp.
    let taken = matches!(auction.status, AuctionStatus::Tendering | AuctionStatus::Rectification);
    let open = taken && auction.terms.as_ref().is_some_and(|terms| now < terms.tender_end);
    let started = auction.has_begun();
    match (command, application.status) {
        (Command::Admit, Status::Signed) if open => return Ok(admitted(next)),
        (Command::Refuse { reason }, Status::Signed) if !started => {
            next.status = Status::NotAdmitted;
            next.reason = Some(given(reason)?);
        }
        (Command::DepositPaid, Status::Admitted) if open => {
            next.deposit_paid = true;
            next.status = Status::Eligible;
        }
        (Command::DepositPaid, Status::Signed | Status::NeedsReconfirm) if open => {
            next.deposit_paid = true;
        }
        (
            Command::Withdraw,
            Status::Signed | Status::NeedsReconfirm | Status::Admitted | Status::Eligible,
        ) if open => next.status = Status::Withdrawn,
        (Command::Disqualify { reason }, Status::Admitted | Status::Eligible) if !started => {
            next.status = Status::Disqualified;
            next.reason = Some(given(reason)?);
        }
        (Command::TermsChanged, Status::Signed | Status::Admitted | Status::Eligible) => {
            next.status = Status::NeedsReconfirm;
        }
        (
            Command::Conclude(conclusion),
            Status::Eligible
            | Status::Reserve
            | Status::Won
            | Status::Signed
            | Status::Admitted
            | Status::NeedsReconfirm,
        ) => {
            next.status = match conclusion {
                Conclusion::Lost => Status::Lost,
                Conclusion::Reserve => Status::Reserve,
                Conclusion::Won => Status::Won,
            };
        }
        (Command::Admit | Command::Withdraw | Command::DepositPaid, _) if !open => {
            let tender_end = auction.terms.as_ref().ok_or(Rejection::NotTendering)?.tender_end;
            return Err(Rejection::DeadlinePassed { tender_end });
        }
        _ => return Err(Rejection::WrongState),
    }
    Ok(next)
}

/// The command that an event of the auction implies for the application of participant `bidder`, if
/// any; `auction` is the state after it. If the application's present state rejects the command, it
/// was overtaken by an exclusion or an earlier conclusion, and is skipped.
pub fn consequence(
    auction: &Auction,
    event: &AuctionEvent,
    bidder: BidderNo,
) -> Option<Conclusion> {
    match event {
        AuctionEvent::AwardConfirmed { bidder: winner, .. } => {
            Some(if *winner == bidder { Conclusion::Won } else { Conclusion::Lost })
        }
        AuctionEvent::AwardProposed { award } if award.bidder != bidder => {
            let kept = auction.birth.rules.fallback == super::rules::Fallback::RunnerUp
                && auction.awards.len() <= 1
                && super::auction::award::runner_up(auction, award.bidder)
                    .is_some_and(|(runner_up, _)| runner_up == bidder);
            Some(if kept { Conclusion::Reserve } else { Conclusion::Lost })
        }
        AuctionEvent::AwardLapsed { bidder: lost, .. } if *lost == bidder => Some(Conclusion::Lost),
        AuctionEvent::Failed { .. } | AuctionEvent::Cancelled { .. } => Some(Conclusion::Lost),
        _ => None,
    }
}

/// The conclusion that an event of the auction implies for an application without a number: it was
/// not on the roster, or the auction ended before there was one.
pub fn consequence_unplaced(event: &AuctionEvent) -> Option<Conclusion> {
    let ended = matches!(
        event,
        AuctionEvent::TenderingClosed { .. }
            | AuctionEvent::Failed { .. }
            | AuctionEvent::Cancelled { .. }
    );
    ended.then_some(Conclusion::Lost)
}

fn is_repeated(standing: &Application, submission: &Submission) -> bool {
    let stands = !matches!(standing.status, Status::NeedsReconfirm | Status::Withdrawn);
    stands && standing.package_hash == submission.package_hash
}

fn admitted(mut application: Application) -> Application {
    let paid = application.deposit_paid;
    application.status = if paid { Status::Eligible } else { Status::Admitted };
    application
}

fn given(reason: &str) -> Result<String, Rejection> {
    paragraph(reason, super::auction::REASON_CHARS_MAX).map_err(|_| Rejection::ReasonNeeded)
}

#[cfg(test)]
mod tests;
