//! Registering, signing in, signing out.

use super::Core;
use super::records::Account;
use crate::device::Device;
use crate::driver::http::{ApiRequest, ApiResponse};
use crate::engine::request_kind::RequestKind;
use crate::engine::{Engine, Input};
use crate::error::CoreError;
use crate::mutex::lock;
use serde::Serialize;
use toruk_sync::protocol::identity::{
    Challenge, ChallengePurpose, Session, StartRegistration, StartSignIn,
};

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Creates an account with a new passkey, and signs in.
    ///
    /// # Errors
    /// [`CoreError`]; `another_account` if this phone belongs to another person.
    pub async fn register(&self, name: String) -> Result<Account, CoreError> {
        if self.driver.read(|engine| engine.profile().is_some()) {
            return Err(CoreError::refused("another_account"));
        }
        let start = StartRegistration { name, language: self.language.clone() };
        let purpose = ChallengePurpose::Registration;
        let kind = RequestKind::StartRegistration;
        let challenge = self.start(kind, "/v1/registrations", &start, purpose).await?;
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.register(options).await?;
        let kind = RequestKind::FinishRegistration;
        self.finish(kind, "/v1/registrations/finish", &challenge, &credential).await
    }

    /// Signs in with this phone's passkey, or any other that the platform offers.
    ///
    /// # Errors
    /// [`CoreError`]; `another_account` if the passkey belongs to another person than this phone.
    pub async fn sign_in(&self) -> Result<Account, CoreError> {
        let profile = self.driver.read(|engine| engine.profile().cloned());
        let known = profile.map(|profile| profile.credential_id).filter(|id| !id.is_empty());
        let start = StartSignIn { credential_id: known };
        let challenge = self.start_sign_in(&start).await?;
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.assert(options).await?;
        self.finish_sign_in(&challenge, &credential).await
    }

    /// Ends the session and keeps the account on this phone: waiting operations are kept, can be
    /// read and edited, and are sent after the person signs in again. See `logout` for giving the
    /// phone to another person.
    ///
    /// # Errors
    /// [`CoreError::Internal`]. Without a connection the session ends on this phone only.
    pub async fn sign_out(&self) -> Result<(), CoreError> {
        let ask = ApiRequest::new(RequestKind::SignOut, "/v1/sessions/current");
        // If this request is lost, the session expires on the server.
        let _ = self.driver.http.ask(ask).await;
        self.driver.input(Input::SignedOut)
    }

    /// The person who uses this phone, if anyone has ever signed in.
    pub fn account(&self) -> Option<Account> {
        self.driver.read(|engine| {
            let profile = engine.profile()?;
            Some(Account {
                person: profile.person.to_string(),
                name: profile.name.clone(),
                signed_in: engine.is_signed_in(),
            })
        })
    }
}

impl Core {
    pub(super) async fn start_sign_in(&self, body: &StartSignIn) -> Result<Challenge, CoreError> {
        let kind = RequestKind::StartSignIn;
        self.start(kind, "/v1/sessions", body, ChallengePurpose::SignIn).await
    }

    pub(super) async fn finish_sign_in(
        &self,
        challenge: &Challenge,
        credential: &str,
    ) -> Result<Account, CoreError> {
        self.finish(RequestKind::FinishSignIn, "/v1/sessions/finish", challenge, credential).await
    }

    /// Asks for a challenge. One for another purpose is refused: the passkey would sign it.
    pub(super) async fn start<T: Serialize>(
        &self,
        kind: RequestKind,
        path: &str,
        body: &T,
        purpose: ChallengePurpose,
    ) -> Result<Challenge, CoreError> {
        let ask = ApiRequest::json(kind, path, body).public();
        let challenge: Challenge = self.driver.http.json(ask).await?;
        if !purpose.is_of(&challenge.options) {
            return Err(CoreError::refused("ceremony_failed"));
        }
        Ok(challenge)
    }

    pub(super) async fn finish(
        &self,
        kind: RequestKind,
        path: &str,
        challenge: &Challenge,
        credential: &str,
    ) -> Result<Account, CoreError> {
        let credential = serde_json::from_str(credential).map_err(CoreError::internal)?;
        self.new_device_if_taken()?;
        let (device, ceremony) = (self.device()?, challenge.ceremony);
        // Signing in hardware may be slow, so it runs off the runtime's threads.
        let finish = self.driver.blocking(move || device.answer(ceremony, credential)).await??;
        let ask = ApiRequest::json(kind, path, &finish).public();
        let session: Session = self.driver.http.json(ask).await?;
        self.entered(session).await
    }

    /// Takes in a new session, and returns its account.
    pub(super) async fn entered(&self, session: Session) -> Result<Account, CoreError> {
        self.enter(session)?;
        self.driver.sample_clock().await;
        self.account().ok_or_else(|| CoreError::internal("the session was not kept"))
    }

    /// Makes a new device if another phone uses the name of this one.
    pub(super) fn new_device_if_taken(&self) -> Result<(), CoreError> {
        if self.driver.read(Engine::must_register_again) {
            Device::create(&self.driver.platform, self.driver.scope())?;
            *lock(&self.device) = None;
        }
        Ok(())
    }

    /// Sends a request with the session's token; a 401 also ends the session on this phone.
    pub(super) async fn signed<T: serde::de::DeserializeOwned>(
        &self,
        ask: ApiRequest<'_>,
    ) -> Result<T, CoreError> {
        let answer = self.driver.http.json(ask).await;
        self.driver.check_session(&answer);
        Ok(answer?)
    }

    /// As [`Self::signed`], for responses without a body.
    pub(super) async fn signed_empty(&self, ask: ApiRequest<'_>) -> Result<(), CoreError> {
        self.signed_answer(ask).await.map(drop)
    }

    /// A request with the session's token, for its whole answer.
    pub(super) async fn signed_answer(
        &self,
        ask: ApiRequest<'_>,
    ) -> Result<ApiResponse, CoreError> {
        let answer = self.driver.http.ask(ask).await;
        self.driver.check_session(&answer);
        Ok(answer?)
    }
}
