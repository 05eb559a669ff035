//! A wall clock that jumps while an auction's window ends: the only server's on SQLite, and on
//! PostgreSQL the database's, which all nodes follow, or one node's own, which decides nothing.

use super::chance::Chance;
use super::clock_shift::ClockShift;
use super::history::Finding;
use super::pg_server::PgServer;
use super::process::{Program, ServerProcess};
use super::scene::{Scene, SceneEnd, SceneFigures, rules};
use futures_util::future::try_join_all;
use std::time::Duration;
use toruk_sync::domain::time::TimeSpan;

/// Forwards a little, by more than the window, backwards, and far.
const JUMPS: [TimeSpan; 4] =
    [TimeSpan::milliseconds(200), TimeSpan::seconds(7), TimeSpan::hours(-1), TimeSpan::days(1)];
/// The jump comes at most this long before the deadline: before, while or after the bid is sent.
const LEAD_MAX: Duration = Duration::from_millis(3_200);
/// Rounds that are played at the same time.
const AT_ONCE: usize = 4;

/// The clock that jumps.
#[derive(Debug, Clone, Copy)]
enum JumpingClock {
    /// The server's, alone on SQLite.
    Server,
    /// The database's, which all nodes follow.
    Database,
    /// One node's, of those that follow the database's.
    Node,
}

#[derive(Debug, Clone, Copy)]
struct ClockCase {
    place: JumpingClock,
    jump: TimeSpan,
    lead: TimeSpan,
}

/// Lets so many clocks jump; with `postgres` the database's and a node's in turn. The findings are
/// empty when all is well.
///
/// # Errors
/// When the harness itself can't go on, or the rounds show nothing.
pub async fn run(
    program: &Program,
    postgres: bool,
    rounds: usize,
    chance: &mut Chance,
) -> anyhow::Result<(SceneFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let (mut figures, mut findings) = (SceneFigures::default(), Vec::new());
    let mut cases = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let place = match (postgres, round / JUMPS.len() % 2) {
            (false, _) => JumpingClock::Server,
            (true, 0) => JumpingClock::Database,
            (true, _) => JumpingClock::Node,
        };
        let lead = i64::try_from(chance.time_below(LEAD_MAX).as_micros())?;
        cases.push(ClockCase { place, jump: JUMPS[round % JUMPS.len()], lead: TimeSpan(lead) });
    }
    for cases in cases.chunks(AT_ONCE) {
        for end in try_join_all(cases.iter().map(|case| case.play(program))).await? {
            findings.extend(figures.count(end));
        }
    }
    figures.conclude(began, findings)
}

impl ClockCase {
    async fn play(&self, program: &Program) -> anyhow::Result<SceneEnd> {
        let shift = ClockShift::new()?;
        let database = match self.place {
            JumpingClock::Server => None,
            JumpingClock::Database => Some(PgServer::create(shift.environment(), &[]).await?),
            JumpingClock::Node => Some(PgServer::create(Vec::new(), &[]).await?),
        };
        let url = database.as_ref().map(PgServer::url);
        let mut site = ServerProcess::new(program, rules(), url.as_deref()).await?;
        if matches!(self.place, JumpingClock::Server | JumpingClock::Node) {
            site.environment = shift.environment();
        }
        let config = site.config.clone();
        let scene = Scene::begin(&config, vec![site]).await?;
        let at = scene.moment_before(self.lead);
        let jump = async {
            at.await;
            shift.jump(self.jump)
        };
        let case = format!("{self:?}");
        let (jumped, end) = tokio::join!(jump, scene.bid_across(0, &case));
        jumped?;
        end
    }
}
