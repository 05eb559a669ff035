//! A wire between a phone and the server, that can break at the worst moment: when the request has
//! arrived and been answered, and the answer is on its way.

use crate::outside::listening::any_port;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Bytes read at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Requests' heads that are remembered.
const HEADS_MAX: usize = 1_000;

/// The wire. Dropped, it takes no further connection.
pub struct Wire {
    /// The phone's end: `http://localhost:…`.
    pub origin: String,
    plan: Arc<Mutex<WirePlan>>,
    held: Arc<watch::Sender<bool>>,
    accepting: AbortHandle,
}

#[derive(Default)]
struct WirePlan {
    /// Prefix of the requests whose answer is lost, and the number of such requests let through
    /// first.
    doomed: Option<(String, usize)>,
    /// Prefix of the request that does not arrive whole, and the number of its bytes that do.
    broken: Option<(String, usize)>,
    /// `true` if the wire is held from the break on.
    holds_when_broken: bool,
    cuts: usize,
    heads: Vec<String>,
}

impl Wire {
    /// A whole wire to the server at `origin`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(origin: &str) -> anyhow::Result<Self> {
        let listener = any_port().await?;
        let own = format!("http://localhost:{}", listener.local_addr()?.port());
        let server: u16 = origin.rsplit(':').next().unwrap_or_default().parse()?;
        let server = SocketAddr::from(([127, 0, 0, 1], server));
        let plan = Arc::<Mutex<WirePlan>>::default();
        let shared = Arc::clone(&plan);
        let held = Arc::new(watch::Sender::new(false));
        let holder = Arc::clone(&held);
        let accepting = tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                tokio::spawn(carry(phone, server, Arc::clone(&shared), Arc::clone(&holder)));
            }
        });
        Ok(Self { origin: own, plan, held, accepting: accepting.abort_handle() })
    }

    /// Loses the answer to the request that begins with `request`, after `let_through` others of
    /// its kind, once.
    pub fn cut_after(&self, request: &str, let_through: usize) {
        lock(&self.plan).doomed = Some((request.to_owned(), let_through));
    }

    /// Breaks in the middle of the request that begins with `request`, once about so many bytes
    /// have arrived, once.
    pub fn cut_within(&self, request: &str, bytes: usize) {
        lock(&self.plan).broken = Some((request.to_owned(), bytes));
    }

    /// As [`Self::cut_within`]; from then on the wire is held.
    pub fn cut_within_and_hold(&self, request: &str, bytes: usize) {
        lock(&self.plan).holds_when_broken = true;
        self.cut_within(request, bytes);
    }

    /// Lets no request through any more, or goes on with those that wait: a network that only seems to be
    /// there.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Requests or answers that were lost.
    pub fn cuts(&self) -> usize {
        lock(&self.plan).cuts
    }

    /// Requests that went through and contain `part` in their heads.
    pub fn seen(&self, part: &str) -> usize {
        lock(&self.plan).heads.iter().filter(|head| head.contains(part)).count()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl WirePlan {
    /// The number of bytes that arrive of the request that begins here, when it is the one to be
    /// broken.
    fn breaks(&mut self, piece: &[u8]) -> Option<usize> {
        let begins = |(request, _): &&mut (String, usize)| piece.starts_with(request.as_bytes());
        let bytes = self.broken.as_mut().filter(begins).map(|(_, bytes)| *bytes)?;
        self.broken = None;
        Some(bytes)
    }

    /// Notes a phone's request. Returns `true` if the answer to it is to be lost.
    fn dooms(&mut self, piece: &[u8]) -> bool {
        let piece = String::from_utf8_lossy(piece);
        let Some((head, _)) = piece.split_once("\r\n\r\n") else { return false };
        if self.heads.len() < HEADS_MAX {
            self.heads.push(head.to_ascii_lowercase());
        }
        match &mut self.doomed {
            Some((request, 0)) if head.starts_with(request.as_str()) => {
                self.doomed = None;
                true
            }
            Some((request, left)) if head.starts_with(request.as_str()) => {
                *left -= 1;
                false
            }
            _ => false,
        }
    }
}

async fn carry(
    phone: TcpStream,
    server: SocketAddr,
    plan: Arc<Mutex<WirePlan>>,
    held: Arc<watch::Sender<bool>>,
) {
    // A server that is down refuses: so does the wire, by hanging up.
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_phone, to_phone), (from_server, to_server)) =
        (phone.into_split(), server.into_split());
    let doomed = Arc::<Mutex<bool>>::default();
    let (for_plan, for_doomed) = (Arc::clone(&plan), Arc::clone(&doomed));
    let up = tokio::spawn(upwards(from_phone, to_server, for_plan, for_doomed, held));
    downwards(from_server, to_phone, &plan, &doomed).await;
    up.abort();
}

async fn upwards(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    plan: Arc<Mutex<WirePlan>>,
    doomed: Arc<Mutex<bool>>,
    held: Arc<watch::Sender<bool>>,
) {
    let mut holding = held.subscribe();
    let mut piece = vec![0; PIECE_BYTES];
    let mut left = None;
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        if holding.wait_for(|held| !held).await.is_err() {
            return;
        }
        if lock(&plan).dooms(&piece[..read]) {
            *lock(&doomed) = true;
        }
        left = left.or_else(|| lock(&plan).breaks(&piece[..read]));
        let arrives = left.map_or(read, |left: usize| left.min(read));
        if to.write_all(&piece[..arrives]).await.is_err() {
            return;
        }
        left = left.map(|left| left - arrives);
        if left == Some(0) {
            if lock(&plan).holds_when_broken {
                held.send_replace(true);
            }
            *lock(&doomed) = true;
            return;
        }
    }
}

async fn downwards(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    plan: &Mutex<WirePlan>,
    doomed: &Mutex<bool>,
) {
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        if *lock(doomed) {
            break;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
    if *lock(doomed) {
        lock(plan).cuts += 1;
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
