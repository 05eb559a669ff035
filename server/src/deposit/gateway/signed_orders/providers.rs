//! The list of banks and wallets.

use super::answers::strange;
use crate::ports::GatewayError;
use serde::Deserialize;
use std::collections::BTreeSet;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::text::line;
use toruk_sync::protocol::deposit::{PaymentProvider, is_provider_id};

/// Most banks and wallets of a list.
const PROVIDERS_MAX: usize = 100;
/// Longest name of one, in characters.
const NAME_CHARS_MAX: usize = 60;

/// The answer of `GET /v1/providers`.
#[derive(Deserialize)]
pub struct ProvidersAnswer {
    providers: Vec<ProviderAnswer>,
}

#[derive(Deserialize)]
struct ProviderAnswer {
    id: String,
    channel: Channel,
    name: Text,
}

impl ProvidersAnswer {
    /// The list, if it is usable as a whole. Transfers to the bank are not the payment system's.
    pub fn checked(self) -> Result<Vec<PaymentProvider>, GatewayError> {
        let mut known = BTreeSet::new();
        if self.providers.len() > PROVIDERS_MAX {
            return Err(strange("too long a list of banks"));
        }
        let mut providers = Vec::with_capacity(self.providers.len());
        for ProviderAnswer { id, channel, name } in self.providers {
            let name = checked_name(&name);
            let (Some(name), true) =
                (name, is_provider_id(&id) && channel != Channel::BankTransfer)
            else {
                return Err(strange("an unusable bank"));
            };
            if !known.insert(id.clone()) {
                return Err(strange("one bank twice"));
            }
            providers.push(PaymentProvider { id, channel, name });
        }
        Ok(providers)
    }
}

/// The name in each language, without anything that hides or turns text around.
fn checked_name(name: &Text) -> Option<Text> {
    let one = |tag: &str| line(name.get(tag), NAME_CHARS_MAX).ok().filter(|name| !name.is_empty());
    Some(Text::all(&one("ky")?, &one("ru")?, &one("en")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::protocol::deposit::PROVIDER_ID_BYTES_MAX;

    fn checked(providers: &str) -> Option<Vec<PaymentProvider>> {
        let text = format!(r#"{{"providers": [{providers}]}}"#);
        serde_json::from_str::<ProvidersAnswer>(&text).ok()?.checked().ok()
    }

    fn one(id: &str, channel: &str, name: &str) -> String {
        let name = format!(r#"{{"ky": "{name}", "ru": "{name}", "en": "{name}"}}"#);
        format!(r#"{{"id": "{id}", "channel": "{channel}", "name": {name}}}"#)
    }

    #[test]
    fn a_list_is_taken_as_a_whole_or_not_at_all() {
        let many: Vec<String> =
            (0..=PROVIDERS_MAX).map(|no| one(&format!("b{no}"), "card", "Bank")).collect();
        let long = "b".repeat(PROVIDER_ID_BYTES_MAX + 1);
        let sound = one("elsom", "wallet_code", "Элсом");
        for (providers, expected) in [
            (String::new(), Some(0)),
            (sound.clone(), Some(1)),
            (format!("{sound}, {}", one("rsk", "branch_code", "РСК")), Some(2)),
            (format!("{sound}, {sound}"), None),
            (format!("{sound}, {}", one("RSK", "branch_code", "РСК")), None),
            (one("", "card", "Bank"), None),
            (one(&long, "card", "Bank"), None),
            (one("a/../b", "card", "Bank"), None),
            (one("bank", "bank_transfer", "Bank"), None),
            (one("bank", "cash", "Bank"), None),
            (one("bank", "card", ""), None),
            (one("bank", "card", &"Ө".repeat(NAME_CHARS_MAX + 1)), None),
            (r#"{"id": "bank", "channel": "card", "name": {}}"#.to_owned(), None),
            (many.join(","), None),
        ] {
            assert_eq!(checked(&providers).map(|found| found.len()), expected, "{providers}");
        }
    }
}
