//! The contract's file on the auction's page, in words.

use super::layout::{Page, StaffPage};
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::{ContractFile, Error};
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::signing::SignedPayload as _;

/// A contract in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownContract {
    pub title: String,
    pub sha256: String,
    pub size: String,
    pub winner_signed: Option<String>,
    pub holder_signed: Option<String>,
    /// Set if this official may sign now.
    pub signs: bool,
    /// Set if they may sign by certificate, too.
    pub certificate: Option<CertificateOffer>,
}

/// How an official may sign by certificate.
#[derive(Debug, Clone)]
pub struct CertificateOffer {
    /// What is signed: the part of the addresses that names it.
    pub act: &'static str,
    /// SHA-256 of the bytes to sign, hex.
    pub text_sha256: String,
    /// Address of the program on the official's computer that signs, if there is one.
    pub local_signer: Option<String>,
}

/// The contract of an auction as the page shows it.
///
/// # Errors
/// If the database fails.
pub async fn load(
    state: &AppState,
    desk: &StaffPage,
    auction: &Auction,
) -> Result<Option<ShownContract>, Refusal> {
    if !matches!(auction.status, Status::Awarded | Status::Complete) {
        return Ok(None);
    }
    match state.auctions.contract_for(&desk.official, auction).await {
        Ok(Some(known)) => {
            let text_sha256 = hex::encode(known.payload.digest());
            let mut shown = compose(&desk.page, known, desk.organiser().is_ok());
            let accepted = &auction.birth.rules.award_confirmation;
            let by_certificate = shown.signs
                && accepted.contains(&ConfirmationMethod::Eds)
                && state.identity.accepts_certificates();
            let local_signer = state.context.config.local_signer.clone();
            shown.certificate = by_certificate.then_some(CertificateOffer {
                act: "contract",
                text_sha256,
                local_signer,
            });
            Ok(Some(shown))
        }
        Ok(None) => Ok(None),
        Err(Error::Forbidden) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Describes a contract in words.
pub fn compose(page: &Page, known: ContractFile, is_organiser: bool) -> ShownContract {
    ShownContract {
        certificate: None,
        title: known.title,
        sha256: known.payload.sha256,
        size: page.file_size(&known.payload.size_bytes),
        signs: is_organiser && known.winner_signed_at.is_some() && known.holder_signed_at.is_none(),
        winner_signed: known.winner_signed_at.map(|at| page.at(&at)),
        holder_signed: known.holder_signed_at.map(|at| page.at(&at)),
    }
}
