//! The person and the firm that a certificate names.
//!
//! # Why the number is looked for in one place
//! A certificate's subject has room for many texts that look like a number. The personal number
//! (ПИН) counts only as the subject's `serialNumber`, bare or in the form of ETSI EN 319 412-1
//! (`PNOKG-…`), and only if there is one: of two numbers neither proves anybody.

use super::certificate::X509;
use der::asn1::ObjectIdentifier;
use std::fmt;
use toruk_sync::domain::pin::Pin;
use toruk_sync::protocol::signature::SignatureFault;
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::name::Name;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
const SURNAME: ObjectIdentifier = oid("2.5.4.4");
const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
const ORGANISATION: ObjectIdentifier = oid("2.5.4.10");
const GIVEN_NAME: ObjectIdentifier = oid("2.5.4.42");
const ORGANISATION_ID: ObjectIdentifier = oid("2.5.4.97");
/// Letters that may stand before a person's number, and before a firm's.
const PERSON_PREFIXES: [&str; 3] = ["PNOKG-", "TINKG-", "PIN"];
const FIRM_PREFIXES: [&str; 3] = ["NTRKG-", "VATKG-", "INN"];

/// The person that a certificate names. `Debug` names nobody.
#[derive(Clone)]
pub struct CertificateSubject {
    /// The authority's name.
    pub issuer: String,
    pub pin: Pin,
    /// The full name.
    pub name: String,
    /// The firm beside the person.
    pub firm: Option<CertificateFirm>,
}

impl fmt::Debug for CertificateSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateSubject").field("pin", &self.pin).finish_non_exhaustive()
    }
}

/// A firm as a certificate names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFirm {
    /// The tax number.
    pub identifier: String,
    pub name: String,
}

/// The person that a certificate names.
///
/// # Errors
/// [`SignatureFault::NumberMissing`].
pub fn subject(certificate: &X509) -> Result<CertificateSubject, SignatureFault> {
    let tbs = certificate.fields().tbs_certificate();
    let subject = tbs.subject();
    let number = only(subject, SERIAL_NUMBER).ok_or(SignatureFault::NumberMissing)?;
    let pin = Pin::parse(bare(&number, &PERSON_PREFIXES));
    let pin = pin.map_err(|_| SignatureFault::NumberMissing)?;
    let name = match (only(subject, SURNAME), only(subject, GIVEN_NAME)) {
        (Some(surname), Some(given)) => format!("{surname} {given}"),
        _ => only(subject, COMMON_NAME).unwrap_or_default(),
    };
    let firm = only(subject, ORGANISATION_ID).map(|identifier| CertificateFirm {
        identifier: bare(&identifier, &FIRM_PREFIXES).to_owned(),
        name: only(subject, ORGANISATION).unwrap_or_default(),
    });
    Ok(CertificateSubject { issuer: tbs.issuer().to_string(), pin, name, firm })
}

/// The one text of this kind in a name; `None` if there are two, or it can't be read.
fn only(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    let mut found = name.iter().filter(|attribute| attribute.oid == kind);
    let first = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let text: DirectoryString = first.value.decode_as().ok()?;
    Some(text.value().trim().to_owned())
}

fn bare<'a>(number: &'a str, prefixes: &[&str]) -> &'a str {
    let stripped = prefixes.iter().find_map(|prefix| number.strip_prefix(prefix));
    stripped.unwrap_or(number).trim()
}
