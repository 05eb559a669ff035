//! A PostgreSQL that a part stops at once, starts again, and replaces by its standby.

use crate::world::postgres::{connect, own, programs, unprivileged};
use anyhow::{Context as _, ensure};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A start with recovery takes a second; a busy machine takes longer.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// Between two looks whether it is there.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const LOGIN: &str = "postgres";

/// One cluster. Dropped, or when this process ends, it stops.
pub struct PgServer {
    folder: TempDir,
    environment: Vec<(String, String)>,
    settings: Vec<String>,
    keeper: Option<Child>,
}

impl PgServer {
    /// Makes a cluster and starts it, durable, on a socket in its folder. `settings` are further
    /// ones, `name=value`; the environment is the server's.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn create(
        environment: Vec<(String, String)>,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let mut server = Self::in_new_folder(environment, settings)?;
        let mut make = unprivileged(&programs()?.join("initdb"));
        make.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        make.args(["--username", LOGIN, "--pgdata"]).arg(server.data());
        run(&mut make)?;
        server.start().await?;
        Ok(server)
    }

    /// A standby of this server, which from then on answers no commit before the standby has it.
    ///
    /// # Errors
    /// When it can't be copied, or does not follow.
    pub async fn synchronous_standby(
        &self,
        environment: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let mut standby = Self::in_new_folder(environment, &[])?;
        let mut copy = unprivileged(&programs()?.join("pg_basebackup"));
        copy.args(["-X", "stream", "-c", "fast", "-R", "--no-sync", "-U", LOGIN, "-h"]);
        copy.arg(self.sockets()).arg("-D").arg(standby.data());
        run(&mut copy)?;
        standby.start().await?;
        let primary = connect(&self.url()).await?;
        primary.execute_unprepared("ALTER SYSTEM SET synchronous_standby_names = '*'").await?;
        primary.execute_unprepared("SELECT pg_reload_conf()").await?;
        let follows = async {
            while !is_followed(&primary).await? {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(STARTS_WITHIN, follows).await.context("no standby follows")??;
        Ok(standby)
    }

    /// Starts the server, after [`Self::stop_at_once`] with recovery.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.end_keeper();
        // Its standard input ends when this process does.
        let script = "\"$@\" >>\"$LOG\" 2>&1 </dev/null & cat >/dev/null; kill -QUIT $!; wait $!";
        let mut keeper = unprivileged(Path::new("/bin/sh"));
        keeper.args(["-c", script, "sh"]).arg(programs()?.join("postgres"));
        keeper.arg("-D").arg(self.data()).arg("-k").arg(self.sockets());
        let fixed = ["max_connections=200", "fsync=on", "synchronous_commit=on"];
        for setting in fixed.iter().copied().chain(self.settings.iter().map(String::as_str)) {
            keeper.args(["-c", setting]);
        }
        if self.settings.iter().all(|setting| !setting.starts_with("listen_addresses")) {
            keeper.args(["-c", "listen_addresses="]);
        }
        keeper.envs(self.environment.iter().cloned()).env("LOG", self.sockets().join("log"));
        keeper.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.keeper = Some(keeper.spawn()?);
        let url = self.url();
        let started = async {
            while connect(&url).await.is_err() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(STARTS_WITHIN, started).await.with_context(|| {
            let log = std::fs::read_to_string(self.sockets().join("log"));
            format!("PostgreSQL does not start: {}", log.unwrap_or_default())
        })
    }

    /// `pg_ctl stop -m immediate`: as if the machine had lost its power, without a checkpoint.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop_at_once(&mut self) -> anyhow::Result<()> {
        let mut stop = unprivileged(&programs()?.join("pg_ctl"));
        run(stop.args(["stop", "-m", "immediate", "-D"]).arg(self.data()))
    }

    /// Makes a standby the primary; completes when it takes writes.
    ///
    /// # Errors
    /// When it does not.
    pub async fn promote(&self) -> anyhow::Result<()> {
        let mut promote = unprivileged(&programs()?.join("pg_ctl"));
        promote.args(["promote", "-w", "-D"]).arg(self.data());
        tokio::task::spawn_blocking(move || run(&mut promote)).await?
    }

    /// Lets these addresses in without a password; read at the next start.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn trust(&self, addresses: &str) -> anyhow::Result<()> {
        use std::io::Write as _;
        let hba = self.data().join("pg_hba.conf");
        let mut hba = std::fs::File::options().append(true).open(hba)?;
        Ok(writeln!(hba, "host all all {addresses} trust")?)
    }

    /// The URL of its database, by its socket.
    pub fn url(&self) -> String {
        url_at(self.sockets())
    }

    /// The folder of its socket.
    pub fn sockets(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn in_new_folder(
        environment: Vec<(String, String)>,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("toruk-pg-").tempdir()?;
        own(folder.path())?;
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Ok(Self { folder, environment, settings, keeper: None })
    }

    fn end_keeper(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            // Fails only when it is gone.
            let _ = keeper.wait();
        }
    }
}

impl Drop for PgServer {
    fn drop(&mut self) {
        self.end_keeper();
    }
}

/// The URL of the database whose socket is in this folder.
pub fn url_at(sockets: &Path) -> String {
    format!("postgres://{LOGIN}@localhost/postgres?host={}", sockets.display())
}

async fn is_followed(primary: &DatabaseConnection) -> anyhow::Result<bool> {
    let backend = primary.get_database_backend();
    let count = "SELECT count(*) AS n FROM pg_stat_replication WHERE sync_state = 'sync'";
    let row = primary.query_one_raw(Statement::from_string(backend, count)).await?;
    Ok(row.context("no row")?.try_get::<i64>("", "n")? > 0)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let done = command.current_dir("/").output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    ensure!(done.status.success(), "{command:?}: {said}");
    Ok(())
}
