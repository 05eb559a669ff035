//! Paying the deposit; needs a connection, because the code comes from the payment system.

use crate::domain::deposit::Channel;
use crate::domain::id::IntentId;
use serde::{Deserialize, Serialize};

/// Starts an attempt to pay. Repeating it with the same id starts no second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginPayment {
    /// The id, made by the phone.
    pub id: IntentId,
    /// The way to pay.
    pub channel: Channel,
}
