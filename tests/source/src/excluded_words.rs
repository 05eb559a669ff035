//! Words that no text of the house uses.

/// A person is *they*, *the bidder*, *the official*.
pub const HE: &[&str] = &["he", "him", "himself", "his"];

/// Archaic words and phrases, in lower case.
pub const ARCHAISMS: &[&str] = &[
    "anew",
    "aught",
    "betwixt",
    "forthwith",
    "heretofore",
    "herein",
    "hitherto",
    "in earnest",
    "lest",
    "manieth",
    "mend",
    "mended",
    "mending",
    "mends",
    "naught",
    "so many as",
    "so manieth",
    "thence",
    "thereof",
    "therein",
    "thereupon",
    "thither",
    "unto",
    "whence",
    "wherein",
    "whereof",
    "whither",
    "whoever",
    "whomever",
    "whosoever",
];

/// First words of docs that ask instead of saying.
pub const QUESTIONS: &[&str] =
    &["how", "what", "when", "where", "whether", "which", "who", "whom", "whose", "why"];

/// Files that must quote the words above: the lists, and the test that shows that they are found.
pub const QUOTING: &[&str] = &[
    "tests/source/src/excluded_words.rs",
    "tests/e2e/architecture/voice.rs",
    "tests/e2e/glossary/mod.rs",
    "tests/e2e/glossary/terms.rs",
];
