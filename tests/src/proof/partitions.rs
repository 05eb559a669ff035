//! Two nodes and PostgreSQL as machines of their own, and a cable that is cut while an auction's
//! window ends: one node's, the other's, or the database's.

use super::chance::Chance;
use super::history::Finding;
use super::namespaces::{ADDRESSES, NodeSpace, require_own_network};
use super::pg_server::PgServer;
use super::process::{Program, ServerProcess};
use super::scene::{Scene, SceneEnd, SceneFigures, rules};
use std::time::Duration;
use tokio::time::sleep;
use toruk_sync::domain::time::TimeSpan;

/// The cable is cut at most this long before the deadline.
const LEAD_MAX: Duration = Duration::from_millis(3_200);
/// A cable is cut for so long: a little over a second, as long as others wait for a node, longer.
const CUT_FOR: [Duration; 3] =
    [Duration::from_millis(1_400), Duration::from_millis(3_300), Duration::from_millis(9_000)];
/// Where the cable is cut, by the nodes that lose the database; the bid goes to the first.
const CUTS: [&[usize]; 3] = [&[0], &[0, 1], &[1]];

#[derive(Debug, Clone, Copy)]
struct PartitionCase {
    cut: &'static [usize],
    cut_for: Duration,
    lead: Duration,
}

/// Cuts so many cables. The findings are empty when all is well.
///
/// # Errors
/// When the harness itself can't go on, has no network of its own, or the rounds show nothing.
pub async fn run(
    program: &Program,
    rounds: usize,
    chance: &mut Chance,
) -> anyhow::Result<(SceneFigures, Vec<Finding>)> {
    require_own_network()?;
    let began = tokio::time::Instant::now();
    let (mut figures, mut findings) = (SceneFigures::default(), Vec::new());
    for round in 0..rounds {
        let cut = CUTS[round % CUTS.len()];
        let cut_for = CUT_FOR[round / CUTS.len() % CUT_FOR.len()];
        let case = PartitionCase { cut, cut_for, lead: chance.time_below(LEAD_MAX) };
        findings.extend(figures.count(case.play(program).await?));
    }
    figures.conclude(began, findings)
}

impl PartitionCase {
    async fn play(&self, program: &Program) -> anyhow::Result<SceneEnd> {
        let spaces = [NodeSpace::new(1)?, NodeSpace::new(2)?];
        let mut database = PgServer::create(Vec::new(), &["listen_addresses=*"]).await?;
        database.trust(ADDRESSES)?;
        database.stop_at_once()?;
        database.start().await?;
        let first = ServerProcess::new(program, rules(), Some(&database.url())).await?;
        let config = first.config.clone();
        let mut sites = vec![first.another().await?, first.another().await?];
        for (site, space) in sites.iter_mut().zip(&spaces) {
            site.config.database_url = space.database_url();
            site.host = space.host();
            site.launcher = space.launcher();
            // The cable is the machine's own; nobody listens on it.
            let host = space.database_host().to_string();
            site.arguments = vec!["--plain-hosts".to_owned(), host];
        }
        let scene = Scene::begin(&config, sites).await?;
        let at = scene.moment_before(TimeSpan(i64::try_from(self.lead.as_micros())?));
        let breaks = async {
            at.await;
            for node in self.cut {
                spaces[*node].cut()?;
            }
            sleep(self.cut_for).await;
            for node in self.cut {
                spaces[*node].heal()?;
            }
            anyhow::Ok(())
        };
        let case = format!("{self:?}");
        let (broken, end) = tokio::join!(breaks, scene.bid_across(0, &case));
        broken?;
        end
    }
}
