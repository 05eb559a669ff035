//! The payment system as a merchant and a payer meet it, over real HTTP.

use super::signature::{MERCHANT, SIGNATURE, Signed, TIMESTAMP};
use super::*;
use crate::world::clock::ManualClock;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use toruk_sync::domain::time::Timestamp;

const START: Timestamp = Timestamp(1_790_000_000_000_000);
const SECRET: &[u8] = b"known to both";
const ORDER: Uuid = Uuid::from_u128(1);

/// A merchant whose till answers callbacks as it is told, and the payment system beside it.
struct BankTown {
    clock: Arc<ManualClock>,
    system: PaymentSystem,
    client: reqwest::Client,
    till: Listening,
    /// For each callback, `true` if the payment system signed it.
    heard: Arc<Mutex<Vec<bool>>>,
    till_answers: Arc<Mutex<StatusCode>>,
}

impl BankTown {
    async fn new() -> Self {
        let clock = ManualClock::new(START);
        let merchant = Merchant { id: "toruk".to_owned(), secret: SECRET.to_vec() };
        let system = PaymentSystem::start(clock.clone(), merchant).await.unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let till_answers = Arc::new(Mutex::new(StatusCode::NO_CONTENT));
        let (ear, mouth) = (Arc::clone(&heard), Arc::clone(&till_answers));
        let router =
            Router::new().fallback(async move |headers: HeaderMap, uri: Uri, body: Bytes| {
                lock(&ear).push(is_genuine(&headers, uri.path(), &body));
                *lock(&mouth)
            });
        let listener = listening::any_port().await.unwrap();
        let till = Listening::serve(listener, router, CancellationToken::new(), TaskTracker::new())
            .unwrap();
        let client = listening::client().unwrap();
        Self { clock, system, client, till, heard, till_answers }
    }

    fn order(&self, channel: &str) -> Value {
        json!({
            "order": ORDER, "channel": channel, "amount_tyiyn": 3_600_000,
            "expires_at": START + TimeSpan::minutes(30),
            "callback_url": format!("{}/callbacks/payment", self.till.base()),
            "description": "Кепилдик төгүм <b>",
        })
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let signed = Signed { timestamp: "1790000000", method, path, body: body.as_bytes() };
        let signature = signed.sign(SECRET);
        let response = self.send(method, path, &body, &signature).await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        signature: &str,
    ) -> reqwest::Result<reqwest::Response> {
        let request = self
            .client
            .request(method.parse().unwrap(), format!("{}{path}", self.system.base()))
            .header(MERCHANT, "toruk")
            .header(TIMESTAMP, "1790000000")
            .header(SIGNATURE, signature)
            .body(body.to_owned());
        request.send().await
    }

