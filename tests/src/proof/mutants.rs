//! Bugs on purpose: each of `tests/mutants/*.patch` plants one, and a part of the harness has to
//! find it. A harness that finds nothing in a broken server proves nothing of a whole one.
//!
//! # Why the bugs sleep in one binary
//! Each patch guards its bug by `TORUK_PLANTED=<name>`, and all are applied to one copy of the
//! workspace: one build instead of one for each. The copy is kept in the build folder, and only
//! what has changed is written to it, so that the next build is short.

use super::arrivals;
use super::chance::Chance;
use super::clocks;
use super::deadline_race;
use super::disk_faults;
use super::history::{Finding, Kind};
use super::kill_loop;
use super::process::Program;
use super::slow_commit;
use super::stops;
use anyhow::{Context as _, ensure};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Kills until a bug is found, at most.
const CYCLES: u32 = 40;
/// Clocks that jump.
const JUMPS: usize = 8;
/// Bids aimed at deadlines.
const BIDS: usize = 128;
/// Folders that a build of the server needs.
const MEMBERS: [&str; 5] = ["server", "sync", "mobile-core", "migrations", "tests"];
/// Folders that a build does not need, and that are large.
const LEFT_OUT: [&str; 5] = ["target", "apps", "bindings", "node_modules", ".git"];
/// The planted server's name, so that it is never taken for the real one.
const BINARY: &str = "toruk-planted";
const BINARY_LINE: &str = "name = \"toruk-planted\"\n";

/// The part of the harness that has to find a bug.
#[derive(Debug, Clone, Copy)]
enum By {
    Arrivals,
    Kills,
    Faults,
    Waiting,
    Deadlines,
    Stops,
    Clocks,
}

/// Each bug, who finds it, and as what.
const BUGS: [(&str, By, &[Kind]); 19] = [
    ("ack_before_commit", By::Kills, &[Kind::LostAck]),
    ("blind_start", By::Kills, &[Kind::LossUnnoticed]),
    ("deadline_inclusive", By::Waiting, &[Kind::AcceptedLate]),
    ("dropped_handler", By::Waiting, &[Kind::SoundBidTurnedAway]),
    ("float_money", By::Kills, &[Kind::WronglyRefused, Kind::WronglyAccepted, Kind::ReplayDiffers]),
    ("foreign_receipt", By::Waiting, &[Kind::ForeignReceipt]),
    ("handler_stamp", By::Arrivals, &[Kind::OvertakenOnArrival]),
    ("hang_up", By::Arrivals, &[Kind::SoundBidTurnedAway]),
    ("hasty_close", By::Stops, &[Kind::WronglyRefused, Kind::ShutOut]),
    ("late_stamp", By::Waiting, &[Kind::WronglyRefused]),
    ("lost_in_batch", By::Waiting, &[Kind::SoundBidTurnedAway]),
    ("no_idempotency", By::Kills, &[Kind::TwiceInLog]),
    ("no_sync", By::Faults, &[Kind::NotSynced]),
    ("plain_begin", By::Waiting, &[Kind::SoundBidTurnedAway]),
    ("rejected_on_unknown", By::Faults, &[Kind::OutlivedFailedCommit]),
    ("reversed_batch", By::Waiting, &[Kind::OvertakenInQueue]),
    ("stale_clock", By::Waiting, &[Kind::StampOutsideCall]),
    ("unchecked_memory", By::Deadlines, &[Kind::SoundBidTurnedAway]),
    ("untrusted_close", By::Clocks, &[Kind::WronglyRefused, Kind::ShutOut]),
];

/// Times that a scene is set which the harness can't play to its end.
const TRIES_MAX: usize = 3;

/// Builds the server with all bugs in it and has each found, or those that are named; a line of JSON
/// for each. Returns the names of those that were not.
///
/// # Errors
/// When there is no bug of a name, a patch does not apply, or the copy can't be built.
pub async fn run(only: &[String], seed: u64) -> anyhow::Result<(usize, Vec<String>)> {
    let unknown = only.iter().find(|name| BUGS.iter().all(|(bug, ..)| bug != name));
    ensure!(unknown.is_none(), "there is no such bug: {unknown:?}");
    let binary = build()?;
    let (mut planted, mut missed) = (0, Vec::new());
    let chosen = |bug: &str| only.is_empty() || only.iter().any(|name| name == bug);
    for (bug, by, expected) in BUGS.iter().filter(|(bug, ..)| chosen(bug)) {
        let began = tokio::time::Instant::now();
        let program = Program { binary: binary.clone(), planted: Some((*bug).to_owned()) };
        let mut tried = find(&program, *by, seed).await;
        for _ in 1..TRIES_MAX {
            // A planted bug may bring the scene down before there is anything to find.
            if tried.is_ok() {
                break;
            }
            tried = find(&program, *by, seed).await;
        }
        let (figures, findings, error) = match tried {
            Ok((figures, findings)) => (figures, findings, None),
            Err(error) => (serde_json::Value::Null, Vec::new(), Some(format!("{error:#}"))),
        };
        let kinds: BTreeSet<_> = findings.iter().map(|finding| finding.kind).collect();
        let caught = expected.iter().any(|kind| kinds.contains(kind));
        let kinds: Vec<_> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
        let line = json!({
            "bug": bug, "caught": caught, "by": format!("{by:?}"), "as": kinds,
            "figures": figures, "error": error, "took_s": began.elapsed().as_secs_f64(),
        });
        println!("{line}");
        planted += 1;
        if !caught {
            missed.push((*bug).to_owned());
        }
    }
    Ok((planted, missed))
}

