//! Many watchers of one auction, each on a socket of its own, who note when the last byte of a
//! record has come. As little work as can be: the watchers share the machine with the server.

use crate::world::watcher::Watch;
use anyhow::{Context as _, ensure};
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Sockets opened at a time.
const OPENING_AT_ONCE: usize = 200;
/// Bytes read at a time; a record is far shorter.
const PIECE_BYTES: usize = 2_048;
/// Bytes that begin a record's frame and no other.
const RECORD: &[u8] = b"data: {\"record\":";
/// The end of a frame and of the chunk it came in.
const END: &[u8] = b"\n\n\r\n";
/// Pause before a watcher that was refused asks again.
const ASKS_AGAIN: Duration = Duration::from_secs(2);
/// A crowd that waits longer than this for a record has lost somebody.
const PATIENCE: Duration = Duration::from_secs(60);

struct Ears {
    began: Instant,
    /// The moment at which each heard its last record, in microseconds after the beginning.
    heard: Vec<AtomicU64>,
    records: AtomicUsize,
    heads: AtomicUsize,
    progress: Notify,
}

/// Many watchers. Dropped, they hang up.
pub struct WatcherCrowd {
    ears: Arc<Ears>,
    /// Hang up when they are dropped.
    _watchers: JoinSet<anyhow::Result<()>>,
}

impl WatcherCrowd {
    /// Opens so many streams and waits until each has its first frame.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn gather(port: u16, watch: &Watch, size: usize) -> anyhow::Result<Self> {
        let ears = Arc::new(Ears {
            began: Instant::now(),
            heard: (0..size).map(|_| AtomicU64::new(0)).collect(),
            records: AtomicUsize::new(0),
            heads: AtomicUsize::new(0),
            progress: Notify::new(),
        });
        let request = watch.request(port);
        let opening = iter(0..size).map(|_| async {
            let asked = Instant::now();
            loop {
                let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
                socket.write_all(request.as_bytes()).await?;
                // The first frame: nobody is left behind in the kernel's queue.
                let mut piece = [0; PIECE_BYTES];
                let read = socket.read(&mut piece).await?;
                if piece[..read].starts_with(b"HTTP/1.1 200") {
                    return Ok(socket);
                }
                // A server under pressure takes no observers: they ask again.
                let is_busy = piece[..read].starts_with(b"HTTP/1.1 503");
                ensure!(is_busy && asked.elapsed() < PATIENCE, "a watcher was refused");
                sleep(ASKS_AGAIN).await;
            }
        });
        let mut opening = opening.buffer_unordered(OPENING_AT_ONCE);
        let mut watchers = JoinSet::new();
        while let Some(socket) = opening.next().await {
            let no = watchers.len();
            watchers.spawn(listen(socket?, Arc::clone(&ears), no));
        }
        let crowd = Self { ears, _watchers: watchers };
        crowd.wait(|ears| ears.heads.load(Ordering::Acquire) == size).await?;
        Ok(crowd)
    }

    /// Number of watchers in the crowd.
    pub fn size(&self) -> usize {
        self.ears.heard.len()
    }

    /// Forgets what was heard so far.
    pub fn forget(&self) {
        self.ears.records.store(0, Ordering::Release);
    }

    /// Waits until all have heard one record since [`Self::forget`]; answers after how many
    /// milliseconds from `start` each did, the quickest first.
    ///
    /// # Errors
    /// When somebody does not hear it.
    pub async fn hear(&self, start: Instant) -> anyhow::Result<Vec<f64>> {
        let size = self.size();
        self.wait(|ears| ears.records.load(Ordering::Acquire) >= size).await?;
        let zero = start.duration_since(self.ears.began).as_micros() as f64;
        let after = |at: &AtomicU64| (at.load(Ordering::Acquire) as f64 - zero) / 1_000.0;
        let mut heard: Vec<f64> = self.ears.heard.iter().map(after).collect();
        heard.sort_by(f64::total_cmp);
        Ok(heard)
    }

    async fn wait(&self, done: impl Fn(&Ears) -> bool) -> anyhow::Result<()> {
        let waiting = async {
            loop {
                let progress = self.ears.progress.notified();
                if done(&self.ears) {
                    return;
                }
                progress.await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        let (heads, records) = (&self.ears.heads, &self.ears.records);
        waited.with_context(|| {
            format!("of {}, {heads:?} are there and {records:?} have heard", self.size())
        })
    }
}

async fn listen(mut socket: TcpStream, ears: Arc<Ears>, no: usize) -> anyhow::Result<()> {
    ears.heads.fetch_add(1, Ordering::AcqRel);
    ears.progress.notify_one();
    let mut frames = Vec::new();
    loop {
        frames.reserve(PIECE_BYTES);
        ensure!(socket.read_buf(&mut frames).await? > 0, "a watcher was cut off");
        if !frames.ends_with(END) {
            continue;
        }
        let records = frames.windows(RECORD.len()).filter(|piece| *piece == RECORD).count();
        frames.clear();
        if records > 0 {
            let now = u64::try_from(ears.began.elapsed().as_micros())?;
            ears.heard[no].store(now, Ordering::Release);
            let before = ears.records.fetch_add(records, Ordering::AcqRel);
            if before + records >= ears.heard.len() {
                ears.progress.notify_one();
            }
        }
    }
}
