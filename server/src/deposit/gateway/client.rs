//! The HTTP client for other operators' services, such as a payment system.

use anyhow::Context as _;
use reqwest::{Certificate, Client, Identity, redirect};
use std::path::Path;
use std::time::Duration;

/// Real time allowed for one request, the connection included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes the client. With `authority` (PEM, one certificate or several) it trusts servers of these
/// authorities only, otherwise those of the system. With `identity` (PEM, certificates and private
/// key) it shows the server who asks, where the server wants it: a secret that both sides share
/// proves less, as either of them can lose it. It follows no redirect.
///
/// # Errors
/// When a file can't be read, or is not PEM of this kind; the error names it.
pub fn client(authority: Option<&Path>, identity: Option<&Path>) -> anyhow::Result<Client> {
    let mut builder = Client::builder().timeout(REQUEST_TIMEOUT).redirect(redirect::Policy::none());
    if let Some(authority) = authority {
        let name = authority.display();
        let known = Certificate::from_pem_bundle(&read(authority)?);
        let known = known.with_context(|| format!("{name} holds no certificates"))?;
        anyhow::ensure!(!known.is_empty(), "{name} holds no certificates");
        builder = builder.tls_certs_only(known);
    }
    if let Some(identity) = identity {
        let name = identity.display();
        let own = Identity::from_pem(&read(identity)?);
        let own = own.with_context(|| format!("{name} holds no certificate with its key"))?;
        builder = builder.identity(own);
    }
    Ok(builder.build()?)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))
}
