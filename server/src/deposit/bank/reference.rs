//! References that payers write into the purpose of a transfer (ISO 11649).

/// The parts of a transfer's reference: `RF`, two check digits, twelve letters.
const REFERENCE_CHARS: usize = 16;
const PREFIX: &str = "RF";
/// Letters of a reference: no I, L, O and U, which people mistake for others.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The reference of an attempt to pay by transfer (ISO 11649), made of random bytes. Its check
/// digits find every single wrong letter.
pub fn make_reference(random: &[u8; 32]) -> String {
    let body: String = random
        .iter()
        .take(REFERENCE_CHARS - PREFIX.len() - 2)
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    format!("{PREFIX}{:02}{body}", 98 - remainder(&format!("{body}{PREFIX}00")))
}

/// The first valid reference in a text, however it is grouped: `rf12 3456 …` is one.
pub(super) fn find_reference(text: &str) -> Option<String> {
    let letters: Vec<char> = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let windows = letters.windows(REFERENCE_CHARS);
    windows.map(|window| window.iter().collect::<String>()).find(|found| is_reference(found))
}

fn is_reference(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !is_plain || !text.starts_with(PREFIX) || text.len() != REFERENCE_CHARS {
        return false;
    }
    let (head, body) = text.split_at(4);
    head[2..].bytes().all(|byte| byte.is_ascii_digit()) && remainder(&format!("{body}{head}")) == 1
}

/// The remainder by 97 of letters and digits, a letter counting as two digits (A is 10).
pub(super) fn remainder(text: &str) -> u32 {
    let digit = |sum: u32, digit: u32| (sum * 10 + digit) % 97;
    text.chars().filter_map(|letter| letter.to_digit(36)).fold(0, |sum, value| match value {
        0..=9 => digit(sum, value),
        _ => digit(digit(sum, value / 10), value % 10),
    })
}
