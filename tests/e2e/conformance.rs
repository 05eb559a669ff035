//! The conformance kit in `tests/conformance`: vectors for another client, made of the goldens of
//! `sync/tests/golden`, answered by this code, and by clients that are written from the page alone,
//! in Python and for browsers.

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::response::Html;
use axum::routing::{MethodRouter, get};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_mobile_core::known_answer;
use toruk_sync::protocol::operations::{Op, Operation, Push};
use toruk_sync::receipt::Receipt;
use toruk_tests::browser::{Browser, Driver};
use toruk_tests::outside::listening::{Listening, any_port};

const STALE: &str = "The vectors are not what the goldens say; look at the difference, then run \
    the test with TORUK_UPDATE_GOLDEN=1";
const ORIGIN: &str = "toruk.example";

/// What one client is asked, and the only right answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Vector {
    name: String,
    kind: String,
    input: Value,
    expected: Value,
}

impl Vector {
    fn new(name: &str, kind: &str, input: Value, expected: Value) -> Self {
        Self { name: name.to_owned(), kind: kind.to_owned(), input, expected }
    }
}

fn kit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The content of a golden, without the header of the snapshot tool.
fn golden(name: &str) -> anyhow::Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sync/tests/golden");
    let file = std::fs::read_to_string(folder.join(format!("{name}.snap")))?;
    let (_, content) = file.split_once("\n---\n").context("no header")?;
    Ok(content.to_owned())
}

fn golden_json<T: DeserializeOwned>(name: &str) -> anyhow::Result<T> {
    Ok(serde_json::from_str(&golden(name)?)?)
}

/// A text golden: the tool leaves out the line feed at its end.
fn golden_file(name: &str) -> anyhow::Result<String> {
    Ok(format!("{}\n", golden(name)?.trim_end()))
}

fn signed_bytes() -> anyhow::Result<Vec<Vector>> {
    let names = [
        "application_signed_bytes",
        "bid_signed_bytes",
        "bid_signed_bytes_v2",
        "device_signed_bytes",
        "protocol_signed_bytes",
    ];
    let vector = |name: &str| {
        let bytes: String = golden_json(name)?;
        let (kind, fields) = bytes.split_once('\n').context("no kind")?;
        let fields: Value = serde_json::from_str(fields)?;
        let digest = Sha256::digest(&bytes);
        let challenge = URL_SAFE_NO_PAD.encode(digest);
        let input = json!({ "type": kind, "fields": fields });
        let expected = json!({
            "bytes": bytes, "sha256": hex::encode(digest), "challenge": challenge,
        });
        Ok(Vector::new(name, "signed_bytes", input, expected))
    };
    names.into_iter().map(vector).collect()
}

/// Signatures of a key that is known to everybody, deterministic by RFC 6979.
fn signatures() -> anyhow::Result<Vec<Vector>> {
    let key = SigningKey::from_slice(&[9; 32])?;
    let public = STANDARD.encode(key.verifying_key().to_sec1_point(false).as_bytes());
    let other = SigningKey::from_slice(&[8; 32])?;
    let mut vectors = Vec::new();
    for name in ["bid_signed_bytes", "bid_signed_bytes_v2", "device_signed_bytes"] {
        let bytes: String = golden_json(name)?;
        let signature: Signature = key.sign(bytes.as_bytes());
        let (r, s) = signature.split_bytes();
        let foreign: Signature = other.sign(bytes.as_bytes());
        let asked = |what: &str, bytes: &str, signature: &[u8], valid: bool| {
            let input = json!({
                "public_key": public, "bytes": bytes, "signature": STANDARD.encode(signature),
            });
            let name = format!("{name}: {what}");
            Vector::new(&name, "ecdsa", input, json!({ "valid": valid }))
        };
        let sound = signature.to_bytes();
        let der = signature.to_der();
        vectors.extend([
            asked("signed", &bytes, &sound, true),
            asked(
                "another price",
                &bytes.replace("105000", "105001").replace("46", "47"),
                &sound,
                false,
            ),
            asked(
                "halves in the other order",
                &bytes,
                &[s.as_slice(), r.as_slice()].concat(),
                false,
            ),
            asked("another key", &bytes, &foreign.to_bytes(), false),
            asked("as DER", &bytes, der.as_bytes(), false),
            asked("cut short", &bytes, &sound[..63], false),
        ]);
    }
    Ok(vectors)
}

