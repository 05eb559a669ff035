//! Rude neighbours: strangers who send what a server has to refuse, or to carry, and people with an
//! account who upload as much as they may. As little work as can be: they share the machine with
//! the server and its bidders.

use super::super::bids::load::head;
use anyhow::{Context as _, ensure};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Connections that the requests of one kind are spread over.
const CONNECTIONS: u32 = 50;
/// Pause of a stranger whose stream or socket was closed.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// A stranger waits no longer for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How much of each kind there is.
#[derive(Debug, Clone, Copy)]
pub struct Rudeness {
    /// Bids with made-up tokens, a second.
    pub tokens_per_s: u32,
    /// Streams of observers.
    pub streams: u32,
    /// Sockets that send half of a request.
    pub half_open: u32,
    /// Ceremonies begun, a second.
    pub ceremonies_per_s: u32,
}

/// Answers by kind and outcome: a status, or `closed`.
#[derive(Debug, Default, Clone)]
pub struct Tally(Arc<Mutex<BTreeMap<(&'static str, String), u64>>>);

impl Tally {
    fn count(&self, kind: &'static str, outcome: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((kind, outcome.to_owned())).or_default() += 1;
    }

    /// The outcomes of each kind, as `kind: outcome × count`.
    pub fn outcomes(&self) -> BTreeMap<String, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |((kind, outcome), count): (&(&str, String), &u64)| {
            (format!("{kind} {outcome}"), *count)
        };
        counts.iter().map(named).collect()
    }
}

/// A request of a kind, by its number.
pub type Making = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// The requests of all kinds.
pub struct Requests {
    /// A bid with a made-up token.
    pub token: Making,
    /// A stream.
    pub stream: Vec<u8>,
    /// The beginning of a registration.
    pub ceremony: Making,
    /// The uploads of people with accounts, each person's in order, and the pause between two.
    pub uploads: Vec<Vec<Vec<u8>>>,
    pub upload_every: Duration,
}

/// Starts all of them against an address; they end when the set is dropped.
pub fn start(
    address: SocketAddr,
    rudeness: Rudeness,
    requests: &Requests,
    tally: &Tally,
) -> JoinSet<()> {
    let mut all = JoinSet::new();
    for (kind, per_second, making) in [
        ("made-up token", rudeness.tokens_per_s, &requests.token),
        ("ceremony", rudeness.ceremonies_per_s, &requests.ceremony),
    ] {
        let every = Duration::from_secs(1) * CONNECTIONS / per_second.max(1);
        for no in 0..CONNECTIONS.min(per_second) {
            let (making, tally) = (Arc::clone(making), tally.clone());
            all.spawn(async move {
                // Not all at the same moment.
                sleep(every * no / CONNECTIONS).await;
                let (mut beat, mut socket) = (interval(every), None);
                beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
                for turn in 0_u64.. {
                    beat.tick().await;
                    let request = making(turn * u64::from(CONNECTIONS) + u64::from(no));
                    tally.count(kind, &exchange(&mut socket, address, &request).await);
                }
            });
        }
    }
    for (kind, count, request) in [
        ("stream", rudeness.streams, requests.stream.clone()),
        ("half-open", rudeness.half_open, b"GET /v1/time HTTP/1.1\r\nhost: lo".to_vec()),
    ] {
        let request = Arc::new(request);
        for _ in 0..count {
            let (request, tally) = (Arc::clone(&request), tally.clone());
            all.spawn(hold(kind, address, request, tally));
        }
    }
    for files in requests.uploads.clone() {
        let (every, tally) = (requests.upload_every, tally.clone());
        all.spawn(async move {
            let (mut beat, mut socket) = (interval(every), None);
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            for request in files {
                beat.tick().await;
                tally.count("upload", &exchange(&mut socket, address, &request).await);
            }
        });
    }
    all
}

/// Sends a request and reads its answer; the outcome.
async fn exchange(socket: &mut Option<TcpStream>, address: SocketAddr, request: &[u8]) -> String {
    let asking = async {
        let mut open = match socket.take() {
            Some(open) => open,
            None => TcpStream::connect(address).await?,
        };
        open.write_all(request).await?;
        let status = answer(&mut open).await?;
        *socket = Some(open);
        anyhow::Ok(status)
    };
    match timeout(PATIENCE, asking).await {
        Ok(Ok(status)) => status.to_string(),
        Ok(Err(_)) => "closed".to_owned(),
        Err(_) => "unanswered".to_owned(),
    }
}

async fn answer(socket: &mut TcpStream) -> anyhow::Result<u16> {
    let mut read = Vec::new();
    loop {
        ensure!(read.len() < ANSWER_BYTES_MAX, "too long");
        ensure!(socket.read_buf(&mut read).await? > 0, "closed");
        let is_bodyless = read.starts_with(b"HTTP/1.1 204") && read.ends_with(b"\r\n\r\n");
        if is_bodyless {
            return Ok(204);
        }
        if let Ok(Some((status, from, length))) = head(&read)
            && read.len() >= from + length
        {
            return Ok(status);
        }
    }
}

/// Opens a socket, says its piece, and reads until the other end closes it; again and again.
async fn hold(kind: &'static str, address: SocketAddr, request: Arc<Vec<u8>>, tally: Tally) {
    loop {
        let held = async {
            let mut socket = TcpStream::connect(address).await?;
            socket.write_all(&request).await?;
            let mut piece = [0; 2_048];
            let read = socket.read(&mut piece).await?;
            ensure!(read > 0, "closed");
            let status = piece.get(9..12).context("no status")?;
            tally.count(kind, &String::from_utf8_lossy(status));
            while socket.read(&mut piece).await? > 0 {}
            anyhow::Ok(())
        };
        if held.await.is_err() {
            tally.count(kind, "closed");
        }
        sleep(AGAIN_AFTER).await;
    }
}
