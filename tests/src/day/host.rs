//! The day with a seat left for a person: a real server that stays up, robots as bidders and
//! officials, and links to everything. One round of two auctions after the other until Ctrl-C.
//!
//! The robots bid for one auction of a round and leave the other alone: a person who applies
//! there is its only participant, and if nobody does, it fails and comes back as the next round's
//! contested one.

use super::demo_folder;
use super::diary::{Diary, title};
use super::officials::Officials;
use super::robots::{self, Robot};
use super::start_of_day;
use crate::world::World;
use crate::world::clock::{Clock as _, ScaledClock};
use anyhow::Context as _;
use futures_util::future::join_all;
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use toruk_server::identity::Role;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::INVITATION_MINUTES;

/// The demo's port when no other is chosen.
pub const PORT: u16 = 8080;
/// The robots that bid.
const ROBOTS: [&str; 3] = ["Aida", "Bek", "Chyngyz"];
/// Between two looks of the officials at their desks.
const OFFICE_EVERY: Duration = Duration::from_secs(1);
/// Pause between two rounds, in real time.
const BREAK: Duration = Duration::from_secs(15);
/// Auctions of earlier rounds whose contract the officials still wait for.
const REMEMBERED_MAX: usize = 16;
/// The clock goes on from here when the demo is started again on the same folder.
const CLOCK_FILE: &str = "clock";

/// Settings of the demo, from its arguments.
pub struct Seat {
    /// The folder for the data of the server and the phones.
    pub folder: PathBuf,
    /// Port of the server on loopback.
    pub port: u16,
    /// Speed of the clock, in times of real time.
    pub speed: u32,
    /// Real minutes from publication until applications close.
    pub minutes: u32,
    /// Seed of the lots and of the robots' choices.
    pub seed: u64,
}

/// The demo while it runs.
struct Demo<'a> {
    seat: &'a Seat,
    world: &'a World,
    diary: &'a Diary,
    officials: &'a Officials,
}

/// Hosts the day until Ctrl-C.
///
/// # Errors
/// When the port is taken, the folder can't be written, or the server fails.
pub async fn host(seat: &Seat, began: Instant) -> anyhow::Result<()> {
    // The robots' secrets died with the process that made them; new robots come.
    let phones = seat.folder.join("phones");
    if phones.exists() {
        std::fs::remove_dir_all(&phones)?;
    }
    let clock = ScaledClock::new(beginning(&seat.folder)?, began, seat.speed);
    let rules = RuleProfile::sandbox(seat.speed);
    let mut world = World::start(clock.clone(), rules, &seat.folder, seat.port)
        .await
        .with_context(|| format!("is port {} taken? Choose another with --port", seat.port))?;
    let diary = Diary::new(Arc::clone(&clock), seat.speed);
    let result = tokio::select! {
        result = run(seat, &world, &diary) => result,
        stopped = tokio::signal::ctrl_c() => stopped.context("Ctrl-C can't be heard"),
        lost = keep_time(&seat.folder, &clock) => lost,
        lost = diary.lost() => lost,
    };
    std::fs::write(seat.folder.join(CLOCK_FILE), clock.now().0.to_string())?;
    tokio::select! {
        () = world.stop_server() => {}
        // A person who presses it twice does not want to wait.
        _ = tokio::signal::ctrl_c() => {}
    }
    // Not to standard output: `cargo demo | tee` has lost its reader by now.
    let _ =
        writeln!(std::io::stderr(), "\nStopped. Everything is kept in {}", seat.folder.display());
    result
}

async fn run(seat: &Seat, world: &World, diary: &Diary) -> anyhow::Result<()> {
    let officials = Officials::enrol(world).await?;
    let lots = officials.import_lots(world, seat.seed).await?;
    let mut robots = Vec::new();
    for (position, name) in ROBOTS.into_iter().enumerate() {
        robots.push(Robot::enter(world, name, seat.seed.wrapping_add(position as u64)).await?);
    }
    let demo = Demo { seat, world, diary, officials: &officials };
    let start = demo.start();
    let contested = officials.publish(world, lots[0], start).await?;
    let quiet = officials.publish(world, lots[1], start).await?;
    demo.print_doors(contested).await?;
    demo.print_links().await?;
    let result = tokio::select! {
        result = demo.rounds(&mut robots, contested, quiet) => result,
        result = demo.answer_enter() => result,
    };
    for robot in &robots {
        robot.leave();
    }
    result
}

