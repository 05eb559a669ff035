//! The options of signatures by certificate.

use crate::config::Config;
use anyhow::{Context as _, ensure};
use clap::Args;
use reqwest::Url;
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
    /// Address of a program on officials' own computers that signs by certificate, such as
    /// `http://127.0.0.1:17301/sign`; see `server/SIGNER.md`.
    #[arg(long, env = "TORUK_LOCAL_SIGNER")]
    local_signer: Option<String>,
    /// Object identifiers of purposes (extended key usage) that let a key sign, beside those for
    /// e-mail, documents and any purpose.
    #[arg(long, env = "TORUK_SIGNATURE_PURPOSE", value_delimiter = ',')]
    signature_purpose: Vec<String>,
}

impl SignatureOptions {
    /// The configuration with these options in it. Roots make this a server that proves people.
    ///
    /// # Errors
    /// If the local signer is not on loopback.
    pub fn applied_to(&self, config: Config) -> anyhow::Result<Config> {
        let local_signer = self.local_signer.as_deref().map(loopback).transpose()?;
        Ok(Config {
            local_signer,
            proves_identity: config.proves_identity || !self.signature_roots.is_empty(),
            signature_roots: self.signature_roots.clone(),
            signature_crls: self.signature_crl.clone(),
            signature_purposes: self.signature_purpose.clone(),
            ..config
        })
    }
}

/// The address of a program on the same computer as the browser, as policies name it.
fn loopback(text: &str) -> anyhow::Result<String> {
    let url = Url::parse(text.trim());
    let url = url.with_context(|| format!("--local-signer {text} is no address"))?;
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    let is_plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
    // A policy ends a source at these.
    let is_one_source = !url.path().contains([';', ',']);
    ensure!(
        url.scheme() == "http" && is_here && url.port().is_some() && is_plain && is_one_source,
        "--local-signer {text}: give an address on loopback, such as http://127.0.0.1:17301/sign"
    );
    Ok(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_signer_is_on_loopback() {
        for (text, known) in [
            ("http://127.0.0.1:17301/sign", Some("http://127.0.0.1:17301/sign")),
            (" http://localhost:1/ ", Some("http://localhost:1/")),
            // Policies have no words for such an address.
            ("http://[::1]:17301/a", None),
            ("http://127.0.0.1/sign", None),
            ("https://127.0.0.1:17301/sign", None),
            ("http://10.0.0.1:17301/sign", None),
            ("http://127.0.0.1.example:17301/", None),
            ("http://a@127.0.0.1:17301/", None),
            ("http://127.0.0.1:17301/;%20script-src%20*", None),
            ("http://127.0.0.1:17301/sign?a=b", None),
            ("127.0.0.1:17301", None),
        ] {
            assert_eq!(loopback(text).ok().as_deref(), known, "{text}");
        }
    }
}
