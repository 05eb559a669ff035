//! Pictures that declare more pixels than a program can show are refused, wherever they come from.

use crate::ground::sale::{HERE, Sale, hash, stream};
use toruk_server::db::StoreError;
use toruk_server::{blob, catalogue};
use toruk_sync::domain::file::picture::PictureFault;

/// A PNG that ends after its header.
fn png(width: u32, height: u32) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", &sides[..], b"\x08\x02\0\0\0crc!\0\0\0\0IENDcrc!"].concat()
}

/// A JPEG of one frame without a picture in it.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
    [b"\xff\xd8\xff\xc0\0\x0b\x08", &sides[..], b"\x01\x01\x11\0\xff\xda\0\x02bits\xff\xd9"]
        .concat()
}

fn pictures() -> Vec<(&'static str, Vec<u8>, bool)> {
    vec![
        ("image/png", png(1_600, 1_200), true),
        ("image/jpeg", jpeg(8_192, 6_144), true),
        ("image/png", png(1 << 31, 1), false),
        ("image/png", png(65_535, 65_535), false),
        ("image/jpeg", jpeg(65_535, 65_535), false),
    ]
}

#[tokio::test]
async fn an_applicants_picture_has_as_many_pixels_as_can_be_shown() {
    let sale = Sale::new().await;
    let (blobs, person) = (&sale.state().blobs, sale.bidder.person);
    for (mime, content, is_fine) in pictures() {
        let sha256 = hash(&content);
        blobs.announce(person, HERE, &sha256, content.len() as u64, mime).await.unwrap();
        let outcome = blobs.append(person, &sha256, 0, None, stream(content.leak())).await;
        if is_fine {
            assert!(outcome.unwrap().stored, "{mime}");
            continue;
        }
        let too_many = blob::Error::Picture(PictureFault::TooManyPixels { width: 0, height: 0 });
        let refused = outcome.unwrap_err();
        assert_eq!(std::mem::discriminant(&refused), std::mem::discriminant(&too_many));
        assert!(refused.to_string().starts_with("the picture is too large"), "{refused}");
        assert!(!blobs.view(person, &sha256).await.unwrap().stored, "it was kept");
    }
}

/// A whole PNG.
fn drawn(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn a_lots_picture_has_one_small_copy_and_a_damaged_one_has_none() {
    let sale = Sale::new().await;
    let catalogue = &sale.state().catalogue;
    let cases =
        [(drawn(900, 600), true), (png(1_600, 1_200), false), (b"%PDF-1.7 plan".to_vec(), false)];
    for (content, has_copy) in cases {
        let kept = catalogue.keep_document("photo", &content).await.unwrap();
        let paper = catalogue.kept_paper(kept.title, &kept.mime, kept.sha256.clone());
        for _ in 0..2 {
            match catalogue.thumbnail(paper.clone()).await {
                Ok(copy) => {
                    assert!(has_copy && copy.mime == "image/jpeg", "{}", kept.mime);
                    assert_ne!(copy.sha256, kept.sha256, "two contents under one name");
                    assert!(std::fs::read(copy.path).unwrap().starts_with(b"\xff\xd8\xff"));
                }
                Err(catalogue::Error::Store(StoreError::NotFound)) => assert!(!has_copy),
                Err(error) => panic!("{}: {error}", kept.mime),
            }
        }
    }
}

#[tokio::test]
async fn a_lots_picture_has_as_many_pixels_as_can_be_shown() {
    let sale = Sale::new().await;
    for (mime, content, is_fine) in pictures() {
        match sale.state().catalogue.keep_document("photo", &content).await {
            Ok(document) => assert!(is_fine && document.mime == mime, "{mime}"),
            Err(catalogue::Error::Picture(PictureFault::TooManyPixels { .. })) => {
                assert!(!is_fine, "{mime}");
            }
            Err(error) => panic!("{mime}: {error}"),
        }
    }
}
