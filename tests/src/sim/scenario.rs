//! One story: a person with phones and an auction, what they do, and what the world does to them.

use super::check;
use super::disk::Disk;
use super::network::Delivery;
use super::phone::SimPhone;
use super::server::{SimRequest, SimServer};
use super::strangers::Stranger;
use crate::proof::chance::Chance;
use anyhow::Context as _;
use sea_orm::EntityTrait as _;
use serde::Serialize;
use std::path::PathBuf;
use toruk_mobile_core::engine::Input;
use toruk_mobile_core::engine::clock::Mono;
use toruk_server::entity::sync_scope;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::operations::Verdict;

/// Phones of the person.
const PHONES: usize = 2;
/// Number of steps before the network and the server work again.
const STEPS: u64 = 90;
/// Most rounds in which phones hear of each other's last deliveries.
const ROUNDS_MAX: usize = 8;
/// Most exchanges within which everything is delivered once they work again.
const EXCHANGES_MAX: usize = 400;
const MINUTE: Mono = 60_000_000;

/// Totals of a run of stories, which show that it did something.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // The names say it.
pub struct Stats {
    pub stories: u64,
    pub edits: u64,
    pub submits: u64,
    pub accepted: u64,
    pub refused: u64,
    pub requests: u64,
    pub lost: u64,
    pub doubled: u64,
    pub late: u64,
    pub cut: u64,
    pub phones_killed: u64,
    pub disks_full: u64,
    pub rolled_back: u64,
    pub sessions_ended: u64,
    pub servers_restarted: u64,
    pub servers_restored: u64,
    pub intercepted: u64,
    pub networks_obstructed: u64,
    pub photos: u64,
    pub photos_refused: u64,
}

impl Stats {
    /// Counts another run's stories as well.
    pub fn add(&mut self, other: &Self) {
        self.stories += other.stories;
        self.edits += other.edits;
        self.submits += other.submits;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.requests += other.requests;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.late += other.late;
        self.cut += other.cut;
        self.phones_killed += other.phones_killed;
        self.disks_full += other.disks_full;
        self.rolled_back += other.rolled_back;
        self.sessions_ended += other.sessions_ended;
        self.servers_restarted += other.servers_restarted;
        self.servers_restored += other.servers_restored;
        self.intercepted += other.intercepted;
        self.networks_obstructed += other.networks_obstructed;
        self.photos += other.photos;
        self.photos_refused += other.photos_refused;
    }
}

/// The story of a seed.
///
/// # Errors
/// What did not hold, with the seed.
pub async fn play(yard: &mut SimServer, seed: u64, tally: &mut Stats) -> anyhow::Result<()> {
    let mut story = Scenario::begin(yard, seed).await?;
    let played = story.play(tally).await;
    played.with_context(|| format!("the story of seed {seed}"))
}

pub(super) struct Scenario<'a> {
    pub(super) yard: &'a mut SimServer,
    pub(super) chance: Chance,
    pub(super) phones: Vec<SimPhone>,
    pub(super) person: usize,
    pub(super) auction: AuctionView,
    /// Requests whose phones have given them up, and that still arrive.
    pub(super) late: Vec<SimRequest>,
    /// For each phone, the machine that answers everything on its network, if there is one.
    pub(super) behind: Vec<Option<Stranger>>,
    pub(super) passed: Mono,
    pub(super) edits: u64,
    pub(super) backups: Vec<(usize, Disk)>,
    /// A backup of the server's database.
    pub(super) copy: Option<PathBuf>,
}

impl<'a> Scenario<'a> {
    pub(super) async fn begin(yard: &'a mut SimServer, seed: u64) -> anyhow::Result<Self> {
        yard.clock.set(yard.start);
        let mut chance = Chance::new(seed);
        let person = usize::try_from(chance.below(yard.people.len() as u64))?;
        let auction = yard.auction().await?;
        let mut phones = Vec::new();
        for _ in 0..PHONES {
            let session = yard.device(&yard.people[person]).await?;
            let mut phone = SimPhone::new(session, chance.below(u64::MAX), 0)?;
            phone.feed(Input::View(Box::new(auction.clone())), 0)?;
            phones.push(phone);
        }
        let (late, backups, behind) = (Vec::new(), Vec::new(), vec![None; PHONES]);
        let (passed, edits, copy) = (0, 0, None);
        Ok(Self {
            yard,
            chance,
            phones,
            person,
            auction,
            late,
            behind,
            passed,
            edits,
            backups,
            copy,
        })
    }

    pub(super) fn id(&self) -> AuctionId {
        self.auction.auction.birth.id
    }

    async fn play(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        tally.stories += 1;
        for _ in 0..STEPS {
            self.step(tally).await?;
            for phone in &self.phones {
                check::no_wake_up_is_lost(phone)?;
            }
        }
        self.heal(tally).await?;
        check::all(self.yard, &self.yard.people[self.person], &self.phones, &self.auction).await
    }

    async fn step(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        let which = usize::try_from(self.chance.below(PHONES as u64))?;
        match self.chance.below(100) {
            0..24 => self.edit(which, tally)?,
            24..26 => self.attach(which, tally)?,
            26..36 => self.submit(which, tally).await?,
            36..37 => self.withdraw(which)?,
            37..39 => self.acknowledge(which)?,
            39..41 => self.resolve_attention(which)?,
            41..43 => self.follow(which)?,
            43..78 => self.exchange(which, tally).await?,
            78..80 => self.change_network(which, tally),
            80..84 => self.time_passes(tally)?,
            84..87 => {
                let online = self.phones[which].engine.is_online();
                let now = self.passed;
                self.phones[which].feed(Input::Online(!online), now)?;
            }
            87..91 => {
                tally.phones_killed += 1;
                let now = self.passed;
                self.phones[which].die(now)?;
            }
            91..93 => {
                tally.disks_full += 1;
                self.phones[which].disk.fill();
            }
            93..94 => {
                tally.sessions_ended += 1;
                let token = self.phones[which].session.token.clone();
                self.yard.end_session(&token).await?;
            }
            94..96 => self.sign_in(which).await?,
            96 => self.backups.push((which, self.phones[which].disk.backup())),
            97 => self.roll_back(tally)?,
            98 => {
                self.server_ends(tally).await?;
            }
            _ => self.arrive_late().await?,
        }
        Ok(())
    }

