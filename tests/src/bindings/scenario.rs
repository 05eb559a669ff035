//! The scenario's file: its steps, and whether an answer is what a step expects.

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// Values that a step may refer to by name (`$auction`).
pub type Kept = BTreeMap<String, Value>;

/// Arguments of a step, by name.
pub type Fields = Map<String, Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioFile {
    /// An explanation for the file's reader; the program ignores it.
    #[serde(rename = "about")]
    _about: Value,
    steps: Vec<Step>,
}

/// One step of the phone or of the world, with the answer expected.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// A sentence that says what the step shows.
    pub say: String,
    /// The phone's action, in the words of [`super::town`]'s counterpart in each runner.
    pub phone: Option<String>,
    /// The action of the world outside the phone.
    pub world: Option<String>,
    pub with: Fields,
    /// A pattern that the answer must match.
    pub expect: Option<Value>,
    /// The error that the call must end with instead.
    pub error: Option<Value>,
    /// Names under which fields of the answer are kept for later steps.
    pub keep: BTreeMap<String, String>,
    /// Repeats the step, for a limited time, until it is as expected.
    pub until: bool,
    /// Languages it is left to; all, when empty. What can't throw in Swift is not tried there.
    pub only: Vec<String>,
    /// The process is killed when the platform is asked for the passkey, in the midst of the call.
    pub killed_at_passkey: bool,
}

/// The outcome of a call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramAnswer {
    /// The call's return value, as JSON.
    Done(Value),
    /// The error it ended with: its `kind`, and what that kind carries.
    Error(Value),
}

/// Reads the steps.
///
/// # Errors
/// When it is no scenario.
pub fn read(file: &Path) -> anyhow::Result<Vec<Step>> {
    let context = || format!("{}", file.display());
    let text = std::fs::read_to_string(file).with_context(context)?;
    let ScenarioFile { steps, .. } = serde_json::from_str(&text).with_context(context)?;
    for step in &steps {
        let one = step.phone.is_some() != step.world.is_some();
        ensure!(one, "somebody does «{}»: the phone or the world", step.say);
        let judged = step.expect.is_some() || step.error.is_some() || step.killed_at_passkey;
        ensure!(judged || step.world.is_some(), "«{}» expects nothing", step.say);
    }
    Ok(steps)
}

impl Step {
    /// The step with every `$name` replaced by what was kept.
    ///
    /// # Errors
    /// When nothing was kept under a name.
    pub fn filled(&self, kept: &Kept) -> anyhow::Result<Self> {
        let mut step = self.clone();
        step.with.values_mut().try_for_each(|value| fill(value, kept))?;
        let judged = [&mut step.expect, &mut step.error];
        judged.into_iter().flatten().try_for_each(|value| fill(value, kept))?;
        Ok(step)
    }

    /// Compares the answer with the expected one.
    ///
    /// # Errors
    /// When it is not, saying where.
    pub fn judge(&self, answer: &ProgramAnswer) -> anyhow::Result<()> {
        match (answer, &self.error) {
            (ProgramAnswer::Done(got), None) => match &self.expect {
                Some(expected) => fits(expected, got, "").with_context(|| format!("got {got}")),
                None => Ok(()),
            },
            (ProgramAnswer::Error(got), Some(expected)) => {
                fits(expected, got, "").with_context(|| format!("got {got}"))
            }
            (ProgramAnswer::Done(got), Some(expected)) => {
                bail!("not the error {expected}, but {got}")
            }
            (ProgramAnswer::Error(got), None) => bail!("ended with {got}"),
        }
    }

    /// Keeps what later steps refer to.
    ///
    /// # Errors
    /// When the answer does not have it.
    pub fn keep(&self, answer: &ProgramAnswer, kept: &mut Kept) -> anyhow::Result<()> {
        let ProgramAnswer::Done(answer) = answer else { return Ok(()) };
        for (name, field) in &self.keep {
            let value = answer.get(field).filter(|value| !value.is_null());
            let value = value.with_context(|| format!("the answer has no «{field}»: {answer}"))?;
            kept.insert(name.clone(), value.clone());
        }
        Ok(())
    }
}

fn fill(value: &mut Value, kept: &Kept) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            let Some(name) = text.strip_prefix('$') else { return Ok(()) };
            let found = kept.get(name).with_context(|| format!("nothing is kept as {name}"))?;
            *value = found.clone();
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, kept)),
        Value::Object(fields) => fields.values_mut().try_for_each(|field| fill(field, kept)),
        _ => Ok(()),
    }
}

