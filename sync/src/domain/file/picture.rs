//! Reads the width and height of a picture from its header and refuses pictures that are too large
//! to show. Nothing is decoded.
//!
//! A file of a hundred bytes can declare 2³¹ pixels, and a program that opens it, an official's
//! browser first, allocates memory for all of them.

/// Most pixels of a picture. Phones write 8192 × 6144 (50 megapixels); a viewer needs 256 MiB for
/// the limit, at four bytes a pixel.
pub const PIXELS_MAX: u64 = 1 << 26;
/// Most pixels of one side: browsers draw no wider ones.
pub const SIDE_PIXELS_MAX: u32 = 16_384;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length of the chunk `IHDR`.
const IHDR_BYTES: u32 = 13;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// The reason why a picture is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// The header is truncated or malformed, or a side is zero.
    #[error("the picture's header is damaged")]
    Unreadable,
    /// There are more pixels than [`PIXELS_MAX`] or [`SIDE_PIXELS_MAX`] allow.
    #[error("the picture is too large: {width} × {height}")]
    TooManyPixels {
        /// Pixels of a row.
        width: u32,
        /// The number of rows.
        height: u32,
    },
}

/// Checks the sides that a JPEG or a PNG declares; other content passes. `content` is read from its
/// start and only as far as needed.
///
/// # Errors
/// [`PictureFault`].
pub fn check_sides(content: impl IntoIterator<Item = u8>) -> Result<(), PictureFault> {
    let mut content = content.into_iter();
    match read(&mut content) {
        Ok([0xff, SOI]) => jpeg(content),
        Ok(opening) if opening == PNG[..2] => png(content),
        _ => Ok(()),
    }
}

/// The first chunk has the sides: length, kind, width, height.
fn png(mut content: impl Iterator<Item = u8>) -> Result<(), PictureFault> {
    if read::<6>(&mut content)? != PNG[2..] {
        return Err(PictureFault::Unreadable);
    }
    let length = u32::from_be_bytes(read(&mut content)?);
    if length != IHDR_BYTES || read::<4>(&mut content)? != *b"IHDR" {
        return Err(PictureFault::Unreadable);
    }
    let width = u32::from_be_bytes(read(&mut content)?);
    let height = u32::from_be_bytes(read(&mut content)?);
    fits(width, height)
}

/// The sides are in the segment of the frame, which stands before the first scan. Bytes between
/// segments are skipped as libjpeg skips them, so that both read the same frame.
fn jpeg(mut content: impl Iterator<Item = u8>) -> Result<(), PictureFault> {
    let mut is_sized = false;
    loop {
        match next_marker(&mut content)? {
            SOS if is_sized => return Ok(()),
            SOI | EOI | SOS => return Err(PictureFault::Unreadable),
            // Markers without a segment.
            0x01 | 0xd0..=0xd7 => {}
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let length = u16::from_be_bytes(read(&mut content)?);
                let [_precision] = read(&mut content)?;
                let height = u16::from_be_bytes(read(&mut content)?);
                let width = u16::from_be_bytes(read(&mut content)?);
                fits(width.into(), height.into())?;
                is_sized = true;
                skip(&mut content, length, 7)?;
            }
            _ => {
                let length = u16::from_be_bytes(read(&mut content)?);
                skip(&mut content, length, 2)?;
            }
        }
    }
}

/// The next marker that is not a stuffed byte.
fn next_marker(content: &mut impl Iterator<Item = u8>) -> Result<u8, PictureFault> {
    loop {
        while read::<1>(content)? != [0xff] {}
        let mut marker = 0xff;
        while marker == 0xff {
            [marker] = read(content)?;
        }
        if marker != 0 {
            return Ok(marker);
        }
    }
}

/// Skips the rest of a segment of `length` bytes, of which `done` were read.
fn skip(
    content: &mut impl Iterator<Item = u8>,
    length: u16,
    done: u16,
) -> Result<(), PictureFault> {
    let rest = usize::from(length.checked_sub(done).ok_or(PictureFault::Unreadable)?);
    let skipped = content.by_ref().take(rest).count();
    if skipped == rest { Ok(()) } else { Err(PictureFault::Unreadable) }
}

