//! A server that is restored from a backup after two phones wrote the same: they agree again.

use super::check;
use super::scenario::{Scenario, Stats};
use super::server::SimServer;
use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;
use toruk_mobile_core::engine::clock::Mono;
use toruk_mobile_core::engine::{Input, UserCommand};
use toruk_sync::protocol::limits::DECIDED_DAYS;

const DAY: Mono = 24 * 3_600_000_000;
const FIELD: &str = "full_name";

/// How the two phones wrote, and what they still have when the server is restored.
#[derive(Debug, Clone, Copy)]
pub struct Restored {
    /// Neither had seen what the other wrote.
    pub at_once: bool,
    /// The phone that delivers first afterwards.
    pub first: usize,
    /// The backup is so old that no phone has its decided operations any more.
    pub long_ago: bool,
}

impl Restored {
    /// Every combination of these circumstances.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..8_usize).map(|bits| Self {
            at_once: bits & 1 != 0,
            first: (bits >> 1) & 1,
            long_ago: bits & 4 != 0,
        })
    }
}

/// Two phones write one field, files and what is followed; what they wrote is lost with the server.
///
/// # Errors
/// What did not hold.
pub async fn play_restored(yard: &mut SimServer, case: Restored) -> anyhow::Result<()> {
    let mut tally = Stats::default();
    let mut story = Scenario::begin(yard, 1).await?;
    story.write(0, "address", "Нарын")?;
    story.together(&mut tally).await?;
    let Some(copy) = story.yard.back_up().await? else { return Ok(()) };
    let expected = match case.at_once {
        true => {
            for which in 0..2 {
                story.online(which, false)?;
            }
            story.write(0, FIELD, "Аида")?;
            story.write(1, FIELD, "Айда")?;
            story.attach(1, &mut tally)?;
            BTreeSet::from(["Аида", "Айда"])
        }
        false => {
            for (which, value) in [(0, "А"), (1, "Аи"), (0, "Аид"), (1, "Аида")] {
                story.write(which, FIELD, value)?;
                story.follow_it(which, value.len() % 4 == 2)?;
                story.attach(which, &mut tally)?;
                story.together(&mut tally).await?;
            }
            BTreeSet::from(["Аида"])
        }
    };
    for which in 0..2 {
        story.online(which, true)?;
    }
    story.together(&mut tally).await?;
    if case.long_ago {
        story.pass((DECIDED_DAYS + 1) * DAY)?;
        story.together(&mut tally).await?;
    }
    story.online(1 - case.first, false)?;
    story.yard.restore(&copy).await?;
    story.together(&mut tally).await?;
    story.heal(&mut tally).await?;
    story.agree(&expected).await.with_context(|| format!("{case:?}"))?;
    story.write(0, FIELD, "Асан")?;
    story.together(&mut tally).await?;
    story.write(1, FIELD, "Үсөн")?;
    story.together(&mut tally).await?;
    story.agree(&BTreeSet::from(["Үсөн"])).await.with_context(|| format!("{case:?}, then"))
}

impl Scenario<'_> {
    fn write(&mut self, which: usize, field: &str, value: &str) -> anyhow::Result<()> {
        let command = UserCommand::SetField(self.id(), field.to_owned(), Some(value.to_owned()));
        let now = self.passed;
        let written = self.phones[which].execute(command, now)?;
        ensure!(written.is_ok(), "not written: {written:?}");
        Ok(())
    }

    fn follow_it(&mut self, which: usize, follows: bool) -> anyhow::Result<()> {
        let command = match follows {
            true => UserCommand::Follow(self.id()),
            false => UserCommand::Unfollow(self.id()),
        };
        let now = self.passed;
        let _ = self.phones[which].execute(command, now)?;
        Ok(())
    }

    fn online(&mut self, which: usize, online: bool) -> anyhow::Result<()> {
        let now = self.passed;
        self.phones[which].feed(Input::Online(online), now)
    }

    /// Each phone delivers and fetches everything, until nothing is left.
    async fn together(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        for _ in 0..3 {
            let now = self.passed;
            for phone in &mut self.phones {
                phone.feed(Input::SyncNow, now)?;
            }
            self.settle(tally).await?;
        }
        Ok(())
    }

    /// Both phones and the server have one draft, in which the field has these answers.
    async fn agree(&self, expected: &BTreeSet<&str>) -> anyhow::Result<()> {
        let person = &self.yard.people[self.person];
        check::all(self.yard, person, &self.phones, &self.auction).await?;
        for phone in &self.phones {
            let draft = phone.engine.drafts().get(self.id()).context("no draft")?;
            let all = draft.conflicts().remove(FIELD);
            let all = all.unwrap_or_else(|| vec![draft.answers().remove(FIELD)]);
            let shown: BTreeSet<&str> = all.iter().flatten().map(String::as_str).collect();
            ensure!(&shown == expected, "{shown:?} are shown, not {expected:?}");
            let other = draft.answers().remove("address");
            ensure!(other.as_deref() == Some("Нарын"), "the address is {other:?}");
        }
        Ok(())
    }
}
