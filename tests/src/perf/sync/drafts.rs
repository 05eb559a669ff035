//! Drafts that three phones fill at the same time (W6): how long merging takes, and how many bytes
//! it costs, beside other CRDTs in the same process, round by round in turns.
//!
//! All get the same script and must show the same answers in the end. Times are of one thread, in
//! memory: no disk, no network, no sealing.

use super::ours::{Json, Ours};
use super::script::{DEVICES, Script, script};
use super::{deflated, median::middle};
use crate::perf::table::Table;
use anyhow::ensure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use toruk_sync::draft::Actor;

/// A phone with one draft, by any way to merge.
pub trait Replica: Sized {
    /// As it is called in the table.
    const NAME: &'static str;
    /// An empty draft.
    ///
    /// # Errors
    /// The way's own.
    fn begin(actor: Actor) -> anyhow::Result<Self>;
    /// A draft as it was stored, or sent whole.
    ///
    /// # Errors
    /// The way's own.
    fn open(stored: &[u8], actor: Actor) -> anyhow::Result<Self>;
    /// Answers a field.
    ///
    /// # Errors
    /// The way's own.
    fn set(&mut self, field: &str, answer: &str) -> anyhow::Result<()>;
    /// The changes that this phone wrote since the last call, to be sent.
    ///
    /// # Errors
    /// The way's own.
    fn delta(&mut self) -> anyhow::Result<Vec<u8>>;
    /// Takes in what another phone sent.
    ///
    /// # Errors
    /// The way's own.
    fn merge(&mut self, delta: &[u8]) -> anyhow::Result<()>;
    /// The whole draft, to be stored or sent.
    ///
    /// # Errors
    /// The way's own.
    fn stored(&mut self) -> anyhow::Result<Vec<u8>>;
    /// The answers that a person sees.
    ///
    /// # Errors
    /// The way's own.
    fn answers(&self) -> anyhow::Result<BTreeMap<String, String>>;
    /// A server's work when a part arrives: reads the draft, merges, writes it.
    ///
    /// # Errors
    /// The way's own.
    fn serve(stored: &[u8], delta: &[u8], _from: Actor) -> anyhow::Result<Vec<u8>> {
        let mut replica = Self::open(stored, 0)?;
        replica.merge(delta)?;
        replica.stored()
    }
}

/// Totals of a round of one way, over all drafts.
#[derive(Default)]
struct Sums {
    edit: Duration,
    merge: Duration,
    open: Duration,
    serve: Duration,
    delta_bytes: usize,
    whole_bytes: usize,
    whole_deflated_bytes: usize,
}

/// Numbers of rounds and of drafts.
pub struct DraftWorkload {
    /// Drafts of a round.
    pub drafts: u64,
    /// Rounds of each way.
    pub rounds: u32,
}

/// Measures every way that was compiled in.
///
/// # Errors
/// When one of them loses an answer.
pub fn run(workload: &DraftWorkload) -> anyhow::Result<()> {
    let ways = [vec![round::<Ours<Json>> as DraftRound], others()].concat();
    if ways.len() == 1 {
        eprintln!("automerge, yrs and loro need `--features peers`: cargo perf-peers sync drafts");
    }
    // What each way came to, round by round.
    let mut rounds: Vec<Vec<Value>> = ways.iter().map(|_| Vec::new()).collect();
    for _ in 0..workload.rounds {
        for (way, rounds) in ways.iter().zip(&mut rounds) {
            let figures = way(workload.drafts)?;
            println!("{figures}");
            rounds.push(figures);
        }
    }
    let mut medians = Table::default();
    for rounds in rounds {
        medians.add(middle(&rounds));
    }
    medians.print(&[
        "way",
        "edit_us",
        "merge_us",
        "open_us",
        "serve_us",
        "delta_bytes",
        "whole_bytes",
        "whole_deflated_bytes",
    ]);
    Ok(())
}

/// Measures one way on so many drafts.
type DraftRound = fn(u64) -> anyhow::Result<Value>;

