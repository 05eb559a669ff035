//! The content of a web push, encrypted for one browser: RFC 8291 with the content coding of RFC 8188.
//!
//! # Why not a crate for all of it
//! It is one key agreement, two key derivations and one seal, of libraries that are here already. The
//! crates that do it bring another TLS or HTTP stack, or curves of a generation behind.

use hkdf::Hkdf;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;

/// Most bytes of a content: push services take 4 096 with the header, the padding and the tag.
pub const CONTENT_BYTES_MAX: usize = 3_072;
/// The record size in the header; the content is one record.
const RECORD_BYTES: u32 = 4_096;
/// Ends the last record (RFC 8188, section 2).
const LAST: u8 = 2;
/// Bytes of an uncompressed point.
pub const POINT_BYTES: usize = 65;
/// Bytes of the secret that a browser shares with the server.
pub const AUTH_BYTES: usize = 16;

/// The keys of a browser's subscription.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// The browser's public key.
    pub public_key: PublicKey,
    /// The secret that the browser shares with this server.
    pub auth: [u8; AUTH_BYTES],
}

/// The reason why a content can't be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionFault {
    /// It is longer than [`CONTENT_BYTES_MAX`].
    #[error("the content is too long for a push")]
    TooLong,
    /// A primitive refused its input.
    #[error("the content can't be sealed")]
    Seal,
}

/// Encrypts a content for a subscriber. The key pair and the salt are for this one message.
///
/// # Errors
/// [`EncryptionFault`].
pub fn encrypt(
    content: &[u8],
    subscriber: &Subscriber,
    ephemeral: &SecretKey,
    salt: [u8; 16],
) -> Result<Vec<u8>, EncryptionFault> {
    if content.len() > CONTENT_BYTES_MAX {
        return Err(EncryptionFault::TooLong);
    }
    let (own, theirs) = (point(&ephemeral.public_key()), point(&subscriber.public_key));
    let shared = diffie_hellman(ephemeral.to_nonzero_scalar(), subscriber.public_key.as_affine());
    // RFC 8291, section 3.4.
    let info = [b"WebPush: info\0", theirs.as_slice(), &own].concat();
    let secret: [u8; 32] = derived(&subscriber.auth, shared.raw_secret_bytes(), &info)?;
    // RFC 8188, sections 2.2 and 2.3.
    let key: [u8; 16] = derived(&salt, &secret, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = derived(&salt, &secret, b"Content-Encoding: nonce\0")?;
    let mut sealed = [content, &[LAST]].concat();
    let failed = |_| EncryptionFault::Seal;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(failed)?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).map_err(failed)?;
    // RFC 8188, section 2.1: salt, record size, length of the key's id, the key's id.
    let length = u8::try_from(own.len()).map_err(|_| EncryptionFault::Seal)?;
    Ok([&salt[..], &RECORD_BYTES.to_be_bytes(), &[length], &own, &sealed].concat())
}

/// The point of a public key, uncompressed (SEC 1).
pub fn point(key: &PublicKey) -> [u8; POINT_BYTES] {
    let mut bytes = [0; POINT_BYTES];
    bytes.copy_from_slice(key.to_sec1_point(false).as_bytes());
    bytes
}

/// HKDF with SHA-256 (RFC 5869).
fn derived<const N: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
) -> Result<[u8; N], EncryptionFault> {
    let mut bytes = [0; N];
    let derived = Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut bytes);
    derived.map_err(|_| EncryptionFault::Seal)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    /// The sealed message of RFC 8291, section 5.
    const SEALED: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg\
        Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyou\
        BWLVWGNWQexSgSxsj_Qulcy4a-fN";

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let their_key = "042571b2becdfde360551aaf1ed0f4cd366c11cebe555f89bcb7b186a533391731\
            68ece2ebe018597bd30479b86e3c8f8eced577ca59187e9246990db682008b0e";
        let subscriber = Subscriber {
            public_key: PublicKey::from_sec1_bytes(&hex::decode(their_key).unwrap()).unwrap(),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap(),
        };
        let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let content = b"When I grow up, I want to be a watermelon";
        let sealed = encrypt(content, &subscriber, &own.unwrap(), salt).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), SEALED);
    }

    #[test]
    fn a_content_that_no_push_service_takes_is_refused_here() {
        let own = SecretKey::from_slice(&[7; 32]).unwrap();
        let subscriber = Subscriber { public_key: own.public_key(), auth: [1; AUTH_BYTES] };
        let long = vec![b'a'; CONTENT_BYTES_MAX + 1];
        let sealed = |content| encrypt(content, &subscriber, &own, [2; 16]);
        assert_eq!(sealed(&long), Err(EncryptionFault::TooLong));
        assert!(sealed(&long[1..]).unwrap().len() < 4_096);
    }
}
