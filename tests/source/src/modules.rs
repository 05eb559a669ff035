//! Modules of one crate and what their paths mean: `use` trees, renames, re-exports and paths in
//! code are resolved to the module that defines the name.

use crate::facts::{Facts, Import, Scope, WrittenPath};
use std::collections::{BTreeMap, BTreeSet};

/// The end of a path: a module of the same crate, or another crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A module of the same crate (empty for its root) and the names after it.
    Ours { module: String, item: String },
    /// A path that begins with another crate's name.
    Foreign(String),
}

/// One place that refers to a module or another crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The referring file, from the root of the workspace.
    pub file: String,
    pub line: usize,
    /// The referring module, such as `auction::store`; empty for the crate's root.
    pub from: String,
    pub target: Target,
}

/// Re-exports followed from one name; more would be a circle of `use`.
const HOPS_MAX: usize = 16;

/// A crate's modules by path; those that only tests have are absent.
pub struct Modules {
    /// As other crates write it, such as `toruk_server`.
    name: String,
    scopes: BTreeMap<String, Place>,
}

struct Place {
    file: String,
    scope: Scope,
}

impl Modules {
    /// Reads `files` as the crate `name` with its sources below `folder`; other files are ignored.
    /// `main.rs` and `bin/x.rs` are taken as modules above the library of the same package.
    pub fn new(name: &str, folder: &str, files: &[Facts]) -> Self {
        let folder = format!("{folder}/");
        let inside = |facts: &&Facts| facts.path.starts_with(&folder);
        let mut scopes = BTreeMap::new();
        let mut tests = BTreeSet::new();
        for facts in files.iter().filter(inside) {
            let module = module_path(&facts.path[folder.len()..]);
            for scope in &facts.scopes {
                let path = scope.inside.iter().fold(module.clone(), |path, name| join(&path, name));
                tests.extend(scope.test_modules.iter().map(|name| join(&path, name)));
                scopes.insert(path, Place { file: facts.path.clone(), scope: scope.clone() });
            }
        }
        let below = |path: &str, test: &String| {
            path == test || path.strip_prefix(test.as_str()).is_some_and(|p| p.starts_with("::"))
        };
        scopes.retain(|path, _| !tests.iter().any(|test| below(path, test)));
        Self { name: name.to_owned(), scopes }
    }

    /// The file that holds `module`.
    pub fn file(&self, module: &str) -> Option<&str> {
        self.scopes.get(module).map(|place| place.file.as_str())
    }

    /// Files of the crate that are not only for tests.
    pub fn files(&self) -> BTreeSet<&str> {
        self.scopes.values().map(|place| place.file.as_str()).collect()
    }

