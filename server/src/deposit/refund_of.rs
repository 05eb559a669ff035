//! The payment that a refund gives back.

use toruk_sync::domain::rules::RuleProfile;

/// The payment that is given back, and the rules of its auction.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefundOf<'a> {
    pub payment: &'a str,
    pub rules: &'a RuleProfile,
}

impl<'a> RefundOf<'a> {
    /// Of a deposit's payment, if there is one.
    pub fn new(payment: Option<&'a String>, rules: &'a RuleProfile) -> Option<Self> {
        payment.map(|payment| Self { payment, rules })
    }
}
