//! `toruk verify-log`: checks that an auction's public log follows the rules, and prints the
//! winner.
//!
//! Uses only the server's public data, so that a bidder, a journalist or a court can run it on
//! another machine. The checks are in [`toruk_sync::verify`].

use anyhow::{Context as _, ensure};
use clap::Args;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use toruk_sync::domain::auction::{Auction, Event, PAPER_BYTES_MAX, PAPERS_MAX};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::{
    ACT_FILE_BYTES_MAX, ApplicationReceipt, OPENING_TEXT_BYTES_MAX, Opening, Receipt, Record,
    VerifierKey,
};
use toruk_sync::verify::{Finding, LogVerdict, Replay};

/// Largest file with a log, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Largest response of a server, in bytes: a page of a thousand records, each with a long reason.
const PAGE_BYTES_MAX: usize = 64 << 20;
/// Most pages that are requested.
const PAGES_MAX: usize = 10_000;

/// Options of the command.
#[derive(Args)]
pub struct Options {
    /// A log as the server shows it, JSON; several pages may follow each other in the file.
    #[arg(long, required_unless_present = "url", conflicts_with = "url")]
    file: Option<PathBuf>,
    /// The server whose log is read, such as `https://auction.example.kg`.
    #[arg(long, requires = "auction")]
    url: Option<String>,
    /// The auction's id, with `--url`.
    auction: Option<AuctionId>,
    /// A receipt of a bid or of an act on an application, as the phone stores it; may be given
    /// several times.
    #[arg(long, requires = "key")]
    receipt: Vec<PathBuf>,
    /// A file of an official protocol (PDF): the log must name it; may be given several times.
    #[arg(long)]
    paper: Vec<PathBuf>,
    /// The opening of a number in the log, as the phone stores it; may be given several times.
    #[arg(long)]
    opening: Vec<PathBuf>,
    /// The operator's key, as `toruk receipt-key` prints it. Take it from somebody you trust.
    #[arg(long)]
    key: Option<VerifierKey>,
}

