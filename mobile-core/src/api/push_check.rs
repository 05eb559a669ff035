//! Verifies a push in a process that must not open this phone's data.
//!
//! # Why not `on_push`
//! iOS hands a push to an extension, a process of its own. Two processes must not write one store,
//! and one that is suspended with a locked file is killed. What is needed for an answer is the
//! session's token, which the secure store gives both.

use super::notifications::{Notification, holds};
use super::records::as_code;
use super::texts;
use crate::account_scope::{AccountScope, SESSION_TOKEN};
use crate::driver::http::{ApiRequest, Http};
use crate::engine::Failure;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::platform::SecureStore;
use crate::transport::{Transport, is_safe};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::operations::ApplicationView;
use toruk_sync::protocol::pull::{Entity, Pull, PullReply};
use toruk_sync::protocol::push_hint::PushHint;

/// Time to verify a push; the system gives an extension thirty seconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most pages that are read to find the person's application.
const PAGES_MAX: usize = 10;

/// Asks the server whether a push is true, and returns its notification; `None` if it is not true
/// any more, or meant for nobody who is signed in here. Reads and writes no file. In any other case
/// than a notification the push's claim must not be shown.
///
/// # Errors
/// `malformed`; [`CoreError::UnsafeAddress`]; [`CoreError::Offline`] if the server does not answer
/// in time; [`CoreError::SignedOut`]; [`CoreError::Internal`] if the secure store fails.
#[uniffi::export(async_runtime = "tokio")]
pub async fn verify_push(
    server_url: String,
    language: String,
    json: String,
    secure_store: Arc<dyn SecureStore>,
    transport: Arc<dyn Transport>,
) -> Result<Option<Notification>, CoreError> {
    let hint: PushHint =
        serde_json::from_str(&json).map_err(|_| CoreError::refused("malformed"))?;
    if !is_safe(&server_url) {
        return Err(CoreError::UnsafeAddress);
    }
    let scope = AccountScope(Some(hint.person));
    let token = secure_store.get(scope.secret(SESSION_TOKEN))?;
    let token = token.and_then(|token| String::from_utf8(token).ok());
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let http = Http::new(&server_url, transport);
    http.set_token(Some(token));
    let asked = tokio::time::timeout(PATIENCE, ask(&http, hint.auction)).await;
    let (view, own) = asked.map_err(|_| CoreError::Offline)??;
    let is_true = view.server_time < hint.expires_at && holds(hint.kind, &view, own.as_ref());
    Ok(is_true.then(|| Notification {
        kind: as_code(&hint.kind),
        auction: hint.auction.to_string(),
        title: view.lot.title.get(&language).to_owned(),
        body: texts::notice_until(hint.kind, hint.expires_at, &language),
        urgent: hint.kind.is_urgent(),
        expires_at: hint.expires_at.0,
        verified: true,
    }))
}

/// The auction, and the person's application for it.
async fn ask(
    http: &Http,
    auction: AuctionId,
) -> Result<(AuctionView, Option<ApplicationView>), Failure> {
    let path = format!("/v1/auctions/{auction}");
    let view = http.json(ApiRequest::new(RequestKind::ReadAuction, &path).public()).await?;
    let mut cookie = None;
    for _ in 0..PAGES_MAX {
        // A pull changes nothing at the server: the app's own cookie stays good.
        let pull = Pull { cookie: cookie.take(), ..Pull::default() };
        let ask = ApiRequest::json(RequestKind::Pull, "/v1/sync/pull", &pull);
        let reply: PullReply = http.json(ask).await?;
        let own = reply.rows.iter().find_map(|row| match row.entity() {
            Some(Entity::Application(own)) if own.application.auction == auction => Some(own),
            _ => None,
        });
        if own.is_some() || !reply.more {
            return Ok((view, own));
        }
        cookie = Some(reply.cookie);
    }
    Ok((view, None))
}
