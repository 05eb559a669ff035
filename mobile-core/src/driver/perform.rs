//! One effect, one request.

use super::http::Ask;
use super::{Driver, TOKEN, held};
use crate::engine::bids::Answer;
use crate::engine::live::Opening;
use crate::engine::sse::Events;
use crate::engine::{Effect, Failure, Input};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::limits::BID_TIMEOUT_MS;
use toruk_sync::protocol::live::LiveFrame;

impl Driver {
    pub(super) fn perform(self: &Arc<Self>, effect: Effect) {
        let driver = Arc::clone(self);
        match effect {
            Effect::Push(push) => {
                self.spawn(async move {
                    let answer = driver.http.json(Ask::post("/v1/sync/push", &push)).await;
                    driver.notice(&answer);
                    driver.report(Input::Pushed(answer));
                });
            }
            Effect::Upload(step) => {
                self.spawn(async move { driver.upload(step).await });
            }
            Effect::FetchMine => {
                self.spawn(async move {
                    let answer = driver.http.json(Ask::get("/v1/mine")).await;
                    driver.notice(&answer);
                    driver.report(Input::Mine(answer));
                });
            }
            Effect::SampleClock => {
                self.spawn(async move { driver.sample_clock().await });
            }
            Effect::OpenStream(opening) => {
                let generation = opening.generation;
                let task = self.spawn(async move { driver.follow(opening).await });
                let mut stream = held(&self.stream);
                // Two threads may come here in the other order: the newer stream stays.
                if stream.as_ref().is_some_and(|(no, _)| *no > generation) {
                    task.abort();
                } else if let Some((_, old)) = stream.replace((generation, task)) {
                    old.abort();
                }
            }
            Effect::CloseStream => {
                if let Some((_, old)) = held(&self.stream).take() {
                    old.abort();
                }
            }
            Effect::SendBid(auction, bid) => {
                self.spawn(async move { driver.send_bid(auction, *bid).await });
            }
            Effect::AskBid(bid) => {
                self.spawn(async move {
                    let path = format!("/v1/bids/{bid}");
                    let answer = driver.http.json(Ask::get(&path)).await;
                    driver.notice(&answer);
                    driver.report(Input::Bid(bid, asked(answer)));
                });
            }
            Effect::DropToken => {
                self.http.set_token(None);
                if let Err(error) = self.platform.secure_store.set(TOKEN.to_owned(), Vec::new()) {
                    tracing::warn!(%error, "the token could not be removed");
                }
            }
            // Done under the lock.
            Effect::Persist(_) | Effect::WakeAt(_) | Effect::Notify(_) => {}
        }
    }

    /// A server that does not know the session any more ends it here, too. Callers that asked with
    /// the session's token pass every answer through this.
    pub fn notice<T>(self: &Arc<Self>, answer: &Result<T, Failure>) {
        if let Err(Failure::Problem { status: 401, .. }) = answer {
            self.report(Input::SignedOut);
        }
    }

    /// One four-stamp exchange.
    pub async fn sample_clock(self: &Arc<Self>) {
        let sent = self.now();
        let answer = self.http.json(Ask::get("/v1/time").public()).await;
        let received = self.now();
        self.report(Input::Time { sent, received, answer });
    }

    async fn send_bid(self: Arc<Self>, auction: AuctionId, place: PlaceBid) {
        let path = format!("/v1/auctions/{auction}/bids");
        let mut ask = Ask::post(&path, &place);
        ask.timeout = Duration::from_millis(BID_TIMEOUT_MS);
        let answer = self.http.json(ask).await;
        self.notice(&answer);
        self.report(Input::Bid(place.bid, sent(answer)));
    }

    async fn follow(self: Arc<Self>, opening: Opening) {
        let follow: Vec<String> =
            opening.follow.iter().map(|follow| format!("follow={follow}")).collect();
        let path = format!("/v1/live?{}", follow.join("&"));
        let generation = opening.generation;
        let ended = |failure: &Failure| Input::StreamEnded(generation, failure.retry_after_s());
        let opened = self.http.stream(&path).await;
        self.notice(&opened);
        let mut response = match opened {
            Ok(response) => response,
            Err(failure) => return self.report(ended(&failure)),
        };
        let mut events = Events::default();
        loop {
            let next = async { response.chunk().await.map_err(|_| Failure::Lost) };
            let chunk = match self.http.while_online(next).await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return self.report(ended(&Failure::Lost)),
                Err(failure) => return self.report(ended(&failure)),
            };
            let Ok(complete) = events.feed(&chunk) else {
                return self.report(ended(&Failure::Malformed));
            };
            for data in complete {
                // A frame of a newer protocol is skipped; the gap it leaves shows itself.
                if let Ok(frame) = serde_json::from_str::<LiveFrame>(&data) {
                    self.report(Input::StreamFrame(generation, frame));
                }
            }
        }
    }

    /// Asks at once what became of a bid.
    pub async fn ask_bid(self: &Arc<Self>, bid: BidId) {
        let path = format!("/v1/bids/{bid}");
        let answer = self.http.json(Ask::get(&path)).await;
        self.notice(&answer);
        self.report(Input::Bid(bid, asked(answer)));
    }
}

fn sent(answer: Result<BidReply, Failure>) -> Answer {
    match answer {
        Ok(reply) => Answer::Reply(reply),
        Err(Failure::NotSent) => Answer::NotSent,
        Err(Failure::Lost | Failure::Malformed) => Answer::Lost,
        // Only an answer that says so proves that nothing was decided.
        Err(Failure::Problem { status, code, .. }) => match code.as_str() {
            "unknown" | "internal" => Answer::Lost,
            _ if status >= 500 && code != "busy" => Answer::Lost,
            _ => Answer::Problem(code),
        },
    }
}

fn asked(answer: Result<BidReply, Failure>) -> Answer {
    match answer {
        Ok(reply) => Answer::Reply(reply),
        Err(Failure::Problem { status: 404, .. }) => Answer::NotFound,
        Err(_) => Answer::Lost,
    }
}
