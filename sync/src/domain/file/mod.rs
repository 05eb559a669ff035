//! The files that applicants attach: their kind by their bytes, and what is not accepted.
//!
//! The phone checks a file when it is attached, before anything is signed; the server checks it
//! when it has arrived. Both use [`check`], so that no phone signs what the server will refuse.
//!
//! # Why the bytes and not the name
//! Cameras, scanners and browsers name types in many ways: `image/jpg`, `Application/PDF`,
//! `application/octet-stream`, a PNG called `scan.jpeg`. The bytes have one meaning.

pub mod picture;

use self::picture::{PictureFault, check_sides};
use serde::{Deserialize, Serialize};

/// Longest file that is accepted, bytes.
pub const FILE_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// Most bytes before the header of a PDF: a byte order mark and line breaks, as scanners and mail
/// programs leave them. Readers of PDF look further, but what comes further down may be a page of
/// another kind.
const PREAMBLE_BYTES_MAX: usize = 64;
/// Media type of content of which nothing is known.
const OCTETS: &str = "application/octet-stream";

/// A kind of file that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// `%PDF-`, after a byte order mark or white space at most.
    Pdf,
    /// `FF D8 FF`.
    Jpeg,
    /// The signature of eight bytes.
    Png,
}

/// The reason why a file is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// There are more bytes than [`FileLimits::file_bytes_max`].
    #[error("the file is too large")]
    TooLarge,
    /// A picture as iPhones keep it, or an AVIF: it must be converted to JPEG.
    #[error("a HEIC picture is not accepted")]
    Heic,
    /// A picture as messengers send it: it must be converted to JPEG.
    #[error("a WebP picture is not accepted")]
    WebP,
    /// Something else than a PDF, JPEG or PNG.
    #[error("a PDF, JPEG or PNG is needed")]
    UnknownKind,
    /// A picture that nobody should open.
    #[error(transparent)]
    Picture(PictureFault),
}

/// The server's limits of files, as a phone keeps them for the time without a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileLimits {
    /// Longest file that is accepted, bytes.
    pub file_bytes_max: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self { file_bytes_max: FILE_BYTES_MAX }
    }
}

impl FileKind {
    /// The kind of content by its first bytes; `None` if it is not accepted.
    pub fn of_bytes(content: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 2] =
            [(b"\xff\xd8\xff", Self::Jpeg), (b"\x89PNG\r\n\x1a\n", Self::Png)];
        let found = known.into_iter().find(|(opening, _)| content.starts_with(opening));
        found.map(|(_, kind)| kind).or_else(|| is_pdf(content).then_some(Self::Pdf))
    }

    /// The kind that a media type names, in any case, with parameters or under an old name.
    pub fn of_mime(mime: &str) -> Option<Self> {
        match essence(mime).as_str() {
            "application/pdf" | "application/x-pdf" | "text/pdf" => Some(Self::Pdf),
            "image/jpeg" | "image/jpg" | "image/pjpeg" => Some(Self::Jpeg),
            "image/png" | "image/x-png" => Some(Self::Png),
            _ => None,
        }
    }

    /// The registered media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Checks a complete file. Returns its kind.
///
/// # Errors
/// [`FileFault`].
pub fn check(content: &[u8], limits: &FileLimits) -> Result<FileKind, FileFault> {
    check_size(content.len() as u64, limits)?;
    let kind = FileKind::of_bytes(content).ok_or_else(|| unknown(content))?;
    check_sides(content.iter().copied()).map_err(FileFault::Picture)?;
    Ok(kind)
}

/// Checks the length of a file.
///
/// # Errors
/// [`FileFault::Empty`], [`FileFault::TooLarge`].
pub fn check_size(size_bytes: u64, limits: &FileLimits) -> Result<(), FileFault> {
    match size_bytes {
        0 => Err(FileFault::Empty),
        _ if size_bytes > limits.file_bytes_max => Err(FileFault::TooLarge),
        _ => Ok(()),
    }
}

/// Returns `true` if a platform that shows the picture could make an accepted one of it: of another
/// kind, with fewer pixels, or in fewer bytes.
pub fn is_convertible(content: &[u8], fault: FileFault) -> bool {
    match fault {
        FileFault::Heic | FileFault::WebP => true,
        FileFault::Picture(PictureFault::TooManyPixels { .. }) => true,
        FileFault::TooLarge => {
            let known = FileKind::of_bytes(content);
            let is_other = || matches!(unknown(content), FileFault::Heic | FileFault::WebP);
            known.map_or_else(is_other, |kind| kind != FileKind::Pdf)
        }
        FileFault::Empty | FileFault::UnknownKind => false,
        FileFault::Picture(PictureFault::Unreadable) => false,
    }
}

/// Returns `true` if a file may be announced with this media type: an accepted kind, or no claim
/// at all.
pub fn may_be_announced(mime: &str) -> bool {
    essence(mime) == OCTETS || FileKind::of_mime(mime).is_some()
}

/// Returns `true` if content of this kind may have been announced with this media type.
pub fn is_announced(mime: &str, found: FileKind) -> bool {
    essence(mime) == OCTETS || FileKind::of_mime(mime) == Some(found)
}

/// Returns `true` if two media types name the same kind.
pub fn is_same_kind(one: &str, other: &str) -> bool {
    essence(one) == essence(other)
        || FileKind::of_mime(one).is_some_and(|kind| FileKind::of_mime(other) == Some(kind))
}

/// The type and subtype in lower case, without parameters.
fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_pdf(content: &[u8]) -> bool {
    let start = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0c | 0);
    let blank = start.iter().take(PREAMBLE_BYTES_MAX).take_while(|byte| is_space(byte)).count();
    start[blank..].starts_with(b"%PDF-")
}

/// The fault of content that is no accepted kind, with its name if phones make it.
fn unknown(content: &[u8]) -> FileFault {
    const BRANDS: [&[u8]; 11] = [
        b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1",
        b"avif",
    ];
    // ISO base media: a length of four bytes, `ftyp`, the brand.
    let brand = content.get(4..12).and_then(|part| part.strip_prefix(b"ftyp"));
    if brand.is_some_and(|brand| BRANDS.contains(&brand)) {
        return FileFault::Heic;
    }
    let is_riff = content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP");
    if is_riff { FileFault::WebP } else { FileFault::UnknownKind }
}

#[cfg(test)]
mod tests;
