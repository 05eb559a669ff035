//! Performs one effect: usually with one request.

use super::http::ApiRequest;
use super::{Driver, EffectTask};
use crate::account_scope::SESSION_TOKEN;
use crate::engine::live::Opening;
use crate::engine::live::sse::Events;
use crate::engine::request_kind::RequestKind;
use crate::engine::{Effect, Failure, Input, answers};
use crate::error::CoreError;
use crate::mutex::lock;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::identity::PushToken;
use toruk_sync::protocol::limits::BID_TIMEOUT_MS;
use toruk_sync::protocol::live::LiveFrame;

impl EffectTask {
    pub(super) fn perform(self, effect: Effect) {
        let driver = Arc::clone(&self.driver);
        let token = self.token.clone();
        match effect {
            Effect::Push(push) => driver.run(async move {
                let ask = ApiRequest::json(RequestKind::Push, "/v1/sync/push", &push).of(token);
                let answer = self.driver.http.json(ask).await;
                self.check_session(&answer);
                self.report(Input::Pushed(answer));
            }),
            Effect::Pull(pull) => driver.run(async move {
                let ask = ApiRequest::json(RequestKind::Pull, "/v1/sync/pull", &pull).of(token);
                let answer = self.driver.http.json(ask).await;
                self.check_session(&answer);
                self.report(Input::Pulled(answer));
            }),
            Effect::AskBid(bid) => driver.run(async move {
                let path = format!("/v1/bids/{bid}");
                let ask = ApiRequest::new(RequestKind::ReadBid, &path).of(token);
                let answer = self.driver.http.json(ask).await;
                self.check_session(&answer);
                self.report(Input::Bid(bid, answers::outcome(answer)));
            }),
            Effect::Upload(step) => driver.run(async move { self.upload(step).await }),
            Effect::SetPushToken(address) => driver.run(async move {
                let body = PushToken { token: address.token.clone() };
                let path = "/v1/devices/current/push-token";
                let ask = ApiRequest::json(RequestKind::SetPushToken, path, &body).of(token);
                let answer = self.driver.http.ask(ask).await.map(drop);
                self.check_session(&answer);
                self.report(Input::PushTokenSet(address, answer));
            }),
            Effect::SampleClock => driver.run(async move {
                let input = self.driver.exchange_clocks().await;
                self.report(input);
            }),
            Effect::SendBid(auction, bid) => {
                driver.run(async move { self.send_bid(auction, *bid).await })
            }
            Effect::OpenStream(opening) => self.open_stream(opening),
            Effect::CloseStream => {
                if let Some((_, old)) = lock(&driver.stream).take() {
                    old.abort();
                }
            }
            Effect::CountCards => self.count_cards(),
            Effect::Erase => {
                if let Err(error) = driver.erase() {
                    tracing::error!(%error, "the account could not be destroyed");
                }
            }
            Effect::DropToken => self.drop_token(),
            // Already done under the lock.
            Effect::Persist(_) | Effect::WakeAt(_) | Effect::Notify(_) => {}
        }
    }

    /// Gives a result to the engine, unless the account was switched since. If the disk is full,
    /// the next caller sees that error again.
    pub(super) fn report(&self, input: Input) {
        let fed = self.driver.update_as(Some(self.account_generation), |engine, now| {
            Ok(((), engine.handle(input, now)))
        });
        match fed {
            Ok(()) | Err(CoreError::SignedOut) => {}
            Err(error) => tracing::error!(%error, "an input could not be saved"),
        }
    }

    pub(super) fn check_session<T>(&self, answer: &Result<T, Failure>) {
        if let Some(input) = answers::session_end(answer) {
            self.report(input);
        }
    }

    fn open_stream(self, opening: Opening) {
        let driver = Arc::clone(&self.driver);
        let (account_generation, generation) = (self.account_generation, opening.generation);
        let task = driver.spawn(async move { self.follow(opening).await });
        let mut stream = lock(&driver.stream);
        // Two threads may arrive here in reverse order: the newer stream stays.
        if stream.as_ref().is_some_and(|(newest, _)| *newest > (account_generation, generation)) {
            task.abort();
        } else if let Some((_, old)) = stream.replace(((account_generation, generation), task)) {
            old.abort();
        }
    }

