//! Quarantine: complete files wait here until the scanner has scanned them.
//!
//! # Why a file counts before it is clean
//! A file has arrived when its last byte is here and its hash is right: that moment is recorded,
//! and decides if an application was in time. Until there is a verdict nobody may use the file, and
//! an application that names it is neither accepted nor refused: its arrival is in the journal, and
//! the phone delivers it again. A slow scanner costs time, never a deadline.

use super::service::{Error, Service};
use super::store;
use crate::db::StoreError;
use crate::ports::{ScanError, Scanned, Scanner};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::UNREFERENCED_FILE_DAYS;

/// Most files scanned in one round.
const SCANS_MAX: usize = 16;
/// Duration of a claim on a file: longer than a scan may take.
const LEASE: TimeSpan = TimeSpan::minutes(3);
/// Wait after a scan without a verdict; it doubles each time.
const RETRY_FIRST: TimeSpan = TimeSpan::seconds(2);
/// Longest wait between two scans of a file.
const RETRY_LONGEST: TimeSpan = TimeSpan::minutes(5);

impl Service {
    /// Scans waiting files, the longest waiting first, until nothing is due, a scan gives no
    /// verdict, or `SCANS_MAX` are done. Returns how many got a verdict.
    ///
    /// # Errors
    /// [`Error`] if the database or the disk failed; a failing scanner is no error: the file waits.
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

    /// Without a scanner, releases the files that waited for an earlier one. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self) -> Result<u64, StoreError> {
        match self.context.ports.scanner {
            Some(_) => Ok(0),
            None => store::give_up_waiting(&self.context.db).await,
        }
    }

    /// Returns `true` if there was a verdict.
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
                tracing::warn!(%error, sha256, attempts, "a scan gave no verdict; the file waits");
                metrics::counter!("toruk_scan_failures_total").increment(1);
                let next = now + retry(attempts);
                store::postpone_scan(&self.context.db, person, sha256, next).await?;
                Ok(false)
            }
        }
    }

    /// Marks a file as infected. The row stays for a while, to tell the phone; nobody could use the
    /// file before.
    async fn condemn(
        &self,
        person: PersonId,
        sha256: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let until = now + TimeSpan::days(UNREFERENCED_FILE_DAYS);
        store::set_infected(&self.context.db, person, sha256, until).await?;
        if let Err(error) = self.files.remove(person, sha256).await {
            // Nothing refers to it any more, and the sweep removes it with its row.
            tracing::error!(%error, sha256, "an infected file can't be deleted");
        }
        Ok(())
    }
}

/// Wait after this number of scans without a verdict.
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
