//! Detached CMS signatures, right and wrong.

use super::authority::{Holder, number, sign};
use super::der::{explicit, implicit, integer, null, octets, oid, sequence, set, utc_time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::time::Timestamp;

const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_SHA_256: &str = "1.2.840.10045.4.3.2";
const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";

/// A signature that will be made, and what is odd about it.
#[derive(Clone)]
pub struct Message<'a> {
    pub signer: &'a Holder,
    /// Certificates that are sent with it.
    pub certificates: Vec<Vec<u8>>,
    pub signed_at: Option<Timestamp>,
    /// Object identifiers of the digest and of the signature's algorithm.
    pub digest: &'static str,
    pub algorithm: &'static str,
    /// The document is inside.
    pub attached: bool,
    pub signers: usize,
    /// There are signed attributes.
    pub attributes: bool,
    /// The certificate that the signature refers to (CAdES).
    pub reference: Option<Vec<u8>>,
}

impl<'a> Message<'a> {
    /// As programs for CAdES make it.
    pub fn of(signer: &'a Holder, signed_at: Timestamp) -> Self {
        Self {
            signer,
            certificates: vec![signer.certificate.clone()],
            signed_at: Some(signed_at),
            digest: SHA_256,
            algorithm: ECDSA_SHA_256,
            attached: false,
            signers: 1,
            attributes: true,
            reference: Some(signer.certificate.clone()),
        }
    }

    /// The signature over `content`: DER in base64.
    pub fn sign(&self, content: &[u8]) -> String {
        STANDARD.encode(self.der(content))
    }

    /// The signature over `content`, DER.
    pub fn der(&self, content: &[u8]) -> Vec<u8> {
        let digest = sequence(&[oid(self.digest)]);
        let inside = explicit(0, &octets(content));
        let inside = if self.attached { inside } else { Vec::new() };
        let signers: Vec<_> = (0..self.signers).map(|_| self.signer_info(content)).collect();
        let message = sequence(&[
            integer(&[1]),
            set(&[digest]),
            sequence(&[oid(DATA), inside]),
            implicit(0, &set(&self.certificates)),
            set(&signers),
        ]);
        sequence(&[oid(SIGNED_DATA), explicit(0, &message)])
    }

    fn signer_info(&self, content: &[u8]) -> Vec<u8> {
        let attribute = |kind: &str, value: Vec<u8>| sequence(&[oid(kind), set(&[value])]);
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", oid(DATA)),
            attribute("1.2.840.113549.1.9.4", octets(&Sha256::digest(content))),
        ];
        if let Some(at) = self.signed_at {
            attributes.push(attribute("1.2.840.113549.1.9.5", utc_time(at)));
        }
        if let Some(certificate) = &self.reference {
            let reference = sequence(&[octets(&Sha256::digest(certificate))]);
            let references = sequence(&[sequence(&[reference])]);
            attributes.push(attribute("1.2.840.113549.1.9.16.2.47", references));
        }
        let signed = set(&attributes);
        let signature = match self.attributes {
            true => sign(&self.signer.key, &signed),
            false => sign(&self.signer.key, content),
        };
        let attributes = if self.attributes { implicit(0, &signed) } else { Vec::new() };
        let issuer = sequence(&[self.signer.issuer.clone(), number(self.signer.serial)]);
        sequence(&[
            integer(&[1]),
            issuer,
            sequence(&[oid(self.digest), null()]),
            attributes,
            sequence(&[oid(self.algorithm)]),
            octets(&signature),
        ])
    }
}