async fn find(
    program: &Program,
    by: By,
    seed: u64,
) -> anyhow::Result<(serde_json::Value, Vec<Finding>)> {
    Ok(match by {
        By::Kills => {
            let (program, database_url) = (program.clone(), None);
            let plan =
                kill_loop::KillPlan { program, cycles: CYCLES, bidders: 8, seed, database_url };
            let (figures, findings) = kill_loop::run(&plan).await?;
            (serde_json::to_value(figures)?, findings)
        }
        By::Faults => {
            let (figures, findings) = disk_faults::run(program).await?;
            (serde_json::to_value(figures)?, findings)
        }
        By::Arrivals => {
            let (figures, findings) = arrivals::run(program).await?;
            (serde_json::to_value(figures)?, findings)
        }
        By::Waiting => {
            let (figures, findings) = slow_commit::run(program).await?;
            (serde_json::to_value(figures)?, findings)
        }
        By::Stops => {
            let (figures, findings) = stops::run(program, false).await?;
            (serde_json::to_value(figures)?, findings)
        }
        By::Clocks => {
            let mut chance = Chance::new(seed);
            let (figures, findings) = clocks::run(program, false, JUMPS, &mut chance).await?;
            (serde_json::to_value(figures)?, findings)
        }
        By::Deadlines => {
            let mut chance = Chance::new(seed);
            let (figures, findings) = deadline_race::run(program, BIDS, &mut chance).await?;
            (serde_json::to_value(figures)?, findings)
        }
    })
}

/// The server with all bugs in it, asleep.
fn build() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let here = std::env::current_exe()?;
    let built = here.ancestors().find(|folder| folder.join(".cargo-lock").exists());
    let built = built.context("no build folder")?;
    let target = built.parent().context("no build folder")?;
    let stage = TempDir::new()?;
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(root.join(file), stage.path().join(file))?;
    }
    for member in MEMBERS {
        copy(&root.join(member), &stage.path().join(member))?;
    }
    plant(&root.join("tests/mutants"), stage.path())?;
    rename(&stage.path().join("server/Cargo.toml"), "name = \"toruk\"\n", BINARY_LINE)?;
    // Cargo tells packages of one name and version apart by nothing else: without this the planted
    // crates would take the place of the real ones.
    rename(&stage.path().join("Cargo.toml"), "\nversion = \"", "\nversion = \"9")?;
    let workspace = target.join("planted-workspace");
    copy(stage.path(), &workspace)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // Both packages, so that what they stand on is built as for this program, and not again; by the
    // compiler itself, as a linter stands in for it in `tests/run` and would refuse the bugs.
    command.args(["build", "--quiet", "-p", "toruk-server", "-p", "toruk-tests", "--bin", BINARY]);
    command.current_dir(&workspace).env("CARGO_TARGET_DIR", target);
    command.env_remove("RUSTC_WORKSPACE_WRAPPER");
    ensure!(command.status()?.success(), "the planted server can't be built");
    Ok(built.join(BINARY))
}

fn rename(manifest: &Path, from: &str, to: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(manifest)?;
    let renamed = text.replacen(from, to, 1);
    ensure!(renamed != text, "{} has no {from}", manifest.display());
    fs::write(manifest, renamed)?;
    Ok(())
}

/// Applies every patch; each must be one of [`BUGS`], and each bug must have one.
fn plant(patches: &Path, stage: &Path) -> anyhow::Result<()> {
    let mut found = BTreeSet::new();
    let files: Result<BTreeSet<_>, _> =
        fs::read_dir(patches)?.map(|entry| entry.map(|entry| entry.path())).collect();
    for path in files? {
        let name = path.file_stem().and_then(|name| name.to_str()).context("a patch's name")?;
        ensure!(BUGS.iter().any(|(bug, ..)| *bug == name), "nobody looks for {name}");
        found.insert(name.to_owned());
        let mut apply = Command::new("git");
        // Outside of any repository: git would look for the files in its own tree.
        apply.args(["apply", "-C1", "--unidiff-zero"]).arg(&path).current_dir(stage);
        apply.env("GIT_CEILING_DIRECTORIES", stage.parent().unwrap_or(stage));
        let applied = apply.output()?;
        let said = String::from_utf8_lossy(&applied.stderr).into_owned();
        ensure!(applied.status.success(), "{name} does not apply: {said}");
    }
    let missing = BUGS.iter().find(|(bug, ..)| !found.contains(*bug));
    ensure!(missing.is_none(), "there is no patch for {missing:?}");
    Ok(())
}

/// Copies a folder; files that are the same already keep their times, and what is gone goes.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|out| name == *out) {
            continue;
        }
        let (source, copied) = (entry.path(), to.join(&name));
        names.insert(name);
        if source.is_dir() {
            copy(&source, &copied)?;
        } else {
            let content = fs::read(&source)?;
            if fs::read(&copied).ok().as_ref() != Some(&content) {
                fs::write(&copied, content)?;
            }
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !names.contains(&entry.file_name()) && entry.path().is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
