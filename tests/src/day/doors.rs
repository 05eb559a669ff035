//! The three doors of the day: Aida comes by a passkey, Bek by eID, Chyngyz by a certificate (ЭЦП).
//!
//! # Why each has a passkey in the end
//! Applications are signed without a connection. A bidder who comes by eID adds a passkey of the
//! phone; one with a certificate at a computer adds a passkey there, and takes the phone in by a
//! code.

use crate::outside::eid::EidProviderSystem;
use crate::world::World;
use crate::world::api_client::ApiClient;
use crate::world::certificates::Authority;
use crate::world::eid::eid_person;
use crate::world::phone::Phone;
use anyhow::{Context as _, ensure};
use toruk_mobile_core::api::records::Account;

/// The personal numbers, by name: of those that a door outside has proven, an application must have
/// the same.
const PINS: [(&str, &str); 2] = [("Бек", "11503199012345"), ("Чыңгыз", "11203198054321")];
/// The number of the others, unproven.
const NO_PIN: &str = "00000000000001";
/// The number of the certificate.
const SERIAL: u64 = 7;

/// The world outside that proves who people are.
pub struct Doors {
    eid: EidProviderSystem,
    certificates: Authority,
}

impl Doors {
    /// Opens both doors of the server.
    ///
    /// # Errors
    /// When a service outside, or the server, can't start.
    pub async fn open(world: &mut World) -> anyhow::Result<Self> {
        let certificates = world.with_certificates().await?;
        Ok(Self { eid: world.with_eid().await?, certificates })
    }

    /// Each of the three comes by another door.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn enter(
        &self,
        world: &World,
        [aida, bek, chyngyz]: [&Phone; 3],
    ) -> anyhow::Result<()> {
        let accounts = [
            (aida, aida.core.register(aida.name.clone()).await.context("by a passkey")?),
            (bek, self.by_eid(world, bek).await.context("by eID")?),
            (chyngyz, self.by_certificate(world, chyngyz).await.context("by a certificate")?),
        ];
        for (phone, account) in accounts {
            ensure!(account.signed_in && account.name.ends_with(&phone.name), "{account:?}");
        }
        Ok(())
    }

    /// By eID, in the phone's browser; then once more, for a passkey of the phone.
    async fn by_eid(&self, world: &World, phone: &Phone) -> anyhow::Result<Account> {
        let bek = eid_person("bek", pin(&phone.name), "Беков", &phone.name);
        let account = world.enter_by_eid(&self.eid, &phone.core, &bek).await??;
        ensure!(phone.core.passkeys().await?.is_empty(), "a passkey that nobody made");
        let page = phone.core.start_eid_recovery().await?;
        let address = world.browse_eid(&self.eid, &page.url, &bek).await?;
        let same = phone.core.finish_eid(address).await?;
        ensure!(same.person == account.person, "one human, two accounts");
        Ok(same)
    }

    /// By a certificate at a computer, whose passkey lets the phone in.
    async fn by_certificate(&self, world: &World, phone: &Phone) -> anyhow::Result<Account> {
        let name = format!("Чынгызов {}", phone.name);
        let card = self.certificates.by_list(world, &name, pin(&phone.name), SERIAL);
        let computer = ApiClient::by_certificate_with_passkey(world, &card).await?;
        let code = computer.next_device_code().await?;
        let account = phone.core.sign_in_with_code(code).await?;
        let same = account.person == computer.session.person.to_string();
        ensure!(same, "one human, two accounts");
        Ok(account)
    }
}

/// A bidder's personal number, as it stands in their applications.
pub fn pin(name: &str) -> &'static str {
    PINS.iter().find(|(known, _)| *known == name).map_or(NO_PIN, |(_, pin)| pin)
}
