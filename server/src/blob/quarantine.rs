//! Files that are whole wait here until the scanner has looked at them.
//!
//! # Why a file counts before it is clean
//! A file has arrived when its last byte is here and its hash is right: that moment is kept, and
//! decides whether an application was in time. Until the scanner has spoken nobody may use the
//! file, and an application that names it is neither taken nor refused: its arrival is in the
//! journal, and the phone delivers it again. A slow scanner costs patience, never a deadline.

use super::service::{Error, Service};
use super::store;
use crate::db::StoreError;
use crate::ports::{ScanError, Scanned, Scanner};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::UNREFERENCED_FILE_DAYS;

/// Files looked at in one round.
const SCANS_MAX: usize = 16;
/// Nobody else looks at a file for so long after somebody began: longer than a scan may take.
const LEASE: TimeSpan = TimeSpan::minutes(3);
/// After a scan that gave no verdict the next comes after this, then after twice as long.
const RETRY_FIRST: TimeSpan = TimeSpan::seconds(2);
/// No longer than this.
const RETRY_LONGEST: TimeSpan = TimeSpan::minutes(5);

/// What is known of the harm a file may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// It is not whole yet.
    Arriving,
    /// It is whole and waits for the scanner.
    Waiting,
    /// The scanner found nothing.
    Clean,
    /// There was no scanner when it became whole, or none any more while it waited.
    Unscanned,
    /// The scanner found malware; the content is deleted.
    Infected,
}

impl Scan {
    /// Whether an application may refer to the file.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Clean | Self::Unscanned)
    }
}

impl Service {
    /// Has the scanner look at files that wait, the longest waiting first, until nothing is due,
    /// a scan gives no verdict, or `SCANS_MAX` are done. Returns how many got a verdict.
    ///
    /// # Errors
    /// [`Error`] when the database or the disk failed; a scanner that fails is no error: the file
    /// waits.
    pub async fn scan(&self) -> Result<usize, Error> {
        let Some(scanner) = self.context.ports.scanner.clone() else { return Ok(0) };
        for scanned in 0..SCANS_MAX {
            let now = self.context.ports.clock.now();
            let Some((person, sha256, attempts)) =
                store::claim_scan(&self.context.db, now, now + LEASE).await?
            else {
                return Ok(scanned);
            };
            if !self.scan_one(&*scanner, person, &sha256, attempts).await? {
                return Ok(scanned);
            }
        }
        Ok(SCANS_MAX)
    }

    /// Without a scanner, lets go of what waited for one that there was before. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self) -> Result<u64, StoreError> {
        match self.context.ports.scanner {
            Some(_) => Ok(0),
            None => store::give_up_waiting(&self.context.db).await,
        }
    }

    /// Whether there was a verdict.
    async fn scan_one(
        &self,
        scanner: &dyn Scanner,
        person: PersonId,
        sha256: &str,
        attempts: u32,
    ) -> Result<bool, Error> {
        let verdict = match self.files.open(person, sha256).await {
            Ok(mut file) => scanner.scan(&mut file).await,
            Err(error) => Err(ScanError::Unreadable(error)),
        };
        let now = self.context.ports.clock.now();
        match verdict {
            Ok(Scanned::Clean) => {
                store::set_clean(&self.context.db, person, sha256).await?;
                Ok(true)
            }
            Ok(Scanned::Infected(name)) => {
                tracing::warn!(%person, sha256, name, "malware in a file; it is deleted");
                metrics::counter!("toruk_files_infected_total").increment(1);
                self.condemn(person, sha256, now).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(%error, sha256, attempts, "a file waits for the scanner");
                metrics::counter!("toruk_scan_failures_total").increment(1);
                let next = now + retry(attempts);
                store::postpone_scan(&self.context.db, person, sha256, next).await?;
                Ok(false)
            }
        }
    }

    /// The row stays for a while, to tell the phone; nobody could use the file before.
    async fn condemn(
        &self,
        person: PersonId,
        sha256: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let until = now + TimeSpan::days(UNREFERENCED_FILE_DAYS);
        store::set_infected(&self.context.db, person, sha256, until).await?;
        if let Err(error) = self.files.remove(person, sha256).await {
            // Nothing leads to it any more, and the sweep removes it with its row.
            tracing::error!(%error, sha256, "an infected file can't be deleted");
        }
        Ok(())
    }
}

/// How long to wait after so many scans without a verdict.
fn retry(attempts: u32) -> TimeSpan {
    let doubled = RETRY_FIRST.0.saturating_mul(1 << attempts.saturating_sub(1).min(20));
    TimeSpan(doubled.min(RETRY_LONGEST.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_that_is_down_is_asked_ever_less_often() {
        let waits: Vec<i64> = (1..=9).map(|attempts| retry(attempts).as_seconds()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(retry(u32::MAX), RETRY_LONGEST);
    }
}