fn receipts() -> anyhow::Result<Vec<Vector>> {
    let key = golden("receipt_key")?.trim_end().to_owned();
    let session: Value = golden_json("session")?;
    let other = session["former_receipt_keys"][0].as_str().context("no other key")?;
    let mut vectors = Vec::new();
    let files = [
        "receipt_file",
        "receipt_file_of_a_refusal",
        "act_receipt_file",
        "act_receipt_file_of_a_refusal",
        "act_receipt_file_of_an_exclusion",
    ];
    for name in files {
        let text = golden_file(name)?;
        let later = text.replacen("seq ", "seq 1", 1);
        for (what, text, key, valid) in [
            ("as it was signed", &*text, &*key, true),
            ("another place in the log", &*later, &*key, false),
            ("another place in the batch", &*text.replacen("index ", "index 1", 1), &*key, false),
            ("another operator", &*text.replace(ORIGIN, "other.example"), &*key, false),
            ("another key", &*text, other, false),
        ] {
            let input = json!({ "text": text, "key": key });
            let name = format!("{name}: {what}");
            vectors.push(Vector::new(&name, "receipt", input, json!({ "valid": valid })));
        }
    }
    for name in ["receipt_file", "receipt_file_of_a_refusal"] {
        let text = golden_file(name)?;
        let input = json!({ "origin": ORIGIN, "receipt": Receipt::from_text(&text)? });
        vectors.push(Vector::new(name, "receipt_text", input, json!({ "text": text })));
    }
    let (name, id) = key.split_once('+').context("no id")?;
    let id = id.split_once('+').context("no key")?.0;
    let expected = json!({ "name": name, "origin": ORIGIN, "id": id });
    vectors.push(Vector::new("receipt_key", "receipt_key", json!({ "key": key }), expected));
    Ok(vectors)
}

fn counted() -> anyhow::Result<Vec<Vector>> {
    let records: Value = golden_json("log")?;
    let head: String = golden_json("log_head")?;
    let log = Vector::new("log", "log", json!({ "records": records }), json!({ "head": head }));
    let push: Push = golden_json("push")?;
    let hashes: Vec<String> = golden_json("op_hashes")?;
    let mut vectors = vec![log];
    for (Op { op_no, person, operation }, hash) in push.ops.iter().zip(hashes) {
        let (name, input) = (format!("operation {op_no}"), json!({ "operation": operation }));
        vectors.push(Vector::new(&name, "op_hash", input, json!({ "hash": hash })));
        if let Operation::EditDraft { draft, auction, .. } = operation {
            let input = json!({ "person": person, "auction": auction });
            vectors.push(Vector::new("a draft", "draft_id", input, json!({ "id": draft })));
        }
    }
    let salt = "5a".repeat(32);
    let application = "00000000-0000-0000-0000-00000000001e";
    let input = json!({ "salt": salt, "application": application });
    let expected = answer("commitment", &input)?;
    vectors.push(Vector::new("a participant", "commitment", input, expected));
    let rows = json!([
        ["application", "00000000-0000-0000-0000-000000000001", 4],
        ["draft", "00000000-0000-0000-0000-000000000001", 5],
        ["outcome", "00000000-0000-0000-0000-000000000004:3", 6],
        ["followed", "", 7],
    ]);
    for (name, rows) in [("no rows", json!([])), ("rows of a person", rows)] {
        let input = json!({ "rows": rows });
        let expected = answer("digest", &input)?;
        vectors.push(Vector::new(name, "digest", input, expected));
    }
    Ok(vectors)
}

fn vectors() -> anyhow::Result<Vec<Vector>> {
    Ok([signed_bytes()?, signatures()?, receipts()?, counted()?].concat())
}

/// What the phone's core answers.
fn answer(kind: &str, input: &Value) -> anyhow::Result<Value> {
    let answer = known_answer(kind.to_owned(), input.to_string()).context("no answer")?;
    Ok(serde_json::from_str(&answer)?)
}