impl Demo<'_> {
    /// The start of an auction published now.
    fn start(&self) -> Timestamp {
        let open_for = TimeSpan::minutes(i64::from(self.seat.minutes) * i64::from(self.seat.speed));
        let waiting = RuleProfile::sandbox(self.seat.speed).tender_end_before_start;
        self.world.clock.now() + open_for + waiting
    }

    async fn rounds(
        &self,
        robots: &mut [Robot],
        mut contested: AuctionId,
        mut quiet: AuctionId,
    ) -> anyhow::Result<()> {
        let mut remembered = VecDeque::new();
        for number in 1_usize.. {
            self.announce(number, contested, quiet).await?;
            remembered.extend([contested, quiet]);
            while remembered.len() > REMEMBERED_MAX {
                remembered.pop_front();
            }
            self.round(robots, contested, quiet, &remembered).await?;
            self.diary.say(format!("the round is over; the next begins in {BREAK:?}"));
            tokio::time::sleep(BREAK).await;
            (contested, quiet) = self.next_pair(number, quiet).await?;
        }
        Ok(())
    }

    async fn announce(
        &self,
        number: usize,
        contested: AuctionId,
        quiet: AuctionId,
    ) -> anyhow::Result<()> {
        let catalogue = &self.world.state().catalogue;
        let (first, second) = (catalogue.view(contested).await?, catalogue.view(quiet).await?);
        self.print(format_args!("\n== Round {number}"));
        self.print(format_args!("   {}  {} — the robots bid for it", first.number, title(&first)));
        self.print(format_args!("   {}  {} — they leave it to you", second.number, title(&second)));
        self.print(format_args!(
            "   Apply within {} real minutes, then pay, wait, bid.\n",
            self.seat.minutes
        ));
        Ok(())
    }

    async fn round(
        &self,
        robots: &mut [Robot],
        contested: AuctionId,
        quiet: AuctionId,
        remembered: &VecDeque<AuctionId>,
    ) -> anyhow::Result<()> {
        let open_for = Duration::from_secs(60 * u64::from(self.seat.minutes));
        let plan = |position: usize| robots::Round {
            contested,
            // Two are enough for an auction to take place.
            quiet: (position < 2).then_some(quiet),
            open_for,
            speed: self.seat.speed,
        };
        let plans: Vec<_> = (0..robots.len()).map(plan).collect();
        let play = robots
            .iter_mut()
            .zip(&plans)
            .map(|(robot, plan)| robot.play(self.world, self.diary, plan));
        let auctions = [contested, quiet];
        tokio::select! {
            told = self.diary.follow(self.world, &auctions) => told,
            office = self.office(remembered) => office,
            _ = join_all(play) => anyhow::bail!("the robots have gone"),
        }
    }

    /// The officials at work: every applicant is admitted, and a signed result gets its contract.
    async fn office(&self, remembered: &VecDeque<AuctionId>) -> anyhow::Result<()> {
        let mut stated = 0;
        loop {
            // A person may have decided the same in the console a moment before.
            match self.officials.admit_waiting(self.world).await {
                Ok(0) => {}
                Ok(count) => self.diary.say(format!("the moderator has admitted {count}")),
                Err(error) => self.diary.say(format!("the moderator was refused: {error:#}")),
            }
            // A person may have transferred money to the account.
            match self.officials.import_statement(self.world, stated).await {
                Ok(0) => {}
                Ok(lines) => {
                    stated += lines;
                    self.diary.say("the cashier has taken in the bank's statement");
                }
                Err(error) => self.diary.say(format!("the cashier was refused: {error:#}")),
            }
            for id in remembered {
                let view = self.world.state().catalogue.view(*id).await?;
                if view.auction.status == Status::Awarded
                    && let Err(error) = self.officials.sign_contract(self.world, *id).await
                {
                    self.diary.say(format!("the organiser was refused: {error:#}"));
                }
            }
            tokio::time::sleep(OFFICE_EVERY).await;
        }
    }

    /// The next round's auctions: one that failed comes back and is contested now.
    async fn next_pair(
        &self,
        number: usize,
        quiet: AuctionId,
    ) -> anyhow::Result<(AuctionId, AuctionId)> {
        let Demo { world, officials, seat, .. } = self;
        let before = world.state().catalogue.view(quiet).await?.auction;
        let start = self.start();
        let failed = before.status == Status::Unsuccessful && before.successor.is_none();
        let contested = if failed {
            let successor = officials.relaunch(world, quiet, start).await?;
            officials.publish_again(world, successor).await?;
            self.diary.say("the organiser has created the failed auction again");
            successor
        } else {
            let lot = officials.import_lot(world, seat.seed, 2 * number).await?;
            officials.publish(world, lot, start).await?
        };
        let lot = officials.import_lot(world, seat.seed, 2 * number + 1).await?;
        let quiet = officials.publish(world, lot, start).await?;
        Ok((contested, quiet))
    }

    async fn print_doors(&self, contested: AuctionId) -> anyhow::Result<()> {
        let World { origin, payments, bank, .. } = self.world;
        self.print(format_args!(
            "Toruk, a real server on this machine. Its clock runs {} times as fast as ours.",
            self.seat.speed
        ));
        self.print(format_args!(
            "Ctrl-C ends it. Everything is kept in {}\n",
            self.seat.folder.display()
        ));
        self.print("Your phone, in another terminal of this repository; it starts at once:");
        self.print(format_args!("  {}", self.phone_command()?));
        self.print(
            "  --lang ky, ru or en; --tablet is a second phone of yours; ? shows the keys\n",
        );
        self.print("Payment desk, where a person types a payment code; in a browser, or by curl:");
        self.print(format_args!("  {}/", payments.base()));
        self.print(format_args!("  curl -fsS -o /dev/null -d code=CODE {}/pay\n", payments.base()));
        self.print("Bank, where a person transfers money to the account, with RF… as the purpose:");
        self.print(format_args!("  {}/", bank.base()));
        self.print("Live stream of an auction, open to anybody:");
        self.print(format_args!("  curl -N '{origin}/v1/live?follow={contested}'\n"));
        Ok(())
    }

    /// The command that joins this demo. It is the program that runs, so that nothing is built.
    fn phone_command(&self) -> anyhow::Result<String> {
        let Seat { folder, port, .. } = self.seat;
        let mut command = match std::env::var_os("CARGO") {
            Some(_) => "cargo demo phone".to_owned(),
            None => format!("'{}' phone", std::env::current_exe()?.display()),
        };
        let noted = demo_folder::note(*port, folder);
        if noted.is_err() {
            command += &format!(" --server {}", self.world.origin);
            command += &format!(" --data '{}'", folder.join("you").display());
        } else if *port != PORT {
            command += &format!(" --port {port}");
        }
        Ok(command)
    }

    fn print(&self, line: impl std::fmt::Display) {
        self.diary.print(line);
    }

    /// New one-time links, one for each role.
    async fn print_links(&self) -> anyhow::Result<()> {
        let roles =
            [Role::Organiser, Role::Moderator, Role::Finance, Role::Auditor, Role::Sysadmin];
        self.print(format_args!(
            "Auctions for everybody, {0}/; take part in this machine's browser, {0}/b/",
            self.world.origin
        ));
        self.print(format_args!(
            "Console, {}/console; a link makes you an official, once:",
            self.world.origin
        ));
        for role in roles {
            let invitation = self.world.state().identity.invite(None, role, None).await?;
            self.print(format_args!("  {:<11}{}", role.to_string(), invitation.link));
        }
        let life = TimeSpan(TimeSpan::minutes(INVITATION_MINUTES).0 / i64::from(self.seat.speed));
        self.print(format_args!(
            "  Good for {life} (minutes and seconds, real time). Enter prints new ones."
        ));
        Ok(())
    }

    async fn answer_enter(&self) -> anyhow::Result<()> {
        let (typed, mut lines) = mpsc::channel(1);
        // A thread of its own: it may wait at the terminal for ever, and nothing waits for it.
        std::thread::spawn(move || {
            for line in std::io::stdin().lines() {
                if line.is_err() || typed.blocking_send(()).is_err() {
                    break;
                }
            }
        });
        while lines.recv().await.is_some() {
            self.print_links().await?;
        }
        // Nobody sits at the terminal; the demo goes on.
        std::future::pending().await
    }
}

/// The clock's first moment: on a working morning, or where the last run of the demo left it.
fn beginning(folder: &Path) -> anyhow::Result<Timestamp> {
    let path = folder.join(CLOCK_FILE);
    if !path.exists() {
        return start_of_day();
    }
    let text = std::fs::read_to_string(&path)?;
    let shown = text.trim().parse().with_context(|| format!("{} is damaged", path.display()))?;
    Ok(Timestamp(shown))
}

/// Notes the time, so that a demo that was killed does not go back in it.
async fn keep_time(folder: &Path, clock: &ScaledClock) -> anyhow::Result<()> {
    /// Pause between two lines about the auctions' state, in real time.
    const NOTE_EVERY: Duration = Duration::from_secs(5);
    loop {
        // A little ahead, by what may pass until the next note.
        let ahead = TimeSpan::minutes(10);
        std::fs::write(folder.join(CLOCK_FILE), (clock.now() + ahead).0.to_string())?;
        tokio::time::sleep(NOTE_EVERY).await;
    }
}
