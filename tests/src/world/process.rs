//! The real server process on a world's database and data folder, which can be killed.

use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use std::process::{Child, Command, Stdio};
use tokio::net::TcpListener;

/// A server's process. Dropped, it is killed.
#[derive(Debug)]
pub struct NodeProcess {
    child: Child,
    /// The server's origin, `http://localhost:<port>`.
    pub origin: String,
}

impl NodeProcess {
    /// Serves what the world's own server has left behind, at the same address.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn serve(world: &World) -> anyhow::Result<Self> {
        Self::start(world, world.origin.clone()).await
    }

    /// One more node on the world's database, at any address.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn node(world: &World) -> anyhow::Result<Self> {
        Self::start(world, format!("http://localhost:{}", free_port().await?)).await
    }

    async fn start(world: &World, origin: String) -> anyhow::Result<Self> {
        // Cargo builds it beside the tests: `cargo build -p toruk-server`.
        let tests = std::env::current_exe()?;
        let built = tests.parent().and_then(|folder| folder.parent()).context("no build folder")?;
        let binary = built.join("toruk");
        ensure!(binary.exists(), "{} is not built", binary.display());
        let address = origin.replace("http://localhost", "127.0.0.1");
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &address, "--public-origin", &world.origin]);
        let operations = free_port().await?;
        command.args(["--operations-listen", &format!("127.0.0.1:{operations}")]);
        command.arg("--data-dir").arg(&world.config.data_dir).env("RUST_LOG", "error");
        command.env("TORUK_DATABASE_URL", &world.config.database_url);
        let child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        let mut process = Self { child, origin };
        let (http, url) = (world.http()?, format!("http://localhost:{operations}/readyz"));
        until("the process", || {
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

    /// `kill -9`.
    ///
    /// # Errors
    /// When it is dead already.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// A port that is free again when this returns; nobody else takes what the kernel just gave away.
async fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?.port())
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // Only fails when it is dead.
        let _ = self.kill();
    }
}
