//! A published auction and a person who may apply to it.

use super::gateway::RecordingGateway;
use super::phone::Phone;
use super::{HandClock, TestServices};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use toruk_server::AppState;
use toruk_server::address::ClientAddress;
use toruk_server::auction::OfficialAction;
use toruk_server::catalogue::import::ImportedLot;
use toruk_server::clock::Clock as _;
use toruk_server::config::Config;
use toruk_server::identity::{Bidder, Official, Role};
use toruk_sync::domain::auction::{Auction, ObjectOfPrice, Offer, Terms};
use toruk_sync::domain::form::Form;
use toruk_sync::domain::id::{ApplicationId, AuctionId, PersonId};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::operations::{Confirmation, Op, Operation, Outcome, Push, Verdict};
use toruk_sync::signing::{ApplicationPayload, SignedPayload as _, terms_hash};
use uuid::Uuid;

/// The address of every phone.
pub const HERE: ClientAddress = ClientAddress::UNKNOWN;

/// The content of every applicant's identity document.
pub const DOCUMENT: &[u8] = b"%PDF-1.7 an identity document";

pub struct Sale {
    pub ground: TestServices,
    pub gateway: Arc<RecordingGateway>,
    pub auction: AuctionId,
    pub phone: Phone,
    pub bidder: Bidder,
    credential_id: String,
}

/// Somebody with an account of their own, who steps in by [`Sale::change`].
pub struct Visitor {
    pub phone: Phone,
    pub bidder: Bidder,
    credential_id: String,
}

impl Sale {
    pub async fn new() -> Self {
        Self::with_config(|_| {}).await
    }

    /// A server with a door that proves people, as far as it is asked.
    pub async fn with_config(change: impl FnOnce(&mut Config)) -> Self {
        let gateway = Arc::new(RecordingGateway::default());
        let ground = TestServices::with_config(gateway.clone(), change).await;
        let auction = published(&ground.state, ground.clock.now()).await;
        let mut phone = Phone::new(0xA);
        let session = phone.register(&ground.state.identity).await;
        let bidder = ground.state.identity.bidder(&session.token).await.unwrap();
        let credential_id = session.credential_id;
        Self { ground, gateway, auction, phone, bidder, credential_id }
    }

    /// A new account, on a phone of this name.
    pub async fn visitor(&self, name: u128) -> Visitor {
        let mut phone = Phone::new(name);
        let session = phone.register(&self.state().identity).await;
        let bidder = self.state().identity.bidder(&session.token).await.unwrap();
        Visitor { phone, bidder, credential_id: session.credential_id }
    }

    /// The visitor acts from now on; the person who did before waits in their place.
    pub fn change(&mut self, visitor: &mut Visitor) {
        std::mem::swap(&mut self.phone, &mut visitor.phone);
        std::mem::swap(&mut self.bidder, &mut visitor.bidder);
        std::mem::swap(&mut self.credential_id, &mut visitor.credential_id);
    }

    pub fn state(&self) -> &AppState {
        &self.ground.state
    }

    pub fn clock(&self) -> &HandClock {
        &self.ground.clock
    }

    pub async fn auction(&self) -> Auction {
        let db = &self.state().context.db;
        self.state().catalogue.auction(db.read(), self.auction).await.unwrap()
    }

    pub async fn terms(&self) -> Terms {
        self.auction().await.terms.unwrap()
    }

    /// Moves the clock to `at`, which must not be in the past.
    pub fn until(&self, at: Timestamp) {
        let now = self.clock().now();
        assert!(now <= at);
        self.clock().pass(at - now);
    }

    /// Uploads the identity document in one piece.
    pub async fn upload(&self) {
        let (blobs, person) = (&self.state().blobs, self.bidder.person);
        let (sha256, size) = (hash(DOCUMENT), DOCUMENT.len() as u64);
        blobs.announce(person, HERE, &sha256, size, "application/pdf").await.unwrap();
        let whole = blobs.append(person, &sha256, 0, None, stream(DOCUMENT)).await.unwrap();
        assert!(whole.stored);
    }

    pub async fn package(&self) -> ApplicationPayload {
        let auction = self.auction().await;
        let form = Form::standard();
        let slot = "identity_document".to_owned();
        ApplicationPayload {
            auction: self.auction,
            person: self.bidder.person,
            device: self.bidder.device,
            terms_version: auction.version,
            terms_hash: terms_hash(auction.terms.as_ref().unwrap()),
            answers: answers(&form),
            form: form.id,
            form_version: form.version,
            files: vec![FileRef {
                slot,
                sha256: hash(DOCUMENT),
                size_bytes: DOCUMENT.len() as u64,
                mime: "application/pdf".to_owned(),
                name: "passport.pdf".to_owned(),
            }],
        }
    }