/// Verifies the log and prints the result: success, or exit code 1 with the position of the fault.
///
/// # Errors
/// If there is nothing to verify: a file or a server can't be read.
pub async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut openings: Vec<Opening> =
        options.opening.iter().map(|file| read_opening(file)).collect::<anyhow::Result<_>>()?;
    let mut papers: Vec<Paper> =
        options.paper.iter().map(|file| read_paper(file)).collect::<anyhow::Result<_>>()?;
    let (log, shown) = match (&options.file, &options.url, options.auction) {
        (Some(file), ..) => (read_log(file)?, None),
        (None, Some(url), Some(auction)) => {
            let (log, view, published) = fetch(url, auction).await?;
            openings.extend(published);
            papers.extend(published_papers(url, auction, &log).await?);
            (log, Some(view))
        }
        _ => anyhow::bail!("name a file, or a server and an auction"),
    };
    let receipts: Vec<AnyReceipt> =
        options.receipt.iter().map(|file| read_receipt(file)).collect::<anyhow::Result<_>>()?;
    let key = options.key.as_ref();
    let proofs = Proofs { receipts: &receipts, openings: &openings, papers: &papers, key };
    match check(&log, &proofs, shown.as_ref()) {
        Ok(verdict) => {
            println!("{}", say(&verdict, &proofs));
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            println!("The log does NOT hold.\n{fault}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A file that a phone kept.
enum AnyReceipt {
    Bid(Box<Receipt>),
    Act(Box<ApplicationReceipt>),
}

/// A file of an official protocol.
struct Paper {
    /// Its name, for messages.
    name: String,
    /// SHA-256 of its content, hex.
    sha256: String,
    /// The hash by which the log names it; `None` for a file that somebody has.
    expected: Option<String>,
}

impl Paper {
    /// The file is one that the log names, and the one that was asked for.
    fn check(&self, auction: &Auction) -> Result<(), String> {
        let mut named = auction.protocols.iter().flat_map(|kept| &kept.files);
        let is_named = named.any(|file| file.sha256 == self.sha256);
        match is_named && self.expected.as_ref().is_none_or(|hash| *hash == self.sha256) {
            true => Ok(()),
            false => Err(format!("{} is not the protocol that the log names", self.name)),
        }
    }
}

/// The proofs against which the log is checked.
struct Proofs<'a> {
    receipts: &'a [AnyReceipt],
    openings: &'a [Opening],
    papers: &'a [Paper],
    key: Option<&'a VerifierKey>,
}

/// The verdict, or a text that describes the contradiction.
fn check(
    log: &[Record],
    proofs: &Proofs<'_>,
    shown: Option<&AuctionView>,
) -> Result<LogVerdict, String> {
    let replay = Replay::of(log).map_err(|fault| fault.to_string())?;
    for opening in proofs.openings {
        replay.check_opening(opening).map_err(|fault| fault.to_string())?;
    }
    for receipt in proofs.receipts {
        let trusted =
            proofs.key.ok_or("A receipt can't be verified without the operator's key.")?;
        let checked = match receipt {
            AnyReceipt::Bid(receipt) => {
                let bid = receipt.body.bid;
                replay.check(receipt, trusted).map_err(|why| Finding::Receipt { bid, why })
            }
            AnyReceipt::Act(receipt) => {
                let act = receipt.body.act;
                replay.check_act(receipt, trusted).map_err(|why| Finding::Act { act, why })
            }
        };
        checked.map_err(|finding| finding.to_string())?;
    }
    for paper in proofs.papers {
        paper.check(replay.auction())?;
    }
    if let Some(view) = shown {
        let head = replay.head(view.seq).map(hex::encode);
        if head.as_ref() != Some(&view.head) {
            return Err(format!(
                "record {}: the server shows another head than its log has",
                view.seq
            ));
        }
    }
    Ok(replay.verdict())
}

fn say(verdict: &LogVerdict, proofs: &Proofs<'_>) -> String {
    let winner = verdict.winner.map_or_else(
        || "Winner: none".to_owned(),
        |(bidder, price)| format!("Winner: bidder number {bidder}, at {price} som"),
    );
    let status = serde_json::to_value(verdict.status).unwrap_or_default();
    let mut lines = vec![
        "The log holds: every record is what the rules make.".to_owned(),
        format!("Auction: {}", verdict.auction),
        format!("Stands at: {}", status.as_str().unwrap_or_default()),
        winner,
        format!("Participants: {}", verdict.participants),
        format!("Raises accepted: {}", verdict.accepted),
        format!("Bids refused while bidding was open: {}", verdict.refused),
        format!("Records: {}", verdict.seq),
        format!("Head: {}", hex::encode(verdict.head)),
    ];
    if !proofs.receipts.is_empty() {
        lines.push(format!("Receipts that fit the log: {}", proofs.receipts.len()));
    }
    if !proofs.papers.is_empty() {
        lines.push(format!("Protocols that are the log's: {}", proofs.papers.len()));
    }
    for Opening { bidder, application, .. } in proofs.openings {
        lines.push(format!("Number {bidder} is application {application}"));
    }
    lines.join("\n")
}

fn read_log(file: &Path) -> anyhow::Result<Vec<Record>> {
    let text = read(file, FILE_BYTES_MAX)?;
    let mut log = Vec::new();
    for page in serde_json::Deserializer::from_str(&text).into_iter::<Vec<Record>>() {
        log.extend(page.with_context(|| format!("{} is no log", file.display()))?);
    }
    Ok(log)
}

fn read_receipt(file: &Path) -> anyhow::Result<AnyReceipt> {
    let text = read(file, ACT_FILE_BYTES_MAX as u64)?;
    if let Ok(act) = ApplicationReceipt::from_text(&text) {
        return Ok(AnyReceipt::Act(Box::new(act)));
    }
    let bid = Receipt::from_text(&text);
    let bid = bid.with_context(|| format!("{} is no receipt", file.display()))?;
    Ok(AnyReceipt::Bid(Box::new(bid)))
}

fn read_opening(file: &Path) -> anyhow::Result<Opening> {
    let text = read(file, OPENING_TEXT_BYTES_MAX as u64)?;
    Opening::from_text(&text).with_context(|| format!("{} opens nothing", file.display()))
}

fn read_paper(file: &Path) -> anyhow::Result<Paper> {
    let content = read_bytes(file, PAPER_BYTES_MAX)?;
    let sha256 = hex::encode(Sha256::digest(content));
    Ok(Paper { name: file.display().to_string(), sha256, expected: None })
}

fn read(file: &Path, bytes_max: u64) -> anyhow::Result<String> {
    let content = read_bytes(file, bytes_max)?;
    String::from_utf8(content).with_context(|| format!("{} is no text", file.display()))
}

fn read_bytes(file: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let context = || format!("{} can't be read", file.display());
    let opened = std::fs::File::open(file).with_context(context)?;
    let mut content = Vec::new();
    let read = opened.take(bytes_max + 1).read_to_end(&mut content).with_context(context)?;
    ensure!(read as u64 <= bytes_max, "{} is longer than {bytes_max} bytes", file.display());
    Ok(content)
}

/// The official protocols that a log names, as the server gives them out.
async fn published_papers(
    url: &str,
    auction: AuctionId,
    log: &[Record],
) -> anyhow::Result<Vec<Paper>> {
    let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
    let protocols = format!("{}/v1/auctions/{auction}/protocols", url.trim_end_matches('/'));
    let mut papers = Vec::new();
    for record in log {
        let Event::ProtocolKept { files, .. } = &record.event else { continue };
        for file in files.iter().take(PAPERS_MAX) {
            let name = format!("{protocols}/{}", file.sha256);
            let content = get(&http, &name).await.unwrap_or_default();
            let (sha256, expected) =
                (hex::encode(Sha256::digest(content)), Some(file.sha256.clone()));
            papers.push(Paper { name, sha256, expected });
        }
    }
    Ok(papers)
}

/// The auction as the server shows it, then its log, which may have grown since, and what opens the
/// winner's commitment, if there is a winner and the server is new enough to say it.
async fn fetch(
    url: &str,
    auction: AuctionId,
) -> anyhow::Result<(Vec<Record>, AuctionView, Vec<Opening>)> {
    let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
    let auction = format!("{}/v1/auctions/{auction}", url.trim_end_matches('/'));
    let view: AuctionView = serde_json::from_slice(&get(&http, &auction).await?)?;
    let mut log = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = get(&http, &format!("{auction}/log?after={}", log.len())).await?;
        let page: Vec<Record> = serde_json::from_slice(&page).context("no log")?;
        if page.is_empty() {
            let openings = match get(&http, &format!("{auction}/openings")).await {
                Ok(openings) => serde_json::from_slice(&openings).context("no openings")?,
                Err(_) => Vec::new(),
            };
            return Ok((log, view, openings));
        }
        log.extend(page);
    }
    anyhow::bail!("the log is longer than {PAGES_MAX} pages")
}

async fn get(http: &reqwest::Client, url: &str) -> anyhow::Result<Vec<u8>> {
    let mut answer = http.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        ensure!(bytes.len() <= PAGE_BYTES_MAX, "{url} answers too much");
    }
    Ok(bytes)
}
