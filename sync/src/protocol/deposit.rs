//! Paying the deposit, online only: a code comes from the payment system.

use crate::domain::deposit::Channel;
use crate::domain::id::IntentId;
use serde::{Deserialize, Serialize};

/// Begins an attempt to pay. Asked twice with one id, it begins one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginPayment {
    /// Named by the phone.
    pub id: IntentId,
    /// How to pay.
    pub channel: Channel,
}
