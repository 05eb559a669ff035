//! Reads rows from the pages of a damaged file, without SQLite.
//!
//! Every page that looks like one of the sealed table's is read, wherever it is in the tree and
//! whatever the header says. Garbage does no harm: its seal proves that a value was written under
//! its name. Deleted rows are not found, because deleting wipes them.

use super::wal::{PAGE_BYTES_MAX, Wal};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The page size if nothing states another.
const PAGE_BYTES: usize = 4_096;
const INTERIOR: u8 = 0x02;
const LEAF: u8 = 0x0a;
/// The longest row that is read; a piece of a file has 256 KiB.
const ROW_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// One row as it is on the disk.
pub(super) struct RawRow {
    pub room: String,
    /// The hidden name; in format 1, the name.
    pub name: Vec<u8>,
    pub value: Vec<u8>,
}

struct Pages {
    file: File,
    log: Option<File>,
    wal: Wal,
    page_bytes: usize,
    count: u32,
}

/// Reads all rows of `file` and of its log.
///
/// # Errors
/// If the file can't be read at all, and any error of `take`.
pub(super) fn each_row<E: From<std::io::Error>>(
    file: &Path,
    log: &Path,
    wal: Wal,
    mut take: impl FnMut(RawRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut pages = Pages::open(file, log, wal)?;
    for number in 1..=pages.count {
        let Some(page) = pages.read(number) else { continue };
        let header = if number == 1 { 100 } else { 0 };
        for cell in cells(&page, header) {
            if let Some(row) = pages.row(&page, cell) {
                take(row)?;
            }
        }
    }
    Ok(())
}

/// The offsets of the payloads on a page; none on a page of another kind.
fn cells(page: &[u8], header: usize) -> Vec<usize> {
    let kind = page.get(header).copied().unwrap_or_default();
    let (header_bytes, skipped) = match kind {
        LEAF => (8, 0),
        INTERIOR => (12, 4),
        _ => return Vec::new(),
    };
    let pointers = page.get(header + header_bytes..).unwrap_or_default();
    let count = page.get(header + 3..header + 5).map_or(0, short);
    let pointers = pointers.chunks_exact(2).take(count);
    pointers.map(|pointer| short(pointer) + skipped).collect()
}

fn short(two: &[u8]) -> usize {
    two.try_into().map_or(0, |two| usize::from(u16::from_be_bytes(two)))
}

impl Pages {
    fn open(file: &Path, log: &Path, wal: Wal) -> std::io::Result<Self> {
        let mut file = File::open(file)?;
        let length = file.metadata()?.len();
        let mut header = [0_u8; 18];
        let read = file.read_exact(&mut header);
        let stated = read.map_or(0, |()| match short(&header[16..18]) {
            1 => PAGE_BYTES_MAX,
            bytes => bytes,
        });
        let fits = |bytes: &usize| bytes.is_power_of_two() && *bytes >= 512;
        let page_bytes = [wal.page_bytes, stated].into_iter().find(fits).unwrap_or(PAGE_BYTES);
        let log = if wal.pages.is_empty() { None } else { Some(File::open(log)?) };
        let last = wal.pages.last_key_value().map_or(0, |(number, _)| *number);
        let whole = u32::try_from(length.div_ceil(page_bytes as u64)).unwrap_or(u32::MAX);
        Ok(Self { file, log, page_bytes, count: whole.max(last), wal })
    }

    /// The newest content of a page; a page that is cut off is padded with zeros.
    fn read(&mut self, number: u32) -> Option<Vec<u8>> {
        let index = u64::from(number.checked_sub(1)?);
        let (from, at) = match (self.wal.pages.get(&number), &mut self.log) {
            (Some(at), Some(log)) => (log, *at),
            _ => (&mut self.file, index * self.page_bytes as u64),
        };
        from.seek(SeekFrom::Start(at)).ok()?;
        let mut page = Vec::with_capacity(self.page_bytes);
        from.take(self.page_bytes as u64).read_to_end(&mut page).ok()?;
        page.resize(self.page_bytes, 0);
        Some(page)
    }

    /// The row whose payload starts at this offset.
    fn row(&mut self, page: &[u8], at: usize) -> Option<RawRow> {
        let (length, rest) = varint(page.get(at..)?)?;
        if !(4..=ROW_BYTES_MAX).contains(&length) {
            return None;
        }
        let length = usize::try_from(length).ok()?;
        let local = self.local_bytes(length);
        let mut payload = rest.get(..local)?.to_vec();
        let mut next = rest.get(local..local + 4).map_or(0, word);
        while payload.len() < length {
            let overflow = self.read(next)?;
            next = word(overflow.get(..4)?);
            let wanted = (length - payload.len()).min(self.page_bytes - 4);
            payload.extend_from_slice(overflow.get(4..4 + wanted)?);
        }
        record(&payload)
    }

    /// The length of the payload's part on the page itself, by SQLite's file format for indexes.
    fn local_bytes(&self, length: usize) -> usize {
        let most = (self.page_bytes - 12) * 64 / 255 - 23;
        if length <= most {
            return length;
        }
        let least = (self.page_bytes - 12) * 32 / 255 - 23;
        let even = least + (length - least) % (self.page_bytes - 4);
        if even <= most { even } else { least }
    }
}

fn word(four: &[u8]) -> u32 {
    four.try_into().map_or(0, u32::from_be_bytes)
}

/// Parses a record of three columns: text, text or bytes, bytes.
fn record(payload: &[u8]) -> Option<RawRow> {
    let (header_bytes, _) = varint(payload)?;
    let header_bytes = usize::try_from(header_bytes).ok()?;
    let header = payload.get(..header_bytes)?;
    let mut types = header.get(1..)?;
    let mut body = payload.get(header_bytes..)?;
    let mut columns = Vec::with_capacity(3);
    while !types.is_empty() {
        let (kind, rest) = varint(types)?;
        types = rest;
        let length = usize::try_from(kind.checked_sub(12)? / 2).ok()?;
        let (column, after) = body.split_at_checked(length)?;
        body = after;
        columns.push(column);
    }
    let [room, name, value] = columns.try_into().ok()?;
    let room = std::str::from_utf8(room).ok()?.to_owned();
    Some(RawRow { room, name: name.to_vec(), value: value.to_vec() })
}

/// Parses SQLite's integers of one to nine bytes.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        if index == 8 {
            return Some((number << 8 | u64::from(*byte), &bytes[9..]));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}
