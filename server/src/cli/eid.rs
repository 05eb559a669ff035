//! The options of the state's sign-in.

use super::startup;
use crate::config::{ClientKey, EID_TIMEOUT, EidConfig};
use clap::Args;
use std::path::PathBuf;

/// The provider of eID, and this server as its client.
#[derive(Args)]
pub struct EidOptions {
    /// Issuer of the state's sign-in (eID), an OpenID provider, such as <https://esia.tunduk.kg>. With
    /// it, people sign in by eID, and an application needs a proven person.
    #[arg(long, env = "TORUK_EID_ISSUER", requires_all = ["eid_client_id", "eid_secret_file"])]
    eid_issuer: Option<String>,
    /// Name of this server at the provider of eID. The provider has to know the address
    /// `/eid/callback` of the public origin.
    #[arg(long, env = "TORUK_EID_CLIENT_ID", requires = "eid_issuer")]
    eid_client_id: Option<String>,
    /// The file that holds the secret shared with the provider of eID.
    #[arg(long, env = "TORUK_EID_SECRET_FILE", requires = "eid_issuer")]
    eid_secret_file: Option<PathBuf>,
    /// The only way of authentication (`acr`) at the provider of eID that counts; any by default.
    #[arg(long, env = "TORUK_EID_ACR", requires = "eid_issuer")]
    eid_acr: Option<String>,
}

impl EidOptions {
    /// The option and value of the provider's address, for the checks that all addresses pass.
    pub fn address(&self) -> (&'static str, Option<&str>) {
        ("--eid-issuer", self.eid_issuer.as_deref())
    }

    /// The provider, if there is one.
    ///
    /// # Errors
    /// When the address is not HTTP's, or the file of the secret can't be read or is empty.
    pub fn config(&self) -> anyhow::Result<Option<EidConfig>> {
        let (option, address) = self.address();
        startup::require_http(option, address)?;
        let secret = startup::secret("--eid-secret-file", self.eid_secret_file.as_deref())?;
        let (Some(issuer), Some(client_id), Some(secret)) =
            (&self.eid_issuer, &self.eid_client_id, secret)
        else {
            return Ok(None);
        };
        Ok(Some(EidConfig {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: ClientKey::new(secret),
            acr: self.eid_acr.clone(),
            timeout: EID_TIMEOUT,
        }))
    }
}
