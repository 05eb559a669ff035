//! Files as phones make them: known by their bytes, converted by the platform where it can, and
//! refused before anything is signed.

use crate::error::CoreError;
use crate::platform::{PictureConverter, catch_panic};
use toruk_sync::domain::file::picture::PictureFault;
use toruk_sync::domain::file::{
    FileFault, FileKind, FileLimits, check, check_size, is_convertible,
};

/// Longest picture that is read to be converted, bytes: cameras of 200 megapixels write less.
const PICTURE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file as it will be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AcceptedFile {
    pub content: Vec<u8>,
    pub kind: FileKind,
}

/// Accepts a file by the server's own check, after a conversion if that is needed and possible.
pub(super) fn accept(
    content: Vec<u8>,
    limits: &FileLimits,
    converter: Option<&dyn PictureConverter>,
) -> Result<AcceptedFile, CoreError> {
    let fault = match check(&content, limits) {
        Ok(kind) => return Ok(AcceptedFile { content, kind }),
        Err(fault) => fault,
    };
    let can_be = is_convertible(&content, fault);
    let Some(converter) = converter.filter(|_| can_be) else { return Err(refusal(fault)) };
    let converted = catch_panic(|| converter.convert(content)).and_then(|converted| {
        converted.inspect_err(|error| tracing::warn!(%error, "a picture was not converted")).ok()
    });
    let content = converted.ok_or_else(|| refusal(fault))?;
    // What comes out of an app is no more trusted than what went in.
    let kind = check(&content, limits).map_err(refusal)?;
    Ok(AcceptedFile { content, kind })
}

/// Reads a file, unless it is longer than any that could be accepted: a picture that the platform
/// can make smaller may be longer than the server's limit.
pub(super) fn read(
    path: &str,
    limits: &FileLimits,
    has_converter: bool,
) -> Result<Vec<u8>, CoreError> {
    let picked_max = if has_converter { PICTURE_BYTES_MAX } else { 0 };
    let limits = FileLimits { file_bytes_max: limits.file_bytes_max.max(picked_max) };
    if let Ok(file) = std::fs::metadata(path) {
        check_size(file.len(), &limits).map_err(refusal)?;
    }
    std::fs::read(path).map_err(|_| CoreError::refused("not_found"))
}

pub(super) fn refusal(fault: FileFault) -> CoreError {
    match fault {
        FileFault::Empty => CoreError::refused("file_empty"),
        FileFault::TooLarge => CoreError::refused("too_large"),
        FileFault::Heic => CoreError::refused("file_heic"),
        FileFault::WebP => CoreError::refused("file_webp"),
        FileFault::UnknownKind => CoreError::refused("file_unknown"),
        FileFault::Picture(PictureFault::Unreadable) => CoreError::refused("picture_damaged"),
        FileFault::Picture(PictureFault::TooManyPixels { .. }) => {
            CoreError::refused("picture_too_large")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::PlatformError;

    const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0";

    /// A converter that gives this for everything.
    struct Gives(fn() -> Result<Vec<u8>, PlatformError>);

    impl PictureConverter for Gives {
        fn convert(&self, _: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
            (self.0)()
        }
    }

    fn verdict(content: &[u8], converter: Option<&dyn PictureConverter>) -> String {
        match accept(content.to_vec(), &FileLimits::default(), converter) {
            Ok(file) => file.kind.mime().to_owned(),
            Err(CoreError::Refused { code, .. }) => code,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_server_would_refuse_is_refused_at_once_with_its_own_word() {
        for (content, expected) in [
            (&b"%PDF-1.7"[..], "application/pdf"),
            (b"\xef\xbb\xbf\r\n%PDF-1.7", "application/pdf"),
            (PNG, "image/png"),
            (b"", "file_empty"),
            (HEIC, "file_heic"),
            (WEBP, "file_webp"),
            (b"GIF89a", "file_unknown"),
            (&PNG[..20], "picture_damaged"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x7f\0\0\0\0\0\0\x01", "picture_too_large"),
        ] {
            assert_eq!(verdict(content, None), expected, "{content:?}");
        }
        let small = FileLimits { file_bytes_max: 4 };
        let large = accept(b"%PDF-1.7".to_vec(), &small, None);
        assert_eq!(large, Err(CoreError::refused("too_large")));
    }

    #[test]
    fn a_picture_is_converted_by_the_platform_and_its_work_is_checked() {
        let failed = || Err(PlatformError::Failed { reason: "no codec".to_owned() });
        for (gives, expected) in [
            (Gives(|| Ok(PNG.to_vec())), "image/png"),
            (Gives(|| Ok(Vec::new())), "file_empty"),
            (Gives(|| Ok(WEBP.to_vec())), "file_webp"),
            (Gives(failed), "file_heic"),
            (Gives(|| panic!("thrown on purpose")), "file_heic"),
        ] {
            assert_eq!(verdict(HEIC, Some(&gives)), expected);
        }
        // What a camera of 200 megapixels writes, and a scan of a page at 1 200 dpi.
        let huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x3f\xff\0\0\x2f\xff\x08";
        let small = FileLimits { file_bytes_max: 64 };
        let long = [&b"\xff\xd8\xff"[..], &[0; 100]].concat();
        let gives = Gives(|| Ok(PNG.to_vec()));
        assert_eq!(verdict(huge, None), "picture_too_large");
        assert_eq!(verdict(huge, Some(&gives)), "image/png");
        assert_eq!(accept(long.clone(), &small, None), Err(CoreError::refused("too_large")));
        assert_eq!(accept(long, &small, Some(&gives)).map(|file| file.kind), Ok(FileKind::Png));
        let asked = Gives(|| panic!("no picture"));
        let document = [&b"%PDF-1.7"[..], &[0; 100]].concat();
        let refused = accept(document, &small, Some(&asked));
        assert_eq!(refused, Err(CoreError::refused("too_large")));

        let unasked = Gives(|| panic!("it is accepted as it is"));
        assert_eq!(verdict(PNG, Some(&unasked)), "image/png");
        assert_eq!(verdict(b"", Some(&unasked)), "file_empty");
    }
}
