//! The two faces of the papers' font: which letters they have, and how wide these are.
//!
//! # Why they are found by position
//! A release build then holds these two fonts, 630 kB, of the crate's 10 MB, because the positions
//! are known when it is compiled.

use super::PaperError;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};
use std::sync::LazyLock;

/// Stands for a letter that the font does not have, or that runs from right to left.
const REPLACEMENT: char = '\u{fffd}';
/// Positions in `typst_assets::fonts()`; a test checks the names.
const REGULAR: usize = 0;
const BOLD: usize = 1;

static FACES: LazyLock<Option<Faces>> = LazyLock::new(|| {
    let regular = typst_assets::fonts().nth(REGULAR).and_then(Face::load)?;
    let bold = typst_assets::fonts().nth(BOLD).and_then(Face::load)?;
    Some(Faces { regular, bold })
});

/// Regular and bold.
pub struct Faces {
    pub regular: Face,
    pub bold: Face,
}

/// One face of the font.
pub struct Face {
    pub font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
}

/// The faces, read once.
///
/// # Errors
/// [`PaperError::Font`].
pub fn faces() -> Result<&'static Faces, PaperError> {
    FACES.as_ref().ok_or(PaperError::Font)
}

impl Face {
    fn load(data: &'static [u8]) -> Option<Self> {
        let font = Font::new(data.into(), 0)?;
        let parsed = FontRef::new(data).ok()?;
        let metrics = parsed.glyph_metrics(Size::unscaled(), LocationRef::default());
        let units_per_em = font.units_per_em();
        Some(Self { font, charmap: parsed.charmap(), metrics, units_per_em })
    }

    /// The glyphs of a [`Face::printable`] text, one for each letter.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, letter): (usize, char)| {
            let (id, advance) = self.glyph(letter);
            let range = at..at + letter.len_utf8();
            KrillaGlyph::new(GlyphId::new(id), advance, 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// The width of a text, in points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.glyph(letter).1 * size).sum()
    }

    /// The text as it can be printed: without characters that cannot be seen or that turn its
    /// direction, with [`REPLACEMENT`] for letters that cannot be set. Ends of lines stay.
    pub fn printable(&self, text: &str) -> String {
        let text = text.replace("\r\n", "\n");
        text.chars().filter_map(|letter| self.printed(letter)).collect()
    }

    fn printed(&self, letter: char) -> Option<char> {
        match letter {
            '\n' => Some('\n'),
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' => Some(' '),
            hidden if hidden.is_control() || is_mark_of_direction(hidden) => None,
            foreign if runs_from_right_to_left(foreign) => Some(REPLACEMENT),
            known if self.charmap.map(known).is_some() => Some(known),
            _ => Some(REPLACEMENT),
        }
    }

    /// The glyph's number and its width in parts of the size.
    fn glyph(&self, letter: char) -> (u32, f32) {
        let id = self.charmap.map(letter).unwrap_or_default();
        let width = self.metrics.advance_width(id).unwrap_or_default();
        (id.to_u32(), width / self.units_per_em)
    }
}

fn is_mark_of_direction(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The blocks that Unicode keeps for scripts from right to left.
fn runs_from_right_to_left(letter: char) -> bool {
    matches!(
        letter,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use skrifa::string::StringId;

    #[test]
    fn the_fonts_are_the_ones_whose_licence_was_read() {
        for (position, expected) in [(REGULAR, "Regular"), (BOLD, "Bold")] {
            let font = FontRef::new(typst_assets::fonts().nth(position).unwrap()).unwrap();
            let name = font.localized_strings(StringId::FULL_NAME).english_or_first().unwrap();
            let name: String = name.chars().collect();
            assert_eq!(name, format!("Libertinus Serif {expected}"));
        }
    }

    #[test]
    fn both_faces_have_every_letter_of_the_three_languages() {
        let letters = "АБВГДЕЁЖЗИЙКЛМНҢОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя\
            ABCXYZabcxyz0123456789 \u{a0}№«»“”‘’„—–·…,.;:!?()[]/%+-=_@#&*";
        let faces = faces().unwrap();
        for face in [&faces.regular, &faces.bold] {
            assert_eq!(face.printable(letters), letters);
        }
    }

    #[test]
    fn a_text_cannot_turn_the_line_nor_hide_in_it() {
        for (text, expected) in [
            ("abc\u{202e}fdp.exe", "abcfdp.exe"),
            ("a\u{2066}b\u{2069}c\u{200b}d\u{ad}e", "abcde"),
            ("a\u{0}\u{7}\u{1b}[31mb", "a[31mb"),
            ("a\tb\r\nc\u{2028}d", "a b\nc\nd"),
            (
                "жер שלום سلام",
                "жер \u{fffd}\u{fffd}\u{fffd}\u{fffd} \u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("天😀", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(faces().unwrap().regular.printable(text), expected, "{text:?}");
        }
    }
}
