//! An authority of certificates (ЭЦП) that a world's server accepts, and people who act by theirs.

use crate::outside::certificates::authority::{Holder, OcspStatus, Template, root};
use crate::outside::certificates::message::Message;
use crate::outside::certificates::responder::{Reply, Responder};
use crate::world::World;
use crate::world::answer::Answer;
use crate::world::api_client::{ApiClient, random_uuid};
use crate::world::clock::Clock;
use crate::world::device_key::signature;
use crate::world::next_device::device;
use crate::world::passkey::SoftPasskeys;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use toruk_mobile_core::platform::{
    CertificateSigner, Entropy as _, SignerError, SigningPurpose, SigningRequest, SystemEntropy,
};
use toruk_sync::domain::id::{ApplicationId, DeviceId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::{Challenge, FinishCeremony};
use toruk_sync::protocol::operations::{Confirmation, Operation, Verdict};
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate,
};
use toruk_sync::signing::SignedPayload;

/// The serial number of the authority below the root.
const MIDDLE: u64 = 2;
/// The time for which lists and answers count.
const ANSWERS_LAST: TimeSpan = TimeSpan::days(7);

/// A root, an authority below it, and the place where both publish whose certificates were revoked:
/// the root a list, the other one by OCSP.
pub struct Authority {
    /// The root that the server is configured with.
    pub root: Holder,
    /// The authority below it.
    pub middle: Holder,
    /// The server of the list and of the OCSP answers.
    pub responder: Responder,
}

/// A person with a certificate.
pub struct Signatory {
    /// The certificate and its key.
    pub holder: Holder,
    /// Their personal number (ПИН).
    pub pin: String,
    /// Certificates between theirs and the root.
    pub between: Vec<Vec<u8>>,
}

impl World {
    /// Starts an authority, and the server again with its root.
    ///
    /// # Errors
    /// When either can't start.
    pub async fn with_certificates(&mut self) -> anyhow::Result<Authority> {
        let now = self.clock.now();
        let responder = Responder::start().await?;
        let root = root(&Template::authority("Корневой УЦ", 1, now));
        let list = Some(responder.list_url());
        let middle = Template { list, ..Template::authority("УЦ Инфоком", MIDDLE, now) };
        let middle = root.certify(&middle);
        let file = self.folder.join("root.der");
        std::fs::write(&file, &root.certificate)?;
        let authority = Authority { root, middle, responder };
        authority.publish(&[], now);
        self.stop_server().await;
        self.config.signature_roots = vec![file];
        self.start_server().await?;
        Ok(authority)
    }
}

impl Authority {
    /// Publishes the root's list of the revoked certificates, by their serial numbers.
    pub fn publish(&self, revoked: &[u64], now: Timestamp) {
        let list = self.root.list(revoked, now, now + ANSWERS_LAST);
        self.responder.publish_list(Reply::Bytes(list));
    }

    /// A certificate of the root's, which names its list.
    pub fn certify(&self, template: Template) -> Holder {
        self.root.certify(&Template { list: Some(self.responder.list_url()), ..template })
    }

    /// A person of the root's, about whom its list says whether they were revoked.
    pub fn by_list(&self, world: &World, name: &str, pin: &str, serial: u64) -> Signatory {
        let holder = self.certify(Template::person(name, pin, serial, world.clock.now()));
        Signatory { holder, pin: pin.to_owned(), between: Vec::new() }
    }

    /// A person of the authority below the root, about whom OCSP says that all is well.
    pub fn by_ocsp(&self, world: &World, name: &str, pin: &str, serial: u64) -> Signatory {
        let now = world.clock.now();
        let responder = Some(self.responder.ocsp_url());
        let template = Template { responder, ..Template::person(name, pin, serial, now) };
        let holder = self.middle.certify(&template);
        let (about, times) = ((&holder, &self.middle), (now, now + ANSWERS_LAST));
        let answer = self.middle.ocsp(about, OcspStatus::Good, times, None);
        self.responder.answer_ocsp(Reply::Bytes(answer));
        let between = vec![self.middle.certificate.clone()];
        Signatory { holder, pin: pin.to_owned(), between }
    }
}

impl Signatory {
    /// Their detached signature over `content`: DER.
    pub fn sign(&self, world: &World, content: &[u8]) -> Vec<u8> {
        self.sign_at(world.clock.now(), content)
    }

    /// Their detached signature over `content` that says it was made then: DER.
    pub fn sign_at(&self, now: Timestamp, content: &[u8]) -> Vec<u8> {
        let mut message = Message::of(&self.holder, now);
        message.certificates.extend(self.between.iter().cloned());
        message.der(content)
    }

    /// Their confirmation of a package.
    pub fn confirm(&self, world: &World, package: &impl SignedPayload) -> Confirmation {
        let signature = STANDARD.encode(self.sign(world, &package.canonical()));
        Confirmation::Cms { signature }
    }
}

/// What happens at the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenMood {
    /// The person enters the code, and it signs.
    Signs,
    /// The person takes their finger away.
    Cancels,
    /// It is not in the phone.
    Absent,
    /// It breaks.
    Breaks,
    /// It says that it has signed.
    Nothing,
}

