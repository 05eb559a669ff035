//! The messages of a pull.

use super::sample::{application, draft, id, view};
use super::{NOW, golden};
use std::collections::BTreeMap;
use toruk_sync::domain::file::FileLimits;
use toruk_sync::domain::id::*;
use toruk_sync::draft::FollowedSet;
use toruk_sync::protocol::operations::{ApplicationView, DraftView, Outcome, Verdict};
use toruk_sync::protocol::pull::{
    Digest, OutcomeView, Pull, PullReply, ResetReason, Row, Scope, kind,
};

#[test]
fn a_pull_on_the_wire() {
    let pull = Pull {
        cookie: Some("AAEC".to_owned()),
        acked: vec![3, 4],
        catalogue: true,
        digest: true,
        rows: Some(50),
    };
    golden("pull", &pull);
    golden("pull_nothing_known", &Pull::default());
    let auction = AuctionId(id(1));
    let row = |scope, kind: &str, name: String, seq, value| Row {
        scope,
        kind: kind.to_owned(),
        id: name,
        seq,
        value,
    };
    let json = |value: &dyn erased::Json| Some(value.json());
    let outcome = OutcomeView {
        device: DeviceId(id(4)),
        auction: Some(auction),
        operation: "submit_application".to_owned(),
        outcome: Outcome {
            op_no: 3,
            verdict: Verdict::DraftClosed,
            decided_at: NOW,
            receipt: None,
        },
    };
    let draft = DraftView { id: DraftId(id(9)), auction, state: draft() };
    let mut followed = FollowedSet::default();
    followed.follow(auction, 1);
    let own = ApplicationView {
        application: application(),
        deposit: None,
        intents: Vec::new(),
        bidder_no: Some(BidderNo(2)),
        opening: None,
    };
    let name = auction.to_string();
    let rows = vec![
        row(Scope::Person, kind::APPLICATION, name.clone(), 4, json(&own)),
        row(Scope::Person, kind::DRAFT, name.clone(), 5, json(&draft)),
        row(Scope::Person, kind::OUTCOME, format!("{}:3", DeviceId(id(4))), 6, json(&outcome)),
        row(Scope::Person, kind::FOLLOWED, String::new(), 7, json(&followed.state())),
        row(Scope::Person, kind::DRAFT, AuctionId(id(2)).to_string(), 8, None),
        row(Scope::Auction(auction), kind::AUCTION, name, 12, json(&view())),
    ];
    for row in &rows {
        assert_eq!(row.entity().is_some(), row.value.is_some(), "{row:?}");
    }
    let reply = PullReply {
        epoch: id(77),
        server_time: NOW,
        next_op_no: 5,
        rows,
        removed: vec![Scope::Auction(AuctionId(id(3)))],
        reset: BTreeMap::from([(Scope::Person, ResetReason::TooOld)]),
        more: false,
        digest: Some(BTreeMap::from([(Scope::Person, Digest { rows: 4, sum: 99 })])),
        cookie: "AAED".to_owned(),
        backoff_s: Some(30),
        file_limits: Some(FileLimits::default()),
    };
    golden("pull_reply", &reply);
}

/// Values of different types in one list.
mod erased {
    pub trait Json {
        fn json(&self) -> serde_json::Value;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap()
        }
    }
}
