//! A disk that fills up under the real server, a small one of its own: what can wait is refused,
//! bids go on in the room that was kept for them, also after a restart, and nothing that was
//! answered is lost.

use super::crowd::Crowd;
use super::db_audit::audit;
use super::history::{BidAnswer, Demands, Finding, HistoryEvent, Kind};
use super::process::{Program, Server, ServerProcess};
use super::wire::RawClient;
use crate::outside::listening::client;
use crate::world::answer::Answer;
use crate::world::seed::{SeedPlan, SeededBidder, seed, unhurried};
use crate::world::until;
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde_json::json;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::{DraftState, draft_id};
use toruk_sync::protocol::operations::{Op, Operation, Push};
use toruk_sync::receipt::Decision;

/// A megabyte.
const MB: u64 = 1024 * 1024;
/// Size of the disk.
const DISK_MB: u64 = 96;
/// Below this the server refuses what can wait.
const FLOOR_MB: u64 = 48;
/// What the server keeps for bids.
const RESERVE_MB: u64 = 16;
/// What is left of the disk when the server starts again: a little more than the server leaves
/// unused.
const LEFT_MB: u64 = 7;
/// Raises on each state of the disk; each bidder may make five at once.
const RAISES: usize = 4;
const DEMANDS: Demands =
    Demands { clocks_apart_max: Some(TimeSpan::milliseconds(5)), is_complete: true };

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct FullDiskFigures {
    /// Bids accepted while the disk had room, was full, and was full after a restart.
    pub accepted: usize,
    /// Uploads, drafts and registrations that were answered "busy".
    pub refused: usize,
    /// Bytes that filled the disk.
    pub filled_bytes: u64,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// A file system of its own in memory. Dropped, it is unmounted.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let size = format!("size={DISK_MB}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        let how = "a file system can't be mounted; run this part as root, or by \
            `unshare --map-root-user --mount`";
        ensure!(mount.status().context(how)?.success(), "{how}");
        Ok(Self(folder))
    }

    /// Writes a file into all that is free now but `left` bytes. What becomes free meanwhile stays
    /// free: it may be the room that the server keeps for bids. Returns the file and its size.
    fn fill(&self, name: &str, left: u64) -> anyhow::Result<(PathBuf, u64)> {
        let (path, piece) = (self.0.path().join(name), vec![0x5a; 256 * 1024]);
        let (mut file, mut written) = (File::create(&path)?, 0);
        let most = free(self.0.path())?.saturating_sub(left);
        while written < most {
            let rest = usize::try_from(most - written)?.min(piece.len());
            match file.write(&piece[..rest]) {
                Ok(0) => break,
                Ok(bytes) => written += bytes as u64,
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok((path, written))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that is ending may still have a file open.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

fn free(folder: &Path) -> anyhow::Result<u64> {
    use toruk_server::disk::{FreeSpace as _, SystemFreeSpace};
    Ok(SystemFreeSpace.free_bytes(folder)?)
}

/// Fills the disk, bids, refuses, starts again, frees it. The findings are empty when all is well.
///
/// # Errors
/// When no disk can be mounted, or the harness itself can't go on.
pub async fn run(program: &Program) -> anyhow::Result<(FullDiskFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let disk = SmallDisk::mount()?;
    let mut drill = Drill::set(program, &disk).await?;
    let mut server = drill.start().await?;
    drill.reserve(true).await?;
    drill.what_can_wait(Waits::Taken).await?;
    drill.raise().await?;

    let (filler, filled_bytes) = disk.fill("filler", 0)?;
    drill.figures.filled_bytes = filled_bytes;
    drill.what_can_wait(Waits::Refused).await?;
    drill.raise().await?;
    drill.reserve(false).await?;

    // Even less is left, and the server is killed and starts again.
    let (rest, _) = disk.fill("rest", LEFT_MB * MB)?;
    drill.raise().await?;
    server.kill();
    let mut server = drill.start().await?;
    drill.what_can_wait(Waits::Refused).await?;
    drill.raise().await?;

    std::fs::remove_file(filler)?;
    std::fs::remove_file(rest)?;
    drill.reserve(true).await?;
    drill.what_can_wait(Waits::Taken).await?;
    drill.raise().await?;
    server.kill();
    let (mut figures, findings) = drill.end().await?;
    figures.took_s = began.elapsed().as_secs_f64();
    Ok((figures, findings))
}

/// The answer that is expected to what can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    Taken,
    Refused,
}

/// Two bidders of one auction, who may apply to another.
struct Drill {
    site: ServerProcess,
    crowd: Crowd,
    applicant: SeededBidder,
    tendering: AuctionId,
    http: reqwest::Client,
    /// Number of the applicant's next operation.
    next_op_no: u64,
    /// Uploads announced so far.
    announced: usize,
    /// Place of the bidder who raises next.
    turn: usize,
    raised: usize,
    figures: FullDiskFigures,
}

impl Drill {
    async fn set(program: &Program, disk: &SmallDisk) -> anyhow::Result<Self> {
        let mut site = ServerProcess::new(program, unhurried(TimeSpan::days(2)), None).await?;
        site.config.data_dir = disk.0.path().join("server");
        let database = site.config.data_dir.join("toruk.db");
        site.config.database_url = format!("sqlite://{}", database.display());
        for (name, value) in [("--disk-floor-mb", FLOOR_MB), ("--disk-reserve-mb", RESERVE_MB)] {
            site.arguments.extend([name.to_owned(), value.to_string()]);
        }
        let clock = Arc::new(SystemClock::start());
        let (now, rules) = (clock.now(), site.config.rules.clone());
        let mut plan = SeedPlan::new(2, 2, rules, now - TimeSpan::seconds(1));
        plan.stagger = TimeSpan::minutes(150);
        let seeded = seed(&site.config, &plan, now).await?;
        let crowd = Crowd::new(&seeded, 0, &clock)?;
        Ok(Self {
            site,
            crowd,
            applicant: seeded.seats[0].clone(),
            tendering: seeded.auctions[1],
            http: client()?,
            next_op_no: 1,
            announced: 0,
            turn: 0,
            raised: 0,
            figures: FullDiskFigures::default(),
        })
    }

    async fn start(&mut self) -> anyhow::Result<Server> {
        let server = self.site.start().await?;
        ensure!(self.crowd.clear_up(self.site.port).await, "{}", self.site.said());
        Ok(server)
    }

    /// Some raises in turn, each of which must be accepted.
    async fn raise(&mut self) -> anyhow::Result<()> {
        for _ in 0..RAISES {
            let bidder = &mut self.crowd.bidders[self.turn];
            self.turn = 1 - self.turn;
            let mut wire = RawClient::open(self.site.port).await?;
            bidder.look(&mut wire).await;
            let raise = bidder.raise()?;
            bidder.send(&mut wire, &raise).await;
            self.raised += 1;
        }
        Ok(())
    }

    /// Waits until the room for bids is kept, or used.
    async fn reserve(&self, kept: bool) -> anyhow::Result<()> {
        let path = self.site.config.data_dir.join("reserve");
        until("the reserve", || async { Ok((path.exists() == kept).then_some(())) }).await
    }

    /// An upload, a draft and a registration, once the server has measured its disk.
    async fn what_can_wait(&mut self, expected: Waits) -> anyhow::Result<()> {
        until("the disk's measurement", || async {
            let status = self.registration().send().await?.status();
            Ok((status.is_success() == (expected == Waits::Taken)).then_some(()))
        })
        .await?;
        let requests = [("a registration", self.registration()), ("a draft", self.draft())];
        let upload = [("an upload", self.upload())];
        for (what, request) in requests.into_iter().chain(upload) {
            let answer = Answer::read(request.send().await?).await?;
            let is_right = match expected {
                Waits::Taken => answer.status < 300,
                Waits::Refused => answer.status == 503 && answer.body.contains("\"busy\""),
            };
            ensure!(is_right, "{what} was to be {expected:?}: {answer:?}");
        }
        match expected {
            Waits::Taken => {
                (self.next_op_no, self.announced) = (self.next_op_no + 1, self.announced + 1)
            }
            Waits::Refused => self.figures.refused += 3,
        }
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://localhost:{}{path}", self.site.port);
        self.http.request(method, url)
    }

    fn registration(&self) -> RequestBuilder {
        let who = json!({ "name": "Айбек", "language": "ky" });
        self.request(Method::POST, "/v1/registrations").json(&who)
    }

    fn draft(&self) -> RequestBuilder {
        let (person, auction) = (self.applicant.person, self.tendering);
        let (draft, part) = (draft_id(person, auction), DraftState::default());
        let operation = Operation::EditDraft { draft, auction, part };
        let push = Push { ops: vec![Op { op_no: self.next_op_no, person, operation }] };
        let request = self.request(Method::POST, "/v1/sync/push");
        request.bearer_auth(&self.applicant.token).json(&push)
    }

    fn upload(&self) -> RequestBuilder {
        let sha256 = STANDARD.encode(format!("{:064x}", self.announced));
        let mime = STANDARD.encode("application/pdf");
        self.request(Method::POST, "/v1/blobs")
            .bearer_auth(&self.applicant.token)
            .header("tus-resumable", "1.0.0")
            .header("upload-length", 1_000)
            .header("upload-metadata", format!("sha256 {sha256},mime {mime}"))
    }

    /// Reads the books: every bid was accepted, and every receipt is in the log.
    async fn end(mut self) -> anyhow::Result<(FullDiskFigures, Vec<Finding>)> {
        let operations = self.crowd.operations();
        let accepted = operations.iter().filter(|operation| {
            let HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } = &operation.what else {
                return false;
            };
            body.decision == Decision::Accepted
        });
        self.figures.accepted = accepted.count();
        let mut findings =
            audit(&self.site.config, self.crowd.auction, &operations, DEMANDS).await?;
        findings.extend(self.crowd.findings());
        if self.figures.accepted < self.raised {
            let detail =
                format!("{} of {} raises were accepted", self.figures.accepted, self.raised);
            findings.push(Finding::new(Kind::SoundBidTurnedAway, detail));
        }
        Ok((self.figures, findings))
    }
}
