//! Text that people type: names, titles, reasons, answers, the names of files.
//!
//! Two texts that look the same should be the same, and no text may change how the text around it
//! reads. Characters that cannot be seen, that turn the direction of a line or that end it are
//! therefore refused, as RFC 8264 does in its class for free text, and everything is in Unicode's
//! composed form (NFC).
//!
//! # Who changes a text, and who refuses it
//! A text that is signed must not silently differ from what was typed. The phone [`clean`]s an
//! answer when it is typed and a [`file_name`] when the file is chosen, shows the result and signs
//! it; the server never changes either, it refuses what is not clean. Texts that nobody signs are
//! normalised by the server ([`line()`], [`paragraph`]).
//!
//! # Why the auction's rules do not call this
//! An auditor decides the records of a log again, years later and with newer tables of characters:
//! the answer must not depend on them. The doors check the text before it becomes a command.

mod search;

pub use search::{SearchWords, search_text};

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Longest name of a file, in characters, its ending included.
pub const FILE_NAME_CHARS_MAX: usize = 120;
/// Most marks on one letter: Vietnamese, Arabic and Thai need two where no composed letter exists.
const MARKS_MAX: usize = 2;
/// The name of a file whose own name has nothing to keep.
const UNNAMED_FILE: &str = "file";

/// The reason why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum TextFault {
    #[error("the text is empty")]
    Empty,
    #[error("the text is too long")]
    TooLong,
    #[error("the text has characters that cannot be seen")]
    Hidden,
    #[error("too many marks stand on one letter")]
    StackedMarks,
}

/// A text of one line, such as a name or a title: composed, without surrounding white space, and
/// with single spaces.
///
/// # Errors
/// [`TextFault`]; `chars_max` counts characters of the result.
pub fn line(text: &str, chars_max: usize) -> Result<String, TextFault> {
    let text = checked(text, chars_max, false)?;
    let words = text.split(is_space).filter(|word| !word.is_empty());
    Ok(words.collect::<Vec<_>>().join(" "))
}

/// A text of any number of lines, such as a reason: composed, without surrounding white space.
///
/// # Errors
/// As [`line()`].
pub fn paragraph(text: &str, chars_max: usize) -> Result<String, TextFault> {
    checked(&text.replace("\r\n", "\n"), chars_max, true)
}

/// A typed answer without characters that cannot be seen, in composed form. Other ends of lines
/// become line feeds; white space stays, because the person may be in the middle of typing.
pub fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let seen = text.chars().filter_map(|character| match character {
        '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        '\n' => Some('\n'),
        hidden if is_hidden(hidden) => None,
        seen => Some(seen),
    });
    seen.nfc().collect()
}

/// Returns `true` if `text` is as [`clean`] leaves it and no letter has too many marks. Only
/// `with_lines` may hold line feeds.
pub fn is_clean(text: &str, with_lines: bool) -> bool {
    fault(text, with_lines).is_none() && is_nfc(text)
}

/// The name under which a file is kept and downloaded: one line of at most
/// [`FILE_NAME_CHARS_MAX`] characters, without those that file systems treat as their own, and
/// with the ending of `mime`, so that a name does not say what the bytes are not.
pub fn file_name(name: &str, mime: &str) -> String {
    let mut marks = MARKS_MAX;
    let kept = name.nfc().filter_map(|character| match character {
        hidden if is_hidden(hidden) => None,
        space if is_space(space) => Some(' '),
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some('_'),
        seen => Some(seen),
    });
    let kept: String = kept
        .filter(|character| {
            marks = if is_mark(*character) { marks + 1 } else { 0 };
            marks <= MARKS_MAX
        })
        .nfc()
        .collect();
    let (endings, fixed) = endings(mime);
    let odd_start = |character: char| matches!(character, ' ' | '.') || is_mark(character);
    let bare =
        |name: &str| name.trim_start_matches(odd_start).trim_end_matches([' ', '.']).to_owned();
    let kept = bare(&kept);
    let has_ending = |(stem, ending): &(&str, &str)| {
        let ending = ending.to_ascii_lowercase();
        !bare(stem).is_empty() && endings.contains(&ending.as_str())
    };
    let (stem, ending) = kept.rsplit_once('.').filter(has_ending).unwrap_or((&kept, fixed));
    let room = FILE_NAME_CHARS_MAX - ending.len() - 1;
    let short: String = bare(stem).chars().take(room).collect();
    let short = Some(bare(&short)).filter(|stem| !stem.is_empty());
    format!("{}.{ending}", short.as_deref().unwrap_or(UNNAMED_FILE))
}

