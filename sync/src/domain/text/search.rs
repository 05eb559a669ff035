//! The words of a search, compared as people type them.

use super::search_key;

/// Most words of a search; the rest is ignored.
const WORDS_MAX: usize = 8;
/// Most characters of a word; the rest is ignored.
const WORD_CHARS_MAX: usize = 60;

/// The words that a person looks for, each by its [`search_key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// Splits a typed text at its white space.
    pub fn new(typed: &str) -> Self {
        let words = typed.split_whitespace().take(WORDS_MAX);
        let key = |word: &str| search_key(&word.chars().take(WORD_CHARS_MAX).collect::<String>());
        Self(words.map(key).filter(|word| !word.is_empty()).collect())
    }

    /// Returns `true` if nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words, each by its [`search_key`].
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// Returns `true` if every word occurs in one of the texts.
    pub fn are_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let texts: Vec<String> = texts.into_iter().map(search_key).collect();
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// The texts of one thing as a store keeps them, to be searched for each of [`SearchWords::keys`]:
/// by [`search_key`], and apart from each other, so that no word lies across two of them.
pub fn search_text<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(search_key).collect::<Vec<_>>().join("\n")
}
