//! A phone of a story: the engine over a disk, and what it has asked the world for.

use super::disk::Disk;
use super::server::{SimAnswer, SimRequest};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use std::collections::VecDeque;
use toruk_mobile_core::engine::clock::Mono;
use toruk_mobile_core::engine::request_kind::RequestKind;
use toruk_mobile_core::engine::uploads::{CHUNK_BYTES, UploadStep, chunk_key};
use toruk_mobile_core::engine::{
    Effect, Engine, Failure, Input, LocalRejection, Saved, UserCommand, answers,
};
use toruk_mobile_core::store::{Store as _, Table};
use toruk_sync::protocol::identity::Session;

/// A phone of a story: the core's engine on a simulated disk.
pub struct SimPhone {
    /// Its engine; what is not on the disk dies with it.
    pub engine: Engine,
    /// The storage that survives a crash.
    pub disk: Disk,
    /// The session of the phone's user, as of the last signing in.
    pub session: Session,
    /// Effects that wait for the world.
    pub asked: VecDeque<Effect>,
    /// The moment at which the phone wants to be woken.
    pub wake: Option<Mono>,
    /// `true` once the server has ended the session, until somebody signs in.
    pub signed_out: bool,
    seed: u64,
}

impl SimPhone {
    /// A phone on which a person has just signed in.
    pub fn new(session: Session, seed: u64, now: Mono) -> anyhow::Result<Self> {
        let disk = Disk::default();
        let saved = Saved::read(&disk, false)?;
        let mut phone = Self {
            engine: Engine::load(saved, seed),
            disk,
            session: session.clone(),
            asked: VecDeque::new(),
            wake: None,
            signed_out: true,
            seed,
        };
        phone.sign_in(session, now)?;
        Ok(phone)
    }

    /// A person signs in.
    pub fn sign_in(&mut self, session: Session, now: Mono) -> anyhow::Result<()> {
        self.session = session.clone();
        self.signed_out = false;
        self.feed(Input::SignedIn(Box::new(session)), now)
    }

    /// Passes an event to the engine.
    pub fn feed(&mut self, input: Input, now: Mono) -> anyhow::Result<()> {
        let effects = self.engine.handle(input, now);
        self.perform(effects)
    }

