//! A PostgreSQL that stops at once amid bids, and comes back, or is replaced by its synchronous
//! standby, whose clock may be another: no acknowledged bid is lost, and none that was sent in time
//! is late.

use super::chance::Chance;
use super::clock_shift::ClockShift;
use super::history::Finding;
use super::pg_server::{PgServer, url_at};
use super::process::{Program, ServerProcess};
use super::scene::{Scene, SceneEnd, SceneFigures, rules};
use futures_util::future::try_join_all;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::sleep;
use toruk_sync::domain::time::TimeSpan;

/// The database stops at most this long before the deadline.
const LEAD_MAX: Duration = Duration::from_millis(3_200);
/// Bids are sent this long before the database stops, at most, and after it is back.
const BIDS_FOR: Duration = Duration::from_millis(1_500);
/// The standby's clock less the primary's, in turn.
const APART: [TimeSpan; 3] = [TimeSpan::ZERO, TimeSpan::seconds(3), TimeSpan::seconds(-3)];
/// Rounds that are played at the same time.
const AT_ONCE: usize = 2;

/// Settings of a round.
#[derive(Debug, Clone, Copy)]
struct FailoverCase {
    /// To a standby whose clock is so far ahead; `None`: the same database comes back.
    to_standby: Option<TimeSpan>,
    /// Across a deadline; otherwise amid bids that follow each other.
    is_at_deadline: bool,
    lead: Duration,
}

/// Stops so many databases. The findings are empty when all is well.
///
/// # Errors
/// When the harness itself can't go on, or the rounds show nothing.
pub async fn run(
    program: &Program,
    rounds: usize,
    chance: &mut Chance,
) -> anyhow::Result<(SceneFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let (mut figures, mut findings) = (SceneFigures::default(), Vec::new());
    let mut cases = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let is_at_deadline = round / 2 % 2 == 0;
        let to_standby = (round % 2 == 1).then(|| APART[round / 2 % APART.len()]);
        let lead = chance.time_below(if is_at_deadline { LEAD_MAX } else { BIDS_FOR });
        cases.push(FailoverCase { to_standby, is_at_deadline, lead });
    }
    for cases in cases.chunks(AT_ONCE) {
        for end in try_join_all(cases.iter().map(|case| case.play(program))).await? {
            findings.extend(figures.count(end));
        }
    }
    figures.conclude(began, findings)
}

/// A primary, perhaps its standby, and the address at which nodes find the one that serves.
struct Databases {
    primary: PgServer,
    standby: Option<PgServer>,
    folder: TempDir,
    /// Keeps the standby's clock as it is.
    _shift: Option<ClockShift>,
}

impl Databases {
    async fn create(case: &FailoverCase) -> anyhow::Result<Self> {
        let primary = PgServer::create(Vec::new(), &[]).await?;
        let (mut standby, mut shift) = (None, None);
        if let Some(ahead) = case.to_standby {
            let clock = ClockShift::new()?;
            clock.jump(ahead)?;
            standby = Some(primary.synchronous_standby(clock.environment()).await?);
            shift = Some(clock);
        }
        let databases = Self { primary, standby, folder: TempDir::new()?, _shift: shift };
        databases.lead_to(databases.primary.sockets())?;
        Ok(databases)
    }

    /// The URL that stays the same, as a name or an address that moves does.
    fn url(&self) -> String {
        url_at(&self.address())
    }

    fn address(&self) -> PathBuf {
        self.folder.path().join("serving")
    }

    fn lead_to(&self, sockets: &Path) -> anyhow::Result<()> {
        let next = self.folder.path().join("next");
        symlink(sockets, &next)?;
        Ok(std::fs::rename(next, self.address())?)
    }

    /// Stops the primary at once; it, or its standby, serves when this completes.
    async fn strike(&mut self) -> anyhow::Result<()> {
        self.primary.stop_at_once()?;
        match &self.standby {
            None => self.primary.start().await,
            Some(standby) => {
                standby.promote().await?;
                self.lead_to(standby.sockets())
            }
        }
    }
}

impl FailoverCase {
    async fn play(&self, program: &Program) -> anyhow::Result<SceneEnd> {
        let mut databases = Databases::create(self).await?;
        let url = databases.url();
        let site = ServerProcess::new(program, rules(), Some(&url)).await?;
        let config = site.config.clone();
        let scene = Scene::begin(&config, vec![site]).await?;
        let case = format!("{self:?}");
        if self.is_at_deadline {
            let at = scene.moment_before(TimeSpan(i64::try_from(self.lead.as_micros())?));
            let strike = async {
                at.await;
                databases.strike().await
            };
            let (struck, end) = tokio::join!(strike, scene.bid_across(0, &case));
            struck?;
            return end;
        }
        let strike = async {
            sleep(self.lead).await;
            databases.strike().await?;
            sleep(BIDS_FOR).await;
            Ok(())
        };
        scene.bid_until(strike, &case).await
    }
}