    /// The phone comes into a network whose machines answer everything, or out of it.
    fn change_network(&mut self, which: usize, tally: &mut Stats) {
        self.behind[which] = match self.behind[which] {
            Some(_) => None,
            None => {
                tally.networks_obstructed += 1;
                Some(Stranger::any(&mut self.chance))
            }
        };
    }

    fn time_passes(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        let _ = tally;
        let span = match self.chance.below(8) {
            0 => 20 * MINUTE,
            1..4 => MINUTE,
            _ => 2_000_000,
        };
        self.pass(span)
    }

    pub(super) fn pass(&mut self, span: Mono) -> anyhow::Result<()> {
        self.passed += span;
        self.yard.clock.set(self.yard.start + TimeSpan(self.passed));
        let now = self.passed;
        for phone in &mut self.phones {
            if phone.wake.is_some_and(|wake| wake <= now) {
                phone.feed(Input::Woken, now)?;
            }
        }
        Ok(())
    }

    async fn sign_in(&mut self, which: usize) -> anyhow::Result<()> {
        if self.phones[which].signed_out {
            let session = {
                let person = &self.yard.people[self.person];
                self.yard.sign_in(person, &self.phones[which].session).await?
            };
            let now = self.passed;
            self.phones[which].sign_in(session, now)?;
        }
        Ok(())
    }

    async fn server_ends(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        if self.chance.below(2) == 0 {
            tally.servers_restarted += 1;
            return self.yard.restart().await;
        }
        match self.copy.take() {
            Some(copy) => {
                tally.servers_restored += 1;
                self.yard.restore(&copy).await
            }
            None => {
                self.copy = self.yard.back_up().await?;
                Ok(())
            }
        }
    }

    fn roll_back(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        if let Some((which, backup)) = self.backups.pop() {
            tally.rolled_back += 1;
            let now = self.passed;
            self.phones[which].roll_back(backup, now)?;
        }
        Ok(())
    }

    async fn arrive_late(&mut self) -> anyhow::Result<()> {
        if !self.late.is_empty() {
            let which = usize::try_from(self.chance.below(self.late.len() as u64))?;
            let ask = self.late.remove(which);
            self.yard.ask(&ask).await?;
        }
        Ok(())
    }

    /// The world is whole: everything that can be delivered is.
    pub(super) async fn heal(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        self.behind.fill(None);
        for ask in std::mem::take(&mut self.late) {
            self.yard.ask(&ask).await?;
        }
        for which in 0..self.phones.len() {
            self.sign_in(which).await?;
            let now = self.passed;
            self.phones[which].feed(Input::Online(true), now)?;
        }
        // Until nothing changes in a whole round: each phone has heard what the other delivered, and
        // what it had seen.
        let mut head = None;
        for _ in 0..ROUNDS_MAX {
            self.settle(tally).await?;
            let reached = self.head().await?;
            if head.replace(reached) == Some(reached) {
                break;
            }
            let now = self.passed;
            for phone in &mut self.phones {
                phone.feed(Input::SignedIn(Box::new(phone.session.clone())), now)?;
            }
        }
        self.settle(tally).await?;
        for phone in &self.phones {
            for verdict in check::verdicts(self.yard, phone).await? {
                match verdict {
                    Verdict::Submitted { .. } => tally.accepted += 1,
                    Verdict::Refused(_) => tally.refused += 1,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The number of the last change of what is the person's.
    async fn head(&self) -> anyhow::Result<Option<i64>> {
        let scope = format!("person:{}", self.yard.people[self.person].session.person);
        let db = self.yard.state().context.db.read();
        let row = sync_scope::Entity::find_by_id(scope).one(db).await?;
        Ok(row.map(|row| row.head))
    }

    pub(super) async fn settle(&mut self, tally: &mut Stats) -> anyhow::Result<()> {
        for _ in 0..EXCHANGES_MAX {
            let busy = self.phones.iter().position(|phone| !phone.asked.is_empty());
            if let Some(which) = busy {
                self.carry(which, 0, Delivery::Arrives, tally).await?;
                self.register_again(which).await?;
                if self.phones[which].signed_out {
                    self.sign_in(which).await?;
                }
                continue;
            }
            let next = self.phones.iter().filter_map(|phone| phone.wake).min();
            match next {
                Some(next) => self.pass(next.saturating_sub(self.passed).max(1))?,
                None => return Ok(()),
            }
        }
        let restless = self.phones.iter().map(|phone| {
            let waiting: Vec<_> = phone.engine.outbox().waiting().collect();
            format!("asked {:?}, waiting {waiting:?}", phone.asked)
        });
        anyhow::bail!("the phones do not come to rest: {}", restless.collect::<Vec<_>>().join("; "))
    }

    /// A phone that is told that its numbers were used by another content gets a new name.
    async fn register_again(&mut self, which: usize) -> anyhow::Result<()> {
        if self.phones[which].engine.must_register_again() {
            let session = self.yard.device(&self.yard.people[self.person]).await?;
            let now = self.passed;
            self.phones[which].sign_in(session, now)?;
        }
        Ok(())
    }
}
