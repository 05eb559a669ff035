//! Pins: the only keys that a server's certificate may have, beside the system's own checks.
//!
//! # Why only the certificate's own key counts
//! A server sends a chain of its choice, and rustls does not say which part of it was verified: a
//! pinned authority's certificate, which is public, could be appended to a chain of another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The most pins: the key in use, and those that follow it.
pub const PINS_MAX: usize = 16;

/// SHA-256 of a certificate's `SubjectPublicKeyInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; 32]);

/// The pins can't be used: one is malformed, or there are more than [`PINS_MAX`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a pin: {0}")]
pub struct BadPin(String);

impl Pin {
    /// Reads pins as OkHttp and RFC 7469 write them: `sha256/`, then base64.
    ///
    /// # Errors
    /// [`BadPin`].
    pub fn read_all(pins: &[String]) -> Result<Vec<Self>, BadPin> {
        if pins.len() > PINS_MAX {
            return Err(BadPin(format!("{} are too many", pins.len())));
        }
        pins.iter().map(|pin| Self::read(pin).ok_or_else(|| BadPin(pin.clone()))).collect()
    }

    fn read(pin: &str) -> Option<Self> {
        let bytes = STANDARD.decode(pin.strip_prefix("sha256/")?).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn of(certificate: &CertificateDer<'_>) -> Result<Self, Error> {
        let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        Ok(Self(Sha256::digest(key.as_ref()).into()))
    }
}

/// Verifies as `inner` does, and then that the certificate's key is one of the pins.
#[derive(Debug)]
pub struct PinnedVerifier {
    /// The system's verifier.
    pub inner: Arc<dyn ServerCertVerifier>,
    /// At least one.
    pub pins: Vec<Pin>,
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        if self.pins.contains(&Pin::of(end_entity)?) {
            return Ok(verified);
        }
        tracing::warn!("the server's key is none of the pinned ones");
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
