//! `toruk person`: what is known of people.

use clap::{Args, Subcommand};
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
