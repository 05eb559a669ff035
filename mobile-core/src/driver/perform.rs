//! One effect, one request.

use super::http::Ask;
use super::{Driver, TOKEN, held};
use crate::engine::bids::Answer;
use crate::engine::blobs::{CHUNK_BYTES, Reply, Step, chunk_key};
use crate::engine::live::Opening;
use crate::engine::pull::count_cards;
use crate::engine::sse::Events;
use crate::engine::{Effect, Failure, Input};
use crate::store::Table;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::limits::BID_TIMEOUT_MS;
use toruk_sync::protocol::live::LiveFrame;

const TUS: (&str, &str) = ("tus-resumable", "1.0.0");

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
            Effect::Pull(pull) => {
                self.spawn(async move {
                    let answer = driver.http.json(Ask::post("/v1/sync/pull", &pull)).await;
                    driver.notice(&answer);
                    driver.report(Input::Pulled(answer));
                });
            }
            Effect::CountCards => match self.store.list(Table::Card) {
                Ok(cards) => self.report(Input::CardsCounted(count_cards(&cards))),
                Err(error) => tracing::error!(%error, "the catalogue can't be counted"),
            },
            Effect::Erase => self.erase(),
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
        if let Err(Failure::Problem { status: 401, code, .. }) = answer {
            let is_revoked = code == "device_revoked";
            self.report(if is_revoked { Input::Revoked } else { Input::SignedOut });
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

    async fn upload(self: Arc<Self>, step: Step) {
        let sha256 = match &step {
            Step::Create(upload) | Step::Ask(upload) | Step::Send(upload, _) => {
                upload.sha256.clone()
            }
        };
        let reply = match self.upload_ask(&step) {
            None => Reply::Refused("content_lost".to_owned()),
            Some((path, mut ask)) => {
                ask.path = &path;
                ask.headers.push((TUS.0, TUS.1.to_owned()));
                let answer = self.http.ask(ask).await;
                self.notice(&answer);
                match answer {
                    Ok(answer) => Reply::At(answer.upload_offset.unwrap_or(0)),
                    Err(failure) => uploaded(failure),
                }
            }
        };
        self.report(Input::Uploaded { sha256, reply });
    }

    /// The request of one step; `None` when the file's content is not here any more.
    fn upload_ask(&self, step: &Step) -> Option<(String, Ask<'static>)> {
        Some(match step {
            Step::Create(upload) => {
                let hash = STANDARD.encode(&upload.sha256);
                let mime = STANDARD.encode(&upload.mime);
                let headers = vec![
                    ("upload-length", upload.size_bytes.to_string()),
                    ("upload-metadata", format!("sha256 {hash},mime {mime}")),
                ];
                let ask = Ask { method: Method::POST, headers, ..Ask::get("") };
                ("/v1/blobs".to_owned(), ask)
            }
            Step::Ask(upload) => {
                let ask = Ask { method: Method::HEAD, ..Ask::get("") };
                (format!("/v1/blobs/{}", upload.sha256), ask)
            }
            Step::Send(upload, offset) => {
                let key = chunk_key(&upload.sha256, offset / CHUNK_BYTES);
                let chunk = self.store.get(Table::Content, &key).ok().flatten()?;
                let from = usize::try_from(offset % CHUNK_BYTES).ok()?;
                let body = chunk.get(from..).filter(|body| !body.is_empty())?.to_vec();
                let headers = vec![
                    ("upload-offset", offset.to_string()),
                    ("content-type", "application/offset+octet-stream".to_owned()),
                ];
                let ask = Ask { method: Method::PATCH, headers, body: Some(body), ..Ask::get("") };
                (format!("/v1/blobs/{}", upload.sha256), ask)
            }
        })
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

fn uploaded(failure: Failure) -> Reply {
    match failure {
        Failure::Problem { status: 404, .. } => Reply::Missing,
        Failure::Problem { status: 422, .. } => Reply::Mismatch,
        Failure::Problem { status: 401 | 408 | 409 | 429 | 500.., .. } => Reply::Failed,
        Failure::Problem { code, .. } => Reply::Refused(code),
        Failure::NotSent | Failure::Lost | Failure::Malformed => Reply::Failed,
    }
}
