//! PostgreSQL for tests: one cluster of the process's own, or one it is told of, and in it a fresh
//! database for each world.
//!
//! # Why the process starts it
//! Nobody has to remember to start or stop anything: the cluster's keeper waits for the end of a
//! pipe that this process holds, so the cluster ends with it, whatever it dies of.

use anyhow::{Context as _, ensure};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database as SeaOrm, DatabaseConnection};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;
use toruk_migrations::{roles, up};

/// Environment variable that chooses the worlds' database: `sqlite` (the default) or `postgres`.
pub const CHOICE: &str = "TORUK_TEST_DATABASE";
/// A cluster that runs already: `postgres://user@host:port`; its user may create databases.
pub const CLUSTER: &str = "TORUK_TEST_POSTGRES";
/// PostgreSQL refuses root; then this user runs it.
const UNPRIVILEGED: &str = "postgres";
/// A cluster starts in a second; a busy machine takes longer.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// Between two attempts to connect while it starts.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Connections of all servers of a test process.
const CONNECTIONS_MAX: u32 = 500;

/// Returns `true` if this run's worlds use PostgreSQL.
pub fn is_chosen() -> bool {
    std::env::var(CHOICE).is_ok_and(|choice| choice == "postgres")
}

/// Durability of a commit when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    /// On disk when it is answered, as in production.
    Durable,
    /// Lost with the machine's power, for tests that survive no crash anyway.
    Fast,
}

/// A cluster of our own. Dropped, it stops at once and its folder is removed.
#[derive(Debug)]
pub struct Cluster {
    keeper: Child,
    sockets: PathBuf,
}

