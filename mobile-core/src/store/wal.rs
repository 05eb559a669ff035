//! Reads SQLite's write-ahead log without SQLite: which of its pages count, and whether some are
//! lost.
//!
//! SQLite stops at the first damaged frame and silently drops everything committed after it. A
//! frame's checksum continues the one before, as stated there: so frames after a damaged one can
//! still be told from garbage.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

const HEADER_BYTES: usize = 32;
const FRAME_BYTES: usize = 24;
/// The magic number, without its last bit, which selects the byte order of checksums.
const MAGIC: u32 = 0x377f_0682;
pub(super) const PAGE_BYTES_MAX: usize = 65_536;

/// The newest state of the pages that are not yet in the file itself.
#[derive(Debug, Default)]
pub(super) struct Wal {
    /// The offset in the log of each page's newest content.
    pub pages: BTreeMap<u32, u64>,
    /// `true` if committed content can't be read, or is where SQLite does not look.
    pub is_damaged: bool,
    /// The size of a page, bytes.
    pub page_bytes: usize,
}

/// Reads a log; an empty result if there is none.
pub(super) fn read(log: &Path) -> std::io::Result<Wal> {
    let file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Wal::default()),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut header = [0_u8; HEADER_BYTES];
    if length < HEADER_BYTES as u64 {
        return Ok(Wal { is_damaged: length > 0, ..Wal::default() });
    }
    reader.read_exact(&mut header)?;
    frames(reader, &header)
}

fn frames(mut reader: impl Read, header: &[u8; HEADER_BYTES]) -> std::io::Result<Wal> {
    let big_endian = word(header, 0) & 1 == 1;
    let (stated, salts) = ((word(header, 24), word(header, 28)), &header[16..24]);
    let page_bytes = word(header, 8) as usize;
    let is_ours = word(header, 0) & !1 == MAGIC
        && page_bytes.is_power_of_two()
        && (512..=PAGE_BYTES_MAX).contains(&page_bytes)
        && checksum(big_endian, &header[..24], (0, 0)) == stated;
    let mut wal = Wal { is_damaged: !is_ours, page_bytes, ..Wal::default() };
    if !is_ours {
        return Ok(wal);
    }
    let mut frame = vec![0_u8; FRAME_BYTES + page_bytes];
    let (mut before, mut at) = (stated, HEADER_BYTES as u64);
    let (mut open, mut is_broken) = (BTreeMap::new(), false);
    while reader.read_exact(&mut frame).is_ok() {
        let stated = (word(&frame, 16), word(&frame, 20));
        let counted = checksum(big_endian, &frame[..8], before);
        let counted = checksum(big_endian, &frame[FRAME_BYTES..], counted);
        if &frame[8..16] == salts && counted == stated {
            open.insert(word(&frame, 0), at + FRAME_BYTES as u64);
            if word(&frame, 4) > 0 {
                // The last frame of a commit. After a broken one SQLite does not get here.
                wal.pages.append(&mut open);
                wal.is_damaged |= is_broken;
            }
        } else {
            is_broken = true;
        }
        before = stated;
        at += frame.len() as u64;
    }
    Ok(wal)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_be_bytes)
}

fn checksum(big_endian: bool, bytes: &[u8], before: (u32, u32)) -> (u32, u32) {
    let mut words = bytes.chunks_exact(4).map(|four| {
        let four = four.try_into().unwrap_or_default();
        if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    });
    let (mut one, mut two) = before;
    while let (Some(first), Some(second)) = (words.next(), words.next()) {
        one = one.wrapping_add(first).wrapping_add(two);
        two = two.wrapping_add(second).wrapping_add(one);
    }
    (one, two)
}
