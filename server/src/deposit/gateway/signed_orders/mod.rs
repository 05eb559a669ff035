//! A payment system that takes orders over HTTP, with both sides' messages signed by a shared
//! secret. No public API of the state payment system (ГСЭП) is known, so this contract is Toruk's
//! own, in the form such systems use. `server/GATEWAY.md` describes it for those who attach one.

mod answers;
mod providers;
mod statement;

use self::answers::{TEXT_BYTES_MAX, is_usable, strange};
use self::providers::ProvidersAnswer;
use self::statement::{PAGES_MAX, StatementAnswer};
use crate::clock::Clock;
use crate::ports::{
    GatewayError, Issued, Order, OrderReport, OrderState, PaymentGateway, ReportedPayment,
};
use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method};
use reqwest::{Client, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::StatementLine;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::deposit::PaymentProvider;
use uuid::Uuid;

/// Largest distance between a callback's timestamp and now; beyond it the callback is rejected.
pub const CALLBACK_AGE_MAX: TimeSpan = TimeSpan::seconds(300);
/// Real time allowed for one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest response, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Most payments one order may report.
const PAYMENTS_MAX: usize = 100;
const MERCHANT: &str = "X-Merchant";
const TIMESTAMP: &str = "X-Timestamp";
const SIGNATURE: &str = "X-Signature";

/// The adapter for this contract.
pub struct SignedOrders {
    base: Url,
    merchant: String,
    secret: Vec<u8>,
    callback_url: String,
    http: Client,
    clock: Arc<dyn Clock>,
}

#[derive(Serialize)]
struct OrderBody<'a> {
    order: IntentId,
    channel: Channel,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    amount_tyiyn: Tyiyn,
    expires_at: Timestamp,
    callback_url: &'a str,
    description: &'a str,
}

/// Answers of others have ids in whatever form a UUID has; ours are in one.
#[derive(Deserialize)]
struct OrderAnswer {
    order: Uuid,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    redirect_url: Option<String>,
}

#[derive(Deserialize)]
struct PaymentsAnswer {
    order: Uuid,
    #[serde(default)]
    state: StateAnswer,
    payments: Vec<PaymentAnswer>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum StateAnswer {
    #[default]
    Open,
    Pending,
    Cancelled,
}

#[derive(Deserialize)]
struct PaymentAnswer {
    reference: String,
    amount_tyiyn: Tyiyn,
    paid_at: Timestamp,
}

#[derive(Serialize)]
struct RefundBody<'a> {
    refund: Uuid,
    reference: &'a str,
    amount_tyiyn: Tyiyn,
}

#[derive(Deserialize)]
struct RefundAnswer {
    done: bool,
}

#[derive(Deserialize)]
struct CallbackBody {
    order: Uuid,
}

impl SignedOrders {
    /// For the payment system at `base`, which calls back at `callback_url`.
    pub fn new(
        base: Url,
        merchant: impl Into<String>,
        secret: impl Into<Vec<u8>>,
        callback_url: impl Into<String>,
        http: Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            base,
            merchant: merchant.into(),
            secret: secret.into(),
            callback_url: callback_url.into(),
            http,
            clock,
        }
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T, GatewayError> {
        let body = body.unwrap_or_default();
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| GatewayError::Refused(error.to_string()))?;
        let timestamp = (self.clock.now().0.div_euclid(1_000_000)).to_string();
        let message = [timestamp.as_str(), method.as_str(), url.path()];
        let signature = hex::encode(mac(&self.secret, message, &body).finalize().into_bytes());
        let response = self
            .http
            .request(method, url)
            .timeout(CALL_TIMEOUT)
            .header(MERCHANT, &self.merchant)
            .header(TIMESTAMP, &timestamp)
            .header(SIGNATURE, signature)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| GatewayError::Unavailable(error.without_url().to_string()))?;
        let status = response.status();
        let answer = answer(response).await?;
        if status.is_success() {
            return serde_json::from_slice(&answer)
                .map_err(|error| GatewayError::Unavailable(format!("its answer: {error}")));
        }
        // Failures that a later, identical call may get past: overload, or clocks and secrets that
        // differ.
        let passing = status.is_server_error()
            || [
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::REQUEST_TIMEOUT,
                StatusCode::UNAUTHORIZED,
                StatusCode::FORBIDDEN,
            ]
            .contains(&status);
        let reason = status.to_string();
        Err(if passing { GatewayError::Unavailable(reason) } else { GatewayError::Refused(reason) })
    }
}

