//! The end of a phone by another door than a passkey.

use super::operations::Confirmation;
use serde::{Deserialize, Serialize};

/// Ends a lost phone of somebody who has no passkey at hand, confirmed by another door over
/// [`RevocationPayload`](crate::signing::RevocationPayload).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmRevocation {
    /// As in the payload that was confirmed.
    pub end_last_passkey: bool,
    /// The confirmation.
    pub confirmation: Confirmation,
}
