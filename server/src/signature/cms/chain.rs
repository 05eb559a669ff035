//! The chain from a signer's certificate to an accepted root.
//!
//! # Why roots are certificates in a folder
//! Who may certify the state's people is the operator's decision and the law's, not a browser's:
//! no list that comes with a system is asked.

use super::certificate::X509;
use super::refusal::SignatureRefusal;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::signature::SignatureFault;

/// Most authorities between a signer and a root.
pub const INTERMEDIATES_MAX: usize = 4;
/// Most signatures that are verified to find one chain.
const ATTEMPTS_MAX: usize = 12;
/// Most certificates that are read as roots or intermediates.
const ROOTS_MAX: usize = 256;
/// Longest file of certificates, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The accepted roots, and intermediates that need not come with a signature.
#[derive(Default)]
pub struct Roots {
    roots: Vec<X509>,
    intermediates: Vec<X509>,
}

impl Roots {
    /// Reads certificates, PEM or DER, from files and from the files in folders. Those that have
    /// signed themselves are roots.
    ///
    /// # Errors
    /// When a file can't be read or holds anything else, or there is no root.
    pub fn open(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut known = Self::default();
        for path in paths {
            for file in files(path)? {
                let name = file.display();
                let size = file.metadata().with_context(|| format!("{name} can't be read"))?.len();
                anyhow::ensure!(size <= FILE_BYTES_MAX, "{name} is too long");
                let bytes =
                    std::fs::read(&file).with_context(|| format!("{name} can't be read"))?;
                for certificate in certificates(&bytes) {
                    let certificate =
                        certificate.with_context(|| format!("{name} holds no certificates"))?;
                    known.add(certificate);
                }
            }
        }
        anyhow::ensure!(!known.roots.is_empty(), "no root certificate is among the given files");
        anyhow::ensure!(known.roots.len() + known.intermediates.len() <= ROOTS_MAX, "too many");
        Ok(known)
    }

    /// Accepts a certificate: as a root if it has signed itself.
    pub fn add(&mut self, certificate: X509) {
        let is_root = certificate.issuer() == certificate.subject()
            && certificate.verify_by(&certificate).is_ok();
        if is_root { self.roots.push(certificate) } else { self.intermediates.push(certificate) }
    }

    /// The chain from `signer` to a root, both included, by way of known intermediates and of
    /// `offered` ones: authorities that are valid at `at`. What the signer's own certificate may be
    /// used for is not looked at.
    ///
    /// # Errors
    /// [`SignatureRefusal`]: what keeps the nearest chain from counting, or
    /// [`SignatureFault::ChainUntrusted`].
    pub fn chain(
        &self,
        signer: &X509,
        offered: &[X509],
        at: Timestamp,
    ) -> Result<Vec<X509>, SignatureRefusal> {
        let mut search = Search { known: self, offered, at, attempts: 0, fault: None };
        let mut chain = vec![signer.clone()];
        if search.extend(&mut chain) {
            return Ok(chain);
        }
        Err(search.fault.unwrap_or_else(|| SignatureFault::ChainUntrusted.into()))
    }
}

struct Search<'a> {
    known: &'a Roots,
    offered: &'a [X509],
    at: Timestamp,
    attempts: usize,
    /// The first reason why a certificate that had signed the next one did not count.
    fault: Option<SignatureRefusal>,
}

impl Search<'_> {
    /// Extends the chain to a root; returns `false`, with the chain as it was, if there is no way.
    fn extend(&mut self, chain: &mut Vec<X509>) -> bool {
        let Some(last) = chain.last().cloned() else { return false };
        let roots = self.known.roots.iter().map(|root| (root, true));
        let others = self.known.intermediates.iter().chain(self.offered);
        for (issuer, is_root) in roots.chain(others.map(|other| (other, false))) {
            let below = chain.len() - 1;
            let is_new = chain.iter().all(|link| link.der() != issuer.der());
            if !is_new || !last.names_as_issuer(issuer) || (!is_root && below >= INTERMEDIATES_MAX)
            {
                continue;
            }
            self.attempts += 1;
            if self.attempts > ATTEMPTS_MAX {
                return false;
            }
            if let Err(refusal) = self.accept(&last, issuer, below) {
                self.fault.get_or_insert(refusal);
                continue;
            }
            chain.push(issuer.clone());
            if is_root || self.extend(chain) {
                return true;
            }
            chain.pop();
        }
        false
    }

    fn accept(&self, last: &X509, issuer: &X509, below: usize) -> Result<(), SignatureRefusal> {
        last.verify_by(issuer).map_err(|refusal| match refusal.fault {
            // Of another authority with the same name.
            SignatureFault::SignatureWrong | SignatureFault::Malformed => {
                SignatureFault::ChainUntrusted.into()
            }
            _ => refusal,
        })?;
        issuer.require_known_extensions()?;
        issuer.require_authority(below)?;
        Ok(issuer.require_valid(self.at)?)
    }
}

/// The file itself, or the files in the folder in the order of their names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let name = path.display();
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("{name} can't be read"))?;
    let mut found = Vec::new();
    for entry in entries {
        let file = entry.with_context(|| format!("{name} can't be read"))?.path();
        if file.is_file() {
            found.push(file);
        }
    }
    found.sort();
    Ok(found)
}

/// The certificates of a file: PEM, or one in DER.
fn certificates(bytes: &[u8]) -> Vec<der::Result<X509>> {
    const PEM: &[u8] = b"-----BEGIN";
    if !bytes.windows(PEM.len()).any(|window| window == PEM) {
        return vec![X509::parse(bytes)];
    }
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let read = CertificateDer::pem_slice_iter(bytes);
    let parsed: Vec<_> =
        read.map_while(Result::ok).map(|certificate| X509::parse(&certificate)).collect();
    if parsed.is_empty() { vec![X509::parse(&[])] } else { parsed }
}
