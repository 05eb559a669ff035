//! The person and the firm that a certificate names.
//!
//! # Why the number is looked for in one place
//! A certificate's subject has room for many texts that look like a number. The personal number
//! (ПИН) counts only as the subject's `serialNumber`, bare or in the form of ETSI EN 319 412-1
//! (`PNOKG-…`), and only if there is one: of two numbers neither proves anybody.

use super::certificate::X509;
use crate::identity::firm::TAX_REGISTER;
use crate::identity::{ProvenIdentity, ProvenOrganisation, Provider};
use der::asn1::ObjectIdentifier;
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
/// What may stand before a person's number, and before a firm's.
const PERSON_PREFIXES: [&str; 3] = ["PNOKG-", "TINKG-", "PIN"];
const FIRM_PREFIXES: [&str; 3] = ["NTRKG-", "VATKG-", "INN"];

/// The person that a certificate proves.
///
/// # Errors
/// [`SignatureFault::NumberMissing`].
pub fn proven(certificate: &X509) -> Result<ProvenIdentity, SignatureFault> {
    let tbs = certificate.fields().tbs_certificate();
    let subject = tbs.subject();
    let number = only(subject, SERIAL_NUMBER).ok_or(SignatureFault::NumberMissing)?;
    let pin = Pin::parse(bare(&number, &PERSON_PREFIXES));
    let pin = pin.map_err(|_| SignatureFault::NumberMissing)?;
    let name = match (only(subject, SURNAME), only(subject, GIVEN_NAME)) {
        (Some(surname), Some(given)) => format!("{surname} {given}"),
        _ => only(subject, COMMON_NAME).unwrap_or_default(),
    };
    let organisation = only(subject, ORGANISATION_ID).map(|identifier| ProvenOrganisation {
        scheme: TAX_REGISTER.to_owned(),
        identifier: bare(&identifier, &FIRM_PREFIXES).to_owned(),
        name: only(subject, ORGANISATION).unwrap_or_default(),
    });
    Ok(ProvenIdentity {
        provider: Provider::Certificate,
        issuer: tbs.issuer().to_string(),
        // A renewed certificate has another serial number and maybe another name; the person stays.
        subject: pin.digits().to_owned(),
        pin: Some(pin),
        name,
        organisation,
    })
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
