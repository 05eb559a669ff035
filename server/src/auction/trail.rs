//! What the audit trail holds of an act on an auction.

use super::store::LockedAuction;
use crate::audit;
use crate::audit::change::CHANGES;
use serde_json::{Value, json};
use toruk_sync::domain::auction::Auction;

/// Fields that grow with the participants; the log has each of their values.
const IN_THE_LOG: [&str; 4] = ["participants", "best", "attempted_at", "stamped_at"];

/// The values that an act changed, and the log's length after it.
pub fn changed(before: &Auction, after: &LockedAuction) -> Value {
    let changes = audit::changes(&facts(before), &facts(&after.auction));
    json!({ "seq": after.seq, CHANGES: changes })
}

/// The values with which an auction was created.
pub fn created(auction: &Auction) -> Value {
    json!({ CHANGES: audit::changes(&Value::Null, &facts(auction)) })
}

fn facts(auction: &Auction) -> Value {
    let mut facts = json!(auction);
    if let Value::Object(facts) = &mut facts {
        facts.retain(|field, _| !IN_THE_LOG.contains(&field.as_str()));
    }
    facts
}
