//! Counts of each crate that the architecture tests hold down.

use crate::excluded_words::QUESTIONS;
use crate::facts::{self, Facts};
use crate::files::{self, TextFile};
use crate::graph;
use crate::modules::Modules;
use crate::prose::{self, Finding};
use crate::walls::Survey;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Our crates: the folder, the name other crates write, and where the library's modules are.
pub const CRATES: &[(&str, &str, &str)] = &[
    ("sync", "toruk_sync", "sync/src"),
    ("server", "toruk_server", "server/src"),
    ("mobile-core", "toruk_mobile_core", "mobile-core/src"),
    ("migrations", "toruk_migrations", "migrations/src"),
    // Before `tests`, in whose folder it is.
    ("tests/source", "toruk_source", "tests/source/src"),
    ("tests", "toruk_tests", "tests/src"),
];

/// Names that every feature or table may have of its own.
const SHARED_NAMES: &[&str] = &[
    "ActiveModel",
    "Column",
    "Entity",
    "Error",
    "Migration",
    "Model",
    "PrimaryKey",
    "Relation",
    "Row",
    "Routes",
    "Service",
];

/// Lines of a function above which it is long.
pub const FUNCTION_LINES_MAX: usize = 70;

/// Words of a doc at which it says nothing that the name does not.
const SHORT_DOC_WORDS: usize = 3;

/// Texts beside Rust's that people read; a file's name ends with one of these.
const PROSE: &[&str] = &[
    ".rs",
    ".md",
    ".ftl",
    ".html",
    ".toml",
    ".kt",
    ".kts",
    ".swift",
    ".py",
    ".sh",
    ".mjs",
    ".js",
    ".yml",
    "openapi.json",
    "strings.xml",
    ".strings",
    "run",
    "build",
    "check",
    "prepare",
    "counts",
];

#[derive(Debug, Default)]
pub struct Counts {
    pub name: String,
    pub files: usize,
    pub lines: usize,
    /// Distinct names of types outside of tests.
    pub types: usize,
    /// Those defined in several files, with the files.
    pub types_doubled: BTreeMap<String, BTreeSet<String>>,
    pub functions: usize,
    /// Its lines from `fn` to the closing brace, and its place.
    pub longest_function: (usize, String),
    /// Those of more than [`FUNCTION_LINES_MAX`] lines.
    pub long_functions: Vec<String>,
    pub docs: usize,
    pub short_docs: Vec<String>,
    pub question_docs: Vec<String>,
    pub he: Vec<Finding>,
    pub archaisms: Vec<Finding>,
    pub edges: usize,
    /// The circles of files, the largest first.
    pub circles: Vec<BTreeSet<String>>,
}

impl Counts {
    /// In tenths of a per cent.
    pub fn doubled_permille(&self) -> usize {
        permille(self.types_doubled.len(), self.types)
    }

    pub fn short_docs_permille(&self) -> usize {
        permille(self.short_docs.len(), self.docs)
    }

    pub fn question_docs_permille(&self) -> usize {
        permille(self.question_docs.len(), self.docs)
    }

    /// Files that are in some circle.
    pub fn files_in_circles(&self) -> usize {
        self.circles.iter().map(BTreeSet::len).sum()
    }
}

fn permille(part: usize, whole: usize) -> usize {
    // Rounded up: a limit of 30 is not met by 30.4.
    (part * 1000).div_ceil(whole.max(1))
}

/// Counts of every crate, and last of what is beside them (`root`).
///
/// # Errors
/// What the file system or the parser says, as text.
pub fn of_workspace(root: &Path) -> Result<Vec<Counts>, String> {
    let all = files::below(root, "", PROSE).map_err(|error| error.to_string())?;
    let english = all.iter().filter(|file| english(&file.path));
    let mut found = Vec::new();
    let mut rest: Vec<&TextFile> = english.collect();
    for (folder, name, sources) in CRATES {
        let inside = |file: &&TextFile| file.path.starts_with(&format!("{folder}/"));
        let (own, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(inside);
        rest = others;
        let own: Vec<TextFile> = own.into_iter().cloned().collect();
        let facts = read_all(&own)?;
        let mut counts = of_files(folder, &own, &facts)?;
        let survey = Survey::of(Modules::new(name, sources, &facts));
        let graph = graph::of_files(&survey.modules, &survey.references);
        counts.edges = graph.values().map(BTreeSet::len).sum();
        counts.circles = graph::circles(&graph);
        found.push(counts);
    }
    let rest: Vec<TextFile> = rest.into_iter().cloned().collect();
    found.push(of_files("root", &rest, &read_all(&rest)?)?);
    Ok(found)
}

/// Counts of files that are given, but for edges.
///
/// # Errors
/// What the parser says.
pub fn of_texts(name: &str, files: &[TextFile]) -> Result<Counts, String> {
    of_files(name, files, &read_all(files)?)
}

fn read_all(files: &[TextFile]) -> Result<Vec<Facts>, String> {
    files.iter().filter(|file| file.path.ends_with(".rs")).map(facts::read).collect()
}

/// Translations are in folders named after their language.
fn english(path: &str) -> bool {
    let other = ["/ky/", "/ru/", "values-ky", "values-ru", "ky.lproj", "ru.lproj"];
    !other.iter().any(|folder| path.contains(folder))
}

fn of_files(name: &str, files: &[TextFile], facts: &[Facts]) -> Result<Counts, String> {
    let mut counts = Counts { name: name.to_owned(), ..Counts::default() };
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let (he, archaisms) = prose::excluded(file)?;
        counts.he.extend(he);
        counts.archaisms.extend(archaisms);
        if file.path.ends_with(".rs") {
            counts.files += 1;
            counts.lines += file.text.lines().count();
        }
    }
    for facts in facts {
        count_functions(&mut counts, facts);
        count_docs(&mut counts, facts);
        if !only_tests(&facts.path) {
            for defined in &facts.types {
                types.entry(defined.name.clone()).or_default().insert(facts.path.clone());
            }
        }
    }
    types.retain(|name, _| !SHARED_NAMES.contains(&name.as_str()));
    counts.types = types.len();
    types.retain(|_, files| files.len() > 1);
    counts.types_doubled = types;
    Ok(counts)
}

/// In the crate `tests`, only its own unit tests are; e2e is the crate's code.
fn only_tests(path: &str) -> bool {
    let inside = path.strip_prefix("tests/").unwrap_or(path);
    inside.contains("/tests/") || inside.ends_with("/tests.rs")
}

fn count_functions(counts: &mut Counts, facts: &Facts) {
    for function in &facts.functions {
        counts.functions += 1;
        let place = format!("{}:{} {}", facts.path, function.line, function.name);
        if function.lines > FUNCTION_LINES_MAX {
            counts.long_functions.push(place.clone());
        }
        if function.lines > counts.longest_function.0 {
            counts.longest_function = (function.lines, place);
        }
    }
}

fn count_docs(counts: &mut Counts, facts: &Facts) {
    for doc in &facts.docs {
        counts.docs += 1;
        let place = || format!("{}:{} {}", facts.path, doc.line, doc.text.trim());
        let mut words = doc.text.split_whitespace();
        if words.clone().count() <= SHORT_DOC_WORDS {
            counts.short_docs.push(place());
        }
        let first = words.next().unwrap_or_default().to_lowercase();
        let first = first.trim_matches(|letter: char| !letter.is_alphabetic());
        if QUESTIONS.contains(&first) {
            counts.question_docs.push(place());
        }
    }
}
