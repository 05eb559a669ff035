//! The server of a story: its real router on a real database, without a socket.

use crate::world::api_client::{ApiClient, random_uuid};
use crate::world::clock::ManualClock;
use crate::world::open_auction::OpenAuction;
use crate::world::seed::{SeedPlan, insert_auction};
use anyhow::{Context as _, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, EntityTrait as _};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use toruk_mobile_core::engine::answers::AnswerHead;
use toruk_server::AppState;
use toruk_server::entity::{device, session};
use toruk_server::person_texts::TextColumn;
use toruk_server::router;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::Session;
use tower::ServiceExt as _;
use uuid::Uuid;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// An auction's applications are open for about this long.
const UNTIL_START: TimeSpan = TimeSpan::hours(1);
/// Lifetime of a session of the story.
const SESSION: TimeSpan = TimeSpan::days(30);

/// A request as a phone sends it, without a network.
#[derive(Debug, Clone)]
pub struct SimRequest {
    pub method: Method,
    pub path: String,
    /// The bearer token of the session.
    pub token: String,
    /// Headers beside those of the session.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// An answer, by the server or by somebody on the way.
#[derive(Debug, Clone)]
pub struct SimAnswer {
    /// The part of the head that a phone's core reads.
    pub head: AnswerHead,
    pub body: Vec<u8>,
}

/// A server, people with passkeys, and auctions made as stories need them.
pub struct SimServer {
    /// The server's clock. Goes back to its start for each story: no worker looks at it.
    pub clock: Arc<ManualClock>,
    /// The moment at which each story begins.
    pub start: Timestamp,
    /// People who have registered.
    pub people: Vec<ApiClient>,
    stage: OpenAuction,
    state: AppState,
    router: Router,
}

impl SimServer {
    /// A yard with so many people.
    ///
    /// # Errors
    /// When the server can't be set up.
    pub async fn open(people: usize) -> anyhow::Result<Self> {
        let mut stage = OpenAuction::published().await?;
        let mut registered = Vec::new();
        for no in 0..people {
            registered.push(ApiClient::register(&stage.world, &format!("Bidder {no}")).await?);
        }
        let clock = Arc::clone(&stage.clock);
        let start = toruk_server::clock::Clock::now(&*clock);
        stage.world.stop_server().await;
        let (state, router) = Self::boot(&stage).await?;
        Ok(Self { clock, start, people: registered, stage, state, router })
    }

    async fn boot(stage: &OpenAuction) -> anyhow::Result<(AppState, Router)> {
        let state =
            toruk_server::state::open(stage.world.config.clone(), stage.world.ports()?).await?;
        let router = router::router(state.clone(), CancellationToken::new());
        Ok((state, router))
    }

    /// Ends the server and starts it again on its database.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        (self.state, self.router) = Self::boot(&self.stage).await?;
        Ok(())
    }

    /// Keeps a copy of the database, as a backup does. Only SQLite has it in one file.
    ///
    /// # Errors
    /// When it can't be copied.
    pub async fn back_up(&self) -> anyhow::Result<Option<PathBuf>> {
        let Some(file) = self.file() else {
            return Ok(None);
        };
        let copy = file.with_extension(random_uuid()?.simple().to_string());
        let statement = format!("VACUUM INTO '{}'", copy.display());
        self.state.context.db.read().execute_unprepared(&statement).await?;
        Ok(Some(copy))
    }

