//! Removes everything from pictures except the picture, before they are published.
//!
//! A camera writes the place and the time, its serial number and a small copy of the uncropped
//! picture into its files; programs add names and comments. Only parts that are known to be needed
//! to show the picture are kept, so that unknown kinds of metadata are removed as well. The picture
//! itself is not decoded: its bytes stay as they are.
//!
//! Applicants' files never come here: their hashes are signed, and only officials open them.

/// The file does not match its first bytes, or is truncated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the picture is damaged")]
pub struct Damaged;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks of PNG that affect how it looks.
const PNG_SHOWN: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs", b"cICP",
];

/// A picture without its metadata; anything but JPEG and PNG unchanged.
///
/// # Errors
/// [`Damaged`].
pub fn without_metadata(content: &[u8]) -> Result<Vec<u8>, Damaged> {
    if content.starts_with(PNG) {
        png(content)
    } else if content.starts_with(&[0xff, SOI]) {
        jpeg(content)
    } else {
        Ok(content.to_vec())
    }
}

/// Chunks: length, kind, content, checksum; bytes after the last one are dropped.
fn png(content: &[u8]) -> Result<Vec<u8>, Damaged> {
    const AROUND_BYTES: usize = 12;
    let mut shown = PNG.to_vec();
    let mut rest = &content[PNG.len()..];
    loop {
        let length = rest.first_chunk().map(|length| u32::from_be_bytes(*length)).ok_or(Damaged)?;
        let length = usize::try_from(length).map_err(|_| Damaged)?;
        let whole = length.checked_add(AROUND_BYTES).ok_or(Damaged)?;
        let (chunk, after) = rest.split_at_checked(whole).ok_or(Damaged)?;
        let kind = &chunk[4..8];
        if PNG_SHOWN.iter().any(|known| known[..] == *kind) {
            shown.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Ok(shown);
        }
        rest = after;
    }
}

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const COMMENT: u8 = 0xfe;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;

/// Segments: marker, length, content; after SOS the picture's bits up to the next marker. Bytes
/// after the end of the picture (further pictures, a film) are dropped.
fn jpeg(content: &[u8]) -> Result<Vec<u8>, Damaged> {
    let mut shown = vec![0xff, SOI];
    let mut rest = content.get(2..).ok_or(Damaged)?;
    loop {
        let marker;
        (marker, rest) = next_marker(rest)?;
        if marker == EOI {
            shown.extend_from_slice(&[0xff, EOI]);
            return Ok(shown);
        }
        let length = rest.first_chunk().map(|length| u16::from_be_bytes(*length)).ok_or(Damaged)?;
        let (segment, after) = rest.split_at_checked(usize::from(length)).ok_or(Damaged)?;
        let payload = segment.get(2..).ok_or(Damaged)?;
        if let Some(payload) = shown_of(marker, payload) {
            put(&mut shown, marker, &payload)?;
        }
        rest = after;
        if marker == SOS {
            let bits = bits_length(rest).ok_or(Damaged)?;
            let (picture, after) = rest.split_at(bits);
            shown.extend_from_slice(picture);
            rest = after;
        }
    }
}

/// The next marker, after any number of fill bytes.
fn next_marker(bytes: &[u8]) -> Result<(u8, &[u8]), Damaged> {
    if bytes.first() != Some(&0xff) {
        return Err(Damaged);
    }
    let at = bytes.iter().position(|byte| *byte != 0xff).ok_or(Damaged)?;
    match bytes[at] {
        // Neither can stand between segments: stuffed bits, and markers without a length.
        0x00 | 0x01 | 0xd0..=0xd8 => Err(Damaged),
        marker => Ok((marker, &bytes[at + 1..])),
    }
}

/// The number of bytes of the picture before the next marker that is not part of it.
fn bits_length(bytes: &[u8]) -> Option<usize> {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    bytes.windows(2).position(ends)
}

/// The part of a segment to keep; `None` if it only describes the picture.
fn shown_of(marker: u8, payload: &[u8]) -> Option<Vec<u8>> {
    match marker {
        // The density, without the thumbnail after it.
        APP0 if payload.starts_with(b"JFIF\0") => {
            let mut density = payload.get(..12)?.to_vec();
            density.extend_from_slice(&[0, 0]);
            Some(density)
        }
        // Without the orientation a photo may lie on its side.
        APP1 => orientation(payload.strip_prefix(b"Exif\0\0")?).map(only_orientation),
        APP2 if payload.starts_with(b"ICC_PROFILE\0") => Some(payload.to_vec()),
        // The encoding of the colours.
        APP14 if payload.starts_with(b"Adobe") => Some(payload.get(..12)?.to_vec()),
        APP0..=APP15 | COMMENT => None,
        _ => Some(payload.to_vec()),
    }
}

fn put(shown: &mut Vec<u8>, marker: u8, payload: &[u8]) -> Result<(), Damaged> {
    let length = u16::try_from(payload.len() + 2).map_err(|_| Damaged)?;
    shown.extend_from_slice(&[0xff, marker]);
    shown.extend_from_slice(&length.to_be_bytes());
    shown.extend_from_slice(payload);
    Ok(())
}

/// The orientation (2 to 8; 1 is the default), from the first directory of a TIFF.
fn orientation(tiff: &[u8]) -> Option<u8> {
    const ORIENTATION: u16 = 0x0112;
    const ENTRY_BYTES: usize = 12;
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<2>()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let start = *tiff.get(4..)?.first_chunk::<4>()?;
    let start = if is_little { u32::from_le_bytes(start) } else { u32::from_be_bytes(start) };
    let start = usize::try_from(start).ok()?;
    let first = start.checked_add(2)?;
    let mut entries = (0..usize::from(short(start)?)).map(|no| first + no * ENTRY_BYTES);
    let entry = entries.find(|at| short(*at) == Some(ORIENTATION))?;
    let up = u8::try_from(short(entry + 8)?).ok()?;
    (2..=8).contains(&up).then_some(up)
}

