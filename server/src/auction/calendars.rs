//! A calendar of working days that two officials changed reaches the auctions that run.

use super::service::{Error, Service};
use super::store::{self, LockedAuction};
use super::trail;
use crate::audit::{Action, Principal};
use crate::db::Txn;
use crate::rulebook::StoredProfile;
use toruk_sync::domain::auction::{Command, DualApproval};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;

/// Auctions of one page.
const AT_ONCE: u64 = 100;

impl Service {
    /// Writes the calendar of the profile in force into the logs of the auctions that run and have
    /// another one. Returns how many; one that fails keeps it from no other.
    ///
    /// # Errors
    /// The last failure; what is left is done in another round.
    pub async fn renew_calendars(&self) -> Result<usize, Error> {
        let Some(profile) = self.rulebook.unsent_calendar().await? else { return Ok(0) };
        let command = command(&profile);
        let (mut renewed, mut after, mut failure) = (0, None, None);
        loop {
            let page = store::running(self.context.db.read(), after, AT_ONCE).await?;
            let Some(last) = page.last().copied() else { break };
            after = Some(last);
            for id in page {
                match self.renew_calendar(id, &command).await {
                    Ok(has_renewed) => renewed += usize::from(has_renewed),
                    Err(error) => {
                        tracing::warn!(auction = %id, %error, "a calendar was not renewed");
                        failure = Some(error);
                    }
                }
            }
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        self.rulebook.calendar_sent(profile.rules.version).await?;
        Ok(renewed)
    }

    /// Gives an auction that was prepared under an earlier calendar the one in force, when it is
    /// published.
    pub(super) async fn with_calendar_in_force(
        &self,
        txn: &Txn,
        published: LockedAuction,
        now: Timestamp,
    ) -> Result<LockedAuction, Error> {
        let Some(profile) = self.rulebook.in_force(txn).await? else { return Ok(published) };
        if *published.auction.holidays() == profile.rules.holidays {
            return Ok(published);
        }
        self.execute(txn, published, &command(&profile), now).await
    }

    async fn renew_calendar(&self, id: AuctionId, command: &Command) -> Result<bool, Error> {
        let Command::ChangeCalendar { holidays, .. } = command else { return Ok(false) };
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        if locked.auction.holidays() == holidays || locked.auction.is_over() {
            return Ok(false);
        }
        let now = self.context.ports.clock.now();
        let before = locked.auction.clone();
        let locked = self.execute(&txn, locked, command, now).await?;
        let detail = trail::changed(&before, &locked);
        self.record(&txn, Principal::System, Action::AuctionCalendar, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await?;
        Ok(true)
    }
}

/// Takes over the calendar that two officials have put in force.
fn command(profile: &StoredProfile) -> Command {
    let by = DualApproval { proposed: profile.proposed_by, approved: profile.approved_by };
    Command::ChangeCalendar { by, holidays: profile.rules.holidays.clone() }
}
