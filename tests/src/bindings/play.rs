//! Plays the scenario with one runner, step by step.

use super::desk::{Asking, DeskOrder, OfficialsDesk};
use super::runner::{Language, Runner, RunnerProgram, folder};
use super::scenario::{Fields, Kept, ProgramAnswer, Step, read};
use super::town::Town;
use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A runner that takes longer for one step is stuck.
const STEP_MAX: Duration = Duration::from_secs(60);
/// A step that waits for something is done again for so long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two of its attempts.
const AGAIN_AFTER: Duration = Duration::from_millis(25);

/// Totals over a whole scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlayTally {
    /// Steps that were as expected.
    pub passed: usize,
    /// Steps that were not; the play ends with the first.
    pub failed: usize,
    /// Steps that were not played for that reason.
    pub unplayed: usize,
}

/// `tests/conformance/vectors.json`.
#[derive(Deserialize)]
struct ConformanceKit {
    vectors: Vec<ConformanceVector>,
}

#[derive(Deserialize)]
struct ConformanceVector {
    name: String,
    kind: String,
    input: Value,
    expected: Value,
}

/// The bidder's side of the stage.
struct PlayedPhone {
    program: RunnerProgram,
    desk: OfficialsDesk,
    runner: Runner,
    /// The runner's ear, when it waits for its next order.
    ear: Option<oneshot::Sender<DeskOrder>>,
}

/// Plays all steps in `language`, with everything in `folder`; one line for each step.
///
/// # Errors
/// When the stage can't be set up. A step that fails is in the tally.
pub async fn play(language: Language, data: &Path) -> anyhow::Result<PlayTally> {
    let mut steps = read(&folder()?.join("scenario.json"))?;
    steps.retain(|step| {
        step.only.is_empty() || step.only.iter().any(|name| name == language.name())
    });
    let program = RunnerProgram::prepare(language)?;
    let mut town = Town::wake(data).await?;
    let desk = OfficialsDesk::open(town.origin(), town.token()).await?;
    let runner = program.start(&desk.base())?;
    let mut phone = PlayedPhone { program, desk, runner, ear: None };
    let mut kept = Kept::from([
        ("auction".to_owned(), json!(town.auction)),
        ("push_token".to_owned(), json!(town.push_token())),
    ]);
    let mut tally = PlayTally::default();
    for (position, step) in steps.iter().enumerate() {
        let number = position + 1;
        match take(step, &mut town, &mut phone, &mut kept).await {
            Ok(()) => {
                println!("ok   {number:>3}  {}", step.say);
                tally.passed += 1;
            }
            Err(error) => {
                println!("FAIL {number:>3}  {}\n          {error:#}", step.say);
                tally.failed += 1;
                tally.unplayed = steps.len() - number;
                break;
            }
        }
    }
    if tally.failed == 0 {
        phone.end().await?;
    }
    drop(phone);
    town.sleep().await;
    Ok(tally)
}

