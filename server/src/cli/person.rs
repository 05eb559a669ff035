//! `toruk person`: what is known of people.

use crate::state::AppState;
use anyhow::ensure;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use toruk_sync::domain::id::PersonId;
use uuid::Uuid;

/// Commands about one person.
#[derive(Subcommand)]
pub enum PersonCommand<O: Args> {
    /// Forget a bidder for good: their key is destroyed, their name and all they sent are replaced.
    /// Not while an auction of theirs is open, or money of theirs is not settled.
    Forget {
        #[command(flatten)]
        options: O,
        /// Id of the person, as the audit trail names it.
        id: Uuid,
    },
    /// Write people's keys into a file of their own. A backup of the database is without them, so
    /// that it forgets whom this file forgets.
    ExportKeys {
        #[command(flatten)]
        options: O,
        /// A new file.
        #[arg(long)]
        to: PathBuf,
    },
    /// After a restore, before serving: put people's keys back. People who were forgotten since the
    /// backup are forgotten in it, too.
    RestoreKeys {
        #[command(flatten)]
        options: O,
        /// The newest file of keys.
        #[arg(long)]
        from: PathBuf,
    },
}

/// Commands about the data that phones sync from this server.
#[derive(Subcommand)]
pub enum SyncCommand<O: Args> {
    /// After a restore from a backup, before serving: phones download everything again and resend
    /// what they delivered since the backup.
    NewEpoch {
        #[command(flatten)]
        options: O,
        /// Go on although the database has lost records of auctions' logs: their clocks are
        /// stopped, and the loss is in the audit trail.
        #[arg(long)]
        accept_loss: bool,
    },
}

/// Removes what a restored database still has of people who were forgotten since, and prints how
/// many. Their keys are destroyed in any case.
///
/// # Errors
/// Names those of whom something is left, because an auction of theirs is open again: they are to be
/// forgotten once it is over.
pub async fn forget_again(state: &AppState, people: &[PersonId]) -> anyhow::Result<()> {
    let mut left = Vec::new();
    for person in people {
        if let Err(reason) = state.applications.forget(None, *person).await {
            left.push(format!("{person}: {reason}"));
        }
    }
    println!("{} people forgotten once more", people.len() - left.len());
    ensure!(left.is_empty(), "not yet, call `toruk person forget` later:\n{}", left.join("\n"));
    Ok(())
}