/// Compares `got` with `expected`. An object asks for the fields it names and leaves others alone;
/// `at_least`, `contains` and `there` ask for less than a whole value.
fn fits(expected: &Value, got: &Value, place: &str) -> anyhow::Result<()> {
    let Value::Object(fields) = expected else {
        ensure!(expected == got, "{place} is not {expected} but {got}");
        return Ok(());
    };
    for (name, wanted) in fields {
        match name.as_str() {
            "at_least" => {
                let enough = got.as_f64().zip(wanted.as_f64()).is_some_and(|(got, at)| got >= at);
                ensure!(enough, "{place} is not at least {wanted} but {got}");
            }
            "contains" => {
                let part = wanted.as_str().context("`contains` asks for a text")?;
                let whole = got.as_str().unwrap_or_default();
                ensure!(whole.contains(part), "{place} does not contain «{part}»: {got}");
            }
            "there" => {
                let there = Value::Bool(!got.is_null());
                ensure!(there == *wanted, "{place} is there: {there}, not {wanted}");
            }
            name => {
                let below = got.get(name).unwrap_or(&Value::Null);
                fits(wanted, below, &format!("{place}.{name}"))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(expected: Value, got: Value, judged: bool) {
        let step = Step { expect: Some(expected.clone()), ..Step::default() };
        let answer = ProgramAnswer::Done(got.clone());
        assert_eq!(step.judge(&answer).is_ok(), judged, "{expected} of {got}");
    }

    #[test]
    fn an_answer_fits_when_all_that_is_asked_for_is_so() {
        check(json!({ "state": "done" }), json!({ "state": "done", "waiting": 0 }), true);
        check(json!({ "state": "done" }), json!({ "state": "waiting" }), false);
        check(json!({ "state": "done" }), json!(null), false);
        check(json!({ "submit": { "there": false } }), json!({ "files": 1 }), true);
        check(json!({ "submit": { "there": true } }), json!({ "submit": null }), false);
        check(json!({ "count": { "at_least": 2 } }), json!({ "count": 1 }), false);
        check(json!({ "count": { "at_least": 2 } }), json!({ "count": 2 }), true);
        check(json!({ "slip": { "contains": "17" } }), json!({ "slip": "code 1723" }), true);
        check(json!({ "slip": { "contains": "17" } }), json!({ "slip": "code" }), false);
    }

    #[test]
    fn an_error_is_not_an_answer_and_an_answer_is_no_error() {
        let step = Step { error: Some(json!({ "kind": "offline" })), ..Step::default() };
        assert!(step.judge(&ProgramAnswer::Error(json!({ "kind": "offline" }))).is_ok());
        assert!(step.judge(&ProgramAnswer::Error(json!({ "kind": "internal" }))).is_err());
        assert!(step.judge(&ProgramAnswer::Done(json!({ "kind": "offline" }))).is_err());
        assert!(
            Step::default().judge(&ProgramAnswer::Error(json!({ "kind": "offline" }))).is_err()
        );
    }

    #[test]
    fn the_scenario_is_one_and_kills_the_process_in_the_middle() {
        let steps = read(&super::super::runner::folder().unwrap().join("scenario.json")).unwrap();
        let kills = |step: &&Step| {
            step.killed_at_passkey || step.world.as_deref() == Some("process_is_killed")
        };
        assert!(steps.iter().filter(kills).count() >= 3);
    }

    #[test]
    fn a_step_knows_only_what_was_kept() {
        let mut kept = Kept::new();
        let first =
            Step { keep: [("code".to_owned(), "number".to_owned())].into(), ..Step::default() };
        first.keep(&ProgramAnswer::Done(json!({ "number": "77" })), &mut kept).unwrap();
        assert!(first.keep(&ProgramAnswer::Done(json!({ "number": null })), &mut kept).is_err());
        let with = Map::from_iter([("code".to_owned(), json!("$code"))]);
        let step = Step { with, expect: Some(json!({ "paid": ["$code"] })), ..Step::default() };
        let filled = step.filled(&kept).unwrap();
        assert_eq!(filled.with["code"], json!("77"));
        assert_eq!(filled.expect, Some(json!({ "paid": ["77"] })));
        assert!(step.filled(&Kept::new()).is_err());
    }
}
