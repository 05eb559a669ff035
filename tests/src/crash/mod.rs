//! An app that dies in the middle of anything, seen through the object that apps hold.
//!
//! Each call into the platform (a request, an answer's next piece, a secret read or kept, a
//! passkey asked) is a place where the system may end the process: before it is made, or after,
//! when the other side has done its part and nobody hears of it. A story chooses such places by one
//! number, opens the app again on what it had kept, and goes on as a person would: looks at the
//! screen and does the next thing.
//!
//! # Why places and not times
//! Between two calls into the platform the core can't be seen: whatever it had not made durable by
//! then is lost in both cases alike. The disk's own faults are the store's tests.

mod crashing_platform;
mod person;

use crate::proof::chance::Chance;
use crate::sim::SimServer;
use crate::world::passkey::SoftPasskeys;
use anyhow::{Context as _, ensure};
use crashing_platform::{CrashingPasskey, CrashingPlatform, Keep, Line, Ticks};
use person::Person;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;
use toruk_mobile_core::platform::Platform;
use toruk_mobile_core::{Core, CoreConfig};
use toruk_server::entity::{application, blob};
use toruk_server::person_texts::TextColumn;
use toruk_sync::signing::ApplicationPayload;

/// Most deaths of an app in one story.
const DEATHS_MAX: u64 = 6;
/// An application takes about so many calls into the platform.
const CALLS: u64 = 60;
/// After so many stories a server is given up for a fresh one.
const STORIES_OF_A_YARD: usize = 150;

/// Totals over the stories that were played.
#[derive(Debug, Default, Serialize)]
pub struct CrashStats {
    pub stories: u64,
    /// Times that an app died, over all stories.
    pub deaths: u64,
    /// Requests that reached the server.
    pub requests: u64,
    /// Calls into the platform.
    pub calls: u64,
    /// Applications that were begun without a connection.
    pub offline: u64,
    /// Applications the server took.
    pub submitted: u64,
}

/// Plays the stories of these seeds on so many threads. What did not hold comes with its seed.
///
/// # Errors
/// When a server can't be set up.
pub fn play_all(seeds: Range<u64>, threads: u64) -> anyhow::Result<(CrashStats, Vec<String>)> {
    let thread = |first: u64| {
        let seeds: Vec<u64> = seeds.clone().filter(|seed| seed % threads == first).collect();
        std::thread::spawn(move || -> anyhow::Result<_> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(play_each(&seeds))
        })
    };
    let running: Vec<_> = (0..threads).map(thread).collect();
    let (mut tally, mut findings) = (CrashStats::default(), Vec::new());
    for thread in running {
        let (played, found) = thread.join().ok().context("a thread of stories panicked")??;
        tally.add(&played);
        findings.extend(found);
    }
    Ok((tally, findings))
}

async fn play_each(seeds: &[u64]) -> anyhow::Result<(CrashStats, Vec<String>)> {
    let (mut tally, mut findings) = (CrashStats::default(), Vec::new());
    for seeds in seeds.chunks(STORIES_OF_A_YARD) {
        let yard = SimServer::open(0).await?;
        for seed in seeds {
            if let Err(finding) = play(&yard, *seed, &mut tally).await {
                findings.push(format!("seed {seed}: {finding:#}"));
            }
        }
    }
    Ok((tally, findings))
}

impl CrashStats {
    fn add(&mut self, other: &Self) {
        self.stories += other.stories;
        self.deaths += other.deaths;
        self.requests += other.requests;
        self.calls += other.calls;
        self.offline += other.offline;
        self.submitted += other.submitted;
    }
}

/// Plays one story to its end: the person's application is with the server, once and whole.
///
/// # Errors
/// What did not hold.
pub async fn play(yard: &SimServer, seed: u64, tally: &mut CrashStats) -> anyhow::Result<()> {
    let mut chance = Chance::new(seed);
    let folder = tempfile::tempdir()?;
    let auction = yard.auction().await?.auction.birth.id;
    let keep = Arc::new(Keep::default());
    let passkeys = Arc::new(SoftPasskeys::new(yard.origin())?);
    let mut person = Person::new(auction, chance.branch(), Arc::clone(&passkeys));
    let deaths = chance.below(DEATHS_MAX + 1);
    for life in 0..=deaths {
        let last = life == deaths;
        let calls = if last { u64::MAX } else { chance.below(CALLS) };
        let mortal = CrashingPlatform::new(calls);
        let platform = Platform {
            transport: Some(Arc::new(Line::new(yard, &mortal))),
            ..Platform::new(
                Arc::new(keep.held_by(&mortal)),
                Arc::new(CrashingPasskey::new(&passkeys, &mortal)),
                Arc::new(Ticks::start()),
            )
        };
        let config = CoreConfig {
            server_url: "https://yard".to_owned(),
            data_dir: folder.path().display().to_string(),
            language: "ky".to_owned(),
            pins: vec![],
        };
        let lived = async {
            // Opening reads secrets: it may be the end already.
            let Ok(core) = Core::open(config, platform) else { return Ok(()) };
            let lived = tokio::select! {
                lived = person.live(&core) => lived,
                () = mortal.death() => Ok(()),
            };
            core.close();
            lived
        };
        lived.await.with_context(|| format!("life {life} of {deaths}"))?;
        tally.calls += mortal.calls();
        tally.requests += mortal.requests();
        tally.deaths += u64::from(mortal.is_dead());
        if person.is_done() {
            break;
        }
        ensure!(!last || mortal.is_dead(), "the application is not there");
    }
    ensure!(person.is_done(), "the application is not there");
    the_server_has_it_once(yard, &person).await?;
    tally.stories += 1;
    tally.submitted += 1;
    tally.offline += u64::from(person.began_offline());
    Ok(())
}

/// One application, with the answers that were given last and a file that is whole.
async fn the_server_has_it_once(yard: &SimServer, person: &Person) -> anyhow::Result<()> {
    let db = yard.state().context.db.read();
    let of_auction = application::Column::Auction.eq(person.auction().0);
    let rows = application::Entity::find().filter(of_auction).all(db).await?;
    ensure!(rows.len() == 1, "{} applications", rows.len());
    let sealed = &rows[0].package;
    let canonical = yard.opened(rows[0].person, TextColumn::Package, sealed).await?;
    let (_, package) = canonical.split_once('\n').context("a package without its kind")?;
    let package: ApplicationPayload = serde_json::from_str(package)?;
    let answers = package.answers.iter().map(|(field, answer)| (field.to_string(), answer.clone()));
    let answers: std::collections::BTreeMap<_, _> = answers.collect();
    ensure!(&answers == person.answers(), "{answers:?} instead of {:?}", person.answers());
    ensure!(package.files.len() == 1, "{} files", package.files.len());
    let sha256 = package.files[0].sha256.clone();
    let stored = blob::Entity::find_by_id((rows[0].person, sha256)).one(db).await?;
    ensure!(stored.is_some_and(|blob| blob.stored), "its file is not whole");
    Ok(())
}
