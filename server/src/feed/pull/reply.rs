//! A page as it is sent: what a row holds is a ready text and is not read again.

use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use toruk_sync::domain::file::FileLimits;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::pull::{Digest, PullReply, ResetReason, Scope};
use uuid::Uuid;

/// A [`Row`](toruk_sync::protocol::pull::Row) whose content is a text.
#[derive(Debug, Clone, Serialize)]
pub struct PulledRow {
    #[serde(rename = "s")]
    pub scope: Scope,
    #[serde(rename = "k")]
    pub kind: String,
    pub id: String,
    pub seq: u64,
    #[serde(rename = "v", skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
}

/// A [`PullReply`] with such rows: the same on the wire.
#[derive(Debug, Clone, Serialize)]
pub struct PulledReply {
    epoch: Uuid,
    server_time: Timestamp,
    next_op_no: u64,
    rows: Vec<PulledRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<Scope>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reset: BTreeMap<Scope, ResetReason>,
    more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<BTreeMap<Scope, Digest>>,
    cookie: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    backoff_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_limits: Option<FileLimits>,
}

impl PulledReply {
    /// The reply with these rows instead of its own, which are none.
    pub fn new(reply: PullReply, rows: Vec<PulledRow>) -> Self {
        let PullReply {
            epoch,
            server_time,
            next_op_no,
            rows: _,
            removed,
            reset,
            more,
            digest,
            cookie,
            backoff_s,
            file_limits,
        } = reply;
        Self {
            epoch,
            server_time,
            next_op_no,
            rows,
            removed,
            reset,
            more,
            digest,
            cookie,
            backoff_s,
            file_limits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, to_value};
    use toruk_sync::domain::id::AuctionId;
    use toruk_sync::protocol::pull::Row;

    #[test]
    fn it_is_the_reply_of_the_protocol_on_the_wire() {
        let scope = Scope::Auction(AuctionId(Uuid::from_u128(1)));
        let row = |value| Row { scope, kind: "card".to_owned(), id: "7".to_owned(), seq: 9, value };
        let bare = PullReply {
            epoch: Uuid::from_u128(2),
            server_time: Timestamp(3),
            next_op_no: 4,
            rows: vec![row(Some(json!({"a": [1, "ө"]}))), row(None)],
            removed: Vec::new(),
            reset: BTreeMap::new(),
            more: true,
            digest: None,
            cookie: "c".to_owned(),
            backoff_s: None,
            file_limits: None,
        };
        let full = PullReply {
            removed: vec![Scope::Person],
            reset: BTreeMap::from([(scope, ResetReason::TooOld)]),
            digest: Some(BTreeMap::from([(Scope::Catalogue, Digest { rows: 1, sum: 5 })])),
            backoff_s: Some(6),
            file_limits: Some(FileLimits::default()),
            ..bare.clone()
        };
        for reply in [bare, full] {
            let text = |row: &Row| {
                let value = row.value.as_ref();
                let value = value.map(|value| RawValue::from_string(value.to_string()).unwrap());
                let Row { scope, kind, id, seq, .. } = row.clone();
                PulledRow { scope, kind, id, seq, value }
            };
            let rows = reply.rows.iter().map(text).collect();
            let expected = to_value(&reply).unwrap();
            assert_eq!(to_value(PulledReply::new(reply, rows)).unwrap(), expected);
        }
    }
}
