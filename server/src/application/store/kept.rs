//! The part of an outcome that is kept.
//!
//! # Why not all of it
//! A merge answers with the whole draft, so an edit of a few bytes would keep a copy of it. The
//! draft is kept once, as a draft: the outcome refers to it, and a repeated request gets the draft
//! as it is now, which holds what was merged then. A refusal names what was wrong; after
//! `OUTCOME_DAYS` a long one is kept without the names. The operation's hash stays for ever: one
//! number has one content. A receipt is a row of its own.

use toruk_sync::draft::{DraftState, Followed};
use toruk_sync::protocol::operations::{OperationRejection, Outcome, Verdict};

/// The condition of rows that the sweep looks at, as the partial index `op_receipt_long` has it:
/// longer than every outcome is without names.
pub const IS_LONG: &str = "length(outcome) > 512";

/// An outcome that refers to what was merged instead of holding it.
pub fn referring(outcome: &Outcome) -> Outcome {
    let verdict = match &outcome.verdict {
        Verdict::Merged { .. } => Verdict::Merged { draft: DraftState::default() },
        Verdict::Following { .. } => Verdict::Following { followed: Followed::default() },
        other => other.clone(),
    };
    Outcome { verdict, receipt: None, ..outcome.clone() }
}

/// As [`referring`], and a refusal says its reason without names.
pub fn without_names(outcome: &Outcome) -> Outcome {
    use OperationRejection as Reason;
    let reason = match &outcome.verdict {
        Verdict::Refused(reason) => reason,
        _ => return referring(outcome),
    };
    let reason = match reason {
        Reason::Incomplete { .. } => Reason::Incomplete { faults: [].into() },
        Reason::FilesMissing { .. } => Reason::FilesMissing { sha256: Vec::new() },
        Reason::FilesInfected { .. } => Reason::FilesInfected { sha256: Vec::new() },
        Reason::UnresolvedConflicts { .. } => Reason::UnresolvedConflicts { fields: Vec::new() },
        short => short.clone(),
    };
    Outcome { verdict: Verdict::Refused(reason), receipt: None, ..outcome.clone() }
}
