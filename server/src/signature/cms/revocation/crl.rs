//! The list of an issuer's revoked certificates (RFC 5280, 5).

use super::usable::{Unusable, within};
use crate::signature::cms::certificate::{Signed, X509, timestamp};
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use std::collections::HashSet;
use toruk_sync::domain::time::Timestamp;
use x509_cert::crl::TbsCertList;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::DistributionPointName;

const ISSUING_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");

/// The content of a list, read and verified.
pub struct List {
    pub this_update: Timestamp,
    pub next_update: Timestamp,
    /// Serial numbers, big-endian.
    pub revoked: HashSet<Vec<u8>>,
    /// Set for a part of the issuer's certificates: the point at which these name their list.
    pub point: Option<DistributionPointName>,
}

/// Reads a list that `issuer` has signed and that counts at `at`.
///
/// A certificate that is only on hold is on the list, too, and does not count while it is.
pub fn read(bytes: &[u8], issuer: &X509, at: Timestamp) -> Result<List, Unusable> {
    let malformed = |_| Unusable::Malformed("a list");
    let signed = Signed::from_der(bytes).map_err(malformed)?;
    let tbs = signed.content.to_der().map_err(malformed)?;
    let list: TbsCertList = TbsCertList::from_der(&tbs).map_err(malformed)?;
    let named = list.issuer.to_der().map_err(malformed)?;
    if named != issuer.subject() || !issuer.signs_crls() || signed.verify(issuer.key()).is_err() {
        return Err(Unusable::Foreign);
    }
    if !list.crl_extensions.iter().flatten().all(is_whole) {
        return Err(Unusable::Malformed("a part of a list"));
    }
    let moment = |time| timestamp(time).ok_or(Unusable::Malformed("a time"));
    let this_update = moment(&list.this_update)?;
    let next_update = list.next_update.as_ref().map(moment).transpose()?;
    let next_update = within(this_update, next_update, at)?;
    let entries = list.revoked_certificates.unwrap_or_default();
    // Such an entry may be of another issuer.
    let of_others = entries.iter().flat_map(|entry| entry.crl_entry_extensions.iter().flatten());
    if of_others.into_iter().any(|extension| extension.critical) {
        return Err(Unusable::Malformed("an entry of a list"));
    }
    let revoked = entries.iter().map(|entry| entry.serial_number.as_bytes().to_vec()).collect();
    let point = list.crl_extensions.iter().flatten().find_map(point);
    Ok(List { this_update, next_update, revoked, point })
}

/// The point of an extension that limits a list to those certificates that name it (RFC 5280, 5.2.5).
fn point(extension: &Extension) -> Option<DistributionPointName> {
    if extension.extn_id != ISSUING_POINT {
        return None;
    }
    let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes()).ok()?;
    point.distribution_point
}

/// Returns `true` for what leaves a list one of its issuer's certificates for people, not changes to
/// another list nor some kinds or reasons.
fn is_whole(extension: &Extension) -> bool {
    if extension.extn_id != ISSUING_POINT {
        return !extension.critical;
    }
    IssuingDistributionPoint::from_der(extension.extn_value.as_bytes()).is_ok_and(|point| {
        let is_part = point.only_contains_ca_certs
            || point.only_contains_user_certs
            || point.only_contains_attribute_certs;
        !is_part && !point.indirect_crl && point.only_some_reasons.is_none()
    })
}
