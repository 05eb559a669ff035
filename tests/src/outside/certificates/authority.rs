//! A certificate authority: certificates, lists of revoked ones, OCSP answers, all with P-256 keys.

use super::der::{
    bits, explicit, general_time, implicit, integer, null, octets, oid, sequence, set, utc_time,
    utf8, value, yes,
};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

pub const COMMON_NAME: &str = "2.5.4.3";
pub const SERIAL_NUMBER: &str = "2.5.4.5";
pub const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
const ECDSA_SHA_256: &str = "1.2.840.10045.4.3.2";
const CURVE: &str = "1.2.840.10045.2.1";
const P_256: &str = "1.2.840.10045.3.1.7";
const SHA_256: &str = "2.16.840.1.101.3.4.2.1";

/// Bits of a key's usage, as X.509 counts them.
pub const SIGNS: u8 = 0x80;
pub const NON_REPUDIATION: u8 = 0x40;
const SIGNS_CERTIFICATES: u8 = 0x04;
const SIGNS_LISTS: u8 = 0x02;

/// A key and its certificate.
#[derive(Clone)]
pub struct Holder {
    pub key: SigningKey,
    /// DER.
    pub certificate: Vec<u8>,
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    pub serial: u64,
}

/// The content of a certificate that will be issued.
#[derive(Clone)]
pub struct Template {
    pub subject: Vec<(&'static str, String)>,
    pub serial: u64,
    pub valid: (Timestamp, Timestamp),
    pub usage: Option<u8>,
    /// Set for an authority, with the number of others that may stand below it.
    pub authority: Option<Option<u8>>,
    pub purposes: Vec<&'static str>,
    /// A critical extension that nobody knows.
    pub unknown_extension: Option<&'static str>,
    /// A known extension whose content nobody can read.
    pub unreadable_extension: Option<&'static str>,
    /// Addresses of the list of revoked certificates and of the OCSP responder.
    pub list: Option<String>,
    pub responder: Option<String>,
}

impl Template {
    /// A person's certificate, valid for a year from yesterday.
    pub fn person(name: &str, pin: &str, serial: u64, now: Timestamp) -> Self {
        Self {
            subject: vec![(COMMON_NAME, name.to_owned()), (SERIAL_NUMBER, pin.to_owned())],
            serial,
            valid: (now - TimeSpan::days(1), now + TimeSpan::days(364)),
            usage: Some(SIGNS | NON_REPUDIATION),
            authority: None,
            purposes: Vec::new(),
            unknown_extension: None,
            unreadable_extension: None,
            list: None,
            responder: None,
        }
    }

    /// An authority's certificate, valid for ten years.
    pub fn authority(name: &str, serial: u64, now: Timestamp) -> Self {
        Self {
            subject: vec![(COMMON_NAME, name.to_owned())],
            valid: (now - TimeSpan::days(365), now + TimeSpan::days(3_650)),
            usage: Some(SIGNS_CERTIFICATES | SIGNS_LISTS),
            authority: Some(None),
            ..Self::person(name, "", serial, now)
        }
    }
}

/// The key of this number.
#[allow(clippy::expect_used, reason = "the curve's order is far above 64 bits")]
pub fn key(number: u64) -> SigningKey {
    let bytes = [&[0; 24][..], &(number + 1).to_be_bytes()].concat();
    SigningKey::from_slice(&bytes).expect("a small number is a key")
}

/// An authority that has signed itself.
pub fn root(template: &Template) -> Holder {
    let key = key(template.serial);
    let subject = name(&template.subject);
    issue(&key, &subject, &key, template)
}

impl Holder {
    /// Certifies the key whose number is the template's serial number.
    pub fn certify(&self, template: &Template) -> Holder {
        issue(&self.key, &self.subject, &key(template.serial), template)
    }

    /// The list of the certificates that were revoked.
    pub fn list(&self, revoked: &[u64], this: Timestamp, next: Timestamp) -> Vec<u8> {
        self.list_with(revoked, (this, next), &[])
    }

    /// As [`Self::list`], of those certificates alone that name it by this address.
    pub fn part_of_list(
        &self,
        revoked: &[u64],
        (this, next): (Timestamp, Timestamp),
        address: &str,
    ) -> Vec<u8> {
        let name = value(0xa0, &value(0xa0, &value(0x86, address.as_bytes())));
        let point = sequence(&[oid("2.5.29.28"), yes(), octets(&sequence(&[name]))]);
        self.list_with(revoked, (this, next), &[explicit(0, &sequence(&[point]))])
    }

    fn list_with(
        &self,
        revoked: &[u64],
        (this, next): (Timestamp, Timestamp),
        further: &[Vec<u8>],
    ) -> Vec<u8> {
        let entry = |serial: &u64| sequence(&[number(*serial), utc_time(this)]);
        let entries: Vec<_> = revoked.iter().map(entry).collect();
        let mut parts = vec![
            integer(&[1]),
            sequence(&[oid(ECDSA_SHA_256)]),
            self.subject.clone(),
            utc_time(this),
            utc_time(next),
        ];
        if !entries.is_empty() {
            parts.push(sequence(&entries));
        }
        parts.extend(further.iter().cloned());
        self.signed(&sequence(&parts))
    }

