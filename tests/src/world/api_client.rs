//! A bidder without an app: an HTTP client with a passkey and a device key. It can send what no
//! phone's core would, and it checks every receipt it is given.

use crate::day::paper;
use crate::world::answer::Answer;
use crate::world::device_key::signature;
use crate::world::passkey::SoftPasskeys;
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::SigningKey;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use toruk_mobile_core::platform::{Entropy as _, SystemEntropy};
use toruk_sync::domain::application::Status;
use toruk_sync::domain::auction::bidding;
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::id::{ApplicationId, BidId, DeviceId, IntentId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::deposit::BeginPayment;
use toruk_sync::protocol::identity::{
    Challenge, FinishCeremony, NewDevice, Session, StartRegistration,
};
use toruk_sync::protocol::operations::{Confirmation, Op, Operation, Push, PushReply, Verdict};
use toruk_sync::receipt::{Decision, Receipt};
use toruk_sync::signing::{ApplicationPayload, SignedPayload, terms_hash};
use uuid::{Builder, Uuid};

/// The documents' media type.
const PDF: &str = "application/pdf";

/// A complete form but for its document: answers by field.
pub const ANSWERS: [(&str, &str); 8] = [
    ("applicant_kind", "person"),
    ("full_name", "Аида Токтогулова"),
    ("pin", "00000000000001"),
    ("phone", "+996700000001"),
    ("address", "Бишкек, Чүй пр. 1"),
    ("refund_account", "0000000000000001"),
    ("consent", "yes"),
    ("independence", "yes"),
];

/// A bidder without an app.
pub struct ApiClient {
    /// The session that the person is signed in with.
    pub session: Session,
    /// The key of the person's device, which signs bids.
    pub key: SigningKey,
    /// The server's origin, `http://localhost:<port>`.
    pub origin: String,
    pub(super) http: reqwest::Client,
    pub(super) passkeys: SoftPasskeys,
    pub(super) next_op_no: AtomicU64,
}

impl ApiClient {
    /// Registers a person with a passkey and a device.
    ///
    /// # Errors
    /// When the server refuses the registration.
    pub async fn register(world: &World, name: &str) -> anyhow::Result<Self> {
        let (http, origin) = (world.http()?, world.origin.clone());
        let passkeys = SoftPasskeys::new(&origin)?;
        let start = StartRegistration { name: name.to_owned(), language: "ky".to_owned() };
        let asked = http.post(format!("{origin}/v1/registrations")).json(&start).send().await?;
        let challenge: Challenge = Answer::read(asked).await?.json()?;
        let credential = passkeys.register(&challenge.options.to_string())?;
        let key = SigningKey::from_slice(&SystemEntropy.bytes(32))?;
        let point = key.verifying_key().to_sec1_point(false);
        let device = NewDevice {
            id: DeviceId(random_uuid()?),
            platform: "terminal".to_owned(),
            public_key: STANDARD.encode(point.as_bytes()),
        };
        let (ceremony, credential) = (challenge.ceremony, serde_json::from_str(&credential)?);
        let proof = Some(signature(&key, &device.package(ceremony)));
        let finish = FinishCeremony { ceremony, credential, device, proof };
        let url = format!("{origin}/v1/registrations/finish");
        let session = Answer::read(http.post(url).json(&finish).send().await?).await?.json()?;
        let next_op_no = AtomicU64::new(1);
        Ok(Self { session, key, origin, http, passkeys, next_op_no })
    }

    /// A request with the session's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.origin);
        self.http.request(method, url).bearer_auth(&self.session.token)
    }

    /// Posts a value as JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post<T: Serialize>(&self, path: &str, body: &T) -> anyhow::Result<Answer> {
        Answer::read(self.request(Method::POST, path).json(body).send().await?).await
    }

    /// Posts any bytes as if they were JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post_raw(&self, path: &str, body: impl Into<String>) -> anyhow::Result<Answer> {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        Answer::read(request.body(body.into()).send().await?).await
    }

    /// Gets.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        Answer::read(self.request(Method::GET, path).send().await?).await
    }

    /// The number of the device's next operation.
    pub fn next_op_no(&self) -> u64 {
        self.next_op_no.load(Ordering::Relaxed)
    }

    /// An operation of this person under a number.
    pub fn op(&self, op_no: u64, operation: Operation) -> Op {
        Op { op_no, person: self.session.person, operation }
    }

    /// Delivers one operation under the next number.
    ///
    /// # Errors
    /// When it is not decided.
    pub async fn deliver(&self, operation: Operation) -> anyhow::Result<Verdict> {
        let op_no = self.next_op_no.fetch_add(1, Ordering::Relaxed);
        let push = Push { ops: vec![self.op(op_no, operation)] };
        let mut reply: PushReply = self.post("/v1/sync/push", &push).await?.json()?;
        Ok(reply.outcomes.pop().context("not decided")?.verdict)
    }

    /// Uploads the document and submits a complete, signed application.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn apply(&self, auction: &AuctionView) -> anyhow::Result<ApplicationId> {
        let operation = self.application(auction).await?;
        match self.deliver(operation).await? {
            Verdict::Submitted { application, .. } => Ok(application),
            other => anyhow::bail!("not submitted: {other:?}"),
        }
    }

    /// A complete, signed application whose document is uploaded.
    ///
    /// # Errors
    /// When the upload is refused.
    pub async fn application(&self, auction: &AuctionView) -> anyhow::Result<Operation> {
        let package = self.package(auction).await?;
        let confirmation = self.confirm(&package)?;
        Ok(Operation::SubmitApplication { package, confirmation })
    }

    /// A complete application whose document is uploaded, for its owner to sign.
    ///
    /// # Errors
    /// When the upload is refused.
    pub async fn package(&self, auction: &AuctionView) -> anyhow::Result<ApplicationPayload> {
        let terms = auction.auction.terms.as_ref().context("no terms")?;
        Ok(ApplicationPayload {
            auction: auction.auction.birth.id,
            person: self.session.person,
            device: self.session.device,
            terms_version: auction.auction.version,
            terms_hash: terms_hash(terms),
            form: auction.form.id.clone(),
            form_version: auction.form.version,
            answers: ANSWERS.map(|(id, answer)| (id.to_owned(), answer.to_owned())).into(),
            files: vec![self.upload().await?],
        })
    }

    /// Signs a package with the passkey.
    ///
    /// # Errors
    /// When the passkey does not.
    pub fn confirm(&self, package: &impl SignedPayload) -> anyhow::Result<Confirmation> {
        let options = json!({ "publicKey": {
            "challenge": URL_SAFE_NO_PAD.encode(package.digest()),
            "rpId": self.session.rp_id,
            "allowCredentials": [{ "type": "public-key", "id": self.session.credential_id }],
            "userVerification": "required",
        }});
        let credential = serde_json::from_str(&self.passkeys.assert(&options.to_string())?)?;
        Ok(Confirmation::Passkey { credential })
    }

    /// Announces a file, as tus has it.
    pub fn announce(&self, content: &[u8]) -> RequestBuilder {
        let (sha256, mime) = (STANDARD.encode(hash(content)), STANDARD.encode(PDF));
        self.request(Method::POST, "/v1/blobs")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", content.len())
            .header("upload-metadata", format!("sha256 {sha256},mime {mime}"))
    }

    /// Sends a file's bytes from the beginning.
    pub fn append(&self, content: &[u8]) -> RequestBuilder {
        self.request(Method::PATCH, &format!("/v1/blobs/{}", hash(content)))
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", 0)
            .header("content-type", "application/offset+octet-stream")
            .body(content.to_vec())
    }

    /// The identity document that the person applies with.
    pub fn document(&self) -> Vec<u8> {
        paper(self.session.person)
    }

    async fn upload(&self) -> anyhow::Result<FileRef> {
        let content = self.document();
        self.announce(&content).send().await?.error_for_status()?;
        self.append(&content).send().await?.error_for_status()?;
        let (slot, name) = ("identity_document".to_owned(), "паспорт.pdf".to_owned());
        let (sha256, size_bytes) = (hash(&content), content.len() as u64);
        Ok(FileRef { slot, sha256, size_bytes, mime: PDF.to_owned(), name })
    }

    /// Asks for a code or page to pay the deposit.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn begin_payment(
        &self,
        application: ApplicationId,
        id: IntentId,
        channel: Channel,
    ) -> anyhow::Result<Answer> {
        let path = format!("/v1/applications/{application}/payments");
        self.post(&path, &BeginPayment { id, channel, provider: None }).await
    }

    /// Pays the deposit in full and waits until the server has seen it. Returns the payment.
    ///
    /// # Errors
    /// When it is not credited.
    pub async fn pay(
        &self,
        world: &World,
        application: ApplicationId,
    ) -> anyhow::Result<BeginPayment> {
        let begin = BeginPayment {
            id: IntentId(random_uuid()?),
            channel: Channel::WalletCode,
            provider: None,
        };
        let intent: Intent =
            self.begin_payment(application, begin.id, begin.channel).await?.json()?;
        world.payments.pay_code(&intent.code.context("no code")?, intent.amount.get())?;
        until("an eligible application", || async {
            let mine = self.mine(application).await?;
            Ok((mine.application.status == Status::Eligible).then(|| begin.clone()))
        })
        .await
    }

    /// A proper raise on what `auction` shows, signed.
    ///
    /// # Errors
    /// When nothing can be raised now.
    pub fn raise(&self, auction: &AuctionView) -> anyhow::Result<PlaceBid> {
        let state = &auction.auction;
        let round = state.round.context("bidding is not open")?;
        let amount = bidding::required(state).context("no further raise")?;
        let unsigned = PlaceBid {
            bid: bid_id(auction.server_time)?,
            epoch: state.epoch,
            basis: round.basis(),
            amount,
            client_sent_at: auction.server_time,
            signature: String::new(),
        };
        Ok(self.sign(auction, unsigned))
    }

    /// Signs a bid, whatever it says.
    pub fn sign(&self, auction: &AuctionView, mut bid: PlaceBid) -> PlaceBid {
        let Session { person, device, .. } = self.session;
        bid.signature =
            signature(&self.key, &bid.package(auction.auction.birth.id, person, device));
        bid
    }

    /// Sends a bid.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, auction: &AuctionView, bid: &PlaceBid) -> anyhow::Result<Answer> {
        self.post(&format!("/v1/auctions/{}/bids", auction.auction.birth.id), bid).await
    }

    /// Sends a bid and returns the connection, from which nobody has read.
    ///
    /// # Errors
    /// When it can't be sent.
    pub async fn send_unread(
        &self,
        auction: &AuctionView,
        bid: &PlaceBid,
    ) -> anyhow::Result<TcpStream> {
        let port: u16 = self.origin.rsplit(':').next().context("no port")?.parse()?;
        let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
        connection.write_all(self.bid_request(auction, bid).as_bytes()).await?;
        Ok(connection)
    }

    /// The bytes of a bid's request.
    pub fn bid_request(&self, auction: &AuctionView, bid: &PlaceBid) -> String {
        let (body, host) = (serde_json::json!(bid).to_string(), self.origin.replace("http://", ""));
        let (id, token, length) = (auction.auction.birth.id, &self.session.token, body.len());
        format!(
            "POST /v1/auctions/{id}/bids HTTP/1.1\r\nhost: {host}\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
    }

    /// Sends a bid that will be decided; its receipt holds.
    ///
    /// # Errors
    /// When it is not decided, or the receipt or the status does not fit.
    pub async fn bid(&self, auction: &AuctionView, bid: &PlaceBid) -> anyhow::Result<Receipt> {
        self.receipt(bid, &self.send(auction, bid).await?)
    }

    /// The receipt of an answer, verified with the operator's key.
    ///
    /// # Errors
    /// When it is not there, is about another bid, or is not what the operator signed.
    pub fn receipt(&self, bid: &PlaceBid, answer: &Answer) -> anyhow::Result<Receipt> {
        let receipt = answer.json::<BidReply>()?.receipt;
        receipt.verify(&self.session.receipt_key.parse()?)?;
        ensure!(receipt.body.bid == bid.bid && receipt.body.amount == bid.amount, "another bid's");
        let fits = match receipt.body.decision {
            Decision::Accepted => answer.status == 200 || answer.status == 201,
            Decision::Refused(_) => answer.status == 200,
        };
        ensure!(fits, "status {} for {:?}", answer.status, receipt.body.decision);
        Ok(receipt)
    }
}

/// A file's name on the server: SHA-256, hex.
pub fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// A name for a bid made at `at`: time-ordered, as the server asks.
///
/// # Errors
/// Without entropy.
pub fn bid_id(at: Timestamp) -> anyhow::Result<BidId> {
    let random = random_uuid()?.into_bytes();
    let random = random.first_chunk().context("a name is 16 bytes")?;
    let millis = u64::try_from(at.0 / 1_000)?;
    Ok(BidId(Builder::from_unix_timestamp_millis(millis, random).into_uuid()))
}

/// A random name.
///
/// # Errors
/// Without entropy.
pub fn random_uuid() -> anyhow::Result<Uuid> {
    let bytes: [u8; 16] =
        SystemEntropy.bytes(16).try_into().map_err(|_| anyhow::anyhow!("no entropy"))?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}
