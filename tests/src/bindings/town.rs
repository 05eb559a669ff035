//! Everybody but the bidder: officials, the bank, a rival, the clock, the network. Each verb is one
//! thing that somebody does, and answers what a step may expect or keep.

use super::desk::DeskToken;
use super::scenario::Fields;
use crate::day::Officials;
use crate::outside::fcm::Registration;
use crate::world::api_client::ApiClient;
use crate::world::certificates::Authority;
use crate::world::clock::{Clock as _, LeapingClock};
use crate::world::wire::Wire;
use crate::world::{World, until};
use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::{Decision, Receipt};

/// From publication to the start of bidding.
const UNTIL_START: TimeSpan = TimeSpan::hours(3);
/// The sample lots' seed.
const SEED: u64 = 7;
/// A working morning in Bishkek.
const MORNING: &str = "2026-11-24T09:00:00+06:00";
/// Personal number (ПИН) in the token's certificate.
const TOKENS_NUMBER: &str = "21503199077777";
/// Real time in which a push must come.
const PUSH_PATIENCE: Duration = Duration::from_secs(20);

/// The world around a runner's phone: server, officials, rival bidders.
pub struct Town {
    world: World,
    authority: Authority,
    clock: Arc<LeapingClock>,
    officials: Officials,
    /// The auction that the scenario is about.
    pub auction: AuctionId,
    wire: Wire,
    pushes: Registration,
    rival: Option<ApiClient>,
    folder: PathBuf,
    slept: TimeSpan,
}

impl Town {
    /// A morning with one auction published, that a moderator admits to.
    ///
    /// # Errors
    /// When a server can't start or a step is refused.
    pub async fn wake(folder: &Path) -> anyhow::Result<Self> {
        let now = Timestamp::parse(MORNING).context("a date")?;
        let clock = LeapingClock::new(now);
        let rules = RuleProfile { admission: Admission::Manual, ..RuleProfile::sandbox(1) };
        let mut world = World::start(clock.clone(), rules, folder, 0).await?;
        let authority = world.with_certificates().await?;
        let officials = Officials::enrol(&world).await?;
        let lots = officials.import_lots(&world, SEED).await?;
        let auction = officials.publish(&world, lots[0], now + UNTIL_START).await?;
        let (wire, pushes) = (Wire::to(&world.origin).await?, world.fcm.register());
        let folder = folder.join("phone");
        std::fs::create_dir_all(folder.join("data"))?;
        let (rival, slept) = (None, TimeSpan::ZERO);
        let town = Self {
            world,
            authority,
            clock,
            officials,
            auction,
            wire,
            pushes,
            rival,
            folder,
            slept,
        };
        town.tell_the_phone()?;
        Ok(town)
    }

    /// The origin that passkeys are bound to.
    pub fn origin(&self) -> &str {
        &self.world.origin
    }

    /// The token of somebody else than the bidder.
    pub fn token(&self) -> DeskToken {
        let who = self.authority.by_list(&self.world, "Асанова Айгүл", TOKENS_NUMBER, 10);
        let clock = Arc::clone(&self.clock);
        Arc::new(move |content: &[u8]| who.sign_at(clock.now(), content))
    }

    /// The arguments with which a runner opens its core.
    pub fn phone(&self) -> Fields {
        Fields::from_iter([
            ("server_url".to_owned(), json!(self.wire.origin)),
            ("data_dir".to_owned(), json!(self.folder.join("data"))),
            ("secrets_dir".to_owned(), json!(self.folder.join("secrets"))),
            ("slept_file".to_owned(), json!(self.slept_file())),
            ("language".to_owned(), json!("ky")),
        ])
    }

    /// The token by which the push gateway knows the phone.
    pub fn push_token(&self) -> &str {
        &self.pushes.token
    }

    pub async fn sleep(mut self) {
        self.world.stop_server().await;
    }

    /// Does what a step says.
    ///
    /// # Errors
    /// When there is no such verb, or it can't be done.
    pub async fn act(&mut self, verb: &str, with: &Fields) -> anyhow::Result<Value> {
        match verb {
            "moderator_admits" => self.admit().await,
            "bank_pays" => self.pay(with),
            "rival_applies" => self.rival_applies().await,
            "rival_raises" => self.rival_raises().await,
            "push_arrives" => self.push(text(with, "kind")?).await,
            "time_passes" => self.time_passes(text(with, "until")?).await,
            "seconds_pass" => {
                let seconds = with.get("count").and_then(Value::as_i64).context("how many?")?;
                self.leap_to(self.clock.now() + TimeSpan::seconds(seconds))?;
                Ok(json!({}))
            }
            "receipt_is_checked" => self.check(text(with, "receipt")?),
            "receipt_is_forged" => forge(text(with, "receipt")?),
            "system_uploads" => self.upload(with).await,
            "network_hangs" => {
                self.wire.hold(with.get("hangs").and_then(Value::as_bool).unwrap_or(true));
                Ok(json!({}))
            }
            "upload_breaks" => {
                let bytes = with.get("after_bytes").and_then(Value::as_u64).context("when?")?;
                self.wire.cut_within_and_hold("PATCH /v1/blobs", usize::try_from(bytes)?);
                Ok(json!({}))
            }
            "upload_is_broken" => Ok(json!({ "breaks": self.wire.cuts() })),
            "bid_answer_is_lost" => {
                self.wire.cut_after(&format!("POST /v1/auctions/{}/bids", self.auction), 0);
                Ok(json!({}))
            }
            verb => bail!("nobody in the town can {verb}"),
        }
    }

