//! The provider's people, codes and access tokens.

use std::collections::BTreeMap;

/// No more codes than this are kept.
const CODES_MAX: usize = 10_000;

/// A person as the state knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EidPerson {
    /// The provider's name for the person.
    pub sub: String,
    /// The personal number, if the provider tells it.
    pub pin: Option<String>,
    pub family_name: String,
    pub given_name: String,
    pub middle_name: String,
    /// The way in which they authenticate.
    pub acr: String,
}

/// The fields that the person's browser posts to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EidFields {
    pub state: String,
    pub code: String,
    pub iss: Option<String>,
}

#[derive(Default)]
pub(super) struct EidBook {
    made: u64,
    pub(super) codes: BTreeMap<String, EidGrant>,
    pub(super) access: BTreeMap<String, EidPerson>,
}

/// What a code stands for.
#[derive(Clone)]
pub(super) struct EidGrant {
    pub(super) person: EidPerson,
    pub(super) nonce: String,
    pub(super) challenge: String,
    pub(super) redirect_uri: String,
    pub(super) auth_time: i64,
    pub(super) is_used: bool,
}

impl EidBook {
    pub(super) fn give_out(&mut self, grant: EidGrant) -> String {
        let code = self.name("code");
        if self.codes.len() >= CODES_MAX {
            self.codes.clear();
        }
        self.codes.insert(code.clone(), grant);
        code
    }

    pub(super) fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }
}