    /// An OCSP answer about `about`, whose issuer is `issuer`; `certificate` is sent with it.
    pub fn ocsp(
        &self,
        (about, issuer): (&Holder, &Holder),
        status: OcspStatus,
        (this, next): (Timestamp, Timestamp),
        certificate: Option<&[u8]>,
    ) -> Vec<u8> {
        let hash = |bytes: &[u8]| octets(&Sha256::digest(bytes));
        let point = issuer.key.verifying_key().to_sec1_point(false);
        let id = sequence(&[
            sequence(&[oid(SHA_256), null()]),
            hash(&issuer.subject),
            hash(point.as_bytes()),
            number(about.serial),
        ]);
        let status = match status {
            OcspStatus::Good => implicit(0, &null()),
            OcspStatus::Revoked => value(0xa1, &general_time(this)),
            OcspStatus::Unknown => implicit(2, &null()),
        };
        let one = sequence(&[id, status, general_time(this), explicit(0, &general_time(next))]);
        let responder = explicit(1, &self.subject);
        let content = sequence(&[responder, general_time(this), sequence(&[one])]);
        let mut parts = self.signed_parts(&content);
        if let Some(certificate) = certificate {
            parts.push(explicit(0, &sequence(&[certificate.to_vec()])));
        }
        let typed = sequence(&[oid("1.3.6.1.5.5.7.48.1.1"), octets(&sequence(&parts))]);
        sequence(&[value(0x0a, &[0]), explicit(0, &typed)])
    }

    fn signed(&self, content: &[u8]) -> Vec<u8> {
        sequence(&self.signed_parts(content))
    }

    fn signed_parts(&self, content: &[u8]) -> Vec<Vec<u8>> {
        vec![content.to_vec(), sequence(&[oid(ECDSA_SHA_256)]), bits(&sign(&self.key, content))]
    }
}

/// The status of a certificate by OCSP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspStatus {
    Good,
    Revoked,
    Unknown,
}

/// ECDSA with SHA-256, DER.
pub fn sign(key: &SigningKey, content: &[u8]) -> Vec<u8> {
    let signature: Signature = key.sign(content);
    signature.to_der().as_bytes().to_vec()
}

pub fn number(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    integer(&bytes[bytes.iter().take_while(|byte| **byte == 0).count()..])
}

fn issue(signer: &SigningKey, issuer: &[u8], owner: &SigningKey, of: &Template) -> Holder {
    let point = owner.verifying_key().to_sec1_point(false);
    let key_info = sequence(&[sequence(&[oid(CURVE), oid(P_256)]), bits(point.as_bytes())]);
    let subject = name(&of.subject);
    let content = sequence(&[
        explicit(0, &integer(&[2])),
        number(of.serial),
        sequence(&[oid(ECDSA_SHA_256)]),
        issuer.to_vec(),
        sequence(&[utc_time(of.valid.0), utc_time(of.valid.1)]),
        subject.clone(),
        key_info,
        explicit(3, &sequence(&extensions(of, (owner, signer)))),
    ]);
    let signature = bits(&sign(signer, &content));
    let certificate = sequence(&[content, sequence(&[oid(ECDSA_SHA_256)]), signature]);
    let (key, issuer) = (owner.clone(), issuer.to_vec());
    Holder { key, certificate, subject, issuer, serial: of.serial }
}

/// The name of a key in certificates (RFC 7093, method 1).
fn key_id(key: &SigningKey) -> Vec<u8> {
    let digest = Sha256::digest(key.verifying_key().to_sec1_point(false).as_bytes());
    digest[..20].to_vec()
}

fn extensions(of: &Template, (owner, signer): (&SigningKey, &SigningKey)) -> Vec<Vec<u8>> {
    let critical = |id: &str, content: &[u8]| sequence(&[oid(id), yes(), octets(content)]);
    let plain = |id: &str, content: &[u8]| sequence(&[oid(id), octets(content)]);
    let address = |url: &String| value(0x86, url.as_bytes());
    let mut all = vec![
        plain("2.5.29.14", &octets(&key_id(owner))),
        plain("2.5.29.35", &sequence(&[implicit(0, &octets(&key_id(signer)))])),
    ];
    if let Some(usage) = of.usage {
        let unused = usage.trailing_zeros() as u8;
        all.push(critical("2.5.29.15", &value(0x03, &[unused, usage])));
    }
    if let Some(below) = of.authority {
        let below = below.map(|below| integer(&[below])).unwrap_or_default();
        all.push(critical("2.5.29.19", &sequence(&[yes(), below])));
    }
    if !of.purposes.is_empty() {
        let purposes: Vec<_> = of.purposes.iter().map(|purpose| oid(purpose)).collect();
        all.push(plain("2.5.29.37", &sequence(&purposes)));
    }
    if let Some(unknown) = of.unknown_extension {
        all.push(critical(unknown, &null()));
    }
    if let Some(unreadable) = of.unreadable_extension {
        // A sequence that promises more than there is.
        all.push(plain(unreadable, &[0x30, 5, 1]));
    }
    if let Some(url) = &of.list {
        let point = explicit(0, &value(0xa0, &address(url)));
        all.push(plain("2.5.29.31", &sequence(&[sequence(&[point])])));
    }
    if let Some(url) = &of.responder {
        let access = sequence(&[oid("1.3.6.1.5.5.7.48.1"), address(url)]);
        all.push(plain("1.3.6.1.5.5.7.1.1", &sequence(&[access])));
    }
    all
}

fn name(attributes: &[(&str, String)]) -> Vec<u8> {
    let one = |(kind, text): &(&str, String)| set(&[sequence(&[oid(kind), utf8(text)])]);
    sequence(&attributes.iter().map(one).collect::<Vec<_>>())
}
