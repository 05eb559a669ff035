//! Waiting for what a phone shows.

use crate::world::phone::Phone;
use crate::world::until;
use anyhow::Context as _;
use std::time::Duration;
use toruk_mobile_core::api::live::LiveState;
use toruk_mobile_core::api::notifications::Notification;
use toruk_sync::domain::id::AuctionId;

/// Waits until the live screen of `phone` satisfies `wanted`.
pub async fn screen(
    phone: &Phone,
    auction: AuctionId,
    what: &str,
    wanted: impl Fn(&LiveState) -> bool,
) -> anyhow::Result<LiveState> {
    let mut last = None;
    let found = until(what, || {
        let state = phone.core.live_state(auction.to_string());
        let found = state.as_ref().ok().filter(|state| wanted(state)).cloned();
        last = Some(state);
        async { Ok(found) }
    });
    found.await.with_context(|| format!("{} saw last: {last:?}", phone.name))
}

/// A patient wait for a push of one kind; the phone has verified it when it is returned.
pub async fn pushed(
    phone: &mut Phone,
    kind: &str,
    auction: AuctionId,
    taken: &mut u64,
) -> anyhow::Result<Notification> {
    const PATIENCE: Duration = Duration::from_secs(20);
    let wait = async {
        while let Some(message) = phone.pushes.messages.recv().await {
            *taken += 1;
            let hint = message.data.get("hint").context("a push without a hint")?.clone();
            let shown = phone.core.on_push(hint).await?;
            let wanted =
                |shown: &Notification| shown.kind == kind && shown.auction == auction.to_string();
            if let Some(shown) = shown.filter(wanted) {
                return Ok(shown);
            }
        }
        anyhow::bail!("the push gateway is gone")
    };
    let name = phone.name.clone();
    tokio::time::timeout(PATIENCE, wait).await.with_context(|| format!("{name}: no push {kind}"))?
}