    /// Executes a command of the person. A full disk is a valid answer, too.
    pub fn execute(
        &mut self,
        command: UserCommand,
        now: Mono,
    ) -> anyhow::Result<Result<(), LocalRejection>> {
        match self.engine.execute(command, now) {
            Ok((_, effects)) => {
                self.perform(effects)?;
                Ok(Ok(()))
            }
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// The durable part first, then the rest, as the driver does it.
    fn perform(&mut self, effects: Vec<Effect>) -> anyhow::Result<()> {
        self.wake = None;
        for effect in effects {
            match effect {
                Effect::Persist(writes) => {
                    if self.disk.apply(&writes).is_err() {
                        let saved = Saved::read(&self.disk, !self.signed_out)?;
                        self.engine.restore(saved);
                        self.asked.clear();
                        // The driver's timer looks again soon.
                        self.wake = Some(Mono::MIN);
                        return Ok(());
                    }
                }
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::DropToken => self.signed_out = true,
                Effect::Notify(_) | Effect::OpenStream(_) | Effect::CloseStream => {}
                asked => self.asked.push_back(asked),
            }
        }
        Ok(())
    }

    /// The process dies and begins again from its disk.
    pub fn die(&mut self, now: Mono) -> anyhow::Result<()> {
        self.asked.clear();
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let saved = Saved::read(&self.disk, !self.signed_out)?;
        self.engine = Engine::load(saved, self.seed);
        self.feed(Input::SyncNow, now)
    }

    /// The disk is what a backup held.
    pub fn roll_back(&mut self, backup: Disk, now: Mono) -> anyhow::Result<()> {
        self.disk = backup;
        self.die(now)
    }

    /// The request of an effect; `None` when it needs none.
    pub fn request(&self, effect: &Effect) -> anyhow::Result<Option<SimRequest>> {
        let json = ("content-type", "application/json".to_owned());
        let ask = |method, path: &str| SimRequest {
            method,
            path: path.to_owned(),
            token: self.session.token.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        Ok(Some(match effect {
            Effect::Push(push) => SimRequest {
                headers: vec![json],
                body: serde_json::to_vec(push)?,
                ..ask(Method::POST, "/v1/sync/push")
            },
            Effect::Pull(pull) => SimRequest {
                headers: vec![json],
                body: serde_json::to_vec(pull)?,
                ..ask(Method::POST, "/v1/sync/pull")
            },
            Effect::Upload(step) => self.upload(step, ask)?,
            _ => return Ok(None),
        }))
    }

    fn upload(
        &self,
        step: &UploadStep,
        ask: impl Fn(Method, &str) -> SimRequest,
    ) -> anyhow::Result<SimRequest> {
        let tus = ("tus-resumable", "1.0.0".to_owned());
        Ok(match step {
            UploadStep::Create(upload) => {
                let (hash, mime) = (STANDARD.encode(&upload.sha256), STANDARD.encode(&upload.mime));
                let headers = vec![
                    tus,
                    ("upload-length", upload.size_bytes.to_string()),
                    ("upload-metadata", format!("sha256 {hash},mime {mime}")),
                ];
                SimRequest { headers, ..ask(Method::POST, "/v1/blobs") }
            }
            UploadStep::Ask(upload) => {
                let path = format!("/v1/blobs/{}", upload.sha256);
                SimRequest { headers: vec![tus], ..ask(Method::HEAD, &path) }
            }
            UploadStep::Send(upload, offset) => {
                let key = chunk_key(&upload.sha256, offset / CHUNK_BYTES);
                let chunk = self.disk.get(Table::Content, &key)?.context("content lost")?;
                let from = usize::try_from(offset % CHUNK_BYTES)?;
                let body = chunk.get(from..).context("beyond the content")?.to_vec();
                let headers = vec![
                    tus,
                    ("upload-offset", offset.to_string()),
                    ("content-type", "application/offset+octet-stream".to_owned()),
                ];
                let path = format!("/v1/blobs/{}", upload.sha256);
                SimRequest { headers, body, ..ask(Method::PATCH, &path) }
            }
        })
    }

    /// Passes the result of an effect's request to the engine.
    pub fn answered(
        &mut self,
        effect: Effect,
        answer: Result<SimAnswer, Failure>,
        now: Mono,
    ) -> anyhow::Result<()> {
        let kind = kind(&effect);
        let answer = answer.and_then(|answer| match answer.head.is_success(kind) {
            true => Ok(answer),
            false => Err(answer.head.failure(kind, &answer.body)),
        });
        self.note_obstacle(&answer, now)?;
        if let Some(ended) = answers::session_end(&answer) {
            self.feed(ended, now)?;
        }
        let input = match effect {
            Effect::Push(_) => Input::Pushed(answer.and_then(|answer| answers::read(&answer.body))),
            Effect::Pull(_) => Input::Pulled(answer.and_then(|answer| answers::read(&answer.body))),
            Effect::Upload(step) => {
                let (UploadStep::Create(upload)
                | UploadStep::Ask(upload)
                | UploadStep::Send(upload, _)) = step;
                let head = answer.as_ref().map(|answer| &answer.head);
                let reply = answers::uploaded(head.map_err(Clone::clone));
                Input::Uploaded { sha256: upload.sha256, reply }
            }
            other => anyhow::bail!("nobody asked the server for {other:?}"),
        };
        self.feed(input, now)
    }

    /// As the driver's connection does it: the engine is told who answered.
    fn note_obstacle<T>(&mut self, answer: &Result<T, Failure>, now: Mono) -> anyhow::Result<()> {
        let obstacle = match answer {
            Ok(_) | Err(Failure::Problem { .. } | Failure::Malformed) => None,
            Err(Failure::NotReached(obstacle)) => Some(*obstacle),
            Err(Failure::NotSent | Failure::Lost) => return Ok(()),
        };
        if self.engine.obstacle() == obstacle {
            return Ok(());
        }
        self.feed(Input::Obstructed(obstacle), now)
    }
}

/// The kind of an effect's request.
fn kind(effect: &Effect) -> RequestKind {
    match effect {
        Effect::Push(_) => RequestKind::Push,
        Effect::Upload(UploadStep::Create(_)) => RequestKind::CreateUpload,
        Effect::Upload(UploadStep::Ask(_)) => RequestKind::ReadUpload,
        Effect::Upload(UploadStep::Send(..)) => RequestKind::SendUpload,
        _ => RequestKind::Pull,
    }
}
