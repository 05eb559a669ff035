//! The server under measurement, in a process of its own, so that its memory and its processor time
//! are its own.

use crate::outside::listening::client;
use crate::world::open_auction::OpenAuction;
use crate::world::until;
use anyhow::{Context as _, ensure};
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
use toruk_server::rate_limits::{Allowance, CallerLimits};

/// More observers than any benchmark has.
const OBSERVERS_MAX: usize = 100_000;
/// More requests of one address than any benchmark makes.
const REQUESTS_MAX: u32 = 1_000_000;
/// The kernel counts processor time in hundredths of a second.
const TICK_US: u64 = 10_000;

/// Limits that no benchmark reaches, all of whose clients have one address.
pub fn roomy() -> CallerLimits {
    CallerLimits {
        observers_max: OBSERVERS_MAX,
        connections_max: OBSERVERS_MAX,
        public: Allowance { burst: REQUESTS_MAX, per_second: REQUESTS_MAX },
        ..CallerLimits::default()
    }
}

/// Serves what is in `data`, until the process ends; with the limits `as_shipped`, or with more
/// room.
///
/// # Errors
/// When it can't.
pub async fn serve(data: &Path, port: u16, as_shipped: bool) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let local = Config::local(data, port);
    let config = match as_shipped {
        true => local,
        false => Config { observers_max: OBSERVERS_MAX, limits: roomy(), ..local },
    };
    let clock = Arc::new(SystemClock::start());
    let ids = Arc::new(SystemIds::new(clock.clone()));
    let ports = Ports {
        clock,
        stopwatch: Arc::new(SystemStopwatch::start()),
        ids,
        gateway: Arc::new(Unconfigured),
        push: None,
        scanner: None,
    };
    let running = toruk_server::run(config, ports, listener).await?;
    running.run_until(std::future::pending()).await;
    Ok(())
}

/// A server's process. Dropped, it is killed.
pub struct BenchServer {
    child: Child,
}

impl BenchServer {
    /// Serves what the stage's own server has left behind, at the same address.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(stage: &OpenAuction) -> anyhow::Result<Self> {
        let port = stage.world.origin.rsplit(':').next().context("no port")?;
        Self::start_on(&stage.world.config.data_dir, port.parse()?).await
    }

    /// Serves what is in `data`, on a port of loopback.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_on(data: &Path, port: u16) -> anyhow::Result<Self> {
        Self::start_with(data, port, &[]).await
    }

    /// As [`Self::start_on`], with the limits that are shipped.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_as_shipped(data: &Path, port: u16) -> anyhow::Result<Self> {
        Self::start_with(data, port, &["--as-shipped"]).await
    }

    async fn start_with(data: &Path, port: u16, further: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg("--data").arg(data).args(["--port", &port.to_string()]);
        command.args(further);
        command.stdout(Stdio::null()).stderr(Stdio::inherit());
        let mut process = Self { child: command.spawn()? };
        let (http, url) = (client()?, format!("http://localhost:{port}/livez"));
        until("the server's process", || {
            let exited = process.child.try_wait();
            let asked = http.get(&url).send();
            async {
                ensure!(exited?.is_none(), "the server ended by itself");
                Ok(asked.await.is_ok_and(|answer| answer.status().is_success()).then_some(()))
            }
        })
        .await?;
        Ok(process)
    }

    /// Memory it has in RAM, bytes. What the kernel keeps for its sockets is not in it.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn memory_bytes(&self) -> anyhow::Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kilobytes * 1024)
    }

    /// Processor time it has used, microseconds.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn cpu_us(&self) -> anyhow::Result<u64> {
        cpu_us(&self.child.id().to_string())
    }
}

/// Processor time that a process has used, microseconds; `self` is this one.
///
/// # Errors
/// When the system does not say.
pub fn cpu_us(process: &str) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the program's name in brackets; user and system time are the 14th
    // and the 15th.
    let (_, rest) = text.rsplit_once(')').context("no name")?;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(ticks.sum::<Result<u64, _>>()? * TICK_US)
}

impl Drop for BenchServer {
    fn drop(&mut self) {
        // Only fails when it is dead.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
