//! RxDB and PouchDB: small programs in `tests/perf/peers`, installed by npm beside what cargo builds.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the programs.
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/perf/peers");
/// The peers, by the names of their programs.
pub const PEERS: [&str; 2] = ["rxdb", "pouchdb"];

/// The programs of the peers, installed by npm.
pub struct Npm {
    folder: PathBuf,
}

impl Npm {
    /// Copies the programs to the build's folder and installs what they need, in the versions that
    /// they name.
    ///
    /// # Errors
    /// When there is no npm, or it has no registry.
    pub fn install() -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let built = program.parent().and_then(Path::parent).context("no folder")?;
        let folder = built.join("sync-peers");
        std::fs::create_dir_all(&folder)?;
        for file in std::fs::read_dir(PROGRAMS)? {
            let file = file?;
            std::fs::copy(file.path(), folder.join(file.file_name()))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]);
        npm.args(["--loglevel", "error"]).current_dir(&folder).stdout(Stdio::null());
        ensure!(npm.status().context("npm")?.success(), "npm could not install the peers");
        Ok(Self { folder })
    }

    /// Runs one peer on the first `rows` cards of a file, and reads its lines.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run(&self, peer: &str, cards: &Path, rows: usize) -> anyhow::Result<Vec<Value>> {
        let mut node = Command::new("node");
        node.arg("bench.mjs").arg(peer).arg(cards).arg(rows.to_string());
        node.current_dir(&self.folder).stderr(Stdio::inherit());
        let output = tokio::task::spawn_blocking(move || node.output()).await?.context("node")?;
        ensure!(output.status.success(), "{peer} failed");
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
    }
}
