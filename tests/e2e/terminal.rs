//! The phone in a terminal, as a person types into it: a form filled in, corrected and delivered,
//! and a terminal whose reader goes away.

use anyhow::Context as _;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::Instant;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_tests::day::Officials;
use toruk_tests::output::Output;
use toruk_tests::terminal::{PhoneSettings, run_script};
use toruk_tests::world::World;
use toruk_tests::world::clock::ScaledClock;

/// Everything that a terminal printed.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A pipe whose reader has gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A world with one published auction that takes applications.
async fn tendering(folder: &Path) -> anyhow::Result<(World, Officials)> {
    let morning = Timestamp::parse("2026-11-24T09:00:00+06:00").context("a date")?;
    let clock = ScaledClock::new(morning, Instant::now(), 1);
    let world = World::start(clock, RuleProfile::sandbox(1), folder, 0).await?;
    let officials = Officials::enrol(&world).await?;
    let lots = officials.import_lots(&world, 7).await?;
    let start = world.clock.now() + TimeSpan::hours(2);
    officials.publish(&world, lots[0], start).await?;
    Ok((world, officials))
}

fn settings(world: &World, folder: &Path) -> PhoneSettings {
    PhoneSettings {
        server: world.origin.clone(),
        data: folder.join("you"),
        language: "en".to_owned(),
        passkeys: None,
        origin: world.origin.clone(),
    }
}

/// These lines, then a closed terminal.
fn typed(lines: &[&str]) -> Receiver<String> {
    let (sender, receiver) = channel(lines.len().max(1));
    for line in lines {
        sender.try_send((*line).to_owned()).unwrap();
    }
    receiver
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_corrects_an_application_and_the_corrected_one_is_delivered() -> anyhow::Result<()>
{
    let folder = tempfile::tempdir()?;
    let (mut world, officials) = tendering(folder.path()).await?;
    let lines = [
        &["Aigul", "1"][..],
        // Applicant, name, number, a phone as people type it, an address with a mistake.
        &["1", "Aigul", "00000000000001", "0555 12-34-56", "Bishkek"],
        // Back, corrected, and on: account, consent, declaration, a sample for the document.
        &["<", "Osh", "0000000000000001", "y", "y", ""],
        // At the end: the second answer, by its number; the keys; signed.
        &["2", "Aigul Osmonova", "?", "y"],
        // Leaves the waiting for admission; then nobody types any more.
        &["q"],
    ]
    .concat();
    let printed = Printed::default();
    let output = Output::new(Box::new(printed.clone()));
    run_script(settings(&world, folder.path()), typed(&lines), output).await?;

    let moderator = &officials.moderator.official;
    let queue = world.state().applications.queue(moderator, None).await?;
    assert_eq!(queue.len(), 1, "{}", printed.text());
    let detail = world.state().applications.detail(moderator, queue[0].application.id).await?;
    let text = printed.text();
    let answer = |field: &str| detail.package.answers.get(field).map(String::as_str);
    assert_eq!(answer("full_name"), Some("Aigul Osmonova"), "{text}");
    assert_eq!(answer("address"), Some("Osh"), "{text}");
    assert_eq!(answer("phone"), Some("+996555123456"), "{text}");
    for shown in ["Start price: ", "Step: ", "Guarantee payment: ", "[5/11] Address = Bishkek"] {
        assert!(text.contains(shown), "no {shown} in:\n{text}");
    }
    world.stop_server().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_reader_has_gone_ends_in_order() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut world, _) = tendering(folder.path()).await?;
    // The sender stays: the person is there and could go on typing.
    let (_sender, lines) = channel(1);
    let output = Output::new(Box::new(Closed));
    run_script(settings(&world, folder.path()), lines, output).await?;
    world.stop_server().await;
    Ok(())
}
