//! Signing in by the state's eID, against a provider over real sockets.

mod confirmation;
mod console;
mod lies;
mod pages;
mod recovery;
mod sign_in;

use crate::ground::phone::{device, sign};
use crate::ground::{NoGateway, TestServices};
use crate::outside::eid::{EidClient, EidClock, EidFields, EidPerson, EidProviderSystem};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use toruk_server::config::{ClientKey, EidConfig};
use toruk_server::entity::{audit_event, ceremony, identity, person, session};
use toruk_server::identity::Error;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::eid::{
    EidAnswer, EidPurpose, EidStart, FinishEid, StartEid, secret_hash,
};
use toruk_sync::protocol::identity::Session;

pub const PIN: &str = "21503199012345";
pub const ACR: &str = "urn:kg:eid:high";
/// Long enough for this machine, and short for those that get no answer.
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// A server with a provider that is as old as its clock.
pub struct Ground {
    pub services: TestServices,
    pub provider: EidProviderSystem,
    provider_clock: Arc<AtomicI64>,
}

/// A phone on its way to the provider and back.
pub struct Visit {
    pub start: EidStart,
    pub secret: String,
    pub fields: EidFields,
}

impl Ground {
    pub async fn new() -> Self {
        Self::with(|_| {}, true).await
    }

    pub async fn with(change: impl FnOnce(&mut EidConfig), names_in_token: bool) -> Self {
        let (provider, provider_clock, mut eid) = provider(names_in_token).await;
        change(&mut eid);
        let services = TestServices::with_config(Arc::new(NoGateway), |config| {
            config.eid = Some(eid);
            config.proves_identity = true;
        });
        let ground = Self { services: services.await, provider, provider_clock };
        ground.pass(TimeSpan::seconds(0));
        ground
    }

    /// Time passes for the server and for the provider.
    pub fn pass(&self, span: TimeSpan) {
        self.services.clock.pass(span);
        self.provider_clock.store(self.now().0 / 1_000_000, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        self.services.state.context.ports.clock.now()
    }

    pub async fn start(&self, purpose: EidPurpose, secret: &str) -> Result<EidStart, Error> {
        let (secret_hash, language) = (secret_hash(secret), "ru".to_owned());
        let request = StartEid { purpose, secret_hash, language };
        self.services.state.identity.start_eid(request).await
    }

    /// A phone starts, and its person signs in at the provider.
    pub async fn visit(&self, purpose: EidPurpose, phone: u128, who: &EidPerson) -> Visit {
        let secret = format!("{phone:043}");
        let start = self.start(purpose, &secret).await.unwrap();
        let fields = self.provider.sign_in(&start.authorization_url, who).unwrap();
        Visit { start, secret, fields }
    }

    pub async fn finish(&self, phone: u128, answer: EidAnswer) -> Result<Session, Error> {
        let device = device(phone);
        let proof = sign(phone, &device.package(answer.ceremony));
        let request = FinishEid { answer, device, proof };
        self.services.state.identity.finish_eid(request).await
    }

    pub async fn sign_in(&self, phone: u128, who: &EidPerson) -> Result<Session, Error> {
        let visit = self.visit(EidPurpose::SignIn, phone, who).await;
        self.finish(phone, visit.answer()).await
    }

    /// Numbers of all that an answer could have left behind.
    pub async fn stored(&self) -> [u64; 5] {
        let db = self.services.state.context.db.read();
        [
            person::Entity::find().count(db).await.unwrap(),
            identity::Entity::find().count(db).await.unwrap(),
            session::Entity::find().count(db).await.unwrap(),
            ceremony::Entity::find().count(db).await.unwrap(),
            audit_event::Entity::find().count(db).await.unwrap(),
        ]
    }
}

/// A provider, its clock in seconds, and what its client has to know.
pub async fn provider(names_in_token: bool) -> (EidProviderSystem, Arc<AtomicI64>, EidConfig) {
    // Fails only if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let provider_clock = Arc::new(AtomicI64::new(0));
    let shared = provider_clock.clone();
    let clock: EidClock = Arc::new(move || shared.load(Ordering::SeqCst));
    let client = EidClient {
        id: "toruk".to_owned(),
        secret: "a secret of two".to_owned(),
        redirect_uri: "http://localhost:8080/eid/callback".to_owned(),
    };
    let provider = EidProviderSystem::start(clock, client, names_in_token).await.unwrap();
    provider.knows(aida());
    let eid = EidConfig {
        issuer: provider.issuer(),
        client_id: "toruk".to_owned(),
        client_secret: ClientKey::new("a secret of two".to_owned()),
        acr: None,
        timeout: TIMEOUT,
    };
    (provider, provider_clock, eid)
}

impl Visit {
    pub fn answer(&self) -> EidAnswer {
        let EidFields { state, code, iss } = self.fields.clone();
        let (ceremony, secret) = (self.start.ceremony, self.secret.clone());
        EidAnswer { ceremony, state, code, iss, secret }
    }
}

pub fn aida() -> EidPerson {
    named("aida", Some(PIN), "Асанова")
}

pub fn named(sub: &str, pin: Option<&str>, family_name: &str) -> EidPerson {
    EidPerson {
        sub: sub.to_owned(),
        pin: pin.map(str::to_owned),
        family_name: family_name.to_owned(),
        given_name: "Аида".to_owned(),
        middle_name: "Бековна".to_owned(),
        acr: ACR.to_owned(),
    }
}

/// The outcome in a word: `in`, the fault, or another refusal.
pub fn word<T>(outcome: &Result<T, Error>) -> String {
    match outcome {
        Ok(_) => "in".to_owned(),
        Err(Error::Eid(fault)) => fault.key().to_owned(),
        Err(Error::EidUnavailable) => "unavailable".to_owned(),
        Err(Error::CeremonyFailed) => "counted".to_owned(),
        Err(Error::Identity(fault)) => format!("identity {}", fault.key()),
        Err(other) => format!("{other:?}"),
    }
}
