//! The same town for a client that is written by others, such as one that a generator made from the
//! API's description: it talks to the server by itself, and asks the town for what others do.

use super::desk::{DeskPasskey, passkey_routes};
use super::runner::Runner;
use super::scenario::Fields;
use super::town::Town;
use crate::outside::listening::{Listening, any_port};
use anyhow::{Context as _, ensure};
use axum::extract::{Path as AtPath, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Requests that wait for the town at the same time.
const WAITING_MAX: usize = 16;
/// A client that takes longer for its day is stuck.
const DAY_MAX: Duration = Duration::from_secs(1_800);

/// One thing that somebody in the town is to do.
struct TownRequest {
    verb: String,
    with: Fields,
    answer: oneshot::Sender<anyhow::Result<Value>>,
}

/// Wakes a town in `folder`, and runs `command` in it, with these in its environment:
///
/// * `TORUK_SERVER`: the server's address;
/// * `TORUK_AUCTION`: the id of the auction that is published;
/// * `TORUK_DESK`: where it finds a passkey (`POST /passkey/register`, `POST /passkey/assert`, each
///   with WebAuthn's options as JSON), and everybody else (`POST /town/{verb}`, with the verbs and
///   the fields of the scenario's `world`).
///
/// # Errors
/// When the town can't be set up, the command can't be started, takes too long, or says that it
/// failed.
pub async fn host(folder: &Path, command: &[OsString]) -> anyhow::Result<()> {
    let (program, arguments) = command.split_first().context("which command?")?;
    let mut town = Town::wake(folder).await?;
    let finger = Arc::new(DeskPasskey::new(town.origin())?);
    let (sender, mut requests) = mpsc::channel(WAITING_MAX);
    let router = Router::new().route("/town/{verb}", post(act)).with_state(sender);
    let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
    let router = router.merge(passkey_routes(finger));
    let desk = Listening::serve(any_port().await?, router, stopping, tasks)?;
    let mut command = Command::new(program);
    command.args(arguments).env("TORUK_SERVER", town.origin()).env("TORUK_DESK", desk.base());
    let mut client = Runner::start(command.env("TORUK_AUCTION", town.auction.to_string()))?;
    let too_late = tokio::time::sleep(DAY_MAX);
    tokio::pin!(too_late);
    let status = loop {
        tokio::select! {
            status = client.ended() => break status?,
            () = &mut too_late => anyhow::bail!("the client is stuck"),
            Some(request) = requests.recv() => {
                let TownRequest { verb, with, answer } = request;
                // A client that hung up meanwhile does not need it.
                let _ = answer.send(town.act(&verb, &with).await);
            }
        }
    };
    town.sleep().await;
    ensure!(status.success(), "{}: {status}", program.display());
    Ok(())
}

async fn act(
    AtPath(verb): AtPath<String>,
    State(town): State<mpsc::Sender<TownRequest>>,
    Json(with): Json<Fields>,
) -> Result<Json<Value>, (StatusCode, String)> {
    let (answer, answered) = oneshot::channel();
    let gone = || (StatusCode::GONE, "the town sleeps".to_owned());
    town.send(TownRequest { verb, with, answer }).await.map_err(|_| gone())?;
    let done = answered.await.map_err(|_| gone())?;
    done.map(Json).map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, format!("{error:#}")))
}
