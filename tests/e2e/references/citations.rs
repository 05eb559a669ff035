//! Numbers: those a page of rules defines, and those a file cites.

use super::page::{Fault, lines, without_fences};
use std::collections::BTreeSet;

/// The ids that a page defines: numbers of headings, and bold first cells of table rows.
pub fn entries(page: &str) -> Vec<Fault> {
    let id = |line: &str| {
        if line.starts_with('#') {
            let number = line.trim_start_matches('#').split_whitespace().next()?;
            let number = number.trim_end_matches('.');
            return number
                .starts_with(|first: char| first.is_ascii_digit())
                .then_some(number.to_owned());
        }
        Some(line.strip_prefix("| **")?.split_once("**")?.0.to_owned())
    };
    lines(page).filter_map(|(no, line)| Some((no, id(line)?))).collect()
}

/// Rows of a page that have a number and no link.
pub fn unlinked(page: &str) -> Vec<Fault> {
    let bare = |line: &str| line.starts_with("| **") && !line.contains("](");
    let bare = lines(page).filter(|(_, line)| bare(line));
    bare.map(|(no, line)| (no, format!("no link to the code: {line}"))).collect()
}

/// Everything that a file of ours cites, by what kind of file it is.
pub fn citations(path: &str, text: &str, known: &BTreeSet<String>) -> Vec<Fault> {
    let mut found = Vec::new();
    if path.ends_with(".md") {
        for (no, line) in lines(&without_fences(text)) {
            found.extend(cited_in_prose(line).into_iter().map(|id| (no, id)));
        }
        return found;
    }
    let kind = path.rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    let kind = kind.map_or("", |(_, kind)| kind);
    let mut of_test = false;
    for (no, line) in lines(text) {
        let comment = comment(kind, line).unwrap_or_default();
        found.extend(cited_in_prose(comment).into_iter().map(|id| (no, id)));
        found.extend(cited_as_text(line).into_iter().map(|id| (no, id)));
        of_test |= line.trim_start().starts_with("#[test]") || line.contains("#[tokio::test");
        if let Some((_, rest)) = line.split_once("fn ").filter(|_| kind == "rs" && of_test) {
            let name = rest.split(|letter| !is_of_name(letter)).next().unwrap_or_default();
            found.extend(cited_in_name(name, known).into_iter().map(|id| (no, id)));
            of_test = false;
        }
    }
    found
}

/// A line's comment, without what opens it.
fn comment<'a>(kind: &str, line: &'a str) -> Option<&'a str> {
    let markers: &[&str] = match kind {
        "rs" => &["//"],
        "js" | "mjs" | "kt" | "kts" | "swift" | "css" => &["//", "/*", "* "],
        "sql" => &["--"],
        "html" | "xml" => &["<!--", "{#"],
        _ => &["#"],
    };
    let begins = |at: usize, marker: &str| match line[..at].chars().next_back() {
        None => true,
        Some(_) if marker.len() > 2 || marker == "{#" => true,
        Some(before) if marker == "* " => before.is_whitespace() && line[..at].trim().is_empty(),
        Some(before) => before.is_whitespace(),
    };
    let found = markers.iter().filter_map(|marker| {
        let mut places = line.match_indices(marker).map(|(at, _)| at);
        places.find(|at| begins(*at, marker)).map(|at| at + marker.len())
    });
    found.min().map(|at| &line[at..])
}

/// The numbers in a line of a comment or document.
pub fn cited_in_prose(line: &str) -> Vec<String> {
    let outside = |(no, part)| if no % 2 == 0 { part } else { " ` " };
    let line: String = line.split('`').enumerate().map(outside).collect();
    let (mut found, mut rest) = (Vec::new(), line.as_str());
    let mut before = String::new();
    while let Some(letter) = rest.chars().next() {
        let length = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length.max(letter.len_utf8()));
        if word == "§" {
            let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
            let section = after[..end.unwrap_or(after.len())].trim_end_matches('.');
            // A section of an RFC is not ours.
            let is_ours = !section.is_empty() && !before.contains("RFC ");
            found.extend(is_ours.then(|| section.to_owned()));
        } else if ["step", "steps"].contains(&word.to_lowercase().as_str()) {
            found.extend(steps(after));
        } else if is_numbered(word) {
            // A letter's number in a section's list (`1.4.A3`), or on its own; `P-256` is neither.
            let section = before.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
            let section = section.trim_start_matches(|letter: char| !letter.is_ascii_digit());
            match before.chars().next_back() {
                Some('.') if section.contains('.') => found.push(format!("{section}.{word}")),
                Some('.' | '-' | '_' | '&' | '#') => {}
                _ => found.push(word.to_owned()),
            }
        }
        before.push_str(word);
        rest = after;
    }
    found
}

/// The numbers that follow the word "step": `24`, `17 and 18`, `1 to 7`.
fn steps(after: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = after.split_whitespace();
    while let Some(word) = words.next() {
        let number = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let closed = number.len() < word.len();
        // A step of so many percent is a price's.
        if !is_number(number) || words.clone().next() == Some("%") {
            break;
        }
        found.push(format!("Step {number}"));
        if closed && !word.ends_with(',') || !matches!(words.next(), Some("and" | "or" | "to")) {
            break;
        }
    }
    found
}

/// The numbers in a test's name, of the letters that the rules use.
pub fn cited_in_name(name: &str, known: &BTreeSet<String>) -> Vec<String> {
    let is_used = |id: &str| {
        let letter = &id[..1];
        known.iter().any(|known| is_numbered(known) && known.starts_with(letter))
    };
    let numbered = |word: Option<&&str>| {
        let id = word?.to_uppercase();
        (is_numbered(&id) && is_used(&id)).then_some(id)
    };
    let number = |word: Option<&&str>| word.is_some_and(|word| is_number(word));
    let words: Vec<&str> = name.split('_').collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let (word, next, third) = (words.get(at), words.get(at + 1), words.get(at + 2));
        let mut taken = 1;
        if number(word) && number(next) {
            let section = format!("{}.{}", words[at], words[at + 1]);
            taken = if numbered(third).is_some() { 3 } else { 2 };
            found.push(numbered(third).map_or(section.clone(), |id| format!("{section}.{id}")));
        } else if word == Some(&"step") && number(next) {
            taken = 2;
            found.push(format!("Step {}", words[at + 1]));
        } else {
            found.extend(numbered(word));
        }
        at += taken;
    }
    found
}

/// The numbers that a program prints: a workload's name, or an invariant before the way it broke.
pub fn cited_as_text(line: &str) -> Vec<String> {
    let parts: Vec<&str> = line.split(['"', '\'']).collect();
    let named = |part: &&&str| {
        let workload = part.starts_with('W') && is_numbered(part);
        let broken = part.split_once(": ").is_some_and(|(id, _)| is_numbered(id));
        workload || broken
    };
    let texts = parts.iter().skip(1).step_by(2).filter(named);
    texts.map(|part| part.split(':').next().unwrap_or_default().to_owned()).collect()
}

/// Returns `true` if a word is a capital letter, one or two digits and perhaps a small letter.
fn is_numbered(word: &str) -> bool {
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
    let digits = letters.as_str().trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    capital && is_number(digits) && letters.as_str().len() <= digits.len() + 1
}

fn is_number(word: &str) -> bool {
    (1..=2).contains(&word.len()) && word.chars().all(|letter| letter.is_ascii_digit())
}

pub fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
