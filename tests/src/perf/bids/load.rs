//! Clients that bid as fast as they are answered, each at the price it last saw.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::EcdsaKeyPair;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use toruk_server::clock::{Clock, SystemClock};
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::{AuctionId, BidId, DeviceId, PersonId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::receipt::Decision;
use toruk_sync::signing::SignedPayload as _;
use uuid::Builder;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Somebody with a phone.
pub struct LoadBidder {
    /// The bearer token of the bidder's session.
    pub token: String,
    /// The phone's key, which signs bids.
    pub key: EcdsaKeyPair,
    /// The phone's public key, SEC 1.
    pub public_key: Vec<u8>,
    /// The bidder's account, named by the bids.
    pub person: PersonId,
    /// The phone, named by the bids.
    pub device: DeviceId,
    /// The auction in which the client bids.
    pub auction: AuctionId,
    /// The bidder's number in that auction.
    pub number: u16,
}

impl LoadBidder {
    /// The bytes of a raise on `basis`, the so many of this bidder.
    ///
    /// # Errors
    /// When the price is too high, or nothing can be signed.
    pub fn request(
        &self,
        (count, now): (u32, Timestamp),
        basis: Basis,
        step: Tyiyn,
        random: &SystemRandom,
    ) -> anyhow::Result<Vec<u8>> {
        let mut tail = [0; 10];
        tail[..8].copy_from_slice(&self.public_key[1..9]);
        tail[6..].copy_from_slice(&count.to_be_bytes());
        let millis = u64::try_from(now.0 / 1_000)?;
        let mut bid = PlaceBid {
            bid: BidId(Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()),
            epoch: 0,
            basis,
            amount: basis.price.checked_add(step).context("the price is too high")?,
            client_sent_at: now,
            signature: String::new(),
        };
        let message = bid.package(self.auction, self.person, self.device).canonical();
        let signature = self.key.sign(random, &message);
        let signature = signature.map_err(|_| anyhow::anyhow!("can't sign"))?;
        bid.signature = STANDARD.encode(signature);
        let body = serde_json::to_vec(&bid)?;
        let mut request = format!(
            "POST /v1/auctions/{}/bids HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.auction,
            self.token,
            body.len()
        )
        .into_bytes();
        request.extend(body);
        Ok(request)
    }
}

/// The state of an auction when the load begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Start {
    /// Its round and price.
    pub basis: Basis,
    /// The auction's bid step, in tyiyn.
    pub step: Tyiyn,
}

/// Duration and rate of a load.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Time during which bids are sent.
    pub span: Duration,
    /// From one bid of a client to its next; `None` to bid as soon as the last one is answered.
    pub every: Option<Duration>,
    /// From the start of the first client to that of the last.
    pub spread: Duration,
}

/// Totals of a load.
#[derive(Debug, Default)]
pub struct Load {
    /// Answers with a receipt.
    pub decided: usize,
    /// Of the decided bids, those accepted as raises.
    pub accepted: usize,
    /// Answers without a receipt.
    pub failed: usize,
    /// From the first byte sent to the last byte read, in microseconds.
    pub micros: Vec<u64>,
    /// From the first bid sent to the last answer.
    pub span: Duration,
}

impl Load {
    /// Bids decided per second of the load's span.
    pub fn rate(&self) -> f64 {
        self.decided as f64 / self.span.as_secs_f64()
    }

    /// The latency that so many of a thousand stay under, in milliseconds.
    pub fn millis(&mut self, per_mille: usize) -> f64 {
        self.micros.sort_unstable();
        let at = self.micros.len().saturating_sub(1) * per_mille / 1_000;
        self.micros.get(at).map_or(f64::NAN, |micros| *micros as f64 / 1_000.0)
    }
}

#[derive(Deserialize)]
struct Reply {
    receipt: Receipt,
}

#[derive(Deserialize)]
struct Receipt {
    body: LoadBody,
}

#[derive(Deserialize)]
struct LoadBody {
    decision: Decision,
    round: u64,
    price: Tyiyn,
}

/// Runs one client for each bidder.
///
/// # Errors
/// When a client can't connect or is cut off.
pub async fn run(
    address: SocketAddr,
    bidders: &[Arc<LoadBidder>],
    start: Start,
    pace: Pace,
) -> anyhow::Result<Load> {
    let clock = Arc::new(SystemClock::start());
    let mut clients = JoinSet::new();
    let count = u32::try_from(bidders.len())?.max(1);
    for (no, bidder) in (0..count).zip(bidders) {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let client = Client {
            socket,
            bidder: bidder.clone(),
            start,
            sent: 0,
            clock: clock.clone(),
            random: SystemRandom::new(),
            read: Vec::with_capacity(ANSWER_BYTES_MAX),
        };
        clients.spawn(async move {
            sleep(pace.spread * no / count).await;
            client.run(pace).await
        });
    }
    let (began, mut load) = (Instant::now(), Load::default());
    while let Some(client) = clients.join_next().await {
        let one = client??;
        load.decided += one.decided;
        load.accepted += one.accepted;
        load.failed += one.failed;
        load.micros.extend(one.micros);
    }
    load.span = began.elapsed();
    Ok(load)
}

struct Client {
    socket: TcpStream,
    bidder: Arc<LoadBidder>,
    start: Start,
    sent: u32,
    clock: Arc<SystemClock>,
    random: SystemRandom,
    read: Vec<u8>,
}

impl Client {
    async fn run(mut self, pace: Pace) -> anyhow::Result<Load> {
        let (mut load, end) = (Load::default(), Instant::now() + pace.span);
        let mut basis = self.start.basis;
        let mut beat = pace.every.map(tokio::time::interval);
        while Instant::now() < end {
            if let Some(beat) = &mut beat {
                beat.tick().await;
            }
            let request = self.request(basis)?;
            let sent = Instant::now();
            self.socket.write_all(&request).await?;
            let (status, body) = self.answer().await?;
            load.micros.push(u64::try_from(sent.elapsed().as_micros())?);
            if status >= 300 {
                load.failed += 1;
                continue;
            }
            let reply: Reply = serde_json::from_slice(&body)?;
            let said = reply.receipt.body;
            load.decided += 1;
            load.accepted += usize::from(said.decision == Decision::Accepted);
            basis = Basis { round: said.round, price: said.price };
        }
        Ok(load)
    }

    fn request(&mut self, basis: Basis) -> anyhow::Result<Vec<u8>> {
        self.sent += 1;
        let now = self.clock.now();
        self.bidder.request((self.sent, now), basis, self.start.step, &self.random)
    }

    /// Status and body of the next answer.
    async fn answer(&mut self) -> anyhow::Result<(u16, Vec<u8>)> {
        self.read.clear();
        loop {
            if let Some((status, from, length)) = head(&self.read)? {
                while self.read.len() < from + length {
                    self.more().await?;
                }
                return Ok((status, self.read[from..from + length].to_vec()));
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.read.len() < ANSWER_BYTES_MAX, "the answer is too long");
        ensure!(self.socket.read_buf(&mut self.read).await? > 0, "cut off");
        Ok(())
    }
}

/// Status, where the body begins, and its length; nothing before the head is complete.
pub(in crate::perf) fn head(read: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&read[..end])?;
    let status = text.split(' ').nth(1).context("no status")?.parse()?;
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("no length")?
        .1
        .trim()
        .parse()?;
    Ok(Some((status, end + 4, length)))
}
