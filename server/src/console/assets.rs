//! Styles and scripts, built into the binary.
//!
//! # Why one hash for all of them
//! A URL names the content of the whole set, so a browser may keep it for ever, and a module's
//! relative import leads to the same set.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Characters of the hash in a URL.
const HASH_CHARS: usize = 16;

#[derive(RustEmbed)]
#[folder = "src/console/assets"]
struct Assets;

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Assets::iter().collect();
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_bytes());
        hasher.update(Assets::get(&name).map(|file| file.data).unwrap_or_default());
    }
    hex::encode(hasher.finalize())[..HASH_CHARS].to_owned()
});

/// The file's URL, such as `/console/assets/0123456789abcdef/console.css`.
pub fn url(file: &str) -> String {
    format!("/console/assets/{}/{file}", *HASH)
}

/// The same file for a public page, whose files are sent compressed:
/// `/assets/0123456789abcdef/site.css`.
pub fn public_url(file: &str) -> String {
    format!("/assets/{}/{file}", *HASH)
}

/// The version of the whole set: its hash.
pub fn version() -> &'static str {
    &HASH
}

/// The names of all files, relative to the folder of the set.
pub fn names() -> impl Iterator<Item = String> {
    Assets::iter().map(|name| name.into_owned())
}

/// The content of a text file of the set; empty if there is none.
pub fn text(file: &str) -> String {
    let found = Assets::get(file).map(|file| file.data.into_owned()).unwrap_or_default();
    String::from_utf8(found).unwrap_or_default()
}

/// Serves a file under its hash; under another hash it is not found, so that no browser caches
/// wrong content for ever.
pub async fn serve(Path((hash, file)): Path<(String, String)>) -> Response {
    let found = (hash == *HASH).then(|| Assets::get(&file)).flatten();
    match found {
        Some(found) => {
            let mime = content_type(found.metadata.mimetype());
            let kept = "public, max-age=31536000, immutable".to_owned();
            let headers = [(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, kept)];
            (headers, found.data.into_owned()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The media type with its charset: all text here is UTF-8.
fn content_type(mime: &str) -> String {
    let is_text = mime.starts_with("text/") || mime.ends_with("+xml");
    if is_text { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}
