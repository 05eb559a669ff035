//! The ways to take a bid, each in a process of its own: what the clients and the other ways do is
//! not counted to it.

use super::load::LoadBidder;
use super::way::{KnownPhone, ServedWay, Way};
use super::{ceilings, peers};
use crate::perf::server::{cpu_us, roomy};
use anyhow::{Context as _, bail};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio::net::TcpListener;
use toruk_server::clock::SystemClock;
use toruk_server::clock::stopwatch::SystemStopwatch;
use toruk_server::config::Config;
use toruk_server::deposit::gateway::Unconfigured;
use toruk_server::ids::SystemIds;
use toruk_server::ports::Ports;

/// The process of a way. Dropped, it is killed.
pub struct ServedProcess {
    child: Child,
    /// The address at which it serves.
    pub address: SocketAddr,
}

impl ServedProcess {
    /// Starts `program`, this one or another build of it, with a plan in `folder`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(program: &Path, folder: &Path, served: &ServedWay) -> anyhow::Result<Self> {
        let plan = tempfile::Builder::new().suffix(".json").tempfile_in(folder)?;
        serde_json::to_writer(plan.as_file(), served)?;
        let mut command = Command::new(program);
        command.arg("serve-way").arg("--plan").arg(plan.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().with_context(|| format!("{}", program.display()))?;
        let said = child.stdout.take().context("no output")?;
        let mut line = String::new();
        let read = BufReader::new(said).read_line(&mut line);
        let address = read.map_err(anyhow::Error::from).and_then(|_| Ok(line.trim().parse()?));
        let mut process = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        process.address =
            address.with_context(|| format!("{} did not start", served.way.name()))?;
        Ok(process)
    }

    /// Processor time it has used, user and system, microseconds.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn cpu_us(&self) -> anyhow::Result<u64> {
        cpu_us(&self.child.id().to_string())
    }
}

impl Drop for ServedProcess {
    fn drop(&mut self) {
        // Only fails when it is dead.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves what a plan says on any port, prints the address, and goes on until the process ends.
///
/// # Errors
/// When it can't.
pub async fn serve(plan: &Path) -> anyhow::Result<()> {
    let served: ServedWay = serde_json::from_reader(std::fs::File::open(plan)?)?;
    let clock = Arc::new(SystemClock::start());
    let ids = Arc::new(SystemIds::new(clock.clone()));
    let local = Config::local(&served.data, 0);
    let address = match served.way {
        way if way.is_ours() => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let database_url = served.url.clone();
            let config = Config { database_url, limits: roomy(), ..local };
            let config = Config { observers_max: config.limits.observers_max, ..config };
            let (stopwatch, gateway) = (Arc::new(SystemStopwatch::start()), Arc::new(Unconfigured));
            let ports = Ports { clock, stopwatch, ids, gateway, push: None, scanner: None };
            let running = toruk_server::run(config, ports, listener).await?;
            say(running.address)?;
            running.run_until(std::future::pending()).await;
            bail!("the server ended");
        }
        Way::None | Way::Echo => ceilings::serve(&served, local.signer(&*ids)?).await?,
        _ => peers::serve(&served, Arc::new(local.signer(&*ids)?)).await?,
    };
    say(address)?;
    std::future::pending::<()>().await;
    Ok(())
}

fn say(address: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{address}")?;
    Ok(out.flush()?)
}

impl LoadBidder {
    /// What a way must know of the bidder's phone.
    pub fn phone(&self) -> KnownPhone {
        KnownPhone {
            token: self.token.clone(),
            public_key: self.public_key.clone(),
            person: self.person,
            device: self.device,
            auction: self.auction,
            number: self.number,
        }
    }
}
