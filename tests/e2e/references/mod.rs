//! References resolve: a link leads to a file, a cited number to an entry of `sync/RULES.md`, a name
//! in that page or in `tests/ASVS.md` to a function of the linked file.
//!
//! In comments and documents a number is one capital letter with one or two digits (`A12`), a step
//! of the manual (`step 24`, `steps 17 and 18`), a section (`§5.8`) or an entry in one (`1.4.A3`).
//! In a test's name it is the same in lower case (`a12_…`, `…_step_24`, `…_5_8`, `…_1_4_a3`). Text
//! that only looks like one goes between backticks.

mod citations;
mod links;
mod page;

use self::citations::{citations, entries, unlinked};
use self::links::{dead_links, wrong_names};
use self::page::Fault;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The page that defines the numbers.
const RULES: &str = "sync/RULES.md";
/// The security standard's rows, with what shows each.
const ASVS: &str = "tests/ASVS.md";
/// Folders of others' text and of what a tool makes.
const NOT_OURS: [&str; 3] = ["target", "node_modules", "vendor"];
/// Hidden folders that hold text of ours.
const HIDDEN: [&str; 3] = [".cargo", ".ci", ".github"];

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut faults = Vec::new();
    for (path, text) in texts().into_iter().filter(|(path, _)| path.ends_with(".md")) {
        for (line, fault) in dead_links(&path, &text, |target| root().join(target).exists()) {
            faults.push(format!("{path}:{line}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "dead links:\n{}", faults.join("\n"));
}

#[test]
fn every_function_and_test_that_the_rules_name_is_in_the_linked_file() {
    let read = |target: &str| fs::read_to_string(root().join(target)).unwrap_or_default();
    for page in [RULES, ASVS] {
        let faults = wrong_names(page, &read(page), read);
        assert!(faults.is_empty(), "in {page}:\n{}", listed(&faults));
    }
}

#[test]
fn the_states_of_the_standards_rows_are_counted_as_its_table_says() {
    let page = fs::read_to_string(root().join(ASVS)).unwrap();
    for state in ["test", "reading", "configuration", "not met"] {
        let total = format!("| `{state}` | ");
        let total = page.lines().find_map(|line| line.strip_prefix(total.as_str())).unwrap();
        let total: usize = total.split(' ').next().unwrap().parse().unwrap();
        let of_row = format!(" | `{state}` | ");
        let rows = page.lines().filter(|line| line.contains(of_row.as_str())).count();
        assert_eq!(rows, total, "in {ASVS}: rows that are `{state}`");
    }
}

#[test]
fn every_rule_has_one_number_and_leads_to_the_code() {
    let mut faults = unlinked(&rules());
    let mut known = BTreeSet::new();
    for (line, id) in entries(&rules()) {
        if !known.insert(id.clone()) {
            faults.push((line, format!("{id} is defined twice")));
        }
    }
    assert!(faults.is_empty(), "in {RULES}:\n{}", listed(&faults));
}

#[test]
fn every_number_cited_anywhere_is_defined_in_the_rules() {
    let known: BTreeSet<String> = entries(&rules()).into_iter().map(|(_, id)| id).collect();
    let (mut dangling, mut cited) = (Vec::new(), 0);
    for (path, text) in texts() {
        let found = citations(&path, &text, &known);
        // The page itself would always be enough.
        cited += if path == RULES { 0 } else { found.len() };
        for (line, id) in found.into_iter().filter(|(_, id)| !known.contains(id)) {
            dangling.push(format!("{path}:{line}: {id}"));
        }
    }
    assert!(dangling.is_empty(), "not in {RULES}:\n{}", dangling.join("\n"));
    assert!(cited > 100, "only {cited} citations: is everything read?");
}

/// A page of rules in small.
const PAGE: &str = "## 5 The auction
### 5.8 A stopped clock
| **A1** | Published. | [`apply`](src/rules.rs) |
| **1.4.A3** | Read so. | [`apply`](src/rules.rs) |
| **Step 24** | Created again. | none |
";

#[test]
fn a_number_that_is_not_defined_is_found_and_what_only_looks_like_one_is_not() {
    let known: BTreeSet<String> = entries(PAGE).into_iter().map(|(_, id)| id).collect();
    for (path, text, expected) in [
        ("a.rs", "/// Published (A1, manual step 24), §5.8.", ""),
        ("a.rs", "/// Published (A2), then §5.9 and 1.4.A4.", "A2, 5.9, 1.4.A4"),
        ("a.rs", "//! Steps 24 to 31: from F12–T8.", "Step 31, F12, T8"),
        ("a.rs", "let at = A2; // P-256 by `D8`, a step 31 % higher.", ""),
        ("a.rs", "ensure!(told, \"I3: twice\"); meter(\"W9\", \"A2\")", "I3, W9"),
        (
            "a.rs",
            "#[test]\nfn a1_a2_is_late_in_30_minutes_step_25_5_8_1_4_a5_v2() {",
            "A2, Step 25, 1.4.A5",
        ),
        ("a.rs", "fn a2_is_no_test() {}", ""),
        ("a.kt", " * Published (A2).\nval a = 1 * A3", "A2"),
        ("run", "apply -C1 # as A2 has it", "A2"),
        ("a.html", "<h1>A2</h1>{# A3 #}", "A3"),
        ("a.md", "```\nA2\n```\n| A3 | `A4` |", "A3"),
    ] {
        let cited = citations(path, text, &known).into_iter().map(|(_, id)| id);
        let dangling: Vec<String> = cited.filter(|id| !known.contains(id)).collect();
        assert_eq!(dangling.join(", "), expected, "{text}");
    }
    let lines: Vec<usize> =
        citations("a.rs", "// A1\n//\n// A2", &known).iter().map(|it| it.0).collect();
    assert_eq!(lines, [1, 3]);
    assert_eq!(unlinked(PAGE).iter().map(|it| it.0).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_dead_link_and_a_wrong_name_are_found() {
    let page = "[`apply`](src/rules.rs) and [`appl`](src/rules.rs), [rules](src/rules.rs#L1)
[home](../README.md) [away](https://example.org) [`LIMIT`](src/rules.rs) [here](#5)
[gone](src/gone.rs) `[no](link)` <img src=\"gone.svg\"> [out](../../x)
[later]: gone.md
";
    let there = ["sync/src/rules.rs", "README.md"];
    let dead = dead_links("sync/RULES.md", page, |target| there.contains(&target));
    let dead: Vec<String> = dead.into_iter().map(|(line, to)| format!("{line} {to}")).collect();
    assert_eq!(dead, ["3 src/gone.rs", "3 ../../x", "3 gone.svg", "4 gone.md"]);
    let source = "pub const LIMIT: u8 = 1;\nfn apply_all() {}\npub async fn apply<T>() {}";
    let wrong = wrong_names("sync/RULES.md", page, |file| match file {
        "sync/src/rules.rs" => source.to_owned(),
        _ => String::new(),
    });
    let lines: Vec<&str> =
        wrong.iter().map(|(_, fault)| fault.split(' ').next().unwrap()).collect();
    assert_eq!(lines, ["`appl`", "rules", "gone"]);
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(|(line, fault)| format!("{line}: {fault}\n")).collect()
}

fn rules() -> String {
    fs::read_to_string(root().join(RULES)).unwrap()
}

/// Every text of ours, by path from the root.
fn texts() -> Vec<(String, String)> {
    const KINDS: [&str; 16] = [
        "rs", "md", "html", "ftl", "toml", "sql", "sh", "js", "mjs", "css", "py", "kt", "kts",
        "swift", "yml", "xml",
    ];
    let (mut found, mut waiting) = (Vec::new(), vec![root().to_path_buf()]);
    while let Some(path) = waiting.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = path.extension().map(|kind| kind.to_string_lossy().into_owned());
        if path.is_dir() {
            let hidden = name.starts_with('.') && !HIDDEN.contains(&name.as_str());
            if path == root() || !(hidden || NOT_OURS.contains(&name.as_str())) {
                waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        } else if kind.is_none_or(|kind| KINDS.contains(&kind.as_str())) {
            let from_root = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.extend(fs::read_to_string(&path).ok().map(|text| (from_root, text)));
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
