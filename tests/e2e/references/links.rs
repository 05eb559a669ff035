//! A page's links: the files they lead to, and the names they promise there.

use super::citations::is_of_name;
use super::page::{Fault, lines, without_fences};
use std::path::{Component, Path, PathBuf};

/// Keywords that define the name which a link to a source file promises.
const KEYWORDS: [&str; 5] = ["fn", "const", "enum", "struct", "static"];

/// A page's links, as (line, text, target).
pub fn links(page: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (no, line) in lines(&without_fences(page)) {
        for (at, _) in line.match_indices("](") {
            let is_code = line[..at].matches('`').count() % 2 == 1;
            let text = line[..at].rsplit_once('[').map_or(&line[..at], |(_, text)| text);
            let target = line[at + 2..].split([')', ' ']).next().unwrap_or_default();
            if !is_code {
                found.push((no, text.to_owned(), target.to_owned()));
            }
        }
        let sources = line.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        found.extend(sources.map(|(target, _)| (no, String::new(), target.to_owned())));
        let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        found.extend(definition.map(|(text, target)| (no, text.to_owned(), target.to_owned())));
    }
    found
}

/// The path from the root that a link of the page at `from` leads to; `None` when it leads out.
fn resolved(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().filter(|target| !target.is_empty())?;
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut path = PathBuf::from(from).parent()?.to_path_buf();
    for part in Path::new(target).components() {
        match part {
            // A link that climbs out of the repository leads to no file of it.
            Component::ParentDir if !path.pop() => return Some("..".to_owned() + target),
            Component::ParentDir | Component::CurDir => {}
            part => path.push(part),
        }
    }
    Some(path.to_string_lossy().into_owned())
}

pub fn dead_links(from: &str, page: &str, exists: impl Fn(&str) -> bool) -> Vec<Fault> {
    let links = links(page).into_iter();
    let dead = links.filter(|(_, _, to)| resolved(from, to).is_some_and(|to| !exists(&to)));
    dead.map(|(line, _, to)| (line, to)).collect()
}

/// Links to source files whose text is not the name of something defined there.
pub fn wrong_names(from: &str, page: &str, read: impl Fn(&str) -> String) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, text, target) in links(page) {
        let Some(file) = resolved(from, &target).filter(|file| file.ends_with(".rs")) else {
            continue;
        };
        let name = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        if !name.is_some_and(|name| is_defined(&read(&file), name)) {
            faults.push((line, format!("{text} is not in {file}")));
        }
    }
    faults
}

fn is_defined(source: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(is_of_name);
    KEYWORDS.iter().any(|keyword| {
        let wanted = format!("{keyword} {name}");
        source.match_indices(&wanted).any(|(at, _)| ends(&source[at + wanted.len()..]))
    })
}
