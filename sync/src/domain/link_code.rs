//! The code by which a person's next device is added: read from one screen, typed or scanned on
//! another.
//!
//! # Why these letters
//! Crockford's base 32 has no I, L, O and U, so that nobody has to tell 0 from O. What people type
//! instead is understood.

use std::fmt;

/// Bytes of a code: 80 bits, of which nobody guesses one within the minutes that it lives.
const BYTES: usize = 10;
/// Characters of a code: five bits each.
const CHARS: usize = 16;
/// Characters of a group, for reading aloud.
const GROUP: usize = 4;
/// Longest text that is looked at: a scanned address with a code in it.
const TEXT_BYTES_MAX: usize = 512;
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code for one device. It opens an account for some minutes, so it is never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkCode(String);

impl LinkCode {
    /// The code of the first bytes of a random secret.
    pub fn of(secret: &[u8; 32]) -> Self {
        let bits =
            secret.iter().take(BYTES).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let letter = |place: usize| {
            let index = (bits >> (5 * (CHARS - 1 - place))) & 31;
            LETTERS.get(usize::try_from(index).unwrap_or_default()).copied().unwrap_or_default()
        };
        Self((0..CHARS).map(|place| char::from(letter(place))).collect())
    }

    /// Reads a code as people type it, or as a scanned text has it: in any case, with spaces and
    /// hyphens, behind an address and `#`, or behind `toruk:link:`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= TEXT_BYTES_MAX)?;
        let code = text.rsplit(['#', ':']).next()?;
        let plain = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
        let letters: Option<String> = plain.map(understood).collect();
        letters.filter(|letters| letters.len() == CHARS).map(Self)
    }

    /// The characters without groups, which are hashed.
    pub fn letters(&self) -> &str {
        &self.0
    }

    /// The text for a QR code on a phone.
    pub fn qr_text(&self) -> String {
        format!("toruk:link:{}", self.0)
    }
}

/// In groups of four: `K7QM-2F9D-0WXY-A1B2`.
impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, letter) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// Not the code itself.
impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(…)")
    }
}

/// The letter that a typed one stands for.
fn understood(typed: char) -> Option<char> {
    let letter = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let known = u8::try_from(letter).ok().filter(|letter| LETTERS.contains(letter));
    known.map(char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(fill: u8) -> [u8; 32] {
        let mut secret = [fill; 32];
        secret[0] = 7;
        secret
    }

    #[test]
    fn a_code_is_read_as_it_is_shown_typed_and_scanned() {
        for fill in [0, 1, 0x5a, 0xff] {
            let code = LinkCode::of(&secret(fill));
            let shown = code.to_string();
            assert_eq!((shown.len(), code.letters().len()), (19, 16), "{shown}");
            let spaced = shown.replace('-', " ").to_lowercase();
            let mistaken = shown.replace('0', "O").replace('1', "l");
            let address = format!("https://auction.example.kg/console/link#{}", code.letters());
            for typed in [&shown, &spaced, &mistaken, &code.qr_text(), &address] {
                assert_eq!(LinkCode::parse(typed), Some(code.clone()), "{typed}");
            }
        }
        assert_ne!(LinkCode::of(&secret(1)), LinkCode::of(&secret(2)));
    }

    #[test]
    fn what_is_no_code_is_refused_and_a_code_is_in_no_log() {
        let code = LinkCode::of(&secret(9));
        let (short, long) = (&code.letters()[1..], format!("{}0", code.letters()));
        let other = format!("U{short}");
        let padded = "-".repeat(TEXT_BYTES_MAX) + code.letters();
        for text in ["", "-", short, &long, &other, "Ж7QM-2F9D-0WXY-A1B2", &padded] {
            assert_eq!(LinkCode::parse(text), None, "{text}");
        }
        assert!(!format!("{code:?}").contains(&code.letters()[..4]));
    }
}