    /// Every reference from one module to another or to another crate, sorted, each once a line.
    ///
    /// A module that re-exports its own child for outsiders does not count as a user of it: the
    /// module that takes the name is counted as a user of the child.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = BTreeSet::new();
        for (from, place) in &self.scopes {
            let scope = &place.scope;
            let imported = scope.imports.iter().filter(|import| !self.facade(from, import));
            let imported = imported.map(|import| (&import.path, true));
            let globs = scope.globs.iter().map(|path| (path, true));
            let code = scope.paths.iter().map(|path| (path, false));
            for (path, import) in imported.chain(globs).chain(code) {
                let Some(target) = self.resolve(from, path, import) else { continue };
                let own = matches!(&target, Target::Ours { module, .. } if module == from);
                if !own {
                    let (file, line) = (place.file.clone(), path.line);
                    found.insert(Reference { file, line, from: from.clone(), target });
                }
            }
        }
        found.into_iter().collect()
    }

    fn facade(&self, from: &str, import: &Import) -> bool {
        import.public
            && match self.resolve(from, &import.path, true) {
                Some(Target::Ours { module, .. }) => {
                    module != from && (from.is_empty() || module.starts_with(&format!("{from}::")))
                }
                _ => false,
            }
    }

    fn resolve(&self, from: &str, path: &WrittenPath, import: bool) -> Option<Target> {
        let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        self.absolute(from, &segments, import, HOPS_MAX)
    }

    fn absolute(&self, from: &str, path: &[&str], import: bool, hops: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let hops = hops.checked_sub(1)?;
        match *first {
            "crate" => return self.descend("", rest, hops),
            "self" => return self.descend(from, rest, hops),
            "super" => {
                let mut module = parent(from)?;
                let mut rest = rest;
                while let Some(("super", more)) = rest.split_first().map(|(a, b)| (*a, b)) {
                    (module, rest) = (parent(module)?, more);
                }
                return self.descend(module, rest, hops);
            }
            name if name == self.name => return self.descend("", rest, hops),
            _ => {}
        }
        if self.scopes.contains_key(&join(from, first)) {
            return self.descend(from, path, hops);
        }
        let place = self.scopes.get(from)?;
        let itself = |known: &&Import| known.name == **first && known.path.segments != path;
        if let Some(import) = place.scope.imports.iter().find(itself) {
            return self.through(from, &import.path, rest, hops);
        }
        if place.scope.items.contains(*first) {
            return None;
        }
        if let Some(module) = self.by_glob(from, first, hops) {
            return self.descend(&module, path, hops);
        }
        let a_crate = path.len() > 1 && first.starts_with(|c: char| c.is_lowercase());
        let foreign = import || a_crate && !PRIMITIVES.contains(first);
        foreign.then(|| Target::Foreign(path.join("::")))
    }

    /// The path of a `use` in `module`, continued by `rest`.
    fn through(
        &self,
        module: &str,
        path: &WrittenPath,
        rest: &[&str],
        hops: usize,
    ) -> Option<Target> {
        let whole = path.segments.iter().map(String::as_str).chain(rest.iter().copied());
        self.absolute(module, &whole.collect::<Vec<_>>(), true, hops)
    }

    /// Follows `path` from `module` down to the module that defines its name.
    fn descend(&self, module: &str, path: &[&str], hops: usize) -> Option<Target> {
        let hops = hops.checked_sub(1)?;
        let ours = || Target::Ours { module: module.to_owned(), item: path.join("::") };
        let Some((first, rest)) = path.split_first() else { return Some(ours()) };
        let child = join(module, first);
        if self.scopes.contains_key(&child) {
            return self.descend(&child, rest, hops);
        }
        let Some(place) = self.scopes.get(module) else { return Some(ours()) };
        if place.scope.items.contains(*first) {
            return Some(ours());
        }
        if let Some(import) = place.scope.imports.iter().find(|import| import.name == **first) {
            return self.through(module, &import.path, rest, hops).or_else(|| Some(ours()));
        }
        match self.by_glob(module, first, hops) {
            Some(other) => self.descend(&other, path, hops),
            None => Some(ours()),
        }
    }

    /// The module from which a `use …::*` in `module` brings `name`.
    fn by_glob(&self, module: &str, name: &str, hops: usize) -> Option<String> {
        let hops = hops.checked_sub(1)?;
        let globs = &self.scopes.get(module)?.scope.globs;
        globs.iter().find_map(|glob| {
            let segments: Vec<&str> = glob.segments.iter().map(String::as_str).collect();
            // Its own first segment must not be looked for behind the same glob.
            let Target::Ours { module: other, item } = self.rooted(module, &segments, hops)? else {
                return None;
            };
            let scope = &self.scopes.get(&other).filter(|_| item.is_empty())?.scope;
            let has = scope.items.contains(name)
                || scope.imports.iter().any(|import| import.name == name)
                || self.scopes.contains_key(&join(&other, name));
            (has && other != module).then_some(other)
        })
    }

    fn rooted(&self, from: &str, path: &[&str], hops: usize) -> Option<Target> {
        let first = path.first()?;
        let rooted = ["crate", "self", "super"].contains(first)
            || self.scopes.contains_key(&join(from, first));
        rooted.then(|| self.absolute(from, path, true, hops)).flatten()
    }
}

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

/// `auction/store/mod.rs` is `auction::store`, `lib.rs` the root.
fn module_path(file: &str) -> String {
    let without = file.strip_suffix(".rs").unwrap_or(file);
    let without = without.strip_suffix("/mod").unwrap_or(without);
    if without == "lib" || without == "mod" { String::new() } else { without.replace('/', "::") }
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

fn parent(module: &str) -> Option<&str> {
    if module.is_empty() {
        return None;
    }
    Some(module.rsplit_once("::").map_or("", |(parent, _)| parent))
}