#[async_trait]
impl PaymentGateway for SignedOrders {
    async fn create(&self, order: &Order) -> Result<Issued, GatewayError> {
        let body = json(&OrderBody {
            order: order.intent,
            channel: order.channel,
            provider: order.provider.as_deref(),
            amount_tyiyn: order.amount,
            expires_at: order.expires_at,
            callback_url: &self.callback_url,
            description: &order.description,
        })?;
        let answer: OrderAnswer = self.call(Method::POST, "/v1/orders", Some(body)).await?;
        same_order(order.intent, answer.order)?;
        let texts = [&answer.code, &answer.redirect_url];
        let fits = |text: &&String| !text.is_empty() && text.len() <= TEXT_BYTES_MAX;
        if !texts.into_iter().flatten().all(|text| fits(&text)) {
            return Err(strange("an unusable code"));
        }
        match (&answer.code, &answer.redirect_url) {
            (None, None) => return Err(strange("neither code nor page")),
            // A phone opens this address, so only web addresses are accepted.
            (_, Some(url)) if !(url.starts_with("https://") || url.starts_with("http://")) => {
                return Err(strange("a page that is not a web page"));
            }
            _ => {}
        }
        Ok(Issued { code: answer.code, redirect_url: answer.redirect_url })
    }

    async fn payments(&self, intent: IntentId) -> Result<OrderReport, GatewayError> {
        let path = format!("/v1/orders/{intent}");
        let answer: PaymentsAnswer = self.call(Method::GET, &path, None).await?;
        same_order(intent, answer.order)?;
        let named = |payment: &PaymentAnswer| is_usable(&payment.reference);
        if answer.payments.len() > PAYMENTS_MAX || !answer.payments.iter().all(named) {
            return Err(strange("unusable payments"));
        }
        let reported = |payment: PaymentAnswer| ReportedPayment {
            reference: payment.reference,
            amount: payment.amount_tyiyn,
            paid_at: payment.paid_at,
        };
        let payments = answer.payments.into_iter().map(reported).collect();
        let state = match answer.state {
            StateAnswer::Open => OrderState::Open,
            StateAnswer::Pending => OrderState::Pending,
            StateAnswer::Cancelled => OrderState::Cancelled,
        };
        Ok(OrderReport { state, payments })
    }

    async fn refund(
        &self,
        refund: Uuid,
        reference: &str,
        amount: Tyiyn,
    ) -> Result<(), GatewayError> {
        let body = json(&RefundBody { refund, reference, amount_tyiyn: amount })?;
        let answer: RefundAnswer = self.call(Method::POST, "/v1/refunds", Some(body)).await?;
        if answer.done { Ok(()) } else { Err(GatewayError::Undecided) }
    }

    async fn statement(&self, day: BusinessDay) -> Result<Vec<StatementLine>, GatewayError> {
        let mut lines = Vec::new();
        for page in 1..=PAGES_MAX {
            let path = format!("/v1/statements/{day}/{page}");
            let answer: StatementAnswer = self.call(Method::GET, &path, None).await?;
            if answer.read_into(&mut lines, day, page)? {
                return Ok(lines);
            }
        }
        Err(strange("a statement without an end"))
    }

    async fn providers(&self) -> Result<Vec<PaymentProvider>, GatewayError> {
        let answer: ProvidersAnswer = self.call(Method::GET, "/v1/providers", None).await?;
        answer.checked()
    }

    fn callback(
        &self,
        headers: &HeaderMap,
        path: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Option<IntentId> {
        let header = |name: &str| headers.get(name)?.to_str().ok();
        let timestamp = header(TIMESTAMP)?;
        let signature = hex::decode(header(SIGNATURE)?).ok()?;
        let message = [timestamp, Method::POST.as_str(), path];
        mac(&self.secret, message, body).verify_slice(&signature).ok()?;
        let signed_at = Timestamp(timestamp.parse::<i64>().ok()?.checked_mul(1_000_000)?);
        let fresh = (now - signed_at).0.unsigned_abs() <= CALLBACK_AGE_MAX.0.unsigned_abs();
        let ours = header(MERCHANT)? == self.merchant;
        let body: CallbackBody = serde_json::from_slice(body).ok()?;
        (fresh && ours).then_some(IntentId(body.order))
    }
}

fn mac(secret: &[u8], message: [&str; 3], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in message {
        mac.update(part.as_bytes());
        mac.update(b"\n");
    }
    mac.update(body);
    mac
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, GatewayError> {
    serde_json::to_vec(body).map_err(|error| GatewayError::Refused(error.to_string()))
}

fn same_order(asked: IntentId, answered: Uuid) -> Result<(), GatewayError> {
    if asked.0 == answered { Ok(()) } else { Err(strange("another order")) }
}

/// Reads a response up to the limit, no matter what its length header says.
async fn answer(mut response: reqwest::Response) -> Result<Vec<u8>, GatewayError> {
    let failed = |error: reqwest::Error| GatewayError::Unavailable(error.without_url().to_string());
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if answer.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(strange("too long"));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
