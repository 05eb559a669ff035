//! A victim, a thief, and the doors between them.

use anyhow::Context as _;
use futures_util::future::BoxFuture;
use reqwest::{Method, RequestBuilder, Response};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::OnceCell;
use toruk_server::entity::{
    application, audit_event, credential, deposit, device, identity, person, role_grant, session,
};
use toruk_server::identity::{ProvenIdentity, Provider};
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::rules::{Admission, ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::eid::{EidAnswer, EidPurpose, EidStart, StartEid, secret_hash};
use toruk_sync::protocol::operations::Operation;
use toruk_sync::protocol::problem::ProblemBody;
use toruk_sync::signing::ApplicationPayload;
use toruk_tests::outside::eid::{EidMisbehaviour, EidPerson, EidProviderSystem};
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::certificates::Authority;
use toruk_tests::world::eid::eid_person;
use toruk_tests::world::open_auction::OpenAuction;
use uuid::Uuid;

pub const AIDAS_PIN: &str = "21503199012345";
pub const BEKS_PIN: &str = "11503199012345";

/// Prepares an attempt: all that the attacker needs, and the victim does; what is returned is the
/// attacker's last request.
pub type Prepare = fn(&Scene) -> BoxFuture<'_, anyhow::Result<RequestBuilder>>;

/// A name, the attempt, what is answered (status, code and what it names, if it does), and what is
/// recorded of it.
pub type Script = (&'static str, Prepare, &'static str, &'static [&'static str]);

/// Aida has an account with a passkey that eID has proven; so has Bek, who wants hers.
pub struct Scene {
    pub stage: OpenAuction,
    pub eid: EidProviderSystem,
    pub door: Authority,
    pub aida: ApiClient,
    pub bek: ApiClient,
    /// Aida's application, whose document was uploaded once.
    package: OnceCell<ApplicationPayload>,
    http: reqwest::Client,
}

impl Scene {
    pub async fn new() -> anyhow::Result<Self> {
        let methods =
            [ConfirmationMethod::Passkey, ConfirmationMethod::Eds, ConfirmationMethod::Eid];
        let rules = RuleProfile {
            admission: Admission::Auto,
            application_confirmation: BTreeSet::from(methods),
            ..RuleProfile::sandbox(1)
        };
        let mut stage = OpenAuction::published_by(rules).await?;
        stage.world.config.proves_identity = true;
        let door = stage.world.with_certificates().await?;
        let eid = stage.world.with_eid().await?;
        let aida = ApiClient::register(&stage.world, "Асанова Аида").await?;
        let bek = ApiClient::register(&stage.world, "Беков Бек").await?;
        let http = stage.world.http()?;
        let package = OnceCell::new();
        let scene = Self { stage, eid, door, aida, bek, package, http };
        scene.prove(&scene.aida, "aida", AIDAS_PIN).await?;
        scene.prove(&scene.bek, "bek", BEKS_PIN).await?;
        Ok(scene)
    }

    async fn prove(&self, who: &ApiClient, subject: &str, pin: &str) -> anyhow::Result<()> {
        let state = self.stage.world.state();
        let proven = ProvenIdentity {
            provider: Provider::Eid,
            issuer: self.eid.issuer(),
            subject: subject.to_owned(),
            pin: Some(Pin::parse(pin).map_err(|_| anyhow::anyhow!("no number"))?),
            name: who.session.name.clone(),
            organisation: None,
        };
        let txn = state.context.db.begin().await?;
        state.identity.link(&txn, who.session.person, &proven).await?;
        Ok(state.context.db.commit(txn).await?)
    }

    /// What Aida would have to confirm to apply.
    pub async fn aidas_package(&self) -> anyhow::Result<ApplicationPayload> {
        let made = async {
            match self.aida.application(&self.stage.view().await?).await? {
                Operation::SubmitApplication { package, .. } => Ok(package),
                other => anyhow::bail!("no application: {other:?}"),
            }
        };
        Ok(self.package.get_or_try_init(|| made).await?.clone())
    }

    /// Nothing outside goes wrong any more.
    pub fn honest(&self) {
        self.eid.misbehave(|wrong| *wrong = EidMisbehaviour::default());
    }

    pub fn now(&self) -> Timestamp {
        self.stage.world.clock.now()
    }