    fn count_cards(&self) {
        match self.driver.read_store(|store| store.count_cards()) {
            Ok(count) => self.report(Input::CardsCounted(count)),
            Err(error) => tracing::error!(%error, "the catalogue can't be counted"),
        }
    }

    fn drop_token(&self) {
        self.driver.http.set_token(None);
        let name = self.driver.scope().secret(SESSION_TOKEN);
        if let Err(error) = self.driver.platform.secure_store.set(name, Vec::new()) {
            tracing::warn!(%error, "the token could not be removed");
        }
    }

    async fn send_bid(self, auction: AuctionId, place: PlaceBid) {
        let path = format!("/v1/auctions/{auction}/bids");
        let mut ask = ApiRequest::json(RequestKind::PlaceBid, &path, &place).of(self.token.clone());
        ask.timeout = Duration::from_millis(BID_TIMEOUT_MS);
        let answer = self.driver.http.json(ask).await;
        self.check_session(&answer);
        self.report(Input::Bid(place.bid, answers::placed(answer)));
    }

    async fn follow(self, opening: Opening) {
        let follow: Vec<String> =
            opening.follow.iter().map(|follow| format!("follow={follow}")).collect();
        let path = format!("/v1/live?{}", follow.join("&"));
        let generation = opening.generation;
        let ended = |failure: &Failure| Input::StreamEnded(generation, failure.retry_after_s());
        let opened = self.driver.http.stream(&path, self.token.clone()).await;
        self.check_session(&opened);
        let rest = match opened {
            Ok(rest) => rest,
            Err(failure) => return self.report(ended(&failure)),
        };
        let mut events = Events::default();
        loop {
            let chunk = match self.driver.http.while_online(rest.next()).await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return self.report(ended(&Failure::Lost)),
                Err(failure) => return self.report(ended(&failure)),
            };
            let Ok(complete) = events.feed(&chunk) else {
                return self.report(ended(&Failure::Malformed));
            };
            for data in complete {
                // A frame of a newer protocol is skipped; the gap that it leaves is noticed.
                if let Ok(frame) = serde_json::from_str::<LiveFrame>(&data) {
                    self.report(Input::StreamFrame(generation, frame));
                }
            }
        }
    }
}

impl Driver {
    /// Ends the session on this phone if the server no longer knows it. Every result of a request
    /// with the session's token passes through this.
    pub fn check_session<T>(self: &Arc<Self>, answer: &Result<T, Failure>) {
        if let Some(input) = answers::session_end(answer) {
            self.input_or_log(input);
        }
    }

    /// Tells the engine who answers: the server, or something on the way.
    pub(super) async fn watch_obstacles(self: Arc<Self>) {
        let mut obstacle = self.http.obstacle();
        while obstacle.changed().await.is_ok() {
            let now = *obstacle.borrow_and_update();
            self.input_or_log(Input::Obstructed(now));
        }
    }

    /// Gives the result of a call by the app to the engine. If the disk is full, the next caller
    /// sees that error again.
    fn input_or_log(self: &Arc<Self>, input: Input) {
        if let Err(error) = self.input(input) {
            tracing::error!(%error, "an input could not be saved");
        }
    }

    /// Exchanges four time stamps with the server.
    pub async fn sample_clock(self: &Arc<Self>) {
        let input = self.exchange_clocks().await;
        self.input_or_log(input);
    }

    async fn exchange_clocks(&self) -> Input {
        let sent = self.now();
        let ask = ApiRequest::new(RequestKind::ReadTime, "/v1/time").public();
        let answer = self.http.json(ask).await;
        let received = self.now();
        Input::Time { sent, received, answer }
    }

    /// Asks the server at once for a bid's outcome.
    pub async fn ask_bid(self: &Arc<Self>, bid: BidId) {
        let path = format!("/v1/bids/{bid}");
        let answer = self.http.json(ApiRequest::new(RequestKind::ReadBid, &path)).await;
        self.check_session(&answer);
        self.input_or_log(Input::Bid(bid, answers::outcome(answer)));
    }
}
