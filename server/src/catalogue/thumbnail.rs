//! Small copies of pictures, for lists and pages: a photo of a phone has ten megabytes.
//!
//! A copy is made when it is first asked for and kept in the data folder, which may lose it. A
//! picture that can't be decoded leaves an empty file, so that it is not tried again.
//!
//! # Why a limit of its own
//! A picture's header was checked when it came ([`check_sides`](toruk_sync::domain::file::picture)).
//! Decoding still takes a processor for a second and a few hundred megabytes: it is done off the
//! async threads, [`AT_ONCE`] at a time, and [`WAITING_MAX`] may wait; anybody else is told to come
//! again.

use super::papers::Paper;
use super::service::{Error, Service};
use crate::db::StoreError;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageReader, Limits};
use std::io::Cursor;
use std::path::Path;
use tokio::sync::Semaphore;
use toruk_sync::domain::file::picture::{PIXELS_MAX, SIDE_PIXELS_MAX};

/// Longest side of a small copy, in pixels: as wide as a phone's screen.
pub const SIDE: u32 = 480;
/// Pictures that a node decodes at the same time.
pub const AT_ONCE: usize = 2;
/// Requests that wait for a picture's turn, and those whose turn it is.
pub const WAITING_MAX: usize = 64;
/// Quality of the copies, of 100.
const QUALITY: u8 = 80;
/// Most memory of one decoding, in bytes: four for each pixel, and the decoder's own.
const ALLOC_MAX: u64 = PIXELS_MAX * 4 + (64 << 20);
/// The folder of the copies in the data folder.
const FOLDER: &str = "thumbnails";
/// Their media type.
const JPEG: &str = "image/jpeg";

static WAITING: Semaphore = Semaphore::const_new(WAITING_MAX);
static DECODING: Semaphore = Semaphore::const_new(AT_ONCE);

impl Service {
    /// The small copy of a paper.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it is no picture, or one that can't be decoded;
    /// [`Error::Busy`] while too many are asked for; [`Error::Disk`].
    pub async fn thumbnail(&self, paper: Paper) -> Result<Paper, Error> {
        if !paper.mime.starts_with("image/") {
            return Err(StoreError::NotFound.into());
        }
        let folder = self.context.config.data_dir.join(FOLDER);
        let path = folder.join(&paper.sha256);
        let length = match tokio::fs::metadata(&path).await {
            Ok(known) => known.len(),
            Err(_) => {
                let place = WAITING.try_acquire().map_err(|_| Error::Busy)?;
                let turn = DECODING.acquire().await.map_err(|_| Error::Busy)?;
                let (from, to) = (paper.path.clone(), path.clone());
                let new = folder.join(self.context.ports.ids.uuid().to_string());
                // Held by the work: it goes on when nobody waits for it any more.
                let work = move || {
                    let made = make(&from, &new, &to);
                    drop((place, turn));
                    made
                };
                let made = tokio::task::spawn_blocking(work).await;
                made.map_err(|error| Error::Disk(error.into()))?.map_err(Error::Disk)?
            }
        };
        if length == 0 {
            return Err(StoreError::NotFound.into());
        }
        // Another content than the picture's, and so another name in caches.
        let sha256 = format!("{}-{SIDE}", paper.sha256);
        Ok(Paper { mime: JPEG.to_owned(), sha256, path, ..paper })
    }
}

/// Makes a copy, or an empty file, unless another request has just made it; returns its length. It
/// is written under the name `new`, which is nobody else's, and renamed: of two makers, on two nodes
/// perhaps, none publishes half of the other's file.
fn make(from: &Path, new: &Path, to: &Path) -> std::io::Result<u64> {
    if let Ok(known) = std::fs::metadata(to) {
        return Ok(known.len());
    }
    let content = std::fs::read(from)?;
    let copy = small(&content).unwrap_or_else(|error| {
        tracing::warn!(%error, "a picture can't be decoded");
        Vec::new()
    });
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(new, &copy)?;
    std::fs::rename(new, to)?;
    Ok(copy.len() as u64)
}

/// A picture of at most [`SIDE`] pixels a side, upright, as JPEG.
fn small(content: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PIXELS_MAX);
    limits.max_image_height = Some(SIDE_PIXELS_MAX);
    limits.max_alloc = Some(ALLOC_MAX);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    // The decoder does not count the picture itself.
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    let picture = DynamicImage::from_decoder(decoder)?;
    let is_small = picture.width() <= SIDE && picture.height() <= SIDE;
    let mut picture = if is_small { picture } else { picture.thumbnail(SIDE, SIDE) };
    picture.apply_orientation(orientation);
    let mut copy = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut copy, QUALITY);
    picture.to_rgb8().write_with_encoder(encoder)?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbImage};

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let drawn = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7]));
        drawn.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn sides(copy: &[u8]) -> (u32, u32) {
        let read = image::load_from_memory_with_format(copy, ImageFormat::Jpeg).unwrap();
        (read.width(), read.height())
    }

    #[test]
    fn a_copy_is_as_small_as_is_shown_and_never_larger_than_the_picture() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            for (given, made) in [
                ((960, 480), (SIDE, SIDE / 2)),
                ((300, 900), (SIDE / 3, SIDE)),
                ((20, 10), (20, 10)),
                ((1, 1), (1, 1)),
            ] {
                let copy = small(&picture(given.0, given.1, format)).unwrap();
                assert_eq!(sides(&copy), made, "{given:?}");
            }
        }
    }

    #[test]
    fn a_photo_that_lies_on_its_side_stands_up() {
        let photo = picture(60, 20, ImageFormat::Jpeg);
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let turned = [&photo[..2], &[0xff, 0xe1], &length, exif, &photo[2..]].concat();
        assert_eq!(sides(&small(&turned).unwrap()), (20, 60));
    }

    #[test]
    fn a_picture_that_needs_more_memory_than_one_may_have_is_not_begun() {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            let mut sum = flate2::Crc::new();
            sum.update(&[kind, data].concat());
            let length = u32::try_from(data.len()).unwrap().to_be_bytes();
            [&length[..], kind, data, &sum.sum().to_be_bytes()].concat()
        };
        // Sixteen bits of four colours: eight bytes a pixel.
        let side = 8_192_u32.to_be_bytes();
        let head = [&side[..], &side, &[16, 6, 0, 0, 0]].concat();
        let deep = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &head), &chunk(b"IDAT", b"")];
        let refused = small(&deep.concat());
        assert!(matches!(refused, Err(ImageError::Limits(_))), "{:?}", refused.err());
    }

    #[test]
    fn what_is_no_whole_picture_leaves_an_empty_copy_and_is_tried_once() {
        let folder = tempfile::tempdir().unwrap();
        let whole = picture(64, 64, ImageFormat::Png);
        let wide = [&whole[..16], &(SIDE_PIXELS_MAX + 1).to_be_bytes(), &whole[20..]].concat();
        for (no, content) in
            [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", &whole[..40], &wide].iter().enumerate()
        {
            let (from, to) = (folder.path().join("given"), folder.path().join(no.to_string()));
            std::fs::write(&from, content).unwrap();
            assert_eq!(make(&from, &to.with_extension("new"), &to).unwrap(), 0, "{no}");
            std::fs::write(&from, &whole).unwrap();
            assert_eq!(make(&from, &to.with_extension("new"), &to).unwrap(), 0, "{no} again");
        }
    }
}
