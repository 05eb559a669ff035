//! Papers: plain data and a language go in, the bytes of a PDF come out.
//!
//! The same data gives the same bytes, so a paper can be made again and compared: the date is that
//! of the data, the document's id a hash of it. Nothing here reads a clock, a file or the database.
//!
//! Each paper is PDF/A-3a and PDF/UA-1 at once: to be kept for decades, and to be read aloud. What
//! a paper says is attached to it as JSON where a program may want to read it.
//!
//! # Why the font comes from a crate
//! Libertinus Serif of `typst-assets` has the Kyrgyz letters Ң, Ө and Ү, its licence (OFL 1.1) lets a
//! document embed it, and the repository holds no binaries.
//!
//! # Why there is no shaping
//! Kyrgyz, Russian and English need one glyph for one letter. Letters of other scripts that would
//! need more, or that run from right to left, are replaced by a sign that stands for them; the
//! attached data has them as they were written.

mod amount;
mod day_report;
mod face;
mod instalments;
mod lapse;
mod layout;
mod protocol;
mod render;
mod slip;
#[cfg(test)]
mod tests;
mod texts;

pub use self::amount::{in_figures, in_words};
pub use self::day_report::{DayPaper, DayPaperLine};
pub use self::lapse::{Decision, Lapse, LossReason};
pub use self::protocol::{AuctionProtocol, ProtocolLot, ProtocolOutcome, ProtocolWinner, Raise};
pub use self::slip::PaymentSlip;

/// A language of the papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaperLanguage {
    /// Kyrgyz, the state's language and the default.
    #[default]
    Ky,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl PaperLanguage {
    /// All languages, in the order of the tables of texts.
    pub const ALL: [Self; 3] = [Self::Ky, Self::Ru, Self::En];

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ky => "ky",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language of a tag; `None` if there are no papers in it.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The text in this language.
    pub fn pick(self, [ky, ru, en]: [&'static str; 3]) -> &'static str {
        match self {
            Self::Ky => ky,
            Self::Ru => ru,
            Self::En => en,
        }
    }
}

/// The reasons why a paper cannot be made. Each is a defect of the program, not of the data.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The font cannot be read.
    #[error("the font of papers cannot be read")]
    Font,
    /// The code is too long for a QR code.
    #[error("the code does not fit into a QR code")]
    Qr(#[from] qrcode::types::QrError),
    /// The document would not be PDF/A-3a and PDF/UA-1.
    #[error("the paper cannot be written: {0}")]
    Document(String),
}
