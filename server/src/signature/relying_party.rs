//! The relying party of all passkeys: the origins whose answers count, and the one place where an
//! answer is verified.
//!
//! # Why webauthn-rs is told less than what is stored
//! It refuses answers that passkeys of many makers give: a synced passkey whose counter falls
//! (each of its copies counts for itself), and one that becomes a synced passkey later and says in
//! the same answer that its copy exists. Its owner would be locked out, although the key has
//! signed. WebAuthn (Level 3, 7.2) leaves the counter to the relying party. So the stored counter
//! and backup flag are kept from it, and judged by [`judge`] once the signature holds. What the
//! standard calls malformed, such as a copy of a passkey that can't have one, stays refused.

use super::error::BadSignature;
use super::origins::accepted_origins;
use crate::config::Config;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::Duration;
use toruk_sync::protocol::limits::CEREMONY_MINUTES;
use webauthn_rs::prelude::{
    AuthenticationResult, COSEAlgorithm, Passkey, PasskeyAuthentication, PublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The name of the relying party that a platform shows.
const RP_NAME: &str = "Toruk";
/// Place of the flags in an authenticator's data: after the hash of the relying party's id.
const FLAGS_AT: usize = 32;
/// The flag of a passkey that may be copied to other devices (BE).
const BACKUP_ELIGIBLE: u8 = 0b1000;
/// Places of the judged fields in webauthn-rs's record of a passkey.
const COUNTER: &str = "/cred/counter";
const ELIGIBLE: &str = "/cred/backup_eligible";
const BACKED_UP: &str = "/cred/backup_state";

/// The relying party: the host of the public origin.
pub struct RelyingParty {
    webauthn: Webauthn,
    id: String,
    origin: String,
    accepts_rsa: bool,
}

/// An answer that holds.
pub struct Assertion {
    /// The passkey's record with the counter and the flags of the answer.
    pub passkey: Passkey,
    /// What is odd about the answer, if anything.
    pub oddities: Vec<Oddity>,
}

/// An oddity of an answer whose signature holds. It keeps nobody out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// The passkey was bound to a device, and can be synced now.
    BackupGained,
    /// The passkey could be synced, and says that it can't any more.
    BackupLost,
    /// The counter of a synced passkey did not rise: its copies count for themselves.
    CounterFell,
    /// The counter of a passkey that is bound to a device did not rise: there may be two of it.
    CloneSuspected {
        /// The counter of the last answer.
        stored: u64,
        /// The counter of this answer.
        answered: u64,
    },
}

impl Oddity {
    /// The name in the audit trail, in the log and in metrics.
    pub fn key(self) -> &'static str {
        match self {
            Self::BackupGained => "backup_gained",
            Self::BackupLost => "backup_lost",
            Self::CounterFell => "counter_fell",
            Self::CloneSuspected { .. } => "clone_suspected",
        }
    }
}

