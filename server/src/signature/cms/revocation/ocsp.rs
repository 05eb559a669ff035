//! OCSP (RFC 6960): one certificate, asked for at its issuer.
//!
//! # Why no nonce
//! Most responders sign answers ahead of time and ignore it. An answer counts for as long as it
//! says, and so does a repeated one.
//!
//! # Why SHA-1 names the issuer
//! It is what each responder knows (RFC 5019), and names a key that is known here already: a
//! collision would lead to a wrong question, not to an answer that counts.

use super::usable::{Unusable, within};
use crate::signature::cms::algorithm::{SHA_1, SHA_256};
use crate::signature::cms::certificate::{OCSP_SIGNING, Signed, X509};
use der::asn1::{Any, BitString, GeneralizedTime, Null, ObjectIdentifier, OctetString};
use der::{Decode as _, Encode as _, Sequence, Tagged as _};
use ring::digest;
use toruk_sync::domain::time::Timestamp;
use x509_cert::ext::Extensions;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;

const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// The status of an answer that holds one.
const SUCCESSFUL: [u8; 3] = [0x0a, 1, 0];
/// Most certificates and answers within one answer.
const PARTS_MAX: usize = 16;

#[derive(Sequence, Clone, PartialEq)]
struct CertId {
    algorithm: AlgorithmIdentifierOwned,
    issuer_name: OctetString,
    issuer_key: OctetString,
    serial: SerialNumber,
}

#[derive(Sequence)]
struct OneRequest {
    id: CertId,
}

#[derive(Sequence)]
struct Requests {
    list: Vec<OneRequest>,
}

#[derive(Sequence)]
struct Request {
    requests: Requests,
}

#[derive(Sequence)]
struct Response {
    status: Any,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    answer: Option<TypedAnswer>,
}

#[derive(Sequence)]
struct TypedAnswer {
    kind: ObjectIdentifier,
    answer: OctetString,
}

#[derive(Sequence)]
struct BasicAnswer {
    content: Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certificates: Option<Vec<Any>>,
}

#[derive(Sequence)]
struct Content {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "Default::default")]
    version: u8,
    responder: Any,
    produced_at: GeneralizedTime,
    answers: Vec<OneAnswer>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

#[derive(Sequence)]
struct OneAnswer {
    id: CertId,
    status: Any,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

/// The statement of an answer about the one certificate.
pub struct Standing {
    pub is_revoked: bool,
    pub this_update: Timestamp,
    pub next_update: Timestamp,
}

/// The request about a certificate; `None` if it can't be written.
pub fn request(certificate: &X509, issuer: &X509) -> Option<Vec<u8>> {
    let algorithm = AlgorithmIdentifierOwned { oid: SHA_1, parameters: Some(Any::from(Null)) };
    let id = cert_id(algorithm, certificate, issuer)?;
    Request { requests: Requests { list: vec![OneRequest { id }] } }.to_der().ok()
}

/// Reads an answer about a certificate that `issuer`, or a responder of theirs, has signed and that
/// counts at `at`.
pub fn read(
    bytes: &[u8],
    certificate: &X509,
    issuer: &X509,
    at: Timestamp,
) -> Result<Standing, Unusable> {
    let malformed = |_| Unusable::Malformed("an OCSP answer");
    let response = Response::from_der(bytes).map_err(malformed)?;
    let is_successful = response.status.to_der().is_ok_and(|status| status == SUCCESSFUL);
    let answer = response.answer.filter(|answer| is_successful && answer.kind == BASIC);
    let answer = answer.ok_or_else(|| Unusable::Unreachable("no answer".to_owned()))?;
    let basic = BasicAnswer::from_der(answer.answer.as_bytes()).map_err(malformed)?;
    let content = basic.content.to_der().map_err(malformed)?;
    require_signed(basic, issuer, at)?;
    let content = Content::from_der(&content).map_err(malformed)?;
    let has_unknown = |of: &Option<Extensions>| of.iter().flatten().any(|of| of.critical);
    if content.answers.len() > PARTS_MAX || has_unknown(&content.extensions) {
        return Err(Unusable::Malformed("an OCSP answer"));
    }
    let is_about = |one: &&OneAnswer| {
        let algorithm = one.id.algorithm.clone();
        cert_id(algorithm, certificate, issuer).is_some_and(|id| id == one.id)
    };
    let one = content.answers.iter().find(is_about).ok_or(Unusable::Unknown)?;
    if has_unknown(&one.extensions) {
        return Err(Unusable::Malformed("an OCSP answer"));
    }
    let moment =
        |time: &GeneralizedTime| i64::try_from(time.to_unix_duration().as_micros()).map(Timestamp);
    let malformed = |_| Unusable::Malformed("a time");
    let this_update = moment(&one.this_update).map_err(malformed)?;
    let next_update = one.next_update.as_ref().map(moment).transpose().map_err(malformed)?;
    let next_update = within(this_update, next_update, at)?;
    let is_revoked = match one.status.tag().number().value() {
        0 => false,
        1 => true,
        _ => return Err(Unusable::Unknown),
    };
    Ok(Standing { is_revoked, this_update, next_update })
}

/// Requires the signature of the issuer, or of one whom the issuer has certified for it.
fn require_signed(answer: BasicAnswer, issuer: &X509, at: Timestamp) -> Result<(), Unusable> {
    let BasicAnswer { content, algorithm, signature, certificates } = answer;
    let signed = Signed { content, algorithm, signature };
    if signed.verify(issuer.key()).is_ok() {
        return Ok(());
    }
    let offered = certificates.into_iter().flatten().take(PARTS_MAX);
    let offered = offered.filter_map(|any| X509::parse(&any.to_der().ok()?).ok());
    let may_answer = |responder: &X509| {
        let signs = responder.purposes().is_some_and(|of| of.contains(&OCSP_SIGNING));
        signs
            && responder.require_known_extensions().is_ok()
            && responder.names_as_issuer(issuer)
            && responder.require_valid(at).is_ok()
            && responder.verify_by(issuer).is_ok()
    };
    let mut responders = offered.filter(may_answer);
    match responders.any(|responder| signed.verify(responder.key()).is_ok()) {
        true => Ok(()),
        false => Err(Unusable::Foreign),
    }
}

/// The id of a certificate under a digest that responders use.
fn cert_id(
    algorithm: AlgorithmIdentifierOwned,
    certificate: &X509,
    issuer: &X509,
) -> Option<CertId> {
    let digest = match algorithm.oid {
        SHA_1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        SHA_256 => &digest::SHA256,
        _ => return None,
    };
    let hash = |bytes: &[u8]| OctetString::new(digest::digest(digest, bytes).as_ref()).ok();
    Some(CertId {
        issuer_name: hash(issuer.subject())?,
        issuer_key: hash(issuer.key().subject_public_key.as_bytes()?)?,
        serial: certificate.fields().tbs_certificate().serial_number().clone(),
        algorithm,
    })
}
