//! A small exchange, word for word: what it looks like on the wire is what other clients rely on.
//! It is the same on both databases.

use super::phone::PullFixture;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use toruk_sync::draft::{Draft, FollowedSet, draft_id};
use toruk_sync::protocol::operations::Operation;
use toruk_tests::world::api_client::ApiClient;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_is_the_recorded_one_on_every_database() {
    let site = PullFixture::new().await.unwrap();
    let aida = ApiClient::register(&site.world, "Аида").await.unwrap();
    let [auction, other] = site.auctions;
    let (person, actor) = (aida.session.person, aida.session.actor);
    let mut names = Names::default();
    let mut transcript = Vec::new();
    let mut cookie: Option<String> = None;
    let mut set = FollowedSet::default();
    set.follow(other, actor);
    let part = Draft::default().set("full_name", Some("Аида".to_owned()), actor);
    let draft = draft_id(person, auction);
    let nothing = toruk_sync::domain::id::ApplicationId(Uuid::nil());
    let steps = [
        vec![],
        vec![Operation::EditDraft { draft, auction, part }],
        vec![Operation::EditFollowed { followed: set.state() }],
        vec![Operation::WithdrawApplication { application: nothing }],
    ];
    for (op_no, operations) in steps.into_iter().enumerate() {
        for operation in operations {
            let push = json!({ "ops": [aida.op(op_no as u64, operation)] });
            let reply: Value = aida.post("/v1/sync/push", &push).await.unwrap().json().unwrap();
            transcript.push(json!({ "push": names.told(push), "reply": names.told(reply) }));
        }
        let mut pull = json!({ "digest": true, "catalogue": op_no == 0 });
        if let Some(cookie) = &cookie {
            pull["cookie"] = json!(cookie);
        }
        if op_no == 3 {
            pull["acked"] = json!([1, 2]);
        }
        let reply: Value = aida.post("/v1/sync/pull", &pull).await.unwrap().json().unwrap();
        cookie = Some(reply["cookie"].as_str().unwrap().to_owned());
        transcript.push(json!({ "pull": names.told(pull), "reply": names.told(reply) }));
    }
    let said = serde_json::to_string_pretty(&transcript).unwrap() + "\n";
    // The phone's number in its drafts is drawn.
    let said = said.replace(&format!("\"{actor}\":"), "\"1\":");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/golden/pull.json");
    if std::env::var_os("TORUK_UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &said).unwrap();
    }
    let recorded = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(said, recorded, "look at the difference, then run with TORUK_UPDATE_GOLDEN=1");
}

/// Names and times are others in each run: names become numbers in the order of their coming.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn told(&mut self, mut value: Value) -> Value {
        self.tell(&mut value);
        value
    }

    fn tell(&mut self, value: &mut Value) {
        /// Later than any count, in microseconds.
        const TIMES: i64 = 1_000_000_000_000_000;
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Number(number) if number.as_i64().is_none_or(|number| number > TIMES) => {
                *value = json!("time or sum");
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.tell(item)),
            Value::Object(fields) => {
                for what in ["cookie", "head", "number"] {
                    if fields.get(what).is_some_and(Value::is_string) {
                        fields.insert(what.to_owned(), json!(what));
                    }
                }
                // What it holds is not of this exchange.
                for (what, held) in [("auction", "birth"), ("number", "object_of_price")] {
                    let found = fields.get(what).and_then(|inner| inner.get(held)).is_some();
                    if found || fields.contains_key(held) {
                        let keys: Vec<&String> = fields.keys().collect();
                        *value = json!({ "fields": keys });
                        return;
                    }
                }
                let before = std::mem::take(fields);
                for (key, mut inner) in before {
                    if ["sum", "sum_text"].contains(&key.as_str()) {
                        inner = json!(key);
                    }
                    self.tell(&mut inner);
                    fields.insert(self.text(&key), inner);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut told = Vec::new();
        for part in text.split(':') {
            let is_name = part.parse::<Uuid>().is_ok_and(|name| !name.is_nil());
            if is_name {
                let next = self.0.len() + 1;
                told.push(format!("#{}", self.0.entry(part.to_owned()).or_insert(next)));
            } else if part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                told.push("hash".to_owned());
            } else {
                told.push(part.to_owned());
            }
        }
        told.join(":")
    }
}
