//! The options of signatures by certificate.

use crate::config::Config;
use clap::Args;
use std::path::PathBuf;

/// The roots of certificates, and the lists of revoked ones.
#[derive(Args)]
pub struct SignatureOptions {
    /// Certificates to which e-signatures must lead: PEM or DER files, or folders of them. Without
    /// any, no signature by certificate is accepted.
    #[arg(long, env = "TORUK_SIGNATURE_ROOTS", value_delimiter = ',')]
    signature_roots: Vec<PathBuf>,
    /// Addresses of lists of revoked certificates (CRL), asked before those that certificates name.
    #[arg(long, env = "TORUK_SIGNATURE_CRL", value_delimiter = ',')]
    signature_crl: Vec<String>,
    /// Object identifiers of purposes (extended key usage) that let a key sign, beside those for
    /// e-mail, documents and any purpose.
    #[arg(long, env = "TORUK_SIGNATURE_PURPOSE", value_delimiter = ',')]
    signature_purpose: Vec<String>,
}

impl SignatureOptions {
    /// The configuration with these options in it. Roots make this a server that proves people.
    #[must_use]
    pub fn applied_to(&self, config: Config) -> Config {
        Config {
            proves_identity: config.proves_identity || !self.signature_roots.is_empty(),
            signature_roots: self.signature_roots.clone(),
            signature_crls: self.signature_crl.clone(),
            signature_purposes: self.signature_purpose.clone(),
            ..config
        }
    }
}
