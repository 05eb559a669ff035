use super::*;
use proptest::prelude::*;

fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0".to_vec()
}

fn jpeg() -> Vec<u8> {
    b"\xff\xd8\xff\xc0\0\x0b\x08\0\x08\0\x08\x01\x01\x11\0\xff\xda\0\x02bits\xff\xd9".to_vec()
}

fn of_brand(brand: &str) -> Vec<u8> {
    [b"\0\0\0\x18ftyp", brand.as_bytes(), b"\0\0\0\0mif1heic"].concat()
}

#[test]
fn a_file_is_what_its_bytes_say() {
    let (unknown, limits) = (Err(FileFault::UnknownKind), FileLimits::default());
    for (content, expected) in [
        (b"%PDF-1.7\n".to_vec(), Ok(FileKind::Pdf)),
        (b"\xef\xbb\xbf%PDF-1.4".to_vec(), Ok(FileKind::Pdf)),
        (b"\r\n%PDF-1.4".to_vec(), Ok(FileKind::Pdf)),
        (b"\xef\xbb\xbf\r\n\t%PDF-1.4".to_vec(), Ok(FileKind::Pdf)),
        ([vec![b'\n'; PREAMBLE_BYTES_MAX], b"%PDF-".to_vec()].concat(), Ok(FileKind::Pdf)),
        ([vec![b'\n'; PREAMBLE_BYTES_MAX + 1], b"%PDF-".to_vec()].concat(), unknown),
        (b"<html>%PDF-1.7".to_vec(), unknown),
        (b"%PDF".to_vec(), unknown),
        (jpeg(), Ok(FileKind::Jpeg)),
        (png(), Ok(FileKind::Png)),
        (png()[..20].to_vec(), Err(FileFault::Picture(PictureFault::Unreadable))),
        (of_brand("heic"), Err(FileFault::Heic)),
        (of_brand("mif1"), Err(FileFault::Heic)),
        (of_brand("avif"), Err(FileFault::Heic)),
        (of_brand("isom"), unknown),
        (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), Err(FileFault::WebP)),
        (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), unknown),
        (b"GIF89a".to_vec(), unknown),
        (b"MZ\x90\0".to_vec(), unknown),
        (b" ".to_vec(), unknown),
        (b"".to_vec(), Err(FileFault::Empty)),
    ] {
        assert_eq!(check(&content, &limits), expected, "{content:?}");
    }
    let small = FileLimits { file_bytes_max: 8 };
    assert_eq!(check(b"%PDF-1.7", &small), Ok(FileKind::Pdf));
    assert_eq!(check(b"%PDF-1.7\n", &small), Err(FileFault::TooLarge));
}

#[test]
fn a_media_type_has_one_meaning_under_all_its_names() {
    for (mime, expected) in [
        ("application/pdf", Some(FileKind::Pdf)),
        ("Application/PDF", Some(FileKind::Pdf)),
        (" application/pdf ; charset=binary", Some(FileKind::Pdf)),
        ("application/x-pdf", Some(FileKind::Pdf)),
        ("image/jpg", Some(FileKind::Jpeg)),
        ("image/PJPEG", Some(FileKind::Jpeg)),
        ("image/png", Some(FileKind::Png)),
        ("image/heic", None),
        ("application/octet-stream", None),
        ("text/html", None),
        ("", None),
    ] {
        assert_eq!(FileKind::of_mime(mime), expected, "{mime}");
        let by_claim = expected.is_some() || mime == "application/octet-stream";
        assert_eq!(may_be_announced(mime), by_claim, "{mime}");
        for kind in [FileKind::Pdf, FileKind::Jpeg, FileKind::Png] {
            let fits = expected == Some(kind) || mime == "application/octet-stream";
            assert_eq!(is_announced(mime, kind), fits, "{mime} {kind:?}");
            assert_eq!(FileKind::of_mime(kind.mime()), Some(kind));
            assert_eq!(is_same_kind(mime, kind.mime()), expected == Some(kind), "{mime}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_have_a_verdict_and_what_is_accepted_may_be_announced(
        content in proptest::collection::vec(any::<u8>(), 0..64), start in 0..5_usize,
    ) {
        let starts: [&[u8]; 5] =
            [b"", b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic"];
        let content = [starts[start], &content].concat();
        if let Ok(kind) = check(&content, &FileLimits::default()) {
            prop_assert_eq!(FileKind::of_bytes(&content), Some(kind));
            prop_assert!(is_announced(kind.mime(), kind) && may_be_announced(kind.mime()));
        }
    }
}
