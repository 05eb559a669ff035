//! Tests which callbacks are accepted. Calls are tested against the payment system's simulator.

use super::*;
use futures_util::future::BoxFuture;

const SECRET: &[u8] = b"secret";
const NOW_S: i64 = 1_800_000_000;
const PATH: &str = "/v1/payments/callback";

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(NOW_S * 1_000_000)
    }

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

fn gateway() -> SignedOrders {
    // Without a provider a client can't be made: there is no default.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let base = Url::parse("http://localhost:1/").unwrap();
    SignedOrders::new(base, "toruk", SECRET, "http://localhost:2", Client::new(), Arc::new(Still))
}

fn headers(merchant: &str, secret: &[u8], at_s: i64, path: &str, body: &[u8]) -> HeaderMap {
    let at = at_s.to_string();
    let signature = mac(secret, [&at, "POST", path], body).finalize().into_bytes();
    let mut headers = HeaderMap::new();
    headers.insert(MERCHANT, merchant.parse().unwrap());
    headers.insert(TIMESTAMP, at.parse().unwrap());
    headers.insert(SIGNATURE, hex::encode(signature).parse().unwrap());
    headers
}

#[test]
fn a_callback_is_believed_only_when_it_is_signed_fresh_and_ours() {
    let (gateway, order) = (gateway(), IntentId(Uuid::from_u128(7)));
    let body = format!(r#"{{"order":"{order}"}}"#);
    let body = body.as_bytes();
    let now = Still.now();
    let check = |headers: &HeaderMap, body: &[u8], expected: Option<IntentId>| {
        assert_eq!(gateway.callback(headers, PATH, body, now), expected);
    };
    check(&headers("toruk", SECRET, NOW_S, PATH, body), body, Some(order));
    check(&headers("toruk", SECRET, NOW_S - 300, PATH, body), body, Some(order));
    check(&headers("toruk", SECRET, NOW_S + 300, PATH, body), body, Some(order));
    check(&headers("toruk", SECRET, NOW_S - 301, PATH, body), body, None);
    check(&headers("toruk", SECRET, NOW_S + 301, PATH, body), body, None);
    check(&headers("toruk", SECRET, i64::MAX, PATH, body), body, None);
    check(&headers("toruk", b"guessed", NOW_S, PATH, body), body, None);
    check(&headers("another", SECRET, NOW_S, PATH, body), body, None);
    check(&headers("toruk", SECRET, NOW_S, "/v1/bids", body), body, None);
    check(&headers("toruk", SECRET, NOW_S, PATH, b"{}"), body, None);
    check(&headers("toruk", SECRET, NOW_S, PATH, b"{}"), b"{}", None);
    check(&HeaderMap::new(), body, None);
    // A caller may write an id in capitals.
    let order = IntentId(Uuid::from_u128(0xabcdef));
    let capitals = format!(r#"{{"order":"{}"}}"#, order.to_string().to_uppercase());
    let capitals = capitals.as_bytes();
    check(&headers("toruk", SECRET, NOW_S, PATH, capitals), capitals, Some(order));
}

/// The expected value was computed without this code:
/// `printf '17\nPOST\n/v1/orders\n{}' | openssl dgst -sha256 -hmac secret`.
#[test]
fn a_signature_is_the_one_of_the_contract() {
    let signature = mac(SECRET, ["17", "POST", "/v1/orders"], b"{}").finalize().into_bytes();
    assert_eq!(
        hex::encode(signature),
        "a0af78e4b8f68213abf70779c8c757383208c53beb1934b356c709a73ac945f3"
    );
}

/// The page for integrators; its values were computed by `openssl dgst -sha256 -hmac`.
#[test]
fn the_vectors_of_the_contracts_page_are_right() {
    let page = include_str!("../../../../GATEWAY.md");
    let rows = page.lines().filter(|line| line.starts_with("| 18"));
    let mut checked = 0;
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [timestamp, method, path, body, signature] = cells[..] else { panic!("{row}") };
        let plain = |cell: &str| cell.trim().trim_matches('`').to_owned();
        let message = [plain(timestamp), plain(method), plain(path)];
        let [timestamp, method, path] = &message;
        let body = plain(body);
        let made = mac(b"toruk-test-secret", [timestamp, method, path], body.as_bytes());
        assert_eq!(hex::encode(made.finalize().into_bytes()), plain(signature), "{method} {path}");
        checked += 1;
    }
    assert_eq!(checked, 5);
}
