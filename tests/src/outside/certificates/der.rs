//! Writes DER by hand, so that what the server reads was not written by the library it reads with.

use toruk_sync::domain::time::Timestamp;

pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// One value under a tag.
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let all = length.to_be_bytes();
        let significant = &all[all.iter().take_while(|byte| **byte == 0).count()..];
        bytes.push(0x80 | significant.len() as u8);
        bytes.extend_from_slice(significant);
    }
    bytes.extend_from_slice(content);
    bytes
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    value(SEQUENCE, &parts.concat())
}

/// A set in DER's order.
pub fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut sorted = parts.to_vec();
    sorted.sort();
    value(SET, &sorted.concat())
}

/// `[number]` around a value.
pub fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    value(0xa0 | number, inner)
}

/// `[number]` instead of a value's own tag.
pub fn implicit(number: u8, inner: &[u8]) -> Vec<u8> {
    let constructed = inner[0] & 0x20;
    let mut bytes = inner.to_vec();
    bytes[0] = 0x80 | constructed | number;
    bytes
}

/// An object identifier in its dotted form.
pub fn oid(text: &str) -> Vec<u8> {
    let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().unwrap_or_default()).collect();
    let mut content = Vec::new();
    let first = arcs[0] * 40 + arcs[1];
    for arc in std::iter::once(first).chain(arcs[2..].iter().copied()) {
        let mut groups = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push(0x80 | (rest & 0x7f) as u8);
            rest >>= 7;
        }
        content.extend(groups.into_iter().rev());
    }
    value(0x06, &content)
}

/// A positive whole number, big-endian.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut content = bytes.to_vec();
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    value(0x02, &content)
}

pub fn octets(content: &[u8]) -> Vec<u8> {
    value(0x04, content)
}

/// A string of whole bytes of bits.
pub fn bits(content: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], content].concat())
}

pub fn utf8(text: &str) -> Vec<u8> {
    value(0x0c, text.as_bytes())
}

pub fn yes() -> Vec<u8> {
    value(0x01, &[0xff])
}

pub fn null() -> Vec<u8> {
    value(0x05, &[])
}

/// A moment as X.509 writes those before 2050.
pub fn utc_time(at: Timestamp) -> Vec<u8> {
    value(0x17, &digits(at)[2..])
}

/// A moment as OCSP writes it.
pub fn general_time(at: Timestamp) -> Vec<u8> {
    value(0x18, &digits(at))
}

/// `YYYYMMDDHHMMSSZ`.
fn digits(at: Timestamp) -> Vec<u8> {
    let text = at.rfc3339();
    let digits = text.bytes().filter(u8::is_ascii_digit).take(14);
    digits.chain(std::iter::once(b'Z')).collect()
}