/// An EXIF segment that has the orientation and nothing else.
fn only_orientation(up: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend_from_slice(&[up, 0, 0, 0, 0, 0, 0]);
    exif
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &[u8] = b"42.8746N 74.5698E";

    fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, marker, payload).unwrap();
        bytes
    }

    /// A TIFF with the orientation and a secret after it, as cameras write it.
    fn exif(is_little: bool, up: u8) -> Vec<u8> {
        let short = |value: u16| match is_little {
            true => value.to_le_bytes().to_vec(),
            false => value.to_be_bytes().to_vec(),
        };
        let long = |value: u32| match is_little {
            true => value.to_le_bytes().to_vec(),
            false => value.to_be_bytes().to_vec(),
        };
        let order: &[u8] = if is_little { b"II*\0" } else { b"MM\0*" };
        let make = [short(0x010f), short(2), long(17), long(60)].concat();
        let turned = [short(0x0112), short(3), long(1), short(up.into()), short(0)].concat();
        let directory = [short(2), make, turned, long(0)].concat();
        [b"Exif\0\0", order, &long(8), &directory, SECRET].concat()
    }

    fn photo(segments: &[Vec<u8>]) -> Vec<u8> {
        let scan = [segment(SOS, b"\x01\x01\0\0\x3f\0"), b"bits\xff\0more\xff\xd0bits".to_vec()];
        let tables = [segment(0xdb, &[1; 65]), segment(0xc0, b"frame")];
        let mut bytes = vec![0xff, SOI];
        bytes.extend(segments.concat());
        bytes.extend(tables.concat());
        bytes.extend(scan.concat());
        bytes.extend([0xff, EOI]);
        bytes
    }

    fn holds_secret(bytes: &[u8]) -> bool {
        bytes.windows(SECRET.len()).any(|part| part == SECRET)
    }

    #[test]
    fn a_photo_keeps_its_picture_and_loses_where_it_was_taken() {
        let icc = segment(APP2, b"ICC_PROFILE\0\x01\x01profile");
        let adobe = segment(APP14, b"Adobe\0\x64\0\0\0\0\x01");
        let mut taken = photo(&[
            segment(APP0, &[b"JFIF\0\x01\x01\x01\0\x48\0\x48\x01\x01", SECRET].concat()),
            segment(APP1, &exif(true, 1)),
            segment(APP1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
            icc.clone(),
            segment(APP2, &[b"MPF\0", SECRET].concat()),
            segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
            adobe.clone(),
            segment(COMMENT, SECRET),
        ]);
        taken.extend_from_slice(SECRET);
        assert!(holds_secret(&taken));
        let jfif = segment(APP0, b"JFIF\0\x01\x01\x01\0\x48\0\x48\0\0");
        let shown = without_metadata(&taken).unwrap();
        assert_eq!(shown, photo(&[jfif, icc, adobe]));
        assert_eq!(without_metadata(&shown).unwrap(), shown, "twice is as once");
    }

    #[test]
    fn a_photo_stays_the_right_way_up() {
        for is_little in [true, false] {
            for up in 2..=8 {
                let shown = without_metadata(&photo(&[segment(APP1, &exif(is_little, up))]));
                let shown = shown.unwrap();
                assert_eq!(shown, photo(&[segment(APP1, &only_orientation(up))]));
                assert_eq!(orientation(&only_orientation(up)[6..]), Some(up));
            }
            let shown = without_metadata(&photo(&[segment(APP1, &exif(is_little, 9))]));
            assert_eq!(shown.unwrap(), photo(&[]));
        }
    }

    #[test]
    fn a_drawing_keeps_its_picture_and_loses_its_texts() {
        let chunk = |kind: &[u8], content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&length, kind, content, b"crc!"].concat()
        };
        let shown = [
            PNG.to_vec(),
            chunk(b"IHDR", &[0; 13]),
            chunk(b"gAMA", &[0; 4]),
            chunk(b"IDAT", b"bits"),
            chunk(b"IEND", b""),
        ];
        let mut drawn: Vec<Vec<u8>> = shown.to_vec();
        for (no, kind) in [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt"].iter().enumerate()
        {
            drawn.insert(2 + no % 2, chunk(&kind[..], SECRET));
        }
        drawn.push(SECRET.to_vec());
        assert_eq!(without_metadata(&drawn.concat()).unwrap(), shown.concat());
    }

    #[test]
    fn a_picture_that_is_cut_off_is_damaged_wherever_it_is_cut() {
        let whole = photo(&[segment(APP1, &exif(false, 6))]);
        for length in 2..whole.len() {
            assert_eq!(without_metadata(&whole[..length]), Err(Damaged), "{length}");
        }
        assert_eq!(without_metadata(b"%PDF-1.4").unwrap(), b"%PDF-1.4");
    }

    proptest! {
        #[test]
        fn no_bytes_break_it_and_no_picture_grows(
            kind in prop::sample::select(vec![PNG, &b"\xff\xd8\xff"[..]]),
            bytes in prop::collection::vec(prop_oneof![Just(0xff_u8), any::<u8>()], 0..400),
        ) {
            let content = [kind, &bytes].concat();
            if let Ok(shown) = without_metadata(&content) {
                // An EXIF segment with only the orientation has a length of its own.
                prop_assert!(shown.len() <= content.len() + 36);
            }
        }
    }
}