    /// Orders through `channel`. Returns the order's code.
    async fn code(&self, channel: &str) -> String {
        let (status, answer) = self.call("POST", "/v1/orders", Some(&self.order(channel))).await;
        assert_eq!(status, 200, "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    }

    async fn payments(&self) -> Vec<i64> {
        let (status, answer) = self.call("GET", &format!("/v1/orders/{ORDER}"), None).await;
        assert_eq!(status, 200);
        let payments = answer["payments"].as_array().unwrap();
        payments.iter().map(|payment| payment["amount_tyiyn"].as_i64().unwrap()).collect()
    }

    fn heard(&self) -> Vec<bool> {
        lock(&self.heard).clone()
    }

    async fn page(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.system.base());
        let response = self.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn submit(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let url = format!("{}{path}", self.system.base());
        let response = self.client.post(url).form(form).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

fn is_genuine(headers: &HeaderMap, path: &str, body: &[u8]) -> bool {
    let header = |name| headers.get(name).unwrap().to_str().unwrap();
    let signed = Signed { timestamp: header(TIMESTAMP), method: "POST", path, body };
    header(MERCHANT) == "toruk"
        && body == json!({ "order": ORDER }).to_string().as_bytes()
        && signed.is_signed_by(SECRET, header(SIGNATURE))
}

#[tokio::test]
async fn a_code_is_paid_and_the_merchant_hears_of_it() {
    let town = BankTown::new().await;
    let code = town.code("wallet_code").await;
    assert_eq!(town.code("wallet_code").await, code, "asked again, one code");
    let (conflict, _) = town.call("POST", "/v1/orders", Some(&town.order("card"))).await;
    assert_eq!(conflict, 409);
    town.clock.advance(TimeSpan::minutes(29));
    let payment = town.system.pay_code(&code, 3_600_000).unwrap();
    assert_eq!(payment.paid_at, START + TimeSpan::minutes(29));
    let attempts = town.system.callbacks_until(1).await;
    assert_eq!(attempts[0].answer, Some(204));
    assert_eq!(town.heard(), [true]);
    assert_eq!(town.payments().await, [3_600_000]);
    assert_eq!(town.system.pay_code(&code, 1), Err(Refusal::AlreadyPaid));
    town.system.stop().await;
}

#[tokio::test]
async fn an_expired_code_is_refused_and_late_money_arrives_all_the_same() {
    let town = BankTown::new().await;
    let code = town.code("branch_code").await;
    town.clock.advance(TimeSpan::minutes(30));
    assert_eq!(town.system.pay_code(&code, 3_600_000), Err(Refusal::Expired));
    assert_eq!(town.system.pay_code("0000-0000", 1), Err(Refusal::Unknown));
    town.system.pay_late(&code, 3_600_000).unwrap();
    town.system.misbehave(|misbehaviour| misbehaviour.payment = PaymentFault::Late);
    assert_eq!(town.system.pay_code(&code, 1), Err(Refusal::AlreadyPaid));
    assert_eq!(town.payments().await, [3_600_000]);
}

#[tokio::test]
async fn money_arrives_short_over_and_doubled_on_demand() {
    for (fault, expected) in [
        (PaymentFault::Short(100), vec![3_599_900]),
        (PaymentFault::Over(100), vec![3_600_100]),
        (PaymentFault::Doubled, vec![3_600_000, 3_600_000]),
    ] {
        let town = BankTown::new().await;
        let code = town.code("wallet_code").await;
        town.system.misbehave(|misbehaviour| misbehaviour.payment = fault);
        town.system.pay_code(&code, 3_600_000).unwrap();
        assert_eq!(town.payments().await, expected, "{fault:?}");
    }
    let town = BankTown::new().await;
    let code = town.code("wallet_code").await;
    let [first, second] = town.system.pay_twice(&code, 3_600_000).unwrap();
    assert_ne!(first.reference, second.reference);
    assert_eq!(town.system.callbacks_until(2).await.len(), 2);
}

#[tokio::test]
async fn a_callback_is_lost_doubled_forged_or_delayed_on_demand() {
    for (fault, expected) in [
        (CallbackFault::Doubled, vec![true, true]),
        (CallbackFault::Forged, vec![false]),
        (CallbackFault::None, vec![true]),
    ] {
        let town = BankTown::new().await;
        let code = town.code("wallet_code").await;
        town.system.misbehave(|misbehaviour| misbehaviour.callback = fault);
        town.system.pay_code(&code, 3_600_000).unwrap();
        town.system.callbacks_until(expected.len()).await;
        assert_eq!(town.heard(), expected, "{fault:?}");
    }

    let town = BankTown::new().await;
    let code = town.code("wallet_code").await;
    let delay = TimeSpan::minutes(10);
    town.system.misbehave(|misbehaviour| misbehaviour.callback = CallbackFault::Lost);
    town.system.pay_code(&code, 1).unwrap();
    town.system.misbehave(|misbehaviour| misbehaviour.callback = CallbackFault::Delayed(delay));
    town.system.pay_code(&code, 1).unwrap();
    town.clock.advance(delay);
    let attempts = town.system.callbacks_until(1).await;
    assert_eq!(attempts.iter().map(|attempt| attempt.at).collect::<Vec<_>>(), [START + delay]);
}

#[tokio::test]
async fn a_callback_is_tried_five_times_and_then_given_up() {
    let town = BankTown::new().await;
    let code = town.code("wallet_code").await;
    *lock(&town.till_answers) = StatusCode::INTERNAL_SERVER_ERROR;
    town.system.pay_code(&code, 3_600_000).unwrap();
    for attempt in 1..=CALLBACK_ATTEMPTS_MAX {
        let attempts = town.system.callbacks_until(attempt).await;
        assert_eq!(attempts.len(), attempt, "no attempt before its time");
        town.clock.advance(TimeSpan::minutes(3));
    }
    let heard = town.heard().len();
    town.system.stop().await;
    assert_eq!(heard, CALLBACK_ATTEMPTS_MAX);
}

#[tokio::test]
async fn an_unsigned_or_malformed_request_changes_nothing() {
    let town = BankTown::new().await;
    let body = town.order("card").to_string();
    for signature in ["", "00", &"0".repeat(64)] {
        let response = town.send("POST", "/v1/orders", &body, signature).await.unwrap();
        assert_eq!(response.status(), 401);
    }
    for (body, expected) in [
        (json!({}), 400),
        (json!({ "order": ORDER, "unknown": 1 }), 400),
        (json!("x".repeat(100_000)), 413),
    ] {
        assert_eq!(town.call("POST", "/v1/orders", Some(&body)).await.0, expected);
    }
    assert_eq!(town.call("GET", &format!("/v1/orders/{ORDER}"), None).await.0, 404);
    assert_eq!(town.system.order(ORDER), None);
}

#[tokio::test]
async fn a_payment_system_that_fails_or_hangs_keeps_its_books() {
    let town = BankTown::new().await;
    town.system.misbehave(|misbehaviour| misbehaviour.failing_calls = 2);
    for expected in [503, 503, 200] {
        let (status, _) = town.call("POST", "/v1/orders", Some(&town.order("card"))).await;
        assert_eq!(status, expected);
    }

    let town = BankTown::new().await;
    let body = town.order("card").to_string();
    let signed = Signed {
        timestamp: "1790000000",
        method: "POST",
        path: "/v1/orders",
        body: body.as_bytes(),
    };
    let signature = signed.sign(SECRET);
    town.system.misbehave(|misbehaviour| misbehaviour.answers = Answers::LostAfterWork);
    let call = town.send("POST", "/v1/orders", &body, &signature);
    let done = async {
        while town.system.order(ORDER).is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = call => panic!("answered {answer:?}"),
        () = done => {}
    }
    town.system.misbehave(|misbehaviour| misbehaviour.answers = Answers::Normally);
    assert_eq!(town.call("POST", "/v1/orders", Some(&town.order("card"))).await.0, 200);
    town.system.stop().await;
}

#[tokio::test]
async fn money_goes_back_once() {
    let town = BankTown::new().await;
    let code = town.code("wallet_code").await;
    let reference = town.system.pay_code(&code, 3_600_000).unwrap().reference;
    let refund = |name: u128, amount: i64| {
        let name = Uuid::from_u128(name);
        json!({ "refund": name, "reference": reference, "amount_tyiyn": amount })
    };
    for (name, amount, expected) in [(1, 3_600_000, 200), (1, 3_600_000, 200), (2, 1, 409)] {
        let (status, _) = town.call("POST", "/v1/refunds", Some(&refund(name, amount))).await;
        assert_eq!(status, expected);
    }
    assert_eq!(town.system.refunds().len(), 1);
}

#[tokio::test]
async fn a_person_pays_by_code_on_the_page() {
    let town = BankTown::new().await;
    let code = town.code("branch_code").await;
    let (_, form) = town.page("/?lang=ru").await;
    assert!(form.contains("Код платежа") && form.contains("<html lang=ru>"));
    let (_, shown) = town.page(&format!("/?code={code}&lang=ky")).await;
    assert!(shown.contains("36\u{a0}000,00 сом") && shown.contains("Төлөө"), "{shown}");
    assert!(shown.contains("төгүм &lt;b&gt;"), "a description is text, not markup");
    let (_, slip) = town.page(&format!("/branch/{code}/slip?lang=en")).await;
    assert!(slip.contains(&code) && slip.contains("Payment slip for the bank"));
    let (status, paid) = town.submit("/pay", &[("code", &code), ("lang", "ky")]).await;
    assert!(status == 200 && paid.contains("Төлөндү"), "{paid}");
    assert_eq!(town.payments().await, [3_600_000]);
    assert_eq!(town.page(&format!("/?code={code}")).await.0, 409);
    assert_eq!(town.page("/?code=%3Cscript%3E").await.0, 404);
    assert!(!town.page("/?code=%3Cscript%3E").await.1.contains("<script"));
}

#[tokio::test]
async fn a_card_page_pays_without_a_look_at_the_card() {
    let town = BankTown::new().await;
    let (_, answer) = town.call("POST", "/v1/orders", Some(&town.order("card"))).await;
    let path = format!("/card/{ORDER}");
    assert_eq!(answer["redirect_url"], format!("{}{path}", town.system.base()));
    assert_eq!(answer.get("code"), None);
    for (language, label, button) in [
        ("ky", "Картанын номери", "Жөнөтүү"),
        ("ru", "Номер карты", "Отправить"),
        ("en", "Card number", "Send"),
    ] {
        let (_, page) = town.page(&format!("{path}?lang={language}")).await;
        assert!(page.contains(label) && page.contains("CVC2/CVV2") && page.contains(button));
        let mut fields = page.split("<input").skip(1).map(|field| field.split('>').next());
        assert!(fields.all(|field| !field.unwrap().contains("name=")), "none is sent: {page}");
    }
    let (status, paid) = town.submit(&path, &[("card-number", "4169585312345678")]).await;
    assert!(status == 200 && !paid.contains("4169585312345678"));
    assert_eq!(town.payments().await, [3_600_000]);
    assert_eq!(town.system.pay_card(ORDER), Err(Refusal::AlreadyPaid));
}
