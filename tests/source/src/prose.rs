//! Texts that people read: comments and texts of code, and whole files of other kinds.

use crate::excluded_words::{ARCHAISMS, HE, QUOTING};
use crate::files::TextFile;
use proc_macro2::{TokenStream, TokenTree};
use std::ops::Range;

/// An excluded word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    pub line: usize,
    pub word: &'static str,
}

/// A comment, with those that follow it, or a text.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Of its first character.
    pub line: usize,
    pub text: String,
    pub comment: bool,
}

/// Comments and string literals of a Rust file; all of any other file.
///
/// # Errors
/// The file's path with what the lexer says, when it is not Rust.
pub fn passages(file: &TextFile) -> Result<Vec<Passage>, String> {
    if !file.path.ends_with(".rs") {
        return Ok(vec![Passage { line: 1, text: file.text.clone(), comment: false }]);
    }
    let tokens: TokenStream =
        file.text.parse().map_err(|error| format!("{}: {error}", file.path))?;
    let mut reader = Lexer { text: &file.text, end: 0, line: 1, lines_to: 0, found: Vec::new() };
    reader.tokens(tokens);
    reader.gap(file.text.len());
    Ok(reader.found)
}

struct Lexer<'a> {
    text: &'a str,
    /// Of the last token.
    end: usize,
    /// The line of byte `lines_to`.
    line: usize,
    lines_to: usize,
    found: Vec<Passage>,
}

impl Lexer<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut last_name = String::new();
        for token in tokens {
            // A serialised name stays as it was when it was first written.
            let serialised = last_name == "rename";
            if let TokenTree::Ident(name) = &token {
                last_name = name.to_string();
            }
            match token {
                // The lexer gives a doc comment as an attribute; to this reader it is a comment.
                token if self.comment(&token.span().byte_range()) => {}
                TokenTree::Group(group) => {
                    self.token(group.span_open().byte_range(), false);
                    self.tokens(group.stream());
                    self.token(group.span_close().byte_range(), false);
                }
                TokenTree::Literal(literal) => {
                    let text = !serialised && literal.to_string().contains('"');
                    self.token(literal.span().byte_range(), text);
                }
                other => self.token(other.span().byte_range(), false),
            }
        }
    }

    fn comment(&self, at: &Range<usize>) -> bool {
        let text = self.text.get(at.clone()).unwrap_or_default();
        text.starts_with("//") || text.starts_with("/*")
    }

    fn token(&mut self, at: Range<usize>, text: bool) {
        if at.is_empty() {
            return;
        }
        self.gap(at.start);
        if text {
            self.passage(at.clone(), false);
        }
        self.end = self.end.max(at.end);
    }

    /// Between two tokens there is nothing but white space and comments.
    fn gap(&mut self, next: usize) {
        if next > self.end && !self.text[self.end..next].trim().is_empty() {
            self.passage(self.end..next, true);
        }
    }

    fn passage(&mut self, at: Range<usize>, comment: bool) {
        self.line += self.text[self.lines_to..at.start].matches('\n').count();
        self.lines_to = at.start;
        let text = self.text[at].replace("\\n", "  ");
        self.found.push(Passage { line: self.line, text, comment });
    }
}

/// Every excluded word of `file`: those for a person, then the archaic ones.
///
/// # Errors
/// As [`passages`].
pub fn excluded(file: &TextFile) -> Result<(Vec<Finding>, Vec<Finding>), String> {
    let (mut he, mut archaic) = (Vec::new(), Vec::new());
    if !QUOTING.contains(&file.path.as_str()) {
        for passage in passages(file)? {
            let words = words(&passage);
            he.extend(find(file, &words, HE));
            archaic.extend(find(file, &words, ARCHAISMS));
        }
    }
    Ok((he, archaic))
}

fn find(file: &TextFile, words: &[(usize, String)], list: &[&'static str]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, (line, first)) in words.iter().enumerate() {
        for word in list.iter().filter(|word| word.starts_with(first.as_str())) {
            let mut following = words[at..].iter().map(|(_, word)| word.as_str());
            if word.split(' ').all(|part| following.next() == Some(part)) {
                found.push(Finding { path: file.path.clone(), line: *line, word });
            }
        }
    }
    found
}

/// Words in lower case, each with its line. What is between backticks on one line is a quotation.
fn words(passage: &Passage) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, text) in passage.text.lines().enumerate() {
        let closed = text.matches('`').count() / 2 * 2;
        for (at, part) in text.split('`').enumerate() {
            if at % 2 == 1 && at < closed {
                continue;
            }
            let words = part.split(|letter: char| !letter.is_alphanumeric());
            let words = words.filter(|word| !word.is_empty());
            found.extend(words.map(|word| (passage.line + line, word.to_lowercase())));
        }
    }
    found
}
