//! Receipts of bids and of acts on applications, and verifying a receipt from any source: kept,
//! sent or shared.

use super::records::as_code;
use super::{Core, auction_id};
use crate::engine::receipts;
use crate::error::CoreError;
use toruk_sync::receipt::{ActDecision, ApplicationReceipt, Receipt, VerifierKey};

/// A verified receipt: a statement that the operator signed and can be held to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BidReceipt {
    /// The amount that was offered, tyiyn.
    pub amount: i64,
    /// The server's time when the whole request had arrived, Unix µs.
    pub received_at: i64,
    /// The server's time of the decision, Unix µs.
    pub decided_at: i64,
    /// The number of records of the log after the decision.
    pub seq: u64,
    /// The hash at the head of the log after the decision, in hex.
    pub head: String,
    /// The price after the decision, tyiyn.
    pub price: i64,
    /// The end of the bidding window after the decision, Unix µs.
    pub deadline: Option<i64>,
    /// The receipt as a text file to keep and show: the statement in words, and the proof. Anyone
    /// can verify it with the operator's key (`toruk verify-log --receipt`).
    pub text: String,
}

/// A verified receipt of an act on an application, the person's own or an official's.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ActReceipt {
    /// The id of the auction.
    pub auction: String,
    /// The id of the application, if there is one.
    pub application: Option<String>,
    /// `submit`, `reconfirm`, `withdraw`, `admit`, `not_admit` or `disqualify`; a newer server may
    /// have others.
    pub act: String,
    /// `true` if the act was carried out.
    pub accepted: bool,
    /// The rejection's code, if it was not.
    pub code: Option<String>,
    /// The value that the code needs: Unix µs, a version of the terms, or an application's id.
    pub value: Option<String>,
    /// The application's status code after the decision.
    pub status: Option<String>,
    /// SHA-256 of the signed package, hex.
    pub package_hash: Option<String>,
    /// The official's reason in words.
    pub reason: Option<String>,
    /// The server's time from which the act counts, Unix µs.
    pub received_at: i64,
    /// The server's time of the decision, Unix µs.
    pub decided_at: i64,
    /// The number of records of the auction's log at the decision.
    pub seq: u64,
    /// The hash at the head of the log then, in hex.
    pub head: String,
    /// The receipt as a text file to keep, show and share: the statement in words, and the proof.
    /// Anyone can verify it with the operator's key (`toruk verify-log --receipt`).
    pub text: String,
}

/// This person's place among the participants of an auction, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LogPlace {
    /// The bidder number.
    pub number: u16,
    /// The number of participants.
    pub participants: u32,
    /// The id of the application behind the number.
    pub application: String,
    /// `true` if the log's commitment at this number is to this application: computed on this
    /// phone, from the log that everybody sees. If not, show it: the operator numbered another.
    pub verified: bool,
    /// A text file that lets anyone verify the same (`toruk verify-log --opening`). Who has it
    /// knows which number this application has; the person decides who gets it.
    pub text: String,
}

#[uniffi::export]
impl Core {
    /// «Сиз журналда № N»: this person's place in the log, once applications are closed and the
    /// server told what opens it. Needs no connection.
    ///
    /// # Errors
    /// `malformed` if the id is none.
    pub fn log_place(&self, auction: String) -> Result<Option<LogPlace>, CoreError> {
        let auction = auction_id(&auction)?;
        Ok(self.driver.read(|engine| {
            let (opening, view) = (engine.opening(auction)?, engine.view(auction)?);
            let participants = &view.auction.participants;
            Some(LogPlace {
                number: opening.bidder.0,
                participants: participants.len() as u32,
                application: opening.application.to_string(),
                verified: opening.opens(participants),
                text: opening.to_text(),
            })
        }))
    }

    /// The kept receipts of acts on this person's applications, of one auction or of all, in the
    /// order of their decisions. Needs no connection.
    ///
    /// # Errors
    /// `malformed` if the id is none.
    pub fn application_receipts(
        &self,
        auction: Option<String>,
    ) -> Result<Vec<ActReceipt>, CoreError> {
        let auction = auction.as_deref().map(auction_id).transpose()?;
        Ok(self
            .driver
            .read(|engine| engine.receipts().of(auction).into_iter().map(act_record).collect()))
    }

    /// Verifies the text of a receipt of an act, as [`Self::verify_receipt`] does a bid's.
    ///
    /// # Errors
    /// As [`Self::verify_receipt`].
    pub fn verify_application_receipt(&self, text: String) -> Result<ActReceipt, CoreError> {
        let receipt =
            ApplicationReceipt::from_text(&text).map_err(|_| CoreError::refused("malformed"))?;
        let is_signed = self
            .driver
            .read(|engine| engine.profile().map(|profile| receipts::is_signed(profile, &receipt)));
        match is_signed.ok_or(CoreError::SignedOut)? {
            true => Ok(act_record(&receipt)),
            false => Err(CoreError::refused("forged")),
        }
    }

    /// Verifies the text of a receipt, as it was kept or shared, with the operator's key. Needs no
    /// connection.
    ///
    /// # Errors
    /// `malformed` if it is no receipt; `forged` if the operator did not sign exactly this;
    /// [`CoreError::SignedOut`] before the first sign-in, which brings the key.
    pub fn verify_receipt(&self, text: String) -> Result<BidReceipt, CoreError> {
        let receipt = Receipt::from_text(&text).map_err(|_| CoreError::refused("malformed"))?;
        let keys = self.driver.read(|engine| {
            let profile = engine.profile()?;
            let former = profile.former_receipt_keys.iter();
            Some([&profile.receipt_key].into_iter().chain(former).cloned().collect::<Vec<_>>())
        });
        let is_signed =
            |key: &String| key.parse::<VerifierKey>().is_ok_and(|key| receipt.verify(&key).is_ok());
        if !keys.ok_or(CoreError::SignedOut)?.iter().any(is_signed) {
            return Err(CoreError::refused("forged"));
        }
        Ok(receipt_record(&receipt))
    }
}

pub(super) fn receipt_record(receipt: &Receipt) -> BidReceipt {
    let body = &receipt.body;
    BidReceipt {
        amount: body.amount.get(),
        received_at: body.received_at.0,
        decided_at: body.decided_at.0,
        seq: body.seq,
        head: body.head.clone(),
        price: body.price.get(),
        deadline: body.deadline.map(|at| at.0),
        // Only verified receipts get here, and they all have a text.
        text: receipt.to_text().unwrap_or_default(),
    }
}

fn act_record(receipt: &ApplicationReceipt) -> ActReceipt {
    let body = &receipt.body;
    let word = match &body.decision {
        ActDecision::Accepted => None,
        ActDecision::Refused(word) => Some(word.split_once(' ').unwrap_or((word, ""))),
    };
    let value = word.map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty());
    ActReceipt {
        auction: body.auction.to_string(),
        application: body.application.map(|application| application.to_string()),
        act: as_code(&body.act),
        accepted: body.decision == ActDecision::Accepted,
        code: word.map(|(code, _)| code.to_owned()),
        value,
        status: body.status.as_ref().map(as_code),
        package_hash: body.package.clone(),
        reason: body.reason.clone(),
        received_at: body.received_at.0,
        decided_at: body.decided_at.0,
        seq: body.seq,
        head: body.head.clone(),
        // Only verified receipts get here, and they all have a text.
        text: receipt.to_text().unwrap_or_default(),
    }
}
