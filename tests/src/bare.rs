//! A bidder without the app: a passkey, a device key and an HTTP client. He can send what no phone
//! would, and proves that the protocol is enough to write another client.

use crate::passkey::SoftPasskeys;
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use toruk_server::ports::Ids;
use toruk_sync::domain::application::Status;
use toruk_sync::domain::bidding::Basis;
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::form::{FieldKind, Form};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidId, DeviceId, IntentId};
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::deposit::BeginPayment;
use toruk_sync::protocol::identity::{
    Challenge, FinishCeremony, NewDevice, Session, StartRegistration,
};
use toruk_sync::protocol::sync::{Confirmation, Mine, Op, Operation, Push, PushReply, Verdict};
use toruk_sync::snapshot::{ApplicationPackage, Package as _, terms_hash};

/// A bidder with a session.
pub struct BareBidder {
    /// His session.
    pub session: Session,
    /// The number of his next operation.
    pub next_op_no: u64,
    ids: Arc<dyn Ids>,
    http: reqwest::Client,
    origin: String,
    passkeys: SoftPasskeys,
    key: SigningKey,
}

impl BareBidder {
    /// Registers.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn register(world: &World, name: &str) -> anyhow::Result<Self> {
        let (http, origin) = (world.http()?, world.origin.clone());
        let passkeys = SoftPasskeys::new(&origin)?;
        let ids = Arc::clone(&world.state().shared.ports.ids);
        let key = SigningKey::from_slice(&ids.secret())?;
        let start = StartRegistration { name: name.to_owned(), language: "ky".to_owned() };
        let asked = http.post(format!("{origin}/v1/registrations")).json(&start);
        let challenge: Challenge = read(asked).await?;
        let credential = passkeys.register(&challenge.options.to_string())?;
        let point = key.verifying_key().to_sec1_point(false);
        let device = NewDevice {
            id: DeviceId(ids.uuid()),
            platform: "terminal".to_owned(),
            public_key: STANDARD.encode(point.as_bytes()),
        };
        let credential = serde_json::from_str(&credential)?;
        let finish = FinishCeremony { ceremony: challenge.ceremony, credential, device };
        let asked = http.post(format!("{origin}/v1/registrations/finish")).json(&finish);
        let session = read(asked).await?;
        Ok(Self { session, next_op_no: 1, ids, http, origin, passkeys, key })
    }

    /// A request in his name.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("{}{path}", self.origin);
        self.http.request(method, address).bearer_auth(&self.session.token)
    }

    /// Announces a file, as tus has it.
    pub fn announce(&self, content: &[u8]) -> RequestBuilder {
        let value = |text: &str| STANDARD.encode(text);
        let metadata =
            format!("sha256 {},mime {}", value(&hash(content)), value("application/pdf"));
        self.request(Method::POST, "/v1/blobs")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", content.len())
            .header("Upload-Metadata", metadata)
    }

    /// Sends a file's bytes from the beginning.
    pub fn append(&self, content: &[u8]) -> RequestBuilder {
        self.request(Method::PATCH, &format!("/v1/blobs/{}", hash(content)))
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Offset", 0)
            .header("Content-Type", "application/offset+octet-stream")
            .body(content.to_vec())
    }

    /// Uploads a file and submits a complete, signed application with it.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn apply(
        &mut self,
        auction: AuctionId,
        content: &[u8],
    ) -> anyhow::Result<ApplicationId> {
        ensure!(self.announce(content).send().await?.status() == StatusCode::CREATED, "announced");
        ensure!(self.append(content).send().await?.status() == StatusCode::NO_CONTENT, "uploaded");
        let path = format!("/v1/auctions/{auction}");
        let view: AuctionView = read(self.request(Method::GET, &path)).await?;
        let operation = self.sign(self.package(&view, content)?)?;
        let op = Op { op_no: self.next_op_no, person: self.session.person, operation };
        let push = self.request(Method::POST, "/v1/sync/push").json(&Push { ops: vec![op] });
        let reply: PushReply = read(push).await?;
        self.next_op_no = reply.next_op_no;
        let outcome = reply.outcomes.into_iter().next().context("no outcome")?;
        match outcome.verdict {
            Verdict::Submitted { application, .. } => Ok(application),
            other => anyhow::bail!("not submitted: {other:?}"),
        }
    }

    /// Pays the deposit by a wallet code and waits until it is credited.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn pay(
        &self,
        world: &World,
        application: ApplicationId,
    ) -> anyhow::Result<BeginPayment> {
        let begin = BeginPayment { id: IntentId(self.ids.uuid()), channel: Channel::WalletCode };
        let path = format!("/v1/applications/{application}/payments");
        let intent: Intent = read(self.request(Method::POST, &path).json(&begin)).await?;
        let code = intent.code.context("an intent without a code")?;
        world.payments.pay_code(&code, intent.amount.get())?;
        let eligible = until("a credited deposit", || async {
            let mine: Mine = read(self.request(Method::GET, "/v1/mine")).await?;
            let mut mine = mine.applications.into_iter().map(|mine| mine.application);
            Ok(mine.find(|mine| mine.id == application && mine.status == Status::Eligible))
        });
        eligible.await?;
        Ok(begin)
    }

    /// A bid of one step on what `view` shows, signed.
    ///
    /// # Errors
    /// When there is no round.
    pub fn bid(&self, world: &World, view: &AuctionView) -> anyhow::Result<PlaceBid> {
        let auction = &view.auction;
        let round = auction.round.context("no round")?;
        let step = auction.terms.as_ref().context("no terms")?.minimal_step;
        let mut bid = PlaceBid {
            bid: BidId(self.ids.uuid()),
            epoch: auction.epoch,
            basis: Basis { round: round.number, price: round.price },
            amount: round.price.checked_add(step).context("too much money")?,
            client_sent_at: world.clock.now(),
            signature: String::new(),
        };
        let signed: Signature = self.key.sign(&bid.package(auction.birth.id).canonical());
        bid.signature = STANDARD.encode(signed.to_bytes());
        Ok(bid)
    }

    fn package(&self, view: &AuctionView, content: &[u8]) -> anyhow::Result<ApplicationPackage> {
        let terms = view.auction.terms.as_ref().context("no terms")?;
        Ok(ApplicationPackage {
            auction: view.auction.birth.id,
            person: self.session.person,
            device: self.session.device,
            terms_version: view.auction.version,
            terms_hash: terms_hash(terms),
            form: view.form.id.clone(),
            form_version: view.form.version,
            answers: answers(&view.form),
            files: vec![FileRef {
                slot: "identity_document".to_owned(),
                sha256: hash(content),
                size_bytes: u64::try_from(content.len())?,
                mime: "application/pdf".to_owned(),
                name: "паспорт.pdf".to_owned(),
            }],
        })
    }

    fn sign(&self, package: ApplicationPackage) -> anyhow::Result<Operation> {
        let options = json!({ "publicKey": {
            "challenge": URL_SAFE_NO_PAD.encode(package.digest()),
            "rpId": self.session.rp_id,
            "allowCredentials": [{ "type": "public-key", "id": self.session.credential_id }],
            "userVerification": "required",
        }});
        let credential: Value = serde_json::from_str(&self.passkeys.assert(&options.to_string())?)?;
        let confirmation = Confirmation::Passkey { credential };
        Ok(Operation::SubmitApplication { package, confirmation })
    }
}

/// A file's name on the server.
pub fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// An answer that must be a success.
///
/// # Errors
/// When it is not, with what the server said.
pub async fn read<T: DeserializeOwned>(request: RequestBuilder) -> anyhow::Result<T> {
    let response = request.send().await?;
    let (status, text) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).with_context(|| format!("not as agreed: {text}"))
}

fn answers(form: &Form) -> std::collections::BTreeMap<String, String> {
    let answer = |kind: &FieldKind| match kind {
        FieldKind::Text { .. } => "Бишкек".to_owned(),
        FieldKind::Digits { count } => "0".repeat(usize::from(*count)),
        FieldKind::Phone => "+996000000000".to_owned(),
        FieldKind::Choice { options } => options[0].clone(),
        FieldKind::Consent => "yes".to_owned(),
    };
    form.fields.iter().map(|field| (field.id.clone(), answer(&field.kind))).collect()
}
