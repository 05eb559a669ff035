//! The whole of sync in one thread, chosen by one number: phones' engines over stores that crash,
//! a network that loses, doubles, delays and cuts, sign-in pages, filters and proxies that answer
//! in the server's place, cameras, and a real server that is killed, on a clock
//! that moves when the story says so.
//!
//! # Why the engines and not the apps' object
//! The object adds a runtime and sockets, which choose their own order. The engine and the
//! server's router are the parts that decide, and both can be stepped. What is above and below
//! them is driven by the tests of whole phones.

mod actions;
mod camera;
mod check;
mod disk;
mod network;
mod phone;
mod restored;
mod scenario;
mod server;
mod strangers;

pub use restored::{Restored, play_restored};
pub use scenario::{Stats, play};
pub use server::SimServer;

use anyhow::Context as _;
use std::ops::Range;

/// People of a yard: a story is about one of them.
const PEOPLE: usize = 16;
/// After so many stories people have had so many phones and files that they come to their limits.
const STORIES_OF_A_YARD: usize = 150;

/// Plays the stories of these seeds on so many threads, each with a server of its own. What did not
/// hold comes with its seed.
///
/// # Errors
/// When a server can't be set up.
pub fn play_all(seeds: Range<u64>, threads: u64) -> anyhow::Result<(Stats, Vec<String>)> {
    let thread = |first: u64| {
        let seeds: Vec<u64> = seeds.clone().filter(|seed| seed % threads == first).collect();
        std::thread::spawn(move || -> anyhow::Result<_> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(play_each(&seeds))
        })
    };
    let running: Vec<_> = (0..threads).map(thread).collect();
    let (mut tally, mut findings) = (Stats::default(), Vec::new());
    for thread in running {
        let (played, found) = thread.join().ok().context("a thread of stories panicked")??;
        tally.add(&played);
        findings.extend(found);
    }
    Ok((tally, findings))
}

async fn play_each(seeds: &[u64]) -> anyhow::Result<(Stats, Vec<String>)> {
    let (mut tally, mut findings) = (Stats::default(), Vec::new());
    for seeds in seeds.chunks(STORIES_OF_A_YARD) {
        let mut yard = SimServer::open(PEOPLE).await?;
        for seed in seeds {
            if let Err(finding) = play(&mut yard, *seed, &mut tally).await {
                findings.push(format!("{finding:#}"));
            }
        }
    }
    Ok((tally, findings))
}