/// The peers, and our drafts in forms that do not travel.
#[cfg(feature = "peers")]
fn others() -> Vec<DraftRound> {
    use super::peers::{Automerge, Deflated, Loro, Postcard, V1, V2, Yrs};
    vec![
        round::<Automerge> as DraftRound,
        round::<Yrs<V1>>,
        round::<Yrs<V2>>,
        round::<Loro>,
        round::<Ours<Deflated>>,
        round::<Ours<Postcard>>,
    ]
}

/// They are not compiled in.
#[cfg(not(feature = "peers"))]
fn others() -> Vec<DraftRound> {
    Vec::new()
}

fn round<R: Replica>(drafts: u64) -> anyhow::Result<Value> {
    let mut sums = Sums::default();
    for no in 0..drafts {
        play::<R>(&script(no), &mut sums)?;
    }
    let us = |sum: Duration| sum.as_secs_f64() * 1e6 / drafts as f64;
    let bytes = |sum: usize| sum as f64 / drafts as f64;
    Ok(json!({
        "bench": "sync drafts",
        "way": R::NAME,
        "drafts": drafts,
        "durability": "none, in memory",
        "edit_us": us(sums.edit),
        "merge_us": us(sums.merge),
        "open_us": us(sums.open),
        "serve_us": us(sums.serve),
        "delta_bytes": bytes(sums.delta_bytes) / DEVICES as f64,
        "whole_bytes": bytes(sums.whole_bytes),
        "whole_deflated_bytes": cfg!(feature = "peers").then(|| bytes(sums.whole_deflated_bytes)),
    }))
}

/// One draft's way, from the first answer until all three phones agree.
fn play<R: Replica>(script: &Script, sums: &mut Sums) -> anyhow::Result<()> {
    let mut first = R::begin(actor(0))?;
    write(&mut first, &script.fill)?;
    first.delta()?;
    let filled = first.stored()?;
    let mut phones = vec![first];
    for device in 1..DEVICES {
        phones.push(R::open(&filled, actor(device))?);
    }

    let began = Instant::now();
    let mut deltas = Vec::new();
    for (phone, edits) in phones.iter_mut().zip(&script.apart) {
        write(phone, edits)?;
        deltas.push(phone.delta()?);
    }
    sums.edit += began.elapsed();
    sums.delta_bytes += deltas.iter().map(Vec::len).sum::<usize>();

    let began = Instant::now();
    for (device, phone) in phones.iter_mut().enumerate() {
        for (_, delta) in deltas.iter().enumerate().filter(|(from, _)| *from != device) {
            phone.merge(delta)?;
        }
        ensure!(phone.answers()?.len() == script.expected.len(), "{} lost a field", R::NAME);
    }
    sums.merge += began.elapsed();

    let began = Instant::now();
    let mut stored = filled;
    for (device, delta) in deltas.iter().enumerate() {
        stored = R::serve(&stored, delta, actor(device))?;
    }
    sums.serve += began.elapsed();

    write(&mut phones[0], &script.settle)?;
    let settled = phones[0].delta()?;
    for phone in &mut phones[1..] {
        phone.merge(&settled)?;
    }
    let whole = phones[0].stored()?;
    sums.whole_bytes += whole.len();
    sums.whole_deflated_bytes += deflated(&whole)?;

    let began = Instant::now();
    let stranger = R::open(&whole, actor(DEVICES))?.answers()?;
    sums.open += began.elapsed();
    let server = R::open(&R::serve(&stored, &settled, actor(0))?, 0)?.answers()?;
    for phone in &phones {
        ensure!(phone.answers()? == script.expected, "{} shows something else", R::NAME);
    }
    ensure!(stranger == script.expected && server == script.expected, "{} differs", R::NAME);
    Ok(())
}

/// As the server numbers phones.
fn actor(device: usize) -> Actor {
    // A handful.
    device as Actor + 1
}

fn write<R: Replica>(phone: &mut R, edits: &[(&'static str, String)]) -> anyhow::Result<()> {
    edits.iter().try_for_each(|(field, answer)| phone.set(field, answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_phones_end_with_the_same_answers_and_so_does_the_server() -> anyhow::Result<()> {
        let mut sums = Sums::default();
        (0..20).try_for_each(|no| play::<Ours<Json>>(&script(no), &mut sums))?;
        assert!(sums.whole_bytes > sums.delta_bytes / DEVICES);
        Ok(())
    }
}
