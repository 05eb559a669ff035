//! Public reads of the catalogue: what an answer costs the server plain, compressed, and when the
//! reader's copy is current.

use super::sync::site::SyncServer;
use super::table::Table;
use crate::outside::listening::client;
use anyhow::{Context as _, ensure};
use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Cards of the page that is read.
const PAGE: usize = 100;

/// Settings of a benchmark of reads.
#[derive(Debug, Clone)]
pub struct ReadWorkload {
    /// Published auctions.
    pub auctions: usize,
    /// Rounds; in each, every kind of answer takes its turn.
    pub rounds: u32,
    /// Answers of one kind in a round.
    pub answers: u32,
}

/// A kind of answer.
struct Kind {
    name: &'static str,
    headers: HeaderMap,
    status: StatusCode,
    encoding: Option<&'static str>,
}

/// Runs the workload.
///
/// # Errors
/// When an answer is of another kind than was asked for.
pub async fn run(workload: &ReadWorkload) -> anyhow::Result<()> {
    let site = SyncServer::open(workload.auctions, 1).await?;
    let (http, origin) = (client()?, format!("http://localhost:{}", site.port));
    let auction = site.auctions.first().context("no auction")?;
    let pages = [
        ("page of the catalogue", format!("{origin}/v1/auctions?limit={PAGE}")),
        ("auction", format!("{origin}/v1/auctions/{auction}")),
    ];
    let mut table = Table::default();
    for (what, url) in pages {
        let tag = http.get(&url).send().await?.error_for_status()?;
        let tag = tag.headers().get(ETAG).context("no tag")?.clone();
        let mut spent: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for _ in 0..workload.rounds {
            for kind in kinds(&tag) {
                let before = site.process.cpu_us()?;
                let mut bytes = 0;
                for _ in 0..workload.answers {
                    let answer = http.get(&url).headers(kind.headers.clone()).send().await?;
                    ensure!(answer.status() == kind.status, "{}: {}", kind.name, answer.status());
                    let encoding = answer.headers().get(CONTENT_ENCODING);
                    let is_asked =
                        encoding.map(HeaderValue::as_bytes) == kind.encoding.map(str::as_bytes);
                    ensure!(is_asked, "{}: {encoding:?}", kind.name);
                    bytes += answer.bytes().await?.len() as u64;
                }
                let (cpu, sum, count) = spent.entry(kind.name).or_default();
                *cpu += site.process.cpu_us()? - before;
                (*sum, *count) = (*sum + bytes, *count + u64::from(workload.answers));
            }
        }
        let plain = spent.get("plain").map_or(0.0, |(cpu, _, count)| *cpu as f64 / *count as f64);
        for (kind, (cpu, bytes, count)) in spent {
            let (cpu_us, bytes) = (cpu as f64 / count as f64, bytes as f64 / count as f64);
            table.add(row(what, kind, (cpu_us, plain), bytes));
        }
    }
    table.print(&["what", "answer", "cpu_us", "to_plain", "bytes"]);
    Ok(())
}

fn row(what: &str, kind: &str, (cpu_us, plain): (f64, f64), bytes: f64) -> Value {
    let to_plain = cpu_us / plain;
    json!({ "what": what, "answer": kind, "cpu_us": cpu_us, "to_plain": to_plain, "bytes": bytes })
}

fn kinds(tag: &HeaderValue) -> [Kind; 4] {
    let accepting = |encoding: &'static str| {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encoding))])
    };
    let kind = |name, encoding: Option<&'static str>| {
        let headers = accepting(encoding.unwrap_or("identity"));
        Kind { name, headers, status: StatusCode::OK, encoding }
    };
    let mut current = accepting("identity");
    current.insert(IF_NONE_MATCH, tag.clone());
    let (status, encoding) = (StatusCode::NOT_MODIFIED, None);
    [
        kind("plain", None),
        kind("zstd", Some("zstd")),
        kind("gzip", Some("gzip")),
        Kind { name: "not modified", headers: current, status, encoding },
    ]
}
