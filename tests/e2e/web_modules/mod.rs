//! The modules of the bidder's app in a browser against the rules: the same questions to both, by the
//! thousand, and the vectors of `tests/conformance`.

mod bidding;
mod forms;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A generator that draws the same numbers in each run (Knuth's constants).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// What the modules answer to these questions, under node.
fn answers(questions: &[Value]) -> anyhow::Result<Vec<Value>> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/bidder.mjs");
    let mut node = Command::new("node")
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("node is needed: tests/run installs it")?;
    let mut stdin = node.stdin.take().context("no input")?;
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let said = node.wait_with_output()?;
    writer.join().unwrap()?;
    ensure!(said.status.success(), "node failed");
    let lines = String::from_utf8(said.stdout)?;
    let answers: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(answers.len() == questions.len(), "{} answers", answers.len());
    Ok(answers)
}

/// Compares the modules' answers with the rules'.
fn agree(cases: Vec<(Value, Value)>) -> anyhow::Result<()> {
    let (questions, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    for ((answer, expected), question) in answers(&questions)?.iter().zip(expected).zip(&questions)
    {
        ensure!(*answer == expected, "{question}\nanswers {answer}\ninstead of {expected}");
    }
    Ok(())
}

fn asked(kind: &str, input: Value) -> Value {
    json!({ "kind": kind, "input": input })
}

#[test]
fn every_text_that_a_module_asks_for_is_there_and_no_module_is_long() -> anyhow::Result<()> {
    const LINES_MAX: usize = 400;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/console/assets/bidder");
    let words = std::fs::read_to_string(folder.join("words/ky.js"))?;
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "js") {
            continue;
        }
        let source = std::fs::read_to_string(&path)?;
        let name = path.display();
        ensure!(source.lines().count() <= LINES_MAX, "{name} is too long");
        ensure!(source.starts_with("// "), "{name} does not say what it is");
        for (start, ending) in [("words.text(\"", "\":"), ("words.code(\"", "_")] {
            for rest in source.split(start).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                ensure!(words.contains(&format!("\"{key}{ending}")), "{name}: {key}");
                seen += 1;
            }
        }
        // Text is text: nothing writes markup, and nothing makes code of text.
        for banned in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function"] {
            ensure!(!source.contains(banned), "{name}: {banned}");
        }
    }
    ensure!(seen > 50, "only {seen} texts");
    Ok(())
}

#[test]
fn the_modules_answer_each_vector_of_the_kit() -> anyhow::Result<()> {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(kit.join("vectors.json"))?)?;
    let vectors = vectors["vectors"].as_array().context("no vectors")?;
    ensure!(vectors.len() > 40, "too few");
    let case = |vector: &Value| (vector.clone(), vector["expected"].clone());
    agree(vectors.iter().map(case).collect())
}
