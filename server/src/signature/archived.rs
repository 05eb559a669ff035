//! A signature with all that it rests on inside, as CAdES keeps it (ETSI EN 319 122-1, 5.5): the
//! chain among its certificates, the issuers' answers among its lists.
//!
//! # Why this changes no signature
//! A signer signs their attributes and, by its digest, the document (RFC 5652, 5.4). Certificates
//! and lists stand outside of both, so that anybody may add them afterwards. The signer's part is
//! copied here as it came, byte for byte.

use cms::content_info::ContentInfo;
use der::asn1::{Any, ObjectIdentifier, SetOfVec};
use der::{Decode as _, Encode as _, Sequence, Tag, TagNumber};

/// An answer of an OCSP responder among the lists (RFC 5940, 2.1).
const OCSP_ANSWER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.16.2");
/// The version of a message with something else than lists among its lists (RFC 5652, 5.1).
const WITH_OTHER_ANSWERS: u8 = 5;

/// `SignedData` in parts that are copied as they came.
#[derive(Sequence)]
struct Parts {
    version: u8,
    digest_algorithms: Any,
    content: Any,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    certificates: Option<SetOfVec<Any>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    lists: Option<SetOfVec<Any>>,
    signers: Any,
}

/// A list of revoked certificates, or an OCSP answer, in DER.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedAnswer<'a> {
    /// Set for OCSP; otherwise it is a list.
    pub is_ocsp: bool,
    pub der: &'a [u8],
}

/// The detached signature `der` with this chain and these answers added to those that it has.
///
/// # Errors
/// When any of them is no DER.
pub fn archived(
    der: &[u8],
    chain: &[Vec<u8>],
    answers: &[EmbeddedAnswer<'_>],
) -> der::Result<Vec<u8>> {
    let mut outer = ContentInfo::from_der(der)?;
    let mut parts: Parts = outer.content.decode_as()?;
    let chain = chain.iter().map(|certificate| Any::from_der(certificate));
    parts.certificates = united(parts.certificates, chain)?;
    parts.lists = united(parts.lists, answers.iter().map(among_lists))?;
    if answers.iter().any(|answer| answer.is_ocsp) {
        parts.version = WITH_OTHER_ANSWERS;
    }
    outer.content = Any::encode_from(&parts)?;
    outer.to_der()
}

fn among_lists(answer: &EmbeddedAnswer<'_>) -> der::Result<Any> {
    if !answer.is_ocsp {
        return Any::from_der(answer.der);
    }
    let content = [OCSP_ANSWER.to_der()?, Any::from_der(answer.der)?.to_der()?].concat();
    Any::new(Tag::ContextSpecific { constructed: true, number: TagNumber(1) }, content)
}

/// Both without what is in the first; `None` if there is nothing.
fn united(
    known: Option<SetOfVec<Any>>,
    further: impl Iterator<Item = der::Result<Any>>,
) -> der::Result<Option<SetOfVec<Any>>> {
    let mut all = known.map(SetOfVec::into_vec).unwrap_or_default();
    for one in further {
        let one = one?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    if all.is_empty() { Ok(None) } else { SetOfVec::try_from(all).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    /// By OpenSSL, with one certificate.
    const SIGNED: &str = include_str!("../../tests/cms/p256-cades.p7s.b64");

    fn signed() -> Vec<u8> {
        let plain: String = SIGNED.split_whitespace().collect();
        STANDARD.decode(plain).unwrap()
    }

    fn parts(der: &[u8]) -> Parts {
        ContentInfo::from_der(der).unwrap().content.decode_as().unwrap()
    }

    #[test]
    fn what_is_added_leaves_the_signers_part_as_it_is() {
        let (signed, certificate) = (signed(), [0x30, 0x03, 0x02, 0x01, 0x07].to_vec());
        let answers = [
            EmbeddedAnswer { is_ocsp: false, der: &[0x30, 0x03, 0x02, 0x01, 0x08] },
            EmbeddedAnswer { is_ocsp: true, der: &[0x30, 0x03, 0x0a, 0x01, 0x00] },
        ];
        let kept = archived(&signed, std::slice::from_ref(&certificate), &answers).unwrap();
        let (before, after) = (parts(&signed), parts(&kept));
        assert_eq!(before.signers, after.signers);
        assert_eq!(before.content, after.content);
        assert_eq!(before.digest_algorithms, after.digest_algorithms);
        let added = Any::from_der(&certificate).unwrap();
        let certificates = after.certificates.unwrap();
        assert_eq!(certificates.len(), before.certificates.unwrap().len() + 1);
        assert!(certificates.iter().any(|one| *one == added));
        assert_eq!((after.version, after.lists.unwrap().len()), (WITH_OTHER_ANSWERS, 2));
        // The same again is added once.
        assert_eq!(archived(&kept, &[certificate], &answers).unwrap(), kept);
        assert!(archived(&signed, &[b"no DER".to_vec()], &[]).is_err());
        assert_eq!(archived(&signed, &[], &[]).unwrap(), signed);
    }
}
