//! The signatures by which merchant and payment system authenticate each other's messages.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Header with the merchant's name.
pub const MERCHANT: &str = "X-Merchant";
/// Header with the moment of signing, in Unix seconds.
pub const TIMESTAMP: &str = "X-Timestamp";
/// The signature, lower-case hex.
pub const SIGNATURE: &str = "X-Signature";

/// The parts of a message that one signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// Unix seconds, as in the header.
    pub timestamp: &'a str,
    /// The HTTP method, in upper case.
    pub method: &'a str,
    /// Without host and query.
    pub path: &'a str,
    /// The body's bytes as they were sent.
    pub body: &'a [u8],
}

impl Signed<'_> {
    /// Lower-case hex of HMAC-SHA256 over `<timestamp>\n<METHOD>\n<path>\n<body>`.
    pub fn sign(self, secret: &[u8]) -> String {
        hex::encode(self.mac(secret).finalize().into_bytes())
    }

    /// Returns `true` if `signature` was made with `secret`; compares in constant time.
    pub fn is_signed_by(self, secret: &[u8], signature: &str) -> bool {
        hex::decode(signature)
            .is_ok_and(|signature| self.mac(secret).verify_slice(&signature).is_ok())
    }

    fn mac(self, secret: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        for part in [self.timestamp, self.method, self.path] {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        mac.update(self.body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_every_part_of_a_message() {
        let signed = Signed { timestamp: "17", method: "POST", path: "/v1/orders", body: b"{}" };
        let signature = signed.sign(b"secret");
        assert!(signed.is_signed_by(b"secret", &signature));
        for other in [
            Signed { timestamp: "18", ..signed },
            Signed { method: "PUT", ..signed },
            Signed { path: "/v1/refunds", ..signed },
            Signed { body: b"{ }", ..signed },
        ] {
            assert!(!other.is_signed_by(b"secret", &signature));
        }
        assert!(!signed.is_signed_by(b"another secret", &signature));
        assert!(!signed.is_signed_by(b"secret", "not hex"));
        assert!(!signed.is_signed_by(b"secret", ""));
    }

    /// Computed apart from this code: `printf '17\nPOST\n/v1/orders\n{}' | openssl dgst -sha256
    /// -hmac secret`.
    #[test]
    fn a_signature_is_the_one_of_the_contract() {
        let signed = Signed { timestamp: "17", method: "POST", path: "/v1/orders", body: b"{}" };
        assert_eq!(
            signed.sign(b"secret"),
            "a0af78e4b8f68213abf70779c8c757383208c53beb1934b356c709a73ac945f3"
        );
    }
}
