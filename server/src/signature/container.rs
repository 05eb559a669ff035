//! A signed document with its signature, as programs of others verify it: ASiC-S (ETSI EN 319
//! 162-1).
//!
//! # Why ASiC-S and not ASiC-E
//! A signature in ASiC-E covers a manifest with the files' hashes. These signatures cover the
//! document's own bytes, made by their owner with any program, and nobody else can make another. A
//! container with one file and `META-INF/signature.p7s` over it is the one that fits.
//!
//! # Why a signature is in it twice
//! A validator demands the chain and the issuers' answers inside of the signature
//! ([`super::archived()`]), which leaves the signature alone and changes the file. What the signer
//! has sent lies beside it, for those who hold its hash. Its name must not contain "signature": a
//! validator would take it for a second one.

use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The container's media type.
pub const ASIC_S: &str = "application/vnd.etsi.asic-s+zip";
/// The place of the signature.
const SIGNATURE: &str = "META-INF/signature.p7s";
/// The name in `META-INF/` of the signature as it was sent.
pub const AS_SENT: &str = "as-sent.p7s";

/// A container of a document and its detached signature, with further files in `META-INF/`. The
/// same content gives the same bytes.
///
/// # Errors
/// When it is longer than a zip file can be.
pub fn asic_s(
    (name, document): (&str, &[u8]),
    signature: &[u8],
    further: &[(String, Vec<u8>)],
) -> std::io::Result<Vec<u8>> {
    // Nothing is compressed, and the type comes first: a file's first bytes then tell what it is.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, content: &[u8]| -> std::io::Result<()> {
        zip.start_file(name, options)?;
        zip.write_all(content)
    };
    put("mimetype", ASIC_S.as_bytes())?;
    put(name, document)?;
    put(SIGNATURE, signature)?;
    for (name, content) in further {
        put(&format!("META-INF/{name}"), content)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_containers_type_is_its_first_readable_content() {
        let further = [("report.json".to_owned(), b"{}".to_vec())];
        let container = asic_s(("package.json", b"signed"), b"signature", &further).unwrap();
        // A local header of 30 bytes, the name, and no extra field (EN 319 162-1, A.1).
        assert_eq!(&container[..4], b"PK\x03\x04");
        assert_eq!(&container[28..30], [0, 0]);
        assert_eq!(&container[30..38], b"mimetype");
        assert_eq!(&container[38..38 + ASIC_S.len()], ASIC_S.as_bytes());
        let again = asic_s(("package.json", b"signed"), b"signature", &further).unwrap();
        assert_eq!(again, container);
        let mut read = zip::ZipArchive::new(Cursor::new(&container)).unwrap();
        let names: Vec<_> = (0..read.len())
            .map(|at| read.by_index(at).unwrap().name().unwrap().into_owned())
            .collect();
        assert_eq!(names, ["mimetype", "package.json", SIGNATURE, "META-INF/report.json"]);
    }
}