    async fn admit(&self) -> anyhow::Result<Value> {
        let admitted = until("an application in the queue", || async {
            let admitted = self.officials.admit_waiting(&self.world).await?;
            Ok((admitted > 0).then_some(admitted))
        });
        Ok(json!({ "admitted": admitted.await? }))
    }

    fn pay(&self, with: &Fields) -> anyhow::Result<Value> {
        let amount = with.get("amount").and_then(Value::as_i64).context("how much?")?;
        let payment = self.world.payments.pay_code(text(with, "code")?, amount)?;
        Ok(json!({ "amount": payment.amount_tyiyn }))
    }

    async fn rival_applies(&mut self) -> anyhow::Result<Value> {
        let rival = ApiClient::register(&self.world, "Бек").await?;
        let application = rival.apply(&self.view().await?).await?;
        self.admit().await?;
        rival.pay(&self.world, application).await?;
        self.rival = Some(rival);
        Ok(json!({}))
    }

    async fn rival_raises(&self) -> anyhow::Result<Value> {
        let rival = self.rival.as_ref().context("there is no rival yet")?;
        let view = self.view().await?;
        let receipt = rival.bid(&view, &rival.raise(&view)?).await?;
        ensure!(receipt.body.decision == Decision::Accepted, "refused: {receipt:?}");
        Ok(json!({ "price": receipt.body.amount.get() }))
    }

    /// The next push of a kind, as its payload.
    async fn push(&mut self, kind: &str) -> anyhow::Result<Value> {
        let messages = &mut self.pushes.messages;
        let wait = async {
            while let Some(message) = messages.recv().await {
                let hint = message.data.get("hint").context("a push without a hint")?;
                let of: Value = serde_json::from_str(hint)?;
                if of["kind"] == kind {
                    return Ok(json!({ "payload": hint, "high_priority": message.high_priority }));
                }
            }
            bail!("the push gateway is gone")
        };
        tokio::time::timeout(PUSH_PATIENCE, wait)
            .await
            .with_context(|| format!("no push {kind}"))?
    }

    /// Sets the clock forward, halting wherever the auction has something to do on the way. The
    /// phone sleeps meanwhile, and its monotonic clock goes on.
    async fn time_passes(&mut self, goal: &str) -> anyhow::Result<Value> {
        let is_there = |auction: &Auction| match goal {
            "bidding" => auction.round.is_some(),
            "close" => auction.is_over() || !auction.awards.is_empty(),
            _ => false,
        };
        ensure!(["bidding", "close"].contains(&goal), "time does not stop at {goal}");
        loop {
            let auction = self.view().await?.auction;
            if is_there(&auction) {
                return Ok(json!({ "slept_us": self.slept.0 }));
            }
            let wake = auction.wake_at().context("nothing is going to happen")?;
            self.leap_to(wake)?;
            until("the auction's tick", || async {
                Ok((self.view().await?.auction.wake_at() != Some(wake)).then_some(()))
            })
            .await?;
        }
    }

    fn leap_to(&mut self, at: Timestamp) -> anyhow::Result<()> {
        self.slept.0 += (at - self.clock.now()).0.max(0);
        // First, so that no time of the server's that the phone hears is ahead of its own.
        self.tell_the_phone()?;
        self.clock.leap_to(at);
        Ok(())
    }

    /// A receipt as a file, checked as any stranger can: the operator's signature, and the log.
    fn check(&self, receipt: &str) -> anyhow::Result<Value> {
        let rival = self.rival.as_ref().context("there is nobody to check it")?;
        let receipt = Receipt::from_text(receipt)?;
        receipt.verify(&rival.session.receipt_key.parse()?)?;
        ensure!(receipt.body.auction == self.auction, "a receipt of another auction");
        let accepted = receipt.body.decision == Decision::Accepted;
        Ok(json!({ "accepted": accepted, "amount": receipt.body.amount.get() }))
    }

    /// Plays the phone's system, which continues an upload while the app sleeps.
    async fn upload(&self, with: &Fields) -> anyhow::Result<Value> {
        let method = text(with, "method")?.parse::<http::Method>()?;
        let mut request = self.world.http()?.request(method, text(with, "url")?);
        for (name, value) in with.get("headers").and_then(Value::as_object).into_iter().flatten() {
            request = request.header(name, value.as_str().context("a header is a text")?);
        }
        let content = std::fs::read(text(with, "file")?)?;
        let answer = request.body(content).send().await?;
        Ok(json!({ "status": answer.status().as_u16() }))
    }

    async fn view(&self) -> anyhow::Result<AuctionView> {
        let url = format!("{}/v1/auctions/{}", self.world.origin, self.auction);
        Ok(self.world.http()?.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// Tells the phone its total sleep: the lead of its monotonic clock over the machine's.
    fn tell_the_phone(&self) -> anyhow::Result<()> {
        // Renamed, so that it is never read half-written.
        let new = self.folder.join("slept.new");
        std::fs::write(&new, self.slept.0.to_string())?;
        Ok(std::fs::rename(new, self.slept_file())?)
    }

    fn slept_file(&self) -> PathBuf {
        self.folder.join("slept_us")
    }
}

/// The same receipt, with one more tyiyn in it than the operator signed.
fn forge(receipt: &str) -> anyhow::Result<Value> {
    let amount = receipt.lines().find_map(|line| line.strip_prefix("amount "));
    let amount: i64 = amount.context("a receipt without its amount")?.parse()?;
    let (signed, forged) = (format!("\namount {amount}\n"), format!("\namount {}\n", amount + 1));
    Ok(json!({ "receipt": receipt.replacen(&signed, &forged, 1) }))
}

fn text<'a>(with: &'a Fields, name: &str) -> anyhow::Result<&'a str> {
    with.get(name).and_then(Value::as_str).with_context(|| format!("`{name}` is missing"))
}
