//! The real server as a process of its own: started, asked whether it is ready, killed.

use crate::outside::listening::any_port;
use anyhow::{Context as _, ensure};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::net::TcpStream;
use toruk_server::config::Config;
use toruk_sync::domain::rules::RuleProfile;

/// Between two looks whether a server is there.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Looks before a start counts as failed: a minute.
const LOOKS_MAX: u32 = 30_000;

/// The server that is proved.
#[derive(Debug, Clone)]
pub struct Program {
    /// Path of the server's executable, `toruk`.
    pub binary: PathBuf,
    /// The planted bug to switch on, if the server was built with one; see `tests/mutants`.
    pub planted: Option<String>,
}

/// A server's folder and settings; outlives the server's processes.
pub struct ServerProcess {
    pub config: Config,
    /// The port at which the server listens.
    pub port: u16,
    /// The address at which the server listens.
    pub host: Ipv4Addr,
    /// Further arguments of `toruk serve`.
    pub arguments: Vec<String>,
    /// Further variables of its environment.
    pub environment: Vec<(String, String)>,
    /// A program, with its arguments, that starts the server; empty: it is started by itself.
    pub launcher: Vec<String>,
    program: Program,
    folder: TempDir,
}

/// A server's process. Dropped, it is killed.
pub struct Server {
    child: Child,
}

impl ServerProcess {
    /// A new folder for a server, on SQLite in that folder or on another database.
    ///
    /// # Errors
    /// When there is no folder or no port to be had.
    pub async fn new(
        program: &Program,
        rules: RuleProfile,
        database_url: Option<&str>,
    ) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        // Nobody else takes it meanwhile: the system hands out other ports first.
        let port = any_port().await?.local_addr()?.port();
        let local = Config::local(&folder.path().join("server"), port);
        let database_url = database_url.map_or(local.database_url.clone(), str::to_owned);
        let config = Config { rules, database_url, ..local };
        Ok(Self {
            config,
            port,
            host: Ipv4Addr::LOCALHOST,
            arguments: Vec::new(),
            environment: Vec::new(),
            launcher: Vec::new(),
            program: program.clone(),
            folder,
        })
    }

    /// Another node on the same database and data folder.
    ///
    /// # Errors
    /// When there is no folder or no port to be had.
    pub async fn another(&self) -> anyhow::Result<Self> {
        let port = any_port().await?.local_addr()?.port();
        let (config, program) = (self.config.clone(), self.program.clone());
        Ok(Self {
            config,
            port,
            host: self.host,
            arguments: self.arguments.clone(),
            environment: self.environment.clone(),
            launcher: self.launcher.clone(),
            program,
            folder: TempDir::new()?,
        })
    }

    /// Starts the server and waits until it can decide.
    ///
    /// # Errors
    /// When it ends instead, or is not ready within a minute.
    pub async fn start(&self) -> anyhow::Result<Server> {
        let mut server = self.spawn()?;
        for _ in 0..LOOKS_MAX {
            let ended = server.ended()?;
            ensure!(ended.is_none(), "the server ended at its start: {ended:?}; {}", self.said());
            if TcpStream::connect(self.address()).await.is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::bail!("the server did not get ready; {}", self.said())
    }

    /// The address and port at which the server listens.
    pub fn address(&self) -> SocketAddr {
        (self.host, self.port).into()
    }

    /// Complaints that the server's processes wrote to their logs.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.complaints()).unwrap_or_default()
    }

    /// Path of the SQLite database.
    pub fn database_file(&self) -> PathBuf {
        PathBuf::from(self.config.database_url.trim_start_matches("sqlite://"))
    }

    /// A file beside the server's things.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn complaints(&self) -> PathBuf {
        self.folder.path().join("complaints.log")
    }

    fn spawn(&self) -> anyhow::Result<Server> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.complaints())?;
        let mut command = match self.launcher.split_first() {
            None => Command::new(&self.program.binary),
            Some((launcher, arguments)) => {
                let mut command = Command::new(launcher);
                command.args(arguments).arg(&self.program.binary);
                command
            }
        };
        command.args(["serve", "--listen", &self.address().to_string()]);
        command.args(["--operations-listen", "127.0.0.1:0"]);
        command.args(["--public-origin", &self.config.public_origin]);
        command.arg("--data-dir").arg(&self.config.data_dir);
        command.args(["--database-url", &self.config.database_url]).env("RUST_LOG", "error");
        command.args(&self.arguments).envs(self.environment.iter().cloned());
        if let Some(bug) = &self.program.planted {
            command.env("TORUK_PLANTED", bug);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        Ok(Server { child: child.context("the server can't be started")? })
    }
}

impl Server {
    /// Id of the running process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The exit status, once the process has ended.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// `kill -9`; does nothing to one that has ended.
    pub fn kill(&mut self) {
        // Only fails when it is dead.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The server's binary beside the tests, built from the sources as they are.
///
/// # Errors
/// When it is not there or a source is newer than it.
pub fn built_binary() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here.parent().context("no build folder")?;
    // Tests are in `deps`, programs beside the server.
    let folder = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    let binary = folder.context("no build folder")?.join("toruk");
    let built = std::fs::metadata(&binary).and_then(|about| about.modified());
    let how = "build it: cargo build -p toruk-server";
    let built = built.with_context(|| format!("{} is not there; {how}", binary.display()))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    for sources in ["server/src", "sync/src", "migrations/src"] {
        let newer = newer(&root.join(sources), built)?;
        if let Some(newer) = newer {
            anyhow::bail!("{} is newer than the server; {how}", newer.display());
        }
    }
    Ok(binary)
}

fn newer(folder: &Path, than: SystemTime) -> anyhow::Result<Option<PathBuf>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = newer(&path, than)? {
                return Ok(Some(found));
            }
        } else if std::fs::metadata(&path)?.modified()? > than {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
