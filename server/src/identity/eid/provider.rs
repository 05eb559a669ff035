//! The provider: what it publishes of itself, the way to it, and the proof of what it says.
//!
//! # Why an algorithm must be on a list of two
//! A token names its own algorithm. Taken at its word it could name none, or one that signs with
//! the client's secret, which the provider is not alone to know.

use super::claims::{self, EidClaims};
use super::fault::{EidFailure, EidFault, unavailable};
use super::http::EidHttp;
use super::known::{Known, ProviderCache};
use crate::clock::Clock;
use crate::config::EidConfig;
use crate::identity::proven::ProvenIdentity;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthenticationContextClass, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken, IdTokenClaims, IdTokenFields,
    LanguageTag, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _, UserInfoClaims,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// The claims that are asked for, beside `openid`.
const SCOPES: [&str; 1] = ["profile"];
/// How far the provider's clock may be from this server's.
const CLOCKS_APART: TimeSpan = TimeSpan::seconds(30);
/// Most answers that are redeemed at once on this node: anybody may send made-up ones, and each
/// holds a connection to the provider.
const REDEMPTIONS_MAX: usize = 256;
/// Longest access token that is used, characters.
const ACCESS_TOKEN_CHARS_MAX: usize = 16 * 1024;

type Fields = IdTokenFields<
    EidClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Token =
    IdToken<EidClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type OpenIdClient = Client<
    EidClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A sign-in that is to be answered.
pub struct Asked<'a> {
    pub state: &'a str,
    pub nonce: String,
    pub verifier: String,
    pub language: &'a str,
    /// The moment of the start.
    pub since: Timestamp,
    /// The person has to authenticate again.
    pub is_fresh: bool,
}

/// A code's answer.
pub struct Redeemed {
    pub proven: ProvenIdentity,
    pub signed: SignedAnswer,
}

/// What the provider has signed, with what it takes to verify that again.
pub struct SignedAnswer {
    /// The token as it came: a JWS in its compact form.
    pub id_token: String,
    /// The provider's keys at that moment, a JWK set.
    pub keys: String,
    pub issuer: String,
    pub client_id: String,
}

/// The configured provider.
pub struct EidProvider {
    config: EidConfig,
    redirect: RedirectUrl,
    http: EidHttp,
    cache: ProviderCache,
    redemptions: Semaphore,
}

impl EidProvider {
    /// The provider's answers come back to `redirect`.
    ///
    /// # Errors
    /// When an address is none, or TLS can't be set up.
    pub fn new(config: &EidConfig, redirect: String) -> anyhow::Result<Self> {
        Ok(Self {
            config: config.clone(),
            redirect: RedirectUrl::new(redirect)?,
            http: EidHttp::new(config.timeout)?,
            cache: ProviderCache::new(&config.issuer)?,
            redemptions: Semaphore::new(REDEMPTIONS_MAX),
        })
    }