    /// The id of the person's passkey.
    pub fn phone_passkey(&self) -> String {
        self.credential_id.clone()
    }

    /// Signs a package with the passkey, without a request to the server.
    pub fn sign(&mut self, package: ApplicationPayload) -> Operation {
        let credential = self.signature(&package);
        Operation::SubmitApplication { package, confirmation: Confirmation::Passkey { credential } }
    }

    /// The passkey's answer to a package's digest.
    pub fn signature(&mut self, package: &ApplicationPayload) -> serde_json::Value {
        let options = json!({ "publicKey": {
            "challenge": URL_SAFE_NO_PAD.encode(package.digest()),
            "rpId": "localhost",
            "allowCredentials": [{ "type": "public-key", "id": self.credential_id }],
            "userVerification": "required",
        }});
        self.phone.assert(options)
    }

    pub fn op(&self, op_no: u64, operation: Operation) -> Op {
        Op { op_no, person: self.bidder.person, operation }
    }

    pub async fn push(&self, ops: Vec<Op>) -> (Vec<Outcome>, u64) {
        let push = Push { ops };
        let applications = &self.state().applications;
        let arrived = self.state().context.ports.clock.now();
        let reply = applications.push(&self.bidder, push, arrived, true).await.unwrap();
        (reply.outcomes, reply.next_op_no)
    }

    pub async fn push_one(&self, op_no: u64, operation: Operation) -> Verdict {
        let (mut outcomes, _) = self.push(vec![self.op(op_no, operation)]).await;
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0).verdict
    }

    /// Uploads, signs and submits as operation 1.
    pub async fn apply(&mut self) -> ApplicationId {
        self.upload().await;
        let package = self.package().await;
        let operation = self.sign(package);
        match self.push_one(1, operation).await {
            Verdict::Submitted { application, .. } => application,
            other => panic!("not submitted: {other:?}"),
        }
    }
}

pub fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// Bytes over a connection that never fails.
pub fn stream(
    bytes: &'static [u8],
) -> impl futures_util::Stream<Item = Result<&'static [u8], ()>> + Unpin {
    futures_util::stream::iter(bytes.chunks(7).map(Ok))
}

pub fn official(name: u128, role: Role) -> Official {
    let person = PersonId(Uuid::from_u128(name));
    let (roles, bound) = (BTreeSet::from([role]), BTreeMap::new());
    Official { person, name: role.to_string(), roles, bound }
}

async fn published(state: &AppState, now: Timestamp) -> AuctionId {
    let organiser = official(1, Role::Organiser);
    let moderator = official(2, Role::Moderator);
    let auction = drafted(state, now, &organiser).await;
    state.auctions.act(&organiser, auction, OfficialAction::Submit).await.unwrap();
    state.auctions.act(&moderator, auction, OfficialAction::Publish).await.unwrap();
    auction
}

/// A draft with a lot and a document.
pub async fn drafted(state: &AppState, now: Timestamp, organiser: &Official) -> AuctionId {
    let lot: ImportedLot = serde_json::from_value(json!({
        "title": { "ky": "Дүкөн үчүн жай", "ru": "Помещение под магазин" },
        "kind": "premises",
        "lot_holder": { "ky": "Башкармалык", "ru": "Управление" },
        "synthetic": true,
    }))
    .unwrap();
    let lot = state.catalogue.import(organiser, vec![lot]).await.unwrap()[0];
    let document = b"%PDF-1.7 plan";
    state.catalogue.add_document(organiser, lot, "plan.pdf", document).await.unwrap();
    let offer = Offer {
        object_of_price: ObjectOfPrice::SalePrice,
        value: Tyiyn::new(36_000_000).unwrap(),
        step: BasisPoints(500),
        guarantee: BasisPoints(1_000),
        start: now + TimeSpan::days(16),
        lease_duration: None,
    };
    state.auctions.create(organiser, lot, offer).await.unwrap()
}

fn answers(form: &Form) -> BTreeMap<String, String> {
    use toruk_sync::domain::form::FieldKind;
    let answer = |kind: &FieldKind| match kind {
        FieldKind::Text { .. } => "Бишкек".to_owned(),
        FieldKind::Digits { count } => "0".repeat(usize::from(*count)),
        FieldKind::Phone => "+996700000000".to_owned(),
        FieldKind::Choice { options } => options[0].clone(),
        FieldKind::Consent => "yes".to_owned(),
    };
    form.fields.iter().map(|field| (field.id.clone(), answer(&field.kind))).collect()
}