#[test]
fn the_vectors_are_those_of_the_goldens() -> anyhow::Result<()> {
    let made = format!("{:#}\n", json!({ "format": 1, "vectors": vectors()? }));
    let file = kit().join("vectors.json");
    if std::env::var_os("TORUK_UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &made)?;
    }
    ensure!(std::fs::read_to_string(file)? == made, STALE);
    Ok(())
}

#[test]
fn the_phones_core_answers_each_vector() -> anyhow::Result<()> {
    for Vector { name, kind, input, expected } in vectors()? {
        let answer = answer(&kind, &input).with_context(|| name.clone())?;
        assert_eq!(answer, expected, "{name}");
    }
    Ok(())
}

fn run(client: &[&str]) -> anyhow::Result<(bool, String)> {
    let ran = Command::new("python3").arg(kit().join("run.py")).args(client).output()?;
    Ok((ran.status.success(), String::from_utf8(ran.stdout)?))
}

#[test]
fn a_client_that_is_written_from_the_page_alone_answers_each_vector() -> anyhow::Result<()> {
    let client = kit().join("client.py");
    let client = client.to_str().context("a path")?;
    let (passed, said) = run(&["python3", client])?;
    ensure!(passed, "{said}");
    let all = vectors()?.len();
    ensure!(said.trim_end() == format!("{all} passed, 0 not answered, 0 failed"), "{said}");
    Ok(())
}

#[test]
fn the_browsers_client_answers_each_vector_outside_of_a_browser() -> anyhow::Result<()> {
    let client = kit().join("client.mjs");
    let (passed, said) = run(&["node", client.to_str().context("a path")?])?;
    ensure!(passed, "{said}");
    let all = vectors()?.len();
    ensure!(said.trim_end() == format!("{all} passed, 0 not answered, 0 failed"), "{said}");
    Ok(())
}

/// Asks the client each vector, and says which answers differ.
const PAGE: &str = r#"<!doctype html><title>vectors</title><link rel="icon" href="data:,"><p id="said">…</p><script type="module">
import { answer } from "/client.mjs";
const { vectors } = await (await fetch("/vectors.json")).json();
const inOrder = (value) => JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort()) : inner);
const wrong = [];
for (const { name, kind, input, expected } of vectors) {
    if (inOrder(await answer(kind, input)) !== inOrder(expected)) wrong.push(name);
}
const said = `${vectors.length} asked, wrong: ${wrong.join(", ")}`;
document.getElementById("said").textContent = said;
</script>"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_browsers_client_answers_each_vector_in_chromium() -> anyhow::Result<()> {
    let file = |name: &str, kind: &'static str| -> anyhow::Result<MethodRouter> {
        let content = std::fs::read_to_string(kit().join(name))?;
        Ok(get(move || std::future::ready(([("content-type", kind)], content))))
    };
    let router = Router::new()
        .route("/", get(|| std::future::ready(Html(PAGE))))
        .route("/client.mjs", file("client.mjs", "text/javascript")?)
        .route("/vectors.json", file("vectors.json", "application/json")?);
    let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
    let site = Listening::serve(any_port().await?, router, stopping, tasks)?;
    let folder = tempfile::tempdir()?;
    let driver = Driver::start().await?;
    let browser = Browser::open(&driver, "an author", &site.base(), folder.path()).await?;
    browser.visit("/").await?;
    let said = browser.watch("#said", |said| said.contains("asked")).await?;
    ensure!(said == format!("{} asked, wrong:", vectors()?.len()), "{said}");
    browser.close().await
}

#[test]
fn the_runner_finds_a_client_that_is_wrong_silent_or_gone() -> anyhow::Result<()> {
    let says = |line: &str| format!("while read asked; do echo '{line}'; done");
    for (client, end) in [
        // Right half of the time.
        (says(r#"{"valid":true}"#), " failed"),
        (says("null"), " 0 failed"),
        (says("{"), "1 failed"),
        ("true".to_owned(), "1 failed"),
    ] {
        let (passed, said) = run(&["sh", "-c", &client])?;
        ensure!(!passed && said.trim_end().ends_with(end), "{client}: {said}");
    }
    Ok(())
}
