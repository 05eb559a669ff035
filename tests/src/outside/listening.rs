//! One way to run an HTTP server of the outside world, and one to call out of it.

use anyhow::Context;
use axum::Router;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longest wait for the answer to a call out of the outside world, in real time.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A running server. Dropped, it stops taking requests; [`Listening::stop`] also waits.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Serves `router` on `listener` until `stopping`. What it spawns on `tasks` is waited for.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve(
        listener: TcpListener,
        router: Router,
        stopping: CancellationToken,
        tasks: TaskTracker,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr().context("address of the listener")?;
        let stopped = stopping.clone().cancelled_owned();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await
            {
                tracing::error!(%error, "a server of the outside world ended");
            }
        });
        Ok(Self { address, stopping, tasks })
    }

    /// `http://127.0.0.1:…`, without a slash at its end.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers what was asked, finishes what was begun, and stops.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// Any free port of this machine.
///
/// # Errors
/// When there is none.
pub async fn any_port() -> anyhow::Result<TcpListener> {
    TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.context("no free port")
}

/// A client that gives up after `CALL_TIMEOUT` and follows no redirect.
///
/// # Errors
/// When it cannot be built.
pub fn client() -> anyhow::Result<reqwest::Client> {
    // reqwest panics without a provider; an error only means that one is there already.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().timeout(CALL_TIMEOUT);
    builder.redirect(reqwest::redirect::Policy::none()).build().context("http client")
}
