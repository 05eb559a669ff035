//! Limits of what `tests/counts` prints. A limit above its goal may only go down: the test fails
//! when it is missed, and when it could be lower.

use super::root;
use toruk_source::counts::{Counts, FUNCTION_LINES_MAX, of_texts, of_workspace};
use toruk_source::files::TextFile;

/// A limit for each crate, in the order of [`CRATES`].
type ByCrate = [usize; 7];

const CRATES: [&str; 7] =
    ["sync", "server", "mobile-core", "migrations", "tests/source", "tests", "root"];

/// Goals; shares are in thousandths.
const DOUBLED_TYPE_NAMES_GOAL: usize = 60;
const SHORT_DOCS_GOAL: usize = 30;
const QUESTION_DOCS_GOAL: usize = 30;

const DOUBLED_TYPE_NAMES_TODAY: ByCrate = [60; 7];
const SHORT_DOCS_TODAY: ByCrate = [30; 7];
const QUESTION_DOCS_TODAY: ByCrate = [30; 7];
const LONG_FUNCTIONS_TODAY: ByCrate = [1, 0, 1, 0, 0, 1, 0];
const HE_TODAY: ByCrate = [0; 7];
const ARCHAISMS_TODAY: ByCrate = [0; 7];
const FILES_IN_CIRCLES_TODAY: ByCrate = [9, 0, 2, 0, 0, 22, 0];

struct Limit {
    name: &'static str,
    of: fn(&Counts) -> usize,
    today: ByCrate,
    goal: usize,
}

const LIMITS: [Limit; 7] = [
    Limit {
        name: "type names in several files, in thousandths",
        of: Counts::doubled_permille,
        today: DOUBLED_TYPE_NAMES_TODAY,
        goal: DOUBLED_TYPE_NAMES_GOAL,
    },
    Limit {
        name: "docs of three words or fewer, in thousandths",
        of: Counts::short_docs_permille,
        today: SHORT_DOCS_TODAY,
        goal: SHORT_DOCS_GOAL,
    },
    Limit {
        name: "docs that begin with a question word, in thousandths",
        of: Counts::question_docs_permille,
        today: QUESTION_DOCS_TODAY,
        goal: QUESTION_DOCS_GOAL,
    },
    Limit {
        name: "functions of more than 70 lines",
        of: |counts| counts.long_functions.len(),
        today: LONG_FUNCTIONS_TODAY,
        goal: 0,
    },
    Limit { name: "`he` or `his`", of: |counts| counts.he.len(), today: HE_TODAY, goal: 0 },
    Limit {
        name: "archaic words",
        of: |counts| counts.archaisms.len(),
        today: ARCHAISMS_TODAY,
        goal: 0,
    },
    Limit {
        name: "files in circles",
        of: Counts::files_in_circles,
        today: FILES_IN_CIRCLES_TODAY,
        goal: 0,
    },
];

impl Limit {
    fn complaint(&self, at: usize, counts: &Counts) -> Option<String> {
        let (found, limit) = ((self.of)(counts), self.today[at].max(self.goal));
        let (name, of) = (&counts.name, self.name);
        if found > limit {
            return Some(format!("{name}: {of}: {found}, at most {limit}"));
        }
        let lower = found.max(self.goal);
        (lower < limit).then(|| format!("{name}: {of}: lower the limit from {limit} to {lower}"))
    }
}

#[test]
fn the_counts_of_the_house_are_within_their_limits() {
    let all = of_workspace(root()).unwrap();
    let names: Vec<&str> = all.iter().map(|counts| counts.name.as_str()).collect();
    assert_eq!(names, CRATES);
    let complaints: Vec<String> = all
        .iter()
        .enumerate()
        .flat_map(|(at, counts)| LIMITS.iter().filter_map(move |l| l.complaint(at, counts)))
        .collect();
    let hint = "`tests/counts CRATE` names each place";
    assert!(complaints.is_empty(), "{hint}:\n{}", complaints.join("\n"));
}

#[test]
fn a_limit_fires_when_it_is_missed_and_when_it_could_be_lower() {
    let limit =
        |today| Limit { name: "docs", of: |counts| counts.docs, today: [today; 7], goal: 2 };
    let counts = |docs| Counts { name: "sync".to_owned(), docs, ..Counts::default() };
    assert_eq!(limit(4).complaint(0, &counts(4)), None);
    assert_eq!(limit(4).complaint(0, &counts(5)).unwrap(), "sync: docs: 5, at most 4");
    let lower = "sync: docs: lower the limit from 4 to 2";
    assert_eq!(limit(4).complaint(0, &counts(1)).unwrap(), lower);
    assert_eq!(limit(2).complaint(0, &counts(1)), None);
}

#[test]
fn names_docs_and_functions_are_counted() {
    let body = "    step();\n".repeat(FUNCTION_LINES_MAX - 1);
    let long = format!("fn longest() {{\n{body}}}\n");
    let first =
        "/// A bid\nstruct Bid;\n/// Whether it stands,\n/// or not.\nstruct Row;\nstruct Lot;";
    let second = "enum Bid { A }\nstruct Row;\nimpl Iterator for Bid { type Lot = u8; }\n";
    let test = "struct Lot;";
    let files = [
        TextFile::new("sync/src/first.rs", first),
        TextFile::new("sync/src/second.rs", &(second.to_owned() + &long)),
        TextFile::new("sync/src/tests/third.rs", test),
        TextFile::new("sync/src/fourth.rs", "#[cfg(test)]\nmod tests { struct Lot; }"),
    ];
    let counts = of_texts("sync", &files).unwrap();
    assert_eq!(counts.types_doubled.keys().collect::<Vec<_>>(), ["Bid"]);
    assert_eq!((counts.types, counts.doubled_permille()), (2, 500));
    assert_eq!((counts.docs, counts.short_docs.len()), (2, 1));
    assert_eq!(counts.question_docs, ["sync/src/first.rs:3 Whether it stands,\n or not."]);
    assert_eq!(counts.longest_function, (71, "sync/src/second.rs:4 longest".to_owned()));
    assert_eq!((counts.functions, counts.long_functions.len()), (1, 1));
}