    /// The server is restored from a copy: what it decided since is not known to it any more.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restore(&mut self, copy: &Path) -> anyhow::Result<()> {
        let file = self.file().context("not in a file")?;
        for suffix in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(suffix);
            // The old server's connections keep what they have open; nobody uses them again.
            let gone = std::fs::remove_file(&name);
            ensure!(gone.is_ok() || !suffix.is_empty(), "no database at {}", file.display());
        }
        std::fs::rename(copy, &file)?;
        self.restart().await?;
        // As the server's guide says: phones can't see by themselves that numbers are given again.
        self.state.feed.new_epoch().await?;
        Ok(())
    }

    fn file(&self) -> Option<PathBuf> {
        let url = self.stage.world.config.database_url.strip_prefix("sqlite://")?;
        Some(PathBuf::from(url.split('?').next().unwrap_or(url)))
    }

    /// The server as requests reach it.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The origin that passkeys are bound to.
    pub fn origin(&self) -> &str {
        &self.stage.world.origin
    }

    /// The services, for what no phone could see.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// A person's text as it was before it was sealed.
    pub async fn opened(
        &self,
        person: Uuid,
        column: TextColumn,
        text: &str,
    ) -> anyhow::Result<String> {
        let (context, person) = (&self.state.context, PersonId(person));
        ensure!(text.starts_with("sealed:"), "a text in clear");
        let keys = context.person_secrets.keys(context.db.read(), &[person]).await?;
        Ok(keys.open(person, column, text)?)
    }

    /// Makes an auction that takes applications, and shows it as phones see it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn auction(&self) -> anyhow::Result<AuctionView> {
        let rules = RuleProfile {
            admission: toruk_sync::domain::rules::Admission::Auto,
            ..RuleProfile::sandbox(1)
        };
        let plan = SeedPlan::new(1, 0, rules, self.start + UNTIL_START);
        let db = &self.state.context.db;
        let txn = db.begin().await?;
        let author = PersonId(random_uuid()?);
        let id = insert_auction(&txn, &plan, author, &[], self.start).await?;
        db.commit(txn).await?;
        let ask = SimRequest {
            method: Method::GET,
            path: format!("/v1/auctions/{id}"),
            token: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let answer = self.ask(&ask).await?;
        ensure!(answer.head.status == 200, "the auction is not shown: {:?}", answer.head);
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// One more phone of a person, signed in.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn device(&self, person: &ApiClient) -> anyhow::Result<Session> {
        let id = DeviceId(random_uuid()?);
        let txn = self.state.context.db.begin().await?;
        // As the server draws it: a restored one must not count from where it was.
        let actor = i64::from(id.0.as_fields().0);
        let row = device::ActiveModel {
            id: Set(id.0),
            person: Set(person.session.person.0),
            actor: Set(actor),
            platform: Set("terminal".to_owned()),
            public_key: Set(person.key.verifying_key().to_sec1_point(false).as_bytes().to_vec()),
            push_token: Set(None),
            next_op_no: Set(1),
            created_at: Set(self.start.0),
            revoked_at: Set(None),
            signs_v1: Set(false),
            name: Set(None),
        };
        row.insert(&txn).await?;
        self.state.context.db.commit(txn).await?;
        let actor = u32::try_from(actor)?;
        self.session(&Session { device: id, actor, ..person.session.clone() }).await
    }

    /// A new session of a phone, under another name when the server does not know the phone.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn sign_in(&self, person: &ApiClient, known: &Session) -> anyhow::Result<Session> {
        let db = self.state.context.db.read();
        match device::Entity::find_by_id(known.device.0).one(db).await? {
            Some(_) => self.session(known).await,
            None => self.device(person).await,
        }
    }

    async fn session(&self, known: &Session) -> anyhow::Result<Session> {
        let token = random_uuid()?.simple().to_string();
        let txn = self.state.context.db.begin().await?;
        let row = session::ActiveModel {
            token_hash: Set(hash(&token)),
            person: Set(known.person.0),
            device: Set(Some(known.device.0)),
            created_at: Set(self.start.0),
            expires_at: Set((self.start + SESSION).0),
            recovered_at: Set(None),
        };
        row.insert(&txn).await?;
        self.state.context.db.commit(txn).await?;
        Ok(Session { token, ..known.clone() })
    }

    /// Ends a session behind its phone's back.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn end_session(&self, token: &str) -> anyhow::Result<()> {
        Ok(self.state.identity.sign_out(token).await?)
    }

    /// Puts a request to the server and reads the whole answer.
    ///
    /// # Errors
    /// When the request can't be made.
    pub async fn ask(&self, ask: &SimRequest) -> anyhow::Result<SimAnswer> {
        let response = self.router.clone().oneshot(request(ask)?).await?;
        let headers = response.headers().iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let head = AnswerHead::new(response.status().as_u16(), headers);
        let body = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.context("body")?.to_vec();
        Ok(SimAnswer { head, body })
    }
}

fn request(ask: &SimRequest) -> anyhow::Result<Request<Body>> {
    let mut request = Request::builder().method(ask.method.clone()).uri(&ask.path);
    if !ask.token.is_empty() {
        request = request.header("authorization", format!("Bearer {}", ask.token));
    }
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    Ok(request.body(Body::from(ask.body.clone()))?)
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
