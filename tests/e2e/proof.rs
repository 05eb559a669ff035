//! The parts of `cargo prove` at a size for every day: the real server process, held against the
//! history checker. `cargo prove` runs more of each, breaks every call of a commit, and plants bugs.

use toruk_tests::proof::arrivals;
use toruk_tests::proof::chance::Chance;
use toruk_tests::proof::deadline_race;
use toruk_tests::proof::history::Finding;
use toruk_tests::proof::kill_loop;
use toruk_tests::proof::process::{Program, built_binary};
use toruk_tests::proof::slow_commit;
use toruk_tests::world::postgres;

/// Any: the same choices in every run.
const SEED: u64 = 20_261_124;

fn program() -> anyhow::Result<Program> {
    Ok(Program { binary: built_binary()?, planted: None })
}

#[track_caller]
fn all_is_well(findings: &[Finding]) {
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", told.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_again_and_again_loses_nothing_it_has_answered() -> anyhow::Result<()> {
    let database = match postgres::is_chosen() {
        true => Some(postgres::Database::fresh().await?),
        false => None,
    };
    let database_url = database.as_ref().map(|database| database.owner_url.clone());
    let (program, cycles, bidders) = (program()?, 15, 8);
    let plan = kill_loop::KillPlan { program, cycles, bidders, seed: SEED, database_url };
    let (figures, findings) = kill_loop::run(&plan).await?;
    all_is_well(&findings);
    assert!(figures.accepted > 0 && figures.unknowns_resolved > 0, "{figures:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bids_are_decided_as_they_came_whatever_their_connections_do() -> anyhow::Result<()> {
    if postgres::is_chosen() {
        // The database has no part in it.
        return Ok(());
    }
    let (figures, findings) = arrivals::run(&program()?).await?;
    all_is_well(&findings);
    assert!(figures.answered > 0 && figures.pairs > 0, "{figures:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bids_that_wait_for_the_database_are_decided_by_when_they_came() -> anyhow::Result<()> {
    if postgres::is_chosen() {
        // It is SQLite's one writer that is held.
        return Ok(());
    }
    let (figures, findings) = slow_commit::run(&program()?).await?;
    all_is_well(&findings);
    assert!(figures.hung_up > 0 && figures.other_commits > 0, "{figures:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bids_aimed_at_a_deadline_are_judged_by_their_stamps() -> anyhow::Result<()> {
    if postgres::is_chosen() {
        return Ok(());
    }
    let (figures, findings) = deadline_race::run(&program()?, 128, &mut Chance::new(SEED)).await?;
    all_is_well(&findings);
    assert!(figures.bids > 0 && figures.closed > 0, "{figures:?}");
    Ok(())
}