/// Returns `true` if [`file_name`] leaves `name` as it is.
pub fn is_file_name(name: &str, mime: &str) -> bool {
    // A name of an attacker's length is not worth composing.
    name.len() <= FILE_NAME_CHARS_MAX * 4 && file_name(name, mime) == name
}

/// A text as a search compares it: composed, in lower case, with a plain apostrophe and hyphen,
/// and with the letters that many keyboards lack as their neighbours, which people type instead.
pub fn search_key(text: &str) -> String {
    let seen = text.nfc().filter(|character| !is_hidden(*character));
    let lower = seen.flat_map(char::to_lowercase);
    let folded = lower.map(|letter| match letter {
        'ө' => 'о',
        'ү' => 'у',
        'ң' => 'н',
        'ё' => 'е',
        '’' | '‘' | 'ʼ' | '`' => '\'',
        '\u{2010}'..='\u{2014}' => '-',
        space if is_space(space) => ' ',
        other => other,
    });
    folded.collect()
}

/// A key that sorts texts in the order of the Kyrgyz alphabet, in which «ё», «ң», «ө» and «ү» are
/// letters of their own after «е», «н», «о» and «у». Case does not matter.
///
/// # Why not ICU's collation
/// Its tables would be on each phone for four letters: all others stand in Unicode as they stand in
/// the alphabet. Phones and the console sort alike.
pub fn sort_key(text: &str) -> Vec<(char, u8)> {
    let lower = text.nfc().flat_map(char::to_lowercase);
    let place = lower.map(|letter| match letter {
        'ё' => ('е', 1),
        'ң' => ('н', 1),
        'ө' => ('о', 1),
        'ү' => ('у', 1),
        other => (other, 0),
    });
    place.collect()
}

/// A text to be put into a sentence: text that runs from right to left is isolated, so that it
/// does not reorder the words around it.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_right_to_left) {
        Cow::Owned(format!("\u{2068}{text}\u{2069}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn checked(text: &str, chars_max: usize, with_lines: bool) -> Result<String, TextFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextFault::Empty);
    }
    // Composing shortens a text by a factor of at most four; no need to compose a book.
    if text.chars().take(chars_max * 4 + 1).count() > chars_max * 4 {
        return Err(TextFault::TooLong);
    }
    let text: String = text.nfc().collect();
    match fault(&text, with_lines) {
        Some(fault) => Err(fault),
        None if text.chars().count() > chars_max => Err(TextFault::TooLong),
        None => Ok(text),
    }
}

fn fault(text: &str, with_lines: bool) -> Option<TextFault> {
    // A mark at the beginning would stand on whatever is shown before it.
    let mut marks = MARKS_MAX;
    for character in text.chars() {
        if is_hidden(character) && !(with_lines && character == '\n') {
            return Some(TextFault::Hidden);
        }
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MARKS_MAX {
            return Some(TextFault::StackedMarks);
        }
    }
    None
}

/// Returns `true` for characters without a shape of their own: controls, formats (those that turn
/// the direction, tags, joiners, byte order marks, soft hyphens), ends of lines, private and
/// unassigned ones, and the letters, marks and symbols that are shown as nothing.
fn is_hidden(character: char) -> bool {
    use GeneralCategory as Category;
    let category = character.general_category();
    matches!(
        category,
        Category::Control
            | Category::Format
            | Category::Surrogate
            | Category::PrivateUse
            | Category::Unassigned
            | Category::LineSeparator
            | Category::ParagraphSeparator
    ) || matches!(
        character,
        // Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, less the above.
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
            // A Braille pattern without a dot.
            | '\u{2800}'
    )
}

fn is_mark(character: char) -> bool {
    let category = character.general_category();
    matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

fn is_space(character: char) -> bool {
    character.general_category() == GeneralCategory::SpaceSeparator
}

/// The blocks that Unicode reserves for scripts written from right to left.
fn is_right_to_left(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

/// The endings that a media type may have, and the one that is added.
fn endings(mime: &str) -> (&'static [&'static str], &'static str) {
    match mime {
        "application/pdf" => (&["pdf"], "pdf"),
        "image/jpeg" => (&["jpg", "jpeg"], "jpg"),
        "image/png" => (&["png"], "png"),
        _ => (&["bin"], "bin"),
    }
}

#[cfg(test)]
mod tests;