/// A person's token, as a phone has it.
pub struct PhoneToken {
    who: Signatory,
    clock: Arc<dyn Clock>,
    state: Mutex<(TokenMood, Vec<SigningPurpose>)>,
}

impl PhoneToken {
    /// The token of a person, which signs.
    pub fn new(world: &World, who: Signatory) -> Arc<Self> {
        let (clock, state) = (Arc::clone(&world.clock), (TokenMood::Signs, Vec::new()));
        Arc::new(Self { who, clock, state: Mutex::new(state) })
    }

    /// Sets what happens from now on.
    pub fn set(&self, mood: TokenMood) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 = mood;
    }

    /// The purposes of all requests.
    pub fn asked(&self) -> Vec<SigningPurpose> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}

#[async_trait::async_trait]
impl CertificateSigner for PhoneToken {
    async fn sign(&self, request: SigningRequest) -> Result<Vec<u8>, SignerError> {
        let mood = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.1.push(request.purpose);
            state.0
        };
        let failed = |reason: &str| Err(SignerError::Failed { reason: reason.to_owned() });
        if Sha256::digest(&request.content).to_vec() != request.sha256 {
            return failed("another digest");
        }
        match mood {
            TokenMood::Signs => Ok(self.who.sign_at(self.clock.now(), &request.content)),
            TokenMood::Cancels => Err(SignerError::Cancelled),
            TokenMood::Absent => Err(SignerError::Unavailable),
            TokenMood::Breaks => failed("it broke"),
            TokenMood::Nothing => Ok(Vec::new()),
        }
    }
}

/// The signature of a certificate's owner over a challenge.
///
/// # Errors
/// When the challenge is no base64.
pub fn signed(
    signer: &Holder,
    challenge: &CertificateChallenge,
    now: Timestamp,
) -> anyhow::Result<String> {
    Ok(Message::of(signer, now).sign(&STANDARD.decode(&challenge.challenge)?))
}

impl ApiClient {
    /// Signs a person in by their certificate.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn by_certificate(world: &World, who: &Signatory) -> anyhow::Result<Self> {
        let (http, origin) = (world.http()?, world.origin.clone());
        let url = format!("{origin}/v1/sessions/certificate");
        let challenge: CertificateChallenge =
            Answer::read(http.post(&url).send().await?).await?.json()?;
        let key = SigningKey::from_slice(&SystemEntropy.bytes(32))?;
        let device = device(DeviceId(random_uuid()?), &key);
        let proof = signature(&key, &device.package(challenge.ceremony));
        let signed = who.sign(world, &STANDARD.decode(&challenge.challenge)?);
        let (ceremony, challenge) = (challenge.ceremony, challenge.challenge);
        let signature = STANDARD.encode(signed);
        let finish = FinishCertificate { ceremony, challenge, signature, device, proof };
        let url = format!("{origin}/v1/sessions/certificate/finish");
        let session = Answer::read(http.post(url).json(&finish).send().await?).await?.json()?;
        let (passkeys, next_op_no) = (SoftPasskeys::new(&origin)?, AtomicU64::new(1));
        Ok(Self { session, key, origin, http, passkeys, next_op_no })
    }

    /// As [`Self::by_certificate`], and makes a passkey on the same phone, confirmed by the
    /// certificate once more.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn by_certificate_with_passkey(
        world: &World,
        who: &Signatory,
    ) -> anyhow::Result<Self> {
        let first = Self::by_certificate(world, who).await?;
        let post = async |path: &str, body: Value| {
            let url = format!("{}/v1/registrations/by-certificate{path}", first.origin);
            Answer::read(first.http.post(url).json(&body).send().await?).await
        };
        let given: CertificateChallenge = post("/challenge", json!({})).await?.json()?;
        let signature = signed(&who.holder, &given, world.clock.now())?;
        let CertificateChallenge { ceremony, challenge } = given;
        let proof = ProveByCertificate { ceremony, challenge, signature };
        let Challenge { ceremony, options } = post("", json!(proof)).await?.json()?;
        let credential = serde_json::from_str(&first.passkeys.register(&options.to_string())?)?;
        let device = device(first.session.device, &first.key);
        let proof = Some(first.proof(&device, ceremony));
        let finish = FinishCeremony { ceremony, credential, device, proof };
        let session = post("/finish", json!(finish)).await?.json()?;
        Ok(Self { session, ..first })
    }

    /// Submits an application that its owner confirms by their certificate.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn apply_by_certificate(
        &self,
        world: &World,
        auction: &AuctionView,
        who: &Signatory,
    ) -> anyhow::Result<ApplicationId> {
        let mut package = self.package(auction).await?;
        package.answers.insert("pin".to_owned(), who.pin.clone());
        let confirmation = who.confirm(world, &package);
        match self.deliver(Operation::SubmitApplication { package, confirmation }).await? {
            Verdict::Submitted { application, .. } => Some(application),
            _ => None,
        }
        .context("not submitted")
    }
}