impl Cluster {
    /// Makes a cluster in a new temporary folder and starts it, on a socket only.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start(commits: Commits) -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("toruk-postgres-").tempdir()?.keep();
        own(&folder)?;
        let mut make = unprivileged(&programs.join("initdb"));
        make.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        make.args(["--username", UNPRIVILEGED, "--pgdata"]).arg(folder.join("data"));
        let made = make.current_dir("/").output().context("initdb can't be run")?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let durable = if commits == Commits::Durable { "on" } else { "off" };
        // Its standard input ends when this process does, or when the cluster is dropped.
        let script = "\"$0\" -D \"$1/data\" -k \"$1\" \
            -c listen_addresses= -c max_connections=$2 -c fsync=$3 -c synchronous_commit=$3 \
            -c full_page_writes=$3 >\"$1/log\" 2>&1 </dev/null & \
            cat >/dev/null; kill -QUIT $!; wait $!; rm -rf \"$1\"";
        let mut keeper = unprivileged(Path::new("/bin/sh"));
        keeper.arg("-c").arg(script).arg(programs.join("postgres")).arg(&folder);
        keeper.arg(CONNECTIONS_MAX.to_string()).arg(durable);
        let keeper = keeper
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let cluster = Self { keeper, sockets: folder };
        cluster.ready().await?;
        Ok(cluster)
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let sockets = self.sockets.display();
        format!("postgres://{UNPRIVILEGED}@localhost/{database}?host={sockets}")
    }

    /// The folder its socket, its data and its log are in.
    pub fn folder(&self) -> &Path {
        &self.sockets
    }

    async fn ready(&self) -> anyhow::Result<()> {
        let url = self.url("postgres");
        let started = async {
            while connect(&url).await.is_err() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let log = self.sockets.join("log");
        tokio::time::timeout(STARTS_WITHIN, started).await.with_context(|| {
            let log = std::fs::read_to_string(log).unwrap_or_default();
            format!("PostgreSQL does not start: {log}")
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Fails only when it is gone.
        let _ = self.keeper.wait();
    }
}

/// The process's cluster, the template of its databases, and the databases nobody needs any more.
struct Host {
    /// Kept for its pipe.
    _cluster: Option<Cluster>,
    /// The URL before and after a database's name.
    around: (String, String),
    template: String,
    made: AtomicU32,
}

static HOST: OnceCell<Host> = OnceCell::const_new();
static UNUSED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A migrated database of one world. Dropped, it is removed when the next one is made.
#[derive(Debug)]
pub struct Database {
    /// `postgres://…`, with a login that may do what a serving node may and no more.
    pub url: String,
    /// As [`Self::url`], with the login that owns the tables.
    pub owner_url: String,
    name: String,
}

impl Database {
    /// A new one.
    ///
    /// # Errors
    /// When there is no cluster, and none can be started.
    pub async fn fresh() -> anyhow::Result<Self> {
        let host = HOST.get_or_try_init(Host::find).await?;
        let administrator = connect(&host.url("postgres")).await?;
        let unused = std::mem::take(&mut *UNUSED.lock().unwrap_or_else(PoisonError::into_inner));
        for name in unused {
            run(&administrator, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        let number = host.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{number}", host.template);
        let statement = format!("CREATE DATABASE {name} TEMPLATE {}", host.template);
        run(&administrator, &statement).await?;
        administrator.close().await?;
        let owner_url = host.url(&name);
        Ok(Self { url: as_user(&owner_url, roles::APP), owner_url, name })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        UNUSED.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    }
}

impl Host {
    async fn find() -> anyhow::Result<Self> {
        let (cluster, around) = match std::env::var(CLUSTER) {
            Ok(url) => (None, (format!("{}/", url.trim_end_matches('/')), String::new())),
            Err(_) => {
                let cluster = Cluster::start(Commits::Fast).await?;
                let url = cluster.url("?");
                let (before, after) = url.split_once("/??").context("a cluster's URL")?;
                let around = (format!("{before}/"), format!("?{after}"));
                (Some(cluster), around)
            }
        };
        let template = format!("toruk_test_{}", std::process::id());
        let host = Self { _cluster: cluster, around, template, made: AtomicU32::new(0) };
        let administrator = connect(&host.url("postgres")).await?;
        run(&administrator, &format!("DROP DATABASE IF EXISTS {}", host.template)).await?;
        run(&administrator, &format!("CREATE DATABASE {}", host.template)).await?;
        administrator.close().await?;
        let migrated = connect(&host.url(&host.template)).await?;
        up(&migrated).await?;
        roles::grant(&migrated).await?;
        for role in [roles::APP, roles::AUDITOR] {
            run(&migrated, &format!("ALTER ROLE {role} LOGIN")).await?;
        }
        migrated.close().await?;
        Ok(host)
    }

    fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.around.0, self.around.1)
    }
}

/// The same database by another login, which needs no password here.
pub fn as_user(url: &str, user: &str) -> String {
    let (_, place) = url.split_once('@').unwrap_or_default();
    format!("postgres://{user}@{place}")
}

/// One connection to a database.
///
/// # Errors
/// When there is none.
pub async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(SeaOrm::connect(options).await?)
}

async fn run(connection: &DatabaseConnection, statement: &str) -> anyhow::Result<()> {
    connection.execute_unprepared(statement).await.with_context(|| statement.to_owned())?;
    Ok(())
}

/// The folder of PostgreSQL's programs; Debian keeps them off the PATH, one folder a version.
///
/// # Errors
/// When PostgreSQL is not installed.
pub fn programs() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> =
        versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.sort();
    found.reverse();
    found.extend(std::env::split_paths(&path));
    let complete = |folder: &PathBuf| folder.join("postgres").exists();
    found.into_iter().find(complete).context("PostgreSQL is not installed")
}

/// Runs a program as somebody PostgreSQL does not refuse.
pub fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups", "--"]);
    command.arg(program);
    command
}

/// Gives a folder to the user that PostgreSQL runs as.
///
/// # Errors
/// When there is no such user.
pub fn own(folder: &Path) -> anyhow::Result<()> {
    if is_root() {
        let given = Command::new("chown").arg(UNPRIVILEGED).arg(folder).status()?;
        ensure!(given.success(), "there is no user {UNPRIVILEGED}");
    }
    Ok(())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
