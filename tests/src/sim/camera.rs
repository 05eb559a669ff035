//! Files as phones make them.

use crate::proof::chance::Chance;

/// A file from a scanner, a camera, a messenger or nowhere: most are accepted.
pub(super) fn file(chance: &mut Chance) -> Vec<u8> {
    let mut content = match chance.below(12) {
        0 => return Vec::new(),
        1 => b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
        2 => b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(),
        3 => b"\xef\xbb\xbf%PDF-1.4\n".to_vec(),
        4 => b"\r\n%PDF-1.4\n".to_vec(),
        5 => b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x10\0\0\0\x0c\0\x08\x02\0\0\0".to_vec(),
        6 => [b"\xff\xd8\xff\xe1\0\x08Exif\0\0", FRAME, b"\xff\xda\0\x02"].concat(),
        // Cut off by a full card.
        7 => b"\xff\xd8\xff\xe1\0\xffExif".to_vec(),
        _ => b"%PDF-1.7\n".to_vec(),
    };
    content.extend((0..chance.below(400)).map(|byte| byte as u8 | 1));
    content.extend(chance.below(4).to_le_bytes());
    content
}

/// The frame of a JPEG with 12 megapixels.
const FRAME: &[u8] = b"\xff\xc0\0\x0b\x08\x0c\0\x10\0\x01\x01\x11\0";
