//! The proposal for an auction, and the amounts and moments that publication freezes.

use super::super::money::{BasisPoints, Tyiyn};
use super::super::rules::RuleProfile;
use super::super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The object of the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObjectOfPrice {
    /// The price of the thing itself.
    SalePrice,
    /// The rent of one year.
    AnnualRent,
    /// The right to conclude a lease.
    LeaseRight,
}

/// An organiser's proposal; it may change until publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The object of the price.
    pub object_of_price: ObjectOfPrice,
    /// The start price, tyiyn.
    pub value: Tyiyn,
    /// The step, as a share of the start price.
    pub step: BasisPoints,
    /// The guarantee deposit, as a share of the start price.
    pub guarantee: BasisPoints,
    /// The opening of bidding.
    pub start: Timestamp,
    /// The length of a lease as ISO 8601 (`P3Y`); `None` for a sale.
    pub lease_duration: Option<String>,
}

/// The offer's amounts and moments, frozen at publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terms {
    /// The start price, tyiyn.
    pub value: Tyiyn,
    /// The exact amount of each raise.
    pub minimal_step: Tyiyn,
    /// The deposit of each participant.
    pub guarantee: Tyiyn,
    /// The end of the correction period; equal to the publication if there is none.
    pub rectification_end: Timestamp,
    /// The deadline for applications and deposits, exclusive.
    pub tender_end: Timestamp,
    /// The opening of bidding.
    pub start: Timestamp,
    /// SHA-256 of the lot's facts and documents as they are published, in hex. Absent in logs of
    /// versions that published no facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_hash: Option<String>,
}

/// A fault of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The messages say it.
pub enum OfferFault {
    #[error("the start price is zero")]
    ValueZero,
    #[error("the step is outside the rules' range")]
    StepOutOfRange,
    #[error("the guarantee is outside the rules' range")]
    GuaranteeOutOfRange,
    #[error("the start is too soon after publication")]
    StartTooSoon,
    #[error("applications would close before they open")]
    NoTimeForApplications,
    #[error("an amount is too large")]
    AmountTooLarge,
    #[error("there is no document")]
    DocumentMissing,
    #[error("the start price is cut deeper than a relaunch may")]
    PriceCutTooDeep,
    #[error("the start price is not the one that the rules set for this attempt")]
    PriceNotProgrammed,
}

/// Checks a proposal and freezes its amounts, as publication at `now` would.
///
/// # Errors
/// The first [`OfferFault`] found.
pub fn freeze(offer: &Offer, rules: &RuleProfile, now: Timestamp) -> Result<Terms, OfferFault> {
    if offer.value == Tyiyn::ZERO {
        return Err(OfferFault::ValueZero);
    }
    let (step_min, step_max) = rules.step_range(offer.value);
    if offer.step < step_min || offer.step > step_max {
        return Err(OfferFault::StepOutOfRange);
    }
    if offer.guarantee < rules.guarantee_min || offer.guarantee > rules.guarantee_max {
        return Err(OfferFault::GuaranteeOutOfRange);
    }
    if offer.start < now + rules.notice_period {
        return Err(OfferFault::StartTooSoon);
    }
    let terms = Terms {
        value: offer.value,
        minimal_step: offer.value.share(offer.step).ok_or(OfferFault::AmountTooLarge)?,
        guarantee: offer.value.share(offer.guarantee).ok_or(OfferFault::AmountTooLarge)?,
        rectification_end: now + rules.rectification,
        tender_end: offer.start - rules.tender_end_before_start,
        start: offer.start,
        lot_hash: None,
    };
    if terms.minimal_step >= terms.value {
        return Err(OfferFault::StepOutOfRange);
    }
    if terms.tender_end <= terms.rectification_end {
        return Err(OfferFault::NoTimeForApplications);
    }
    Ok(terms)
}
