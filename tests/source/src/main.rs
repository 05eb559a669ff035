//! Prints the counts of the house, one crate a line; with a crate's name, also what was counted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use toruk_source::counts::{self, Counts};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named: Vec<String> = std::env::args().skip(1).collect();
    match counts::of_workspace(&root) {
        Ok(all) => {
            print!("{}", table(&all));
            all.iter().filter(|counts| named.contains(&counts.name)).for_each(details);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn table(all: &[Counts]) -> String {
    let mut lines = vec![
        "| crate | files | lines | types | in > 1 file | functions | longest | > 70 | docs | \
         <= 3 words | What/Who… | `he` | archaic | edges | files in circles | largest circle |"
            .to_owned(),
        format!("|---{}|", "|---:".repeat(15)),
    ];
    let percent = |permille: usize| format!("{}.{} %", permille / 10, permille % 10);
    for counts in all {
        let cells = [
            counts.name.clone(),
            counts.files.to_string(),
            counts.lines.to_string(),
            counts.types.to_string(),
            format!("{} ({})", counts.types_doubled.len(), percent(counts.doubled_permille())),
            counts.functions.to_string(),
            counts.longest_function.0.to_string(),
            counts.long_functions.len().to_string(),
            counts.docs.to_string(),
            format!("{} ({})", counts.short_docs.len(), percent(counts.short_docs_permille())),
            format!(
                "{} ({})",
                counts.question_docs.len(),
                percent(counts.question_docs_permille())
            ),
            counts.he.len().to_string(),
            counts.archaisms.len().to_string(),
            counts.edges.to_string(),
            counts.files_in_circles().to_string(),
            counts.circles.first().map_or(0, BTreeSet::len).to_string(),
        ];
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines.join("\n") + "\n"
}

fn details(counts: &Counts) {
    println!("\nlongest function: {}", counts.longest_function.1);
    counts.long_functions.iter().for_each(|place| println!("long function: {place}"));
    for (name, files) in &counts.types_doubled {
        println!("{name}: {}", files.iter().cloned().collect::<Vec<_>>().join(" "));
    }
    for (kind, docs) in [("short", &counts.short_docs), ("asks", &counts.question_docs)] {
        docs.iter().for_each(|doc| println!("{kind} doc: {doc}"));
    }
    for circle in &counts.circles {
        println!("circle: {}", circle.iter().cloned().collect::<Vec<_>>().join(" "));
    }
    for finding in counts.he.iter().chain(&counts.archaisms) {
        println!("{}:{}: {}", finding.path, finding.line, finding.word);
    }
}
