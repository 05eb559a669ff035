//! A phone that only pulls, and a world in which something changes.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tempfile::TempDir;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::pull::{Digest, Pull, PullReply, Scope};
use toruk_tests::day::Officials;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::clock::{Clock as _, ManualClock};
use toruk_tests::world::{World, until};

/// Two published auctions that take applications.
pub struct PullFixture {
    pub world: World,
    pub clock: Arc<ManualClock>,
    pub officials: Officials,
    pub auctions: [AuctionId; 2],
    _folder: TempDir,
}

impl PullFixture {
    pub async fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = ManualClock::new(Timestamp::parse("2026-11-24T09:00:00+06:00").unwrap());
        let world = World::start(clock.clone(), RuleProfile::sandbox(60), folder.path(), 0).await?;
        let officials = Officials::enrol(&world).await?;
        let [lot, next] = officials.import_lots(&world, 7).await?;
        let start = clock.now() + TimeSpan::minutes(25);
        let first = officials.publish(&world, lot, start).await?;
        let second = officials.publish(&world, next, start).await?;
        for id in [first, second] {
            until("an auction that takes applications", || async {
                let view = world.state().catalogue.view(id).await?;
                Ok((view.auction.status == Status::Tendering).then_some(()))
            })
            .await?;
        }
        Ok(Self { world, clock, officials, auctions: [first, second], _folder: folder })
    }

    /// Lets the time for applications end, and numbers be given: both auctions end at one moment.
    pub async fn close_applications(&self) -> anyhow::Result<()> {
        let view = self.world.state().catalogue.view(self.auctions[0]).await?;
        let terms = view.auction.terms.expect("published");
        self.clock.set(terms.tender_end + self.world.config.rules.drain);
        for id in self.auctions {
            until("the end of applications", || async {
                let view = self.world.state().catalogue.view(id).await?;
                Ok((view.auction.status != Status::Tendering).then_some(()))
            })
            .await?;
        }
        Ok(())
    }
}

pub type Key = (Scope, String, String);

/// Rows that a phone has, and those that it keeps aside until the last page.
#[derive(Default)]
pub struct Staged {
    pub cookie: Option<String>,
    pub catalogue: bool,
    pub rows: Option<u32>,
    pub shown: BTreeMap<Key, (u64, Value)>,
    pub waiting: BTreeMap<Key, (u64, Option<Value>)>,
    pub cleared: BTreeSet<Scope>,
}

impl Staged {
    /// One page, which is not taken in.
    pub async fn page(&self, by: &ApiClient, acked: &[u64]) -> PullReply {
        let (cookie, catalogue, rows) = (self.cookie.clone(), self.catalogue, self.rows);
        let pull = Pull { cookie, acked: acked.to_vec(), catalogue, digest: true, rows };
        by.post("/v1/sync/pull", &pull).await.unwrap().json().unwrap()
    }

    /// Takes a page in; with the last one all are shown, and are what the server says they must be.
    pub fn take(&mut self, page: PullReply) {
        self.cookie = Some(page.cookie);
        for scope in page.reset.keys().chain(&page.removed) {
            self.cleared.insert(*scope);
            self.waiting.retain(|(of, ..), _| of != scope);
        }
        let mut last: BTreeMap<Scope, u64> = BTreeMap::new();
        for row in page.rows {
            let before = last.insert(row.scope, row.seq).unwrap_or(0);
            assert!(before < row.seq, "out of order: {before}, {}", row.seq);
            self.waiting.insert((row.scope, row.kind, row.id), (row.seq, row.value));
        }
        if page.more {
            assert_eq!(page.digest, None, "a digest before the last page");
            return;
        }
        let cleared = std::mem::take(&mut self.cleared);
        self.shown.retain(|(scope, ..), _| !cleared.contains(scope));
        for (key, (seq, value)) in std::mem::take(&mut self.waiting) {
            match value {
                Some(value) => {
                    self.shown.insert(key, (seq, value));
                }
                None => {
                    self.shown.remove(&key);
                }
            }
        }
        let mut digests: BTreeMap<Scope, Digest> = BTreeMap::new();
        for ((scope, kind, id), (seq, _)) in &self.shown {
            digests.entry(*scope).or_default().add(kind, id, *seq);
        }
        let mut said = page.digest.expect("a digest on the last page");
        said.retain(|_, digest| *digest != Digest::default());
        assert_eq!(digests, said, "another digest");
    }

    /// Pulls to the end. What came: kinds, with `-` when removed, and `!auction` for a scope that is
    /// the person's no more.
    pub async fn news(&mut self, by: &ApiClient) -> Vec<String> {
        self.acked(by, &[]).await
    }

    /// As [`Self::news`], having seen these outcomes.
    pub async fn acked(&mut self, by: &ApiClient, acked: &[u64]) -> Vec<String> {
        let mut news = Vec::new();
        loop {
            let page = self.page(by, acked).await;
            news.extend(page.removed.iter().map(|_| "!auction".to_owned()));
            news.extend(page.reset.keys().map(|_| "reset".to_owned()));
            for row in &page.rows {
                let gone = if row.value.is_none() { "-" } else { "" };
                news.push(format!("{gone}{}", row.kind));
            }
            let more = page.more;
            self.take(page);
            if !more {
                news.sort();
                return news;
            }
        }
    }

    /// The scopes it shows something of.
    pub fn scopes(&self) -> BTreeSet<Scope> {
        self.shown.keys().map(|(scope, ..)| *scope).collect()
    }

    /// The row's value as the phone shows it.
    pub fn value(&self, scope: Scope, kind: &str, id: &str) -> Option<&Value> {
        let key = (scope, kind.to_owned(), id.to_owned());
        self.shown.get(&key).map(|(_, value)| value)
    }

    /// A phone that begins from nothing must end with the same.
    pub async fn check_against_a_fresh_one(&self, by: &ApiClient) {
        let mut fresh = Self { catalogue: self.catalogue, ..Self::default() };
        fresh.news(by).await;
        assert_eq!(self.shown.keys().collect::<Vec<_>>(), fresh.shown.keys().collect::<Vec<_>>());
        for (key, (seq, value)) in &self.shown {
            let (other_seq, other) = &fresh.shown[key];
            assert_eq!(seq, other_seq, "{key:?}");
            // When a view was made is a part of it.
            let strip = |value: &Value| {
                let mut value = value.clone();
                value.as_object_mut().map(|object| object.remove("server_time"));
                value
            };
            assert_eq!(strip(value), strip(other), "{key:?}");
        }
    }
}
