//! Signing in, enrolling officials, knowing phones.

use super::extract::{Bidder, Official};
use super::role::Role;
use crate::Shared;
use crate::audit;
use crate::db::StoreError;
use std::sync::Arc;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::identity::{
    Challenge, FinishCeremony, Session, StartRegistration, StartSignIn,
};
use uuid::Uuid;

/// Why identity refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No session, or one that has ended.
    #[error("signed out")]
    SignedOut,
    /// The phone was revoked.
    #[error("the device was revoked")]
    DeviceRevoked,
    /// The passkey's answer does not hold, or its time passed.
    #[error("the ceremony failed")]
    CeremonyFailed,
    /// The invitation was used, has expired or never was.
    #[error("the invitation is not valid")]
    InvitationInvalid,
    /// A name is empty or too long, a key malformed.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// The account has too many phones.
    #[error("too many devices")]
    TooManyDevices,
    /// Not with these roles.
    #[error("forbidden")]
    Forbidden,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A console session: the cookie's value and its end.
#[derive(Debug, Clone)]
pub struct ConsoleSession {
    /// The opaque token; only its hash is kept.
    pub token: String,
    /// When it ends, unless it is used.
    pub expires_at: Timestamp,
}

/// An official in a list.
#[derive(Debug, Clone)]
pub struct StaffRow {
    /// Who.
    pub person: PersonId,
    /// How he is called.
    pub name: String,
    /// What he may do.
    pub roles: Vec<Role>,
    /// Since when.
    pub since: Timestamp,
}

/// A one-time link.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// `https://…/console/enrol/<token>`.
    pub link: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// People, their passkeys, sessions, phones and roles.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
    audit: audit::Service,
}

#[allow(unused_variables, clippy::todo)]
impl Service {
    /// # Errors
    /// When the public origin is not a URL.
    pub fn new(shared: &Arc<Shared>, audit: audit::Service) -> anyhow::Result<Self> {
        Ok(Self { shared: shared.clone(), audit })
    }
    pub async fn start_registration(&self, request: StartRegistration) -> Result<Challenge, Error> {
        todo!()
    }
    pub async fn finish_registration(&self, request: FinishCeremony) -> Result<Session, Error> {
        todo!()
    }
    pub async fn start_sign_in(&self, request: StartSignIn) -> Result<Challenge, Error> {
        todo!()
    }
    pub async fn finish_sign_in(&self, request: FinishCeremony) -> Result<Session, Error> {
        todo!()
    }
    pub async fn bidder(&self, token: &str) -> Result<Bidder, Error> {
        todo!()
    }
    pub async fn official(&self, token: &str) -> Result<Official, Error> {
        todo!()
    }
    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        todo!()
    }
    pub async fn set_push_token(
        &self,
        bidder: &Bidder,
        token: Option<String>,
    ) -> Result<(), Error> {
        todo!()
    }
    /// `by` is None when the machine itself invites. Sysadmins invite any role.
    pub async fn invite(
        &self,
        by: Option<&Official>,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Result<Invitation, Error> {
        todo!()
    }
    /// Whether an invitation can still be used; its role.
    pub async fn invitation(&self, token: &str) -> Result<Role, Error> {
        todo!()
    }
    pub async fn start_enrolment(
        &self,
        token: &str,
        name: &str,
        language: &str,
    ) -> Result<Challenge, Error> {
        todo!()
    }
    pub async fn finish_enrolment(
        &self,
        token: &str,
        ceremony: Uuid,
        credential: serde_json::Value,
    ) -> Result<ConsoleSession, Error> {
        todo!()
    }
    pub async fn start_console_sign_in(&self) -> Result<Challenge, Error> {
        todo!()
    }
    pub async fn finish_console_sign_in(
        &self,
        ceremony: Uuid,
        credential: serde_json::Value,
    ) -> Result<ConsoleSession, Error> {
        todo!()
    }
    pub async fn staff(&self, by: &Official) -> Result<Vec<StaffRow>, Error> {
        todo!()
    }
    /// Whether nobody has ever been enrolled.
    pub async fn is_unclaimed(&self) -> Result<bool, Error> {
        todo!()
    }
    /// Names of people, for officials' pages; unknown ids are absent.
    pub async fn names(
        &self,
        people: &[PersonId],
    ) -> Result<std::collections::BTreeMap<PersonId, String>, Error> {
        todo!()
    }
    /// A person's passkeys, webauthn-rs records (for `signature`).
    pub async fn passkeys(
        &self,
        person: PersonId,
    ) -> Result<Vec<webauthn_rs::prelude::Passkey>, Error> {
        todo!()
    }
}