    pub fn aidas_eid(&self) -> EidPerson {
        eid_person("aida", AIDAS_PIN, "Асанова", "Аида")
    }

    pub fn beks_eid(&self) -> EidPerson {
        eid_person("bek", BEKS_PIN, "Беков", "Бек")
    }

    /// A request of somebody who is not signed in.
    pub fn post(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.stage.world.origin)).json(body)
    }

    /// As [`Self::post`], sent by a page of the console.
    pub fn page_post(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        self.post(path, body).header("origin", &self.stage.world.origin)
    }

    pub async fn answer(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        Answer::read(request.send().await?).await
    }

    /// A way to eID and back, as a phone goes it.
    pub async fn visit(&self, purpose: EidPurpose, who: &EidPerson) -> anyhow::Result<EidAnswer> {
        let secret = "s".repeat(43);
        let (secret_hash, language) = (secret_hash(&secret), "ky".to_owned());
        let start = StartEid { purpose, secret_hash, language };
        let start: EidStart = self.answer(self.post("/v1/sessions/eid", &start)).await?.json()?;
        let fields = self.eid.sign_in(&start.authorization_url, who)?;
        let (ceremony, state, code) = (start.ceremony, fields.state, fields.code);
        Ok(EidAnswer { ceremony, state, code, iss: fields.iss, secret })
    }

    /// Whose the accounts and the phones' keys are.
    pub async fn owned(&self) -> anyhow::Result<Vec<(Uuid, String, Option<String>)>> {
        let db = self.stage.world.state().context.db.read();
        let people = person::Entity::find().order_by_asc(person::Column::Id).all(db).await?;
        let devices = device::Entity::find().order_by_asc(device::Column::Id).all(db).await?;
        let people = people.into_iter().map(|row| (row.id, row.name, row.pin_hash));
        let keys = devices
            .into_iter()
            .map(|row| (row.id, hex::encode(row.public_key), Some(row.person.to_string())));
        Ok(people.chain(keys).collect())
    }

    /// Numbers of all that an attempt could have made or taken.
    pub async fn stored(&self) -> anyhow::Result<[u64; 8]> {
        let db = self.stage.world.state().context.db.read();
        Ok([
            person::Entity::find().count(db).await?,
            identity::Entity::find().count(db).await?,
            credential::Entity::find()
                .filter(credential::Column::RevokedAt.is_null())
                .count(db)
                .await?,
            device::Entity::find().filter(device::Column::RevokedAt.is_null()).count(db).await?,
            session::Entity::find().count(db).await?,
            application::Entity::find().count(db).await?,
            deposit::Entity::find().count(db).await?,
            role_grant::Entity::find().count(db).await?,
        ])
    }

    /// The names of all acts that were recorded.
    pub async fn trail(&self) -> anyhow::Result<Vec<String>> {
        let db = self.stage.world.state().context.db.read();
        let acts = audit_event::Entity::find().order_by_asc(audit_event::Column::Seq);
        Ok(acts.all(db).await?.into_iter().map(|act| act.action).collect())
    }
}

/// An answer in a line: the status, the code and what it names.
pub async fn told(response: Response) -> anyhow::Result<String> {
    let status = response.status().as_u16();
    let is_page = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/")));
    let body = response.text().await?;
    if is_page || body.is_empty() {
        return Ok(status.to_string());
    }
    if let Ok(problem) = serde_json::from_str::<ProblemBody>(&body) {
        let code = serde_json::to_value(problem.code)?;
        let named = problem.params.into_values().collect::<Vec<_>>().join(" ");
        let code = code.as_str().context("no code")?;
        return Ok(format!("{status} {code} {named}").trim_end().to_owned());
    }
    // A delivery is answered with the outcome of its operation.
    let body: Value = serde_json::from_str(&body)?;
    let refused = &body["outcomes"][0]["verdict"]["refused"];
    match refused {
        Value::String(code) => Ok(format!("{status} {code}")),
        Value::Object(members) => {
            let (code, named) = members.iter().next().context("no refusal")?;
            let named = named.as_object().and_then(|of| of.values().next()?.as_str());
            Ok(format!("{status} {code} {}", named.unwrap_or_default()).trim_end().to_owned())
        }
        _ => Ok(format!("{status} {body}")),
    }
}

/// The method of a request that ends something.
pub const DELETE: Method = Method::DELETE;
