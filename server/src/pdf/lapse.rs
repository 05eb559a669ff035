//! Awards that do not stand, and why.

use super::{PaperLanguage, in_figures, texts};
use serde::Serialize;
use toruk_sync::domain::auction::ContractFault;
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::money::Tyiyn;

/// A former winner.
#[derive(Debug, Clone, Serialize)]
pub struct Lapse {
    /// The bidder's number.
    pub bidder: BidderNo,
    /// The price they would have paid.
    pub price: Tyiyn,
    /// The reason why they do not get the lot.
    pub reason: LossReason,
}

/// The reason why a winner does not get the lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LossReason {
    /// The winner declined.
    Refused,
    /// The winner did not confirm in time.
    Timeout,
    /// Two officials excluded the winner.
    Disqualified(Option<Decision>),
    /// The auction was cancelled after the award.
    Cancelled,
    /// No contract was concluded, by whose fault, if it is known.
    ContractNotConcluded {
        /// The party at fault.
        fault: Option<ContractFault>,
    },
}

/// A decision of two officials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The reason in their words.
    pub reason: String,
    /// The SHA-256 of their document, in hex.
    pub document: String,
}

impl Lapse {
    /// The lines about it.
    pub(super) fn facts(&self, language: PaperLanguage) -> Vec<(String, String)> {
        let text = |words| language.pick(words).to_owned();
        let (label, reason) = match &self.reason {
            LossReason::Refused => (texts::LAPSED, texts::REFUSED),
            LossReason::Timeout => (texts::LAPSED, texts::TIMEOUT),
            LossReason::Disqualified(_) => (texts::LAPSED, texts::DISQUALIFIED),
            LossReason::Cancelled => (texts::EARLIER_WINNER, texts::SALE_CANCELLED),
            LossReason::ContractNotConcluded { .. } => {
                (texts::EARLIER_WINNER, texts::WITHOUT_CONTRACT)
            }
        };
        let (who, price) = (numbered(self.bidder, language), in_figures(self.price, language));
        let mut facts = vec![(text(label), format!("{who}, {price}: {}", text(reason)))];
        match &self.reason {
            LossReason::Disqualified(Some(Decision { reason, document })) => {
                facts.push((text(texts::DISQUALIFIED_FOR), reason.clone()));
                facts.push((text(texts::DISQUALIFIED_BY), document.clone()));
            }
            LossReason::ContractNotConcluded { fault: Some(fault) } => {
                let fault = match fault {
                    ContractFault::Bidder => texts::WINNERS_FAULT,
                    ContractFault::Other => texts::NOT_WINNERS_FAULT,
                };
                facts.push((text(texts::FAULT), text(fault)));
            }
            _ => {}
        }
        facts
    }
}

/// A participant by number.
pub(super) fn numbered(bidder: BidderNo, language: PaperLanguage) -> String {
    match language {
        PaperLanguage::Ky => format!("№\u{a0}{bidder} катышуучу"),
        PaperLanguage::Ru => format!("участник №\u{a0}{bidder}"),
        PaperLanguage::En => format!("participant No.\u{a0}{bidder}"),
    }
}