/// Does one step, again and again where it waits for something.
async fn take(
    step: &Step,
    town: &mut Town,
    phone: &mut PlayedPhone,
    kept: &mut Kept,
) -> anyhow::Result<()> {
    let step = step.filled(kept)?;
    let began = Instant::now();
    loop {
        let answer = attempt(&step, town, phone).await?;
        match step.judge(&answer) {
            Ok(()) => return step.keep(&answer, kept),
            Err(_) if step.until && began.elapsed() < PATIENCE => {
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            Err(wrong) => return Err(wrong),
        }
    }
}

async fn attempt(
    step: &Step,
    town: &mut Town,
    phone: &mut PlayedPhone,
) -> anyhow::Result<ProgramAnswer> {
    let with = step.with.clone();
    match (step.phone.as_deref(), step.world.as_deref()) {
        (Some("opens"), _) => {
            phone.order("opens", town.phone().into_iter().chain(with).collect()).await
        }
        (Some("answers_vectors"), _) => phone.answer_vectors().await,
        (Some(verb), _) if step.killed_at_passkey => {
            phone.die_at_the_passkey(verb, with).await?;
            phone.order("opens", town.phone()).await
        }
        (Some(verb), _) => phone.order(verb, with).await,
        (None, Some("process_is_killed")) => {
            phone.die().await?;
            phone.order("opens", town.phone()).await
        }
        (None, Some(verb)) => Ok(ProgramAnswer::Done(town.act(verb, &with).await?)),
        (None, None) => bail!("nobody does it"),
    }
}

impl PlayedPhone {
    /// Has the runner do something; what came of it.
    async fn order(&mut self, verb: &str, with: Fields) -> anyhow::Result<ProgramAnswer> {
        self.say(verb, with).await?;
        let asking = self.hear().await?;
        self.ear = Some(asking.order);
        asking.answer.context("the runner has forgotten the step")
    }

    /// Has the runner answer each vector of the conformance kit; the names of those it gets wrong.
    async fn answer_vectors(&mut self) -> anyhow::Result<ProgramAnswer> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/vectors.json");
        let kit: ConformanceKit = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let mut wrong = Vec::new();
        for ConformanceVector { name, kind, input, expected } in &kit.vectors {
            let with = [("kind", json!(kind)), ("input", json!(input.to_string()))];
            let with = with.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
            let ProgramAnswer::Done(answer) = self.order("answers_vector", with).await? else {
                bail!("{name}: an error");
            };
            let answer =
                answer["answer"].as_str().map(serde_json::from_str::<Value>).transpose()?;
            if answer.as_ref() != Some(expected) {
                wrong.push(name);
            }
        }
        Ok(ProgramAnswer::Done(json!({ "asked": kit.vectors.len(), "wrong": wrong })))
    }

    /// Kills the runner in the midst of a call, once it waits for the person's finger.
    async fn die_at_the_passkey(&mut self, verb: &str, with: Fields) -> anyhow::Result<()> {
        self.desk.finger.make_fatal();
        self.say(verb, with).await?;
        tokio::select! {
            () = self.desk.finger.touched.notified() => {}
            asking = self.desk.asking.recv() => {
                let answer = asking.and_then(|asking| asking.answer);
                bail!("the passkey was not asked for: {answer:?}");
            }
            () = tokio::time::sleep(STEP_MAX) => bail!("the passkey was not asked for"),
        }
        self.die().await
    }

    /// `kill -9`, and another process.
    async fn die(&mut self) -> anyhow::Result<()> {
        self.runner.kill()?;
        self.ear = None;
        self.runner = self.program.start(&self.desk.base())?;
        Ok(())
    }

    /// Lets the runner end, which it must do well: nothing may hang at its exit.
    async fn end(&mut self) -> anyhow::Result<()> {
        self.say("ends", Fields::new()).await?;
        let ended = tokio::time::timeout(STEP_MAX, self.runner.ended()).await;
        let status = ended.context("the runner hangs at its end")??;
        ensure!(status.success(), "the runner ended badly: {status}");
        Ok(())
    }

    async fn say(&mut self, verb: &str, with: Fields) -> anyhow::Result<()> {
        let ear = match self.ear.take() {
            Some(ear) => ear,
            None => loop {
                let asking = self.hear().await?;
                // One that was killed had still something to say.
                if asking.answer.is_none() && !asking.order.is_closed() {
                    break asking.order;
                }
            },
        };
        let order = DeskOrder { verb: verb.to_owned(), with };
        ear.send(order).map_err(|_| anyhow::anyhow!("the runner hung up"))
    }

    async fn hear(&mut self) -> anyhow::Result<Asking> {
        tokio::select! {
            asking = self.desk.asking.recv() => asking.context("the desk is closed"),
            status = self.runner.ended() => bail!("the runner ended: {}", status?),
            () = tokio::time::sleep(STEP_MAX) => bail!("the runner is stuck"),
        }
    }
}
