//! Logs that are shorter than this server has committed them, or others: what a database has lost.
//!
//! # Why a loss is accepted and not repaired
//! What is gone can't be made again: the bids in it were decided, and their bidders hold receipts
//! that say so. So nothing goes on before somebody who runs the server has said that this database
//! is the one that counts. Then the clock of each auction that lost a part is stopped, as after an
//! outage, and the loss is in the audit trail: two officials decide when bidding resumes, or that
//! the auction is cancelled.

use super::service::{Error, Service};
use super::store::{self, heads};
use super::trail;
use crate::audit::{Action, Principal};
use crate::db::StoreError;
use crate::db::witness::{LogHead, LogHeads};
use serde_json::json;
use std::fmt;
use toruk_sync::domain::auction::{Command, SuspendedBy, SuspensionCause, apply};
use toruk_sync::domain::id::AuctionId;

/// Auctions read in one query.
const PAGE: u64 = 1_000;

/// Records of one auction that the database has lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLoss {
    pub auction: AuctionId,
    /// The auction's public number, if it is still there.
    pub number: Option<String>,
    /// The first record that is missing, or the last one that is another.
    pub from: u64,
    /// The log's last record, as it was.
    pub to: u64,
    /// `true` if there are records, but others.
    pub is_other: bool,
}

impl fmt::Display for LogLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { auction, number, from, to, is_other } = self;
        let number = number.as_deref().unwrap_or("of unknown number");
        match is_other {
            true => write!(f, "auction {number} ({auction}): record {to} is another one"),
            false => write!(f, "auction {number} ({auction}): records {from} to {to} are missing"),
        }
    }
}

impl Service {
    /// Compares the logs with what was witnessed of them: the losses, and all heads as they are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn losses(
        &self,
        witnessed: &LogHeads,
    ) -> Result<(Vec<LogLoss>, LogHeads), StoreError> {
        let (db, mut found) = (self.context.db.read(), LogHeads::new());
        loop {
            let after = found.last_key_value().map(|(id, _)| *id);
            let page = heads::page(db, after, PAGE).await?;
            let is_last = (page.len() as u64) < PAGE;
            found.extend(page);
            if is_last {
                break;
            }
        }
        let mut losses = Vec::new();
        for (id, known) in witnessed {
            let (auction, LogHead { seq: to, .. }) = (AuctionId(*id), *known);
            let have = found.get(id).map_or(0, |head| head.seq);
            let is_other = match found.get(id) {
                Some(head) if head.seq == to => head != known,
                Some(head) if head.seq > to => {
                    heads::hash_at(db, auction, to).await? != Some(known.hash)
                }
                _ => false,
            };
            if have < to || is_other {
                let number = heads::number(db, auction).await?;
                let from = if is_other { to } else { have + 1 };
                losses.push(LogLoss { auction, number, from, to, is_other });
            }
        }
        Ok((losses, found))
    }

    /// Goes on with the database as it is: stops the clocks of the auctions that lost a part of
    /// their logs, and records each loss in the audit trail.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`]; what is done stays done.
    pub async fn accept_losses(&self, losses: &[LogLoss]) -> Result<(), Error> {
        for loss in losses {
            self.accept_loss(loss).await?;
        }
        Ok(())
    }

    async fn accept_loss(&self, loss: &LogLoss) -> Result<(), Error> {
        let (id, txn) = (loss.auction, self.context.db.begin().await?);
        let (mut detail, mut appended) = (json!({}), None);
        if loss.number.is_some() {
            let locked = store::lock(&txn, id).await?;
            let now = locked.not_before(self.context.ports.clock.now());
            let (by, cause) = (SuspendedBy::Watchdog, SuspensionCause::Outage);
            let command = Command::Suspend { by, cause, since: locked.at };
            let before = locked.auction.clone();
            // One that takes no bids has no clock to stop.
            if apply(&before, &command, now).is_ok() {
                let locked = self.execute(&txn, locked, &command, now).await?;
                detail = trail::changed(&before, &locked);
                appended = Some((id, locked.seq));
            }
        }
        detail["lost"] = json!({ "from": loss.from, "to": loss.to, "is_other": loss.is_other });
        self.record(&txn, Principal::System, Action::AuctionOutage, id, detail).await?;
        self.commit(txn, appended.as_slice()).await
    }
}
