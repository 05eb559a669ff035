//! Compares references with tables of what is allowed. Everything here is a function of its
//! arguments, so that a test can show a wall a violation.

use crate::facts;
use crate::files::TextFile;
use crate::graph::{self, Graph};
use crate::modules::{Modules, Reference, Target};
use std::collections::{BTreeMap, BTreeSet};

/// One crate, its rooms and what they may know.
pub struct Plan {
    /// As other crates write it, such as `toruk_server`.
    pub name: &'static str,
    /// Its sources' folder, such as `server/src`.
    pub folder: &'static str,
    /// The room of a module's path; the root's path is empty.
    pub room: fn(&str) -> String,
    /// Rooms by name, each with the rooms it may know.
    pub may_know: BTreeMap<String, BTreeSet<String>>,
    /// Crates, or paths in them, that a room must not name.
    pub never: Vec<Never>,
    /// Edges that exist against the plan. Each must still be needed.
    pub knots: &'static [Knot],
}

/// Paths that a room must not name, such as `axum` or `crate::store::sqlite`, but for `except`;
/// `room` may be `*` or end or begin with `*`.
pub struct Never {
    pub room: &'static str,
    pub paths: &'static [&'static str],
    pub except: &'static [&'static str],
}

/// A known edge against the plan; `from` and `to` may be `*` or end or begin with `*`.
pub struct Knot {
    pub from: &'static str,
    pub to: &'static str,
    pub reason: &'static str,
}

/// A crate as it is.
pub struct Survey {
    pub modules: Modules,
    pub references: Vec<Reference>,
}

impl Survey {
    /// # Errors
    /// What the parser says of a file that is not Rust.
    pub fn new(name: &str, folder: &str, files: &[TextFile]) -> Result<Self, String> {
        let rust = files.iter().filter(|file| file.path.ends_with(".rs"));
        let facts: Vec<_> = rust.map(facts::read).collect::<Result<_, _>>()?;
        Ok(Self::of(Modules::new(name, folder, &facts)))
    }

    pub fn of(modules: Modules) -> Self {
        let references = modules.references();
        Self { modules, references }
    }

    /// References between the plan's rooms.
    pub fn rooms(&self, plan: &Plan) -> Graph {
        let mut graph = Graph::new();
        for (_, from, to) in self.edges(plan) {
            graph.entry(to.clone()).or_default();
            graph.entry(from).or_default().insert(to);
        }
        graph
    }

    fn edges<'a>(
        &'a self,
        plan: &'a Plan,
    ) -> impl Iterator<Item = (&'a Reference, String, String)> + 'a {
        self.references.iter().filter_map(|reference| {
            let Target::Ours { module, .. } = &reference.target else { return None };
            let (from, to) = ((plan.room)(&reference.from), (plan.room)(module));
            (from != to).then_some((reference, from, to))
        })
    }
}

impl Plan {
    fn knot(&self, from: &str, to: &str) -> Option<usize> {
        self.knots.iter().position(|knot| matches(knot.from, from) && matches(knot.to, to))
    }
}

/// Every complaint about the crate, sorted.
pub fn complaints(plan: &Plan, survey: &Survey) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut needed = BTreeSet::new();
    for (reference, from, to) in survey.edges(plan) {
        let Some(known) = plan.may_know.get(&from) else {
            found.insert(format!("{}: room `{from}` is not in the plan", reference.file));
            continue;
        };
        if known.contains(&to) {
            continue;
        }
        if let Some(knot) = plan.knot(&from, &to) {
            needed.insert(knot);
            continue;
        }
        let (place, path) = (place(reference), written(&reference.target));
        found.insert(format!("{place}: `{from}` must not know `{to}` ({path})"));
    }
    for reference in &survey.references {
        let path = &written(&reference.target);
        let room = (plan.room)(&reference.from);
        let rules = plan.never.iter().filter(|never| matches(never.room, &room));
        let excepted = |never: &&Never| never.except.iter().any(|except| begins(path, except));
        let rules = rules.filter(|never| !excepted(never));
        for forbidden in rules.flat_map(|never| never.paths).filter(|never| begins(path, never)) {
            let place = place(reference);
            found.insert(format!("{place}: `{room}` must not know {forbidden} ({path})"));
        }
    }
    found.extend(circles(plan, survey));
    for (at, knot) in plan.knots.iter().enumerate().filter(|(at, _)| !needed.contains(at)) {
        let Knot { from, to, .. } = knot;
        found.insert(format!("{}: knot {at}, `{from}` to `{to}`, is untied: drop it", plan.name));
    }
    found.into_iter().collect()
}

/// Circles that are left without the knots.
fn circles(plan: &Plan, survey: &Survey) -> Vec<String> {
    let mut rooms = survey.rooms(plan);
    for (from, known) in &mut rooms {
        let allowed = plan.may_know.get(from);
        let planned = |to: &String| allowed.is_some_and(|allowed| allowed.contains(to));
        known.retain(|to| planned(to) || plan.knot(from, to).is_none());
    }
    let say = |circle: BTreeSet<String>| {
        let rooms = circle.into_iter().collect::<Vec<_>>().join(", ");
        format!("{}: a circle of rooms: {rooms}", plan.name)
    };
    graph::circles(&rooms).into_iter().map(say).collect()
}

fn place(reference: &Reference) -> String {
    format!("{}:{}", reference.file, reference.line)
}

fn written(target: &Target) -> String {
    match target {
        Target::Foreign(path) => path.clone(),
        Target::Ours { module, item } => {
            let parts = ["crate", module, item];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("::")
        }
    }
}

/// `name` is `pattern`, or `pattern` has `*` as its first or last character for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => pattern == name,
    }
}

fn begins(path: &str, prefix: &str) -> bool {
    path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"))
}