impl RelyingParty {
    /// Accepts the public origin and the apps' origins.
    ///
    /// # Errors
    /// When an origin is not a URL, or the public one has no host name.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let (public, further) = accepted_origins(config)?;
        let id = public.domain().context("the public origin has no host name")?.to_owned();
        let minutes = u64::try_from(CEREMONY_MINUTES)?;
        let mut builder = WebauthnBuilder::new(&id, &public)
            .context("the public origin can't be a relying party")?
            .rp_name(RP_NAME)
            .timeout(Duration::from_secs(minutes * 60));
        for origin in &further {
            builder = builder.append_allowed_origin(origin);
        }
        let webauthn = builder.build().context("the origins can't be used for passkeys")?;
        let origin = public.origin().ascii_serialization();
        Ok(Self { webauthn, id, origin, accepts_rsa: config.rsa_passkeys })
    }

    /// Id of the relying party: a host name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public origin, as answers name it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The library's part, for options and registrations.
    pub fn webauthn(&self) -> &Webauthn {
        &self.webauthn
    }

    /// Returns `true` if a passkey that signs in this way counts.
    pub fn accepts(&self, algorithm: COSEAlgorithm) -> bool {
        self.accepts_rsa || matches!(algorithm, COSEAlgorithm::ES256 | COSEAlgorithm::ES384)
    }

    /// Verifies that one of `passkeys` has signed `challenge` for this relying party, at an
    /// accepted origin, after its device had verified the person.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(
        &self,
        answer: &PublicKeyCredential,
        challenge: &[u8],
        passkeys: &[Passkey],
    ) -> Result<Assertion, BadSignature> {
        let state = self.expecting(answer, challenge, passkeys)?;
        let result = self
            .webauthn
            .finish_passkey_authentication(answer, &state)
            .map_err(BadSignature::because)?;
        if !result.user_verified() {
            return Err(BadSignature::because("the person was not verified"));
        }
        let stored = passkeys.iter().find(|passkey| passkey.cred_id() == result.cred_id());
        let stored = stored.ok_or_else(|| BadSignature::because("an unknown passkey"))?;
        if !self.accepts(*stored.cred_algorithm()) {
            return Err(BadSignature::because("a passkey that signs by RSA"));
        }
        judge(stored, &result)
    }

    /// A ceremony that expects `challenge`. webauthn-rs makes challenges itself and compares the
    /// stored counter and flag, so all three are replaced in the serialised form of its state. A
    /// state without them is of another version of webauthn-rs: it is refused, so that no answer is
    /// verified against less.
    fn expecting(
        &self,
        answer: &PublicKeyCredential,
        challenge: &[u8],
        passkeys: &[Passkey],
    ) -> Result<PasskeyAuthentication, BadSignature> {
        let started = self.webauthn.start_passkey_authentication(passkeys);
        let (_, state) = started.map_err(BadSignature::because)?;
        let mut state = serde_json::to_value(&state).map_err(BadSignature::because)?;
        let flags = answer.response.authenticator_data.get(FLAGS_AT).copied().unwrap_or_default();
        put(&mut state, "/ast/challenge", json!(URL_SAFE_NO_PAD.encode(challenge)))?;
        for at in 0..passkeys.len() {
            put(&mut state, &format!("/ast/credentials/{at}/counter"), json!(0))?;
            let eligible = json!(flags & BACKUP_ELIGIBLE != 0);
            put(&mut state, &format!("/ast/credentials/{at}/backup_eligible"), eligible)?;
        }
        serde_json::from_value(state).map_err(BadSignature::because)
    }
}

/// Compares an answer that holds with what was known of its passkey. The record takes over the
/// answer's counter even if it is lower: each fall is told once, and a clone that alternates with
/// its original falls again.
fn judge(stored: &Passkey, result: &AuthenticationResult) -> Result<Assertion, BadSignature> {
    let mut record = serde_json::to_value(stored).map_err(BadSignature::because)?;
    let missing = || BadSignature::because("a passkey's record without its counter");
    let counter = record.pointer(COUNTER).and_then(Value::as_u64).ok_or_else(missing)?;
    let eligible = record.pointer(ELIGIBLE).and_then(Value::as_bool).ok_or_else(missing)?;
    let answered = u64::from(result.counter());
    let mut oddities = Vec::new();
    match (eligible, result.backup_eligible()) {
        (false, true) => oddities.push(Oddity::BackupGained),
        (true, false) => oddities.push(Oddity::BackupLost),
        (false, false) | (true, true) => {}
    }
    // An authenticator without a counter always says 0.
    if counter > 0 && answered <= counter {
        let synced = eligible || result.backup_eligible();
        let stored = counter;
        oddities.push(match synced {
            true => Oddity::CounterFell,
            false => Oddity::CloneSuspected { stored, answered },
        });
    }
    put(&mut record, COUNTER, json!(answered))?;
    put(&mut record, ELIGIBLE, json!(result.backup_eligible()))?;
    put(&mut record, BACKED_UP, json!(result.backup_state()))?;
    let passkey = serde_json::from_value(record).map_err(BadSignature::because)?;
    Ok(Assertion { passkey, oddities })
}

fn put(state: &mut Value, place: &str, value: Value) -> Result<(), BadSignature> {
    let missing = || BadSignature::because(format!("no {place} in webauthn-rs's state"));
    *state.pointer_mut(place).ok_or_else(missing)? = value;
    Ok(())
}
