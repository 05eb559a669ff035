//! The ways to pay that a payer chooses from: the payment system's banks and wallets, and the
//! operator's account.

use super::service::{Error, Service};
use crate::lock::lock;
use crate::ports::GatewayError;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::deposit::{PaymentProvider, PaymentWays, is_provider_id};

/// Time for which a list is kept.
const LIST_LIFE: TimeSpan = TimeSpan::minutes(10);
/// Time until a payment system that gave no list is asked again.
const ASKED_AGAIN: TimeSpan = TimeSpan::seconds(10);

impl Service {
    /// The ways to pay. A payment system that gives no list keeps nobody from paying: then there is
    /// nothing to choose, or what was known last.
    pub async fn ways(&self) -> PaymentWays {
        let account = self.context.config.bank_account.clone();
        PaymentWays { providers: self.providers().await, account }
    }

    async fn providers(&self) -> Vec<PaymentProvider> {
        let now = self.context.ports.clock.now();
        let known = lock(&self.known_providers).clone();
        if let Some((until, providers)) = &known
            && now < *until
        {
            return providers.clone();
        }
        let (providers, until) = match self.context.ports.gateway.providers().await {
            Ok(providers) => (providers, now + LIST_LIFE),
            // It has no such list.
            Err(GatewayError::Refused(_)) => (Vec::new(), now + LIST_LIFE),
            Err(error) => {
                tracing::warn!(%error, "no list of banks and wallets");
                (known.map(|(_, providers)| providers).unwrap_or_default(), now + ASKED_AGAIN)
            }
        };
        *lock(&self.known_providers) = Some((until, providers.clone()));
        providers
    }

    /// Checks the choice of a bank or wallet. Without a list the payment system judges by itself.
    ///
    /// # Errors
    /// [`Error::UnknownProvider`] for one that is not offered in this channel.
    pub(super) async fn check_provider(
        &self,
        channel: Channel,
        provider: Option<&str>,
    ) -> Result<(), Error> {
        let Some(chosen) = provider else { return Ok(()) };
        if !is_provider_id(chosen) {
            return Err(Error::UnknownProvider);
        }
        let providers = self.providers().await;
        if providers.is_empty() {
            return Ok(());
        }
        let mut offered = providers.iter().filter(|provider| provider.channel == channel);
        match offered.any(|provider| provider.id == chosen) {
            true => Ok(()),
            false => Err(Error::UnknownProvider),
        }
    }
}
