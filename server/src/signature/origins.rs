//! The origins whose passkeys' answers are accepted.
//!
//! # Why one app has several
//! A browser names the address of its page. An iOS app names the relying party without a port, even
//! if the server has one. An Android app names the hash of the certificate that signed it, which
//! another store, a debug build and a renewed certificate each change; the spelling of the hash
//! differs too, between what `keytool`, the store's console and the platform print.

use crate::config::Config;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use webauthn_rs::prelude::Url;

/// The beginning of an Android app's origin, before its certificate's hash.
const ANDROID: &str = "android:apk-key-hash:";
/// The lengths of a certificate's hash: SHA-1 and SHA-256.
const HASH_BYTES: [usize; 2] = [20, 32];
/// Base64url with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent),
);

/// The public origin, and the others whose answers are accepted.
///
/// # Errors
/// When one is not a URL.
pub fn accepted_origins(config: &Config) -> anyhow::Result<(Url, Vec<Url>)> {
    let public = Url::parse(&config.public_origin).context("the public origin is not a URL")?;
    let mut further = Vec::new();
    if let ("https", Some(host), Some(_)) = (public.scheme(), public.domain(), public.port()) {
        further.push(Url::parse(&format!("https://{host}"))?);
    }
    for origin in &config.app_origins {
        for spelling in spellings(origin.trim()) {
            let url = Url::parse(&spelling);
            further.push(url.with_context(|| format!("an app's origin is not a URL: {origin}"))?);
        }
    }
    Ok((public, further))
}

/// An Android app's origin in each spelling of its hash; any other as it is.
fn spellings(origin: &str) -> Vec<String> {
    let Some(hash) = origin.strip_prefix(ANDROID) else { return vec![origin.to_owned()] };
    let Some(hash) = hash_bytes(hash) else { return vec![origin.to_owned()] };
    let engines = [URL_SAFE_NO_PAD, URL_SAFE, STANDARD_NO_PAD, STANDARD];
    engines.map(|engine| format!("{ANDROID}{}", engine.encode(&hash))).to_vec()
}

/// The SHA-256 of an Android app's certificate as `keytool` prints it, from the app's origin.
pub fn certificate_hash(origin: &str) -> Option<String> {
    let hash = hash_bytes(origin.trim().strip_prefix(ANDROID)?)?;
    let bytes: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    (bytes.len() == 32).then(|| bytes.join(":"))
}

/// The bytes of a certificate's hash, from base64 of any kind or from hex with or without colons.
fn hash_bytes(text: &str) -> Option<Vec<u8>> {
    let fits = |hash: &Vec<u8>| HASH_BYTES.contains(&hash.len());
    let hex = hex::decode(text.replace(':', "")).ok().filter(fits);
    hex.or_else(|| LENIENT.decode(text.replace('+', "-").replace('/', "_")).ok().filter(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_known_in_each_spelling_of_its_hash() {
        let hash: Vec<u8> = (0..32).map(|byte| 255 - byte).collect();
        let colons: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
        let ours = spellings(&format!("{ANDROID}{}", URL_SAFE_NO_PAD.encode(&hash)));
        for hash in [colons.join(":"), STANDARD.encode(&hash), URL_SAFE.encode(&hash)] {
            assert_eq!(spellings(&format!("{ANDROID}{hash}")), ours);
        }
        assert_eq!(spellings("https://a.example"), ["https://a.example"]);
        assert_eq!(spellings("android:apk-key-hash:short"), ["android:apk-key-hash:short"]);
    }

    #[test]
    fn an_ios_app_names_the_host_without_the_port() {
        let folder = std::path::Path::new("unused");
        let mut config = Config::local(folder, 8080);
        assert!(accepted_origins(&config).unwrap().1.is_empty(), "no TLS, no app");
        "https://auction.example.kg:8443".clone_into(&mut config.public_origin);
        let further = accepted_origins(&config).unwrap().1;
        assert_eq!(further, [Url::parse("https://auction.example.kg").unwrap()]);
    }
}
