//! `toruk person`: what is known of people.

use clap::{Args, Subcommand};
use std::path::PathBuf;
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
