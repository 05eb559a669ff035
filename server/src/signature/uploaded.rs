//! A detached signature as a file: programs write DER (`.p7s`, `.sig`), PEM, or base64 alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toruk_sync::protocol::signature::{SIGNATURE_BYTES_MAX, SignatureFault};

/// The first byte of DER: a SEQUENCE.
const DER_START: u8 = 0x30;
/// Longest file: base64 has four characters for three bytes, and line breaks.
const FILE_BYTES_MAX: usize = SIGNATURE_BYTES_MAX * 2;

/// The signature of a file, DER in base64, as confirmations carry it. Whether it is one is found
/// out when it is verified.
///
/// # Errors
/// [`SignatureFault::TooLarge`]; [`SignatureFault::Malformed`] for what is neither binary nor text.
pub fn from_file(content: &[u8]) -> Result<String, SignatureFault> {
    if content.len() > FILE_BYTES_MAX {
        return Err(SignatureFault::TooLarge);
    }
    if content.first() == Some(&DER_START) {
        return Ok(STANDARD.encode(content));
    }
    let text = str::from_utf8(content).map_err(|_| SignatureFault::Malformed)?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let text: String = lines.filter(|line| !line.starts_with("-----")).collect();
    let is_base64 = STANDARD.decode(&text).is_ok_and(|der| der.first() == Some(&DER_START));
    if is_base64 { Ok(text) } else { Err(SignatureFault::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read_from_what_programs_write() {
        let der = [0x30, 0x03, 0x02, 0x01, 0x07];
        let text = STANDARD.encode(der);
        let (first, second) = text.split_at(4);
        let files = [
            der.to_vec(),
            text.clone().into_bytes(),
            format!("{first}\r\n{second}\r\n").into_bytes(),
            format!("\u{feff}-----BEGIN CMS-----\n{first}\n{second}\n-----END CMS-----\n").into(),
            format!("-----BEGIN PKCS7-----\r\n{text}\r\n-----END PKCS7-----").into(),
        ];
        for file in files {
            assert_eq!(from_file(&file).as_deref(), Ok(&*text), "{file:?}");
        }
        for (file, fault) in [
            (Vec::new(), SignatureFault::Malformed),
            (b"%PDF-1.7".to_vec(), SignatureFault::Malformed),
            (b"AAAA".to_vec(), SignatureFault::Malformed),
            (vec![0xff, 0xfe], SignatureFault::Malformed),
            (vec![DER_START; FILE_BYTES_MAX + 1], SignatureFault::TooLarge),
        ] {
            assert_eq!(from_file(&file), Err(fault));
        }
    }
}
