//! References between files or rooms as a graph, and the circles in it.

use crate::modules::{Modules, Reference, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Directed edges without loops; every node is a key.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// Edges between files; a file without any is a node too.
pub fn of_files(modules: &Modules, references: &[Reference]) -> Graph {
    let nodes = modules.files().into_iter().map(str::to_owned);
    collect(nodes, references, |reference, module| {
        Some((reference.file.clone(), modules.file(module)?.to_owned()))
    })
}

/// Edges between modules cut to their first `depth` names; the root is `lib`.
pub fn of_rooms(modules: &Modules, references: &[Reference], depth: usize) -> Graph {
    collect([], references, |reference, module| {
        modules.file(module)?;
        Some((room(&reference.from, depth), room(module, depth)))
    })
}

/// The first `depth` names of a module's path.
pub fn room(module: &str, depth: usize) -> String {
    if module.is_empty() {
        return "lib".to_owned();
    }
    module.split("::").take(depth).collect::<Vec<_>>().join("::")
}

fn collect(
    nodes: impl IntoIterator<Item = String>,
    references: &[Reference],
    ends: impl Fn(&Reference, &str) -> Option<(String, String)>,
) -> Graph {
    let mut graph: Graph = nodes.into_iter().map(|node| (node, BTreeSet::new())).collect();
    for reference in references {
        let Target::Ours { module, .. } = &reference.target else { continue };
        let Some((from, to)) = ends(reference, module) else { continue };
        graph.entry(to.clone()).or_default();
        let known = graph.entry(from.clone()).or_default();
        if from != to {
            known.insert(to);
        }
    }
    graph
}

/// Sets of nodes that reach one another (strongly connected, two or more), the largest first.
pub fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|node| (node.as_str(), reachable(graph, node))).collect();
    let mut found: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for (node, reached) in &reach {
        let returns = |other: &&&str| reach.get(**other).is_some_and(|back| back.contains(node));
        let circle: BTreeSet<String> =
            reached.iter().filter(returns).map(|other| (*other).to_owned()).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

fn reachable<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(node) = waiting.pop() {
        for next in graph.get(node).into_iter().flatten() {
            if reached.insert(next.as_str()) {
                waiting.push(next);
            }
        }
    }
    reached
}
