//! The house stays in order: who may know whom, how long things may be, which words are used,
//! what outsiders rely on.
//!
//! `toruk_source` reads the sources; the tables of what is allowed are here. `tests/counts` prints
//! what [`limits`] holds down.

mod description;
mod fires;
mod house;
mod limits;
mod plans;
mod server_plan;
mod voice;
mod walls;

use std::path::Path;
use toruk_source::files::{self, TextFile};

/// Rust sources below `folder`, by path from the root.
fn sources(folder: &str) -> Vec<TextFile> {
    files::below(root(), folder, &[".rs"]).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
