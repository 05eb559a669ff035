//! Lines of a witness's file: an auction, its log's length, its head and a check.

use super::head::{LogHead, LogHeads, note};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Characters of a line's check.
const CHECK_CHARS: usize = 8;

/// The line of one log.
pub fn write(auction: Uuid, head: &LogHead) -> String {
    let text = format!("{auction} {} {}", head.seq, hex::encode(head.hash));
    let check = check(&text);
    text + " " + &check + "\n"
}

/// The longest logs of a file, and the number of lines that are torn.
pub fn read_all(text: &[u8]) -> (LogHeads, usize) {
    let (mut heads, mut torn) = (LogHeads::new(), 0);
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match std::str::from_utf8(line).ok().and_then(read) {
            Some((auction, head)) => note(&mut heads, auction, head),
            None => torn += 1,
        }
    }
    (heads, torn)
}

fn read(line: &str) -> Option<(Uuid, LogHead)> {
    let (text, checked) = line.rsplit_once(' ')?;
    let mut words = text.split(' ');
    let (auction, seq, hash) = (words.next()?, words.next()?, words.next()?);
    let hash = hex::decode(hash).ok()?.try_into().ok()?;
    let head = LogHead { seq: seq.parse().ok()?, hash };
    (checked == check(text)).then_some((auction.parse().ok()?, head))
}

fn check(text: &str) -> String {
    let mut check = hex::encode(Sha256::digest(text));
    check.truncate(CHECK_CHARS);
    check
}
