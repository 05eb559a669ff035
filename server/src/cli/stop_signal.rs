//! The end of a serving process.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C, or the service manager's SIGTERM.
pub async fn stop_signal() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
}
