//! What comes by push, and where it goes.

use super::sample::id;
use super::{NOW, golden};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::protocol::identity::PushToken;
use toruk_sync::protocol::push_hint::PushHint;
use toruk_sync::protocol::web_push::{WebPushKey, WebPushKeys, WebPushNotice, WebPushSubscription};

#[test]
fn pushes_on_the_wire() {
    golden("push_token", &PushToken { token: None });
    let hint = PushHint {
        kind: NoticeKind::Outbid,
        person: PersonId(id(3)),
        auction: AuctionId(id(10)),
        seq: 8,
        expires_at: NOW,
        server_time: NOW,
    };
    golden("push_hint", &hint);
    let notice = WebPushNotice {
        hint,
        language: "ky".to_owned(),
        tag: id(10).to_string(),
        title: Some("Дүкөн".to_owned()),
        price: Tyiyn::new(127_500_000).ok(),
        deadline: Some(NOW),
    };
    golden("web_push_notice", &notice);
    golden("web_push_key", &WebPushKey { public_key: Some("BCVx".to_owned()) });
    let keys = WebPushKeys { p256dh: "BCVx".to_owned(), auth: "BTBZ".to_owned() };
    let endpoint = "https://push.example/a".to_owned();
    golden("web_push_subscription", &WebPushSubscription { endpoint, keys });
}