    /// The address of the provider's page for this sign-in.
    ///
    /// # Errors
    /// [`EidFailure::Unavailable`].
    pub async fn authorization_url(
        &self,
        asked: &Asked<'_>,
        clock: &dyn Clock,
    ) -> Result<String, EidFailure> {
        let known = self.cache.known(&self.http, clock).await?;
        let client = self.client(&known);
        let (state, nonce) = (asked.state.to_owned(), asked.nonce.clone());
        let verifier = PkceCodeVerifier::new(asked.verifier.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_ui_locale(LanguageTag::new(asked.language.to_owned()));
        if known.posts_answers() {
            request = request.add_extra_param("response_mode", "form_post");
        }
        if let Some(acr) = &self.config.acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        if asked.is_fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        Ok(request.url().0.into())
    }

    /// Redeems a code, and verifies that the provider says of whom it is, to this server, for this
    /// sign-in, now.
    ///
    /// # Errors
    /// [`EidFailure`].
    pub async fn redeem(
        &self,
        code: &str,
        iss: Option<&str>,
        asked: &Asked<'_>,
        clock: &dyn Clock,
    ) -> Result<Redeemed, EidFailure> {
        let known = self.cache.known(&self.http, clock).await?;
        // RFC 9207: an answer that was mixed up is not even redeemed.
        let is_silent = iss.is_none() && !known.names_itself();
        if !is_silent && iss != Some(self.config.issuer.as_str()) {
            return Err(EidFault::Issuer.into());
        }
        let _redemption =
            self.redemptions.try_acquire().map_err(unavailable("too many at once"))?;
        let client = self.client(&known);
        let tokens = self.tokens(&client, code, asked).await?;
        let token = tokens.id_token().ok_or(EidFailure::Unavailable)?;
        // The provider may have taken its time.
        let (claims, known) = self.verified(token, known, asked, clock).await?;
        let client = self.client(&known);
        let access = tokens.access_token();
        self.check_access_token(token, &client, claims, access)?;
        let signed = SignedAnswer {
            id_token: token.to_string(),
            keys: serde_json::to_string(known.metadata.jwks()).map_err(unavailable("keys"))?,
            issuer: self.config.issuer.clone(),
            client_id: self.config.client_id.clone(),
        };
        if !claims.additional_claims().has_pin()
            && client.user_info_url().is_some()
            && access.secret().len() <= ACCESS_TOKEN_CHARS_MAX
        {
            let proven = self.person_by_access(&client, access, claims).await?;
            return Ok(Redeemed { proven, signed });
        }
        let (naming, own) = (claims.into(), claims.additional_claims());
        let proven = claims::person(&self.config.issuer, &naming, own)?;
        Ok(Redeemed { proven, signed })
    }

    fn client(&self, known: &Known) -> OpenIdClient {
        let secret = ClientSecret::new(self.config.client_secret.text().to_owned());
        let client = OpenIdClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            Some(secret),
        );
        let auth =
            if known.wants_secret_in_body() { AuthType::RequestBody } else { AuthType::BasicAuth };
        client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth)
    }

    async fn tokens(
        &self,
        client: &OpenIdClient,
        code: &str,
        asked: &Asked<'_>,
    ) -> Result<Tokens, EidFailure> {
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(unavailable("token endpoint"))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(asked.verifier.clone()));
        match request.request_async(&self.http).await {
            Ok(tokens) => Ok(tokens),
            Err(RequestTokenError::ServerResponse(refusal))
                if *refusal.error() == CoreErrorResponseType::InvalidGrant =>
            {
                Err(EidFault::Code.into())
            }
            Err(RequestTokenError::ServerResponse(refusal)) => {
                let error = refusal.error().as_ref().chars().take(64).collect::<String>();
                tracing::error!(error, "the provider of eID refuses this server");
                Err(EidFailure::Unavailable)
            }
            Err(RequestTokenError::Request(error)) => Err(unavailable("tokens")(error)),
            // The library's error holds the body, in which there may be tokens.
            Err(_) => Err(unavailable("tokens")("an answer that can't be read")),
        }
    }

    /// Verifies the token; a key that is not known is looked for once more.
    async fn verified<'t>(
        &self,
        token: &'t Token,
        known: Arc<Known>,
        asked: &Asked<'_>,
        clock: &dyn Clock,
    ) -> Result<(&'t IdTokenClaims<EidClaims, CoreGenderClaim>, Arc<Known>), EidFailure> {
        let unknown_key = ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        );
        let (outcome, known) = match self.verify(token, &known, asked, clock.now()) {
            Err(error) if error == unknown_key => {
                let known = self.cache.with_newer_keys(&self.http, &known, clock).await?;
                (self.verify(token, &known, asked, clock.now()), known)
            }
            outcome => (outcome, known),
        };
        match outcome {
            Ok(claims) => {
                self.check_parties(claims)?;
                Ok((claims, known))
            }
            Err(error) => {
                let fault = fault_of(&error);
                tracing::warn!(fault = fault.key(), "a token of eID is refused");
                Err(fault.into())
            }
        }
    }

    fn verify<'t>(
        &self,
        token: &'t Token,
        known: &Known,
        asked: &Asked<'_>,
        now: Timestamp,
    ) -> Result<&'t IdTokenClaims<EidClaims, CoreGenderClaim>, ClaimsVerificationError> {
        let earliest = moment(asked.since - CLOCKS_APART);
        let (latest, expired) = (moment(now + CLOCKS_APART), moment(now - CLOCKS_APART));
        let within = move |at: DateTime<Utc>| {
            let is_within = at >= earliest && at <= latest;
            is_within.then_some(()).ok_or_else(|| "not of this sign-in".to_owned())
        };
        let is_fresh = asked.is_fresh;
        let acr = self.config.acr.clone();
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.config.client_id.clone()),
            known.metadata.issuer().clone(),
            known.metadata.jwks().clone(),
        )
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        ])
        .set_other_audience_verifier_fn(|_| false)
        .set_time_fn(move || expired)
        .set_issue_time_verifier_fn(within)
        .set_auth_time_verifier_fn(move |at| match at {
            _ if !is_fresh => Ok(()),
            Some(at) => within(at),
            None => Err("missing".to_owned()),
        })
        .set_auth_context_verifier_fn(move |said| {
            let is_met = acr.as_ref().is_none_or(|acr| said.is_some_and(|said| **said == *acr));
            is_met.then_some(()).ok_or_else(|| "another".to_owned())
        });
        token.claims(&verifier, &Nonce::new(asked.nonce.clone()))
    }

    /// The party to which the token was given is this client, where it is named.
    fn check_parties(
        &self,
        claims: &IdTokenClaims<EidClaims, CoreGenderClaim>,
    ) -> Result<(), EidFault> {
        let is_ours = |party: &ClientId| party.as_str() == self.config.client_id;
        match claims.authorized_party() {
            Some(party) if !is_ours(party) => Err(EidFault::Audience),
            _ => Ok(()),
        }
    }

    /// The access token belongs to the id token, where that names it.
    fn check_access_token(
        &self,
        token: &Token,
        client: &OpenIdClient,
        claims: &IdTokenClaims<EidClaims, CoreGenderClaim>,
        access: &AccessToken,
    ) -> Result<(), EidFault> {
        let Some(expected) = claims.access_token_hash() else { return Ok(()) };
        let verifier = client.id_token_verifier();
        let algorithm = token.signing_alg().map_err(|_| EidFault::Signature)?;
        let key = token.signing_key(&verifier).map_err(|_| EidFault::Signature)?;
        let found = AccessTokenHash::from_token(access, algorithm, key);
        let is_same = found.is_ok_and(|found| found == *expected);
        is_same.then_some(()).ok_or(EidFault::Signature)
    }

    /// The person, by what the provider says of the bearer of the access token.
    async fn person_by_access(
        &self,
        client: &OpenIdClient,
        access: &AccessToken,
        claims: &IdTokenClaims<EidClaims, CoreGenderClaim>,
    ) -> Result<ProvenIdentity, EidFailure> {
        let request = client.user_info(access.clone(), Some(claims.subject().clone()));
        let request = request.map_err(unavailable("user info"))?;
        let told: Result<UserInfoClaims<EidClaims, CoreGenderClaim>, _> =
            request.request_async(&self.http).await;
        let told = told.map_err(|error| match error {
            openidconnect::UserInfoError::ClaimsVerification(
                ClaimsVerificationError::InvalidSubject(_),
            ) => EidFault::Subject.into(),
            openidconnect::UserInfoError::ClaimsVerification(_) => EidFault::Signature.into(),
            openidconnect::UserInfoError::Request(error) => unavailable("user info")(error),
            // The library's error holds the body, in which a person may be named.
            _ => unavailable("user info")("an answer that can't be read"),
        })?;
        let (naming, own) = (told.standard_claims().into(), told.additional_claims());
        Ok(claims::person(&self.config.issuer, &naming, own)?)
    }
}

fn fault_of(error: &ClaimsVerificationError) -> EidFault {
    use ClaimsVerificationError as E;
    match error {
        E::Expired(_) => EidFault::Time,
        E::InvalidAudience(_) => EidFault::Audience,
        E::InvalidAuthContext(_) => EidFault::Acr,
        E::InvalidAuthTime(_) => EidFault::AuthTime,
        E::InvalidIssuer(_) => EidFault::Issuer,
        E::InvalidNonce(_) => EidFault::Nonce,
        E::InvalidSubject(_) => EidFault::Subject,
        _ => EidFault::Signature,
    }
}

/// A moment as the library has it.
fn moment(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.0).unwrap_or(DateTime::UNIX_EPOCH)
}