fn fits(width: u32, height: u32) -> Result<(), PictureFault> {
    if width == 0 || height == 0 {
        return Err(PictureFault::Unreadable);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > SIDE_PIXELS_MAX || pixels > PIXELS_MAX {
        return Err(PictureFault::TooManyPixels { width, height });
    }
    Ok(())
}

fn read<const N: usize>(content: &mut impl Iterator<Item = u8>) -> Result<[u8; N], PictureFault> {
    let mut bytes = [0; N];
    for byte in &mut bytes {
        *byte = content.next().ok_or(PictureFault::Unreadable)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        [PNG, &IHDR_BYTES.to_be_bytes(), b"IHDR", &sides, b"\x08\x02\0\0\0crc!"].concat()
    }

    fn frame(kind: u8, width: u16, height: u16) -> Vec<u8> {
        let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
        [&[0xff, kind, 0, 11, 8], &sides[..], &[1, 1, 0x11, 0]].concat()
    }

    /// A JPEG with these frames between a comment and its first scan.
    fn jpeg_of(frames: &[Vec<u8>]) -> Vec<u8> {
        let comment = b"\xff\xd8\xff\xfe\0\x06\xff\xc0\0\x02";
        [&comment[..], &frames.concat(), b"\xff\xda\0\x02bits\xff\xd9"].concat()
    }

    fn verdict(content: &[u8]) -> String {
        match check_sides(content.iter().copied()) {
            Ok(()) => "fits".to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_picture_has_as_many_pixels_as_a_browser_can_show() {
        let damaged = "the picture's header is damaged";
        let baseline = |width, height| jpeg_of(&[frame(0xc0, width, height)]);
        for (content, expected) in [
            (png_of(1, 1), "fits"),
            (png_of(8_192, 8_192), "fits"),
            (png_of(8_192, 8_193), "the picture is too large: 8192 × 8193"),
            (png_of(16_384, 4_096), "fits"),
            (png_of(16_385, 1), "the picture is too large: 16385 × 1"),
            (png_of(1 << 31, 1), "the picture is too large: 2147483648 × 1"),
            (png_of(65_535, 65_535), "the picture is too large: 65535 × 65535"),
            (png_of(u32::MAX, u32::MAX), "the picture is too large: 4294967295 × 4294967295"),
            (png_of(0, 7), damaged),
            (baseline(8_192, 6_144), "fits"),
            (baseline(1, 16_385), "the picture is too large: 1 × 16385"),
            (baseline(65_535, 65_535), "the picture is too large: 65535 × 65535"),
            (jpeg_of(&[frame(0xc2, 65_535, 65_535)]), "the picture is too large: 65535 × 65535"),
            (
                jpeg_of(&[frame(0xc0, 8, 8), frame(0xc1, 65_535, 65_535)]),
                "the picture is too large: 65535 × 65535",
            ),
            (jpeg_of(&[b"junk\xff\0".to_vec(), frame(0xc0, 9, 9)]), "fits"),
            // The height would follow after the scan.
            (baseline(640, 0), damaged),
            (jpeg_of(&[]), damaged),
            (b"%PDF-1.7 of any size".to_vec(), "fits"),
            (b"".to_vec(), "fits"),
        ] {
            assert_eq!(verdict(&content), expected, "{content:?}");
        }
    }

    #[test]
    fn a_header_that_is_cut_off_is_damaged_wherever_it_is_cut() {
        let (png, jpeg) = (png_of(640, 480), jpeg_of(&[frame(0xc0, 640, 480)]));
        for (whole, header) in [(&png, 24), (&jpeg, jpeg.len() - 8)] {
            assert_eq!(verdict(whole), "fits");
            for length in 2..header {
                let cut = verdict(&whole[..length]);
                assert_eq!(cut, "the picture's header is damaged", "{length}");
            }
        }
    }
}
