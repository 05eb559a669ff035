//! Every text that people read, from the files it is written in.

use std::fs;
use std::path::{Path, PathBuf};

/// Kyrgyz, Russian, English: the order of all tables of texts.
pub const LANGUAGES: [&str; 3] = ["ky", "ru", "en"];

/// A text in one language.
#[derive(Debug, Clone)]
pub struct Line {
    /// `console`, `apps` or the file of Rust it stands in, relative to the workspace.
    pub source: String,
    /// The text's name, or its number in the file.
    pub key: String,
    /// Index of the text's language in [`LANGUAGES`].
    pub language: usize,
    pub text: String,
}

/// All texts: the console with its audit trail, the public pages, the apps, and the Rust files with tables of texts
/// (the core, the terminal, the application's form, the payment system's pages).
pub fn all() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut lines = Vec::new();
    for (language, tag) in LANGUAGES.into_iter().enumerate() {
        for file in ["console", "site"] {
            let file = root.join(format!("server/src/console/locales/{tag}/{file}.ftl"));
            lines.extend(fluent(&fs::read_to_string(file).unwrap(), language));
        }
    }
    let apps = fs::read_to_string(root.join("mobile-core/apps/texts.toml")).unwrap();
    lines.extend(triples("apps", &apps));
    let form = root.join("sync/src/domain/form/mod.rs");
    let mut files = vec![form];
    for folder in ["mobile-core/src", "server/src/pdf", "tests/src"] {
        tables(&root.join(folder), &mut files);
    }
    for file in files {
        let source = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let content = fs::read_to_string(&file).unwrap();
        lines.extend(triples(&source, &content));
        lines.extend(constants(&source, &content));
    }
    lines
}

/// The files of a folder that are named as tables of texts are.
fn tables(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            tables(&path, found);
        } else if ["texts.rs", "words.rs"].contains(&&*name) {
            found.push(path);
        }
    }
}

/// Messages of a Fluent file, each with all its lines.
pub fn fluent(file: &str, language: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
            Some((key, text)) => lines.push(Line {
                source: "console".to_owned(),
                key: key.to_owned(),
                language,
                text: text.to_owned(),
            }),
            None => {
                let message = lines.last_mut().unwrap();
                message.text.push('\n');
                message.text.push_str(line);
            }
        }
    }
    lines
}

/// Three strings in brackets of their own, the first two in Cyrillic: a text in each language.
pub fn triples(source: &str, file: &str) -> Vec<Line> {
    let strings = strings(file);
    let mut lines = Vec::new();
    for (index, window) in strings.windows(4).enumerate() {
        let [(before, ky), (first, ru), (second, en), (after, _)] = window else { continue };
        let opened = before.trim_end().ends_with(['[', '(']);
        let closed = after.trim_start_matches([',', ' ', '\n']).starts_with([']', ')']);
        if opened && first.trim() == "," && second.trim() == "," && closed {
            let key = named(before).unwrap_or_else(|| format!("text {index}"));
            for (language, text) in [ky, ru, en].into_iter().enumerate() {
                let (source, key) = (source.to_owned(), key.clone());
                lines.push(Line { source, key, language, text: text.clone() });
            }
        }
    }
    lines
}

/// The name in `name = [`.
fn named(before: &str) -> Option<String> {
    let name = before.trim_end().strip_suffix('[')?.trim_end().strip_suffix('=')?;
    name.split_whitespace().next_back().map(str::to_owned)
}

/// The strings of `const KY`, `const RU` and `const EN`, where a file has its texts so.
fn constants(source: &str, file: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for (language, tag) in LANGUAGES.into_iter().enumerate() {
        let start = format!("const {}: ", tag.to_uppercase());
        let Some((_, constant)) = file.split_once(&start) else { continue };
        let constant = constant.split("\n}").next().unwrap_or_default();
        for (before, text) in strings(constant) {
            let key = before.trim_matches([',', ' ', '\n', ':', '{']).to_owned();
            lines.push(Line { source: source.to_owned(), key, language, text });
        }
    }
    lines
}

/// The string literals of a file, each with what stands between it and the one before; after the
/// last one an empty string with the file's end. Comments are left out.
fn strings(file: &str) -> Vec<(String, String)> {
    let is_comment = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("//") || line.starts_with("# ")
    };
    let code: Vec<&str> = file.lines().filter(|line| !is_comment(line)).collect();
    let (mut found, mut between, mut text) = (Vec::new(), String::new(), None::<String>);
    let code = code.join("\n");
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match (letter, &mut text) {
            ('"', None) => text = Some(String::new()),
            ('"', Some(_)) => {
                found.push((std::mem::take(&mut between), text.take().unwrap_or_default()));
            }
            ('\\', Some(text)) => text.extend(letters.next()),
            (letter, Some(text)) => text.push(letter),
            (letter, None) => between.push(letter),
        }
    }
    found.push((between, String::new()));
    found
}
