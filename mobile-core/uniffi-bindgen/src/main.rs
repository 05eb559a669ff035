//! Writes what apps call the phone's core by: Kotlin, Swift or Python, from a built library.

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

/// Writes the bindings of the phone's core.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Writes one language's bindings of a built library.
    Generate {
        /// The library, with its symbols.
        library: String,
        /// UniFFI's settings: packages, module names.
        #[arg(long)]
        config: String,
        /// The language of the app.
        #[arg(long)]
        language: Language,
        /// The folder the code is written to.
        #[arg(long)]
        out_dir: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Kotlin,
    Python,
    Swift,
}

fn main() -> Result<()> {
    let What::Generate { library, config, language, out_dir } = Arguments::parse().what;
    let language = match language {
        Language::Kotlin => TargetLanguage::Kotlin,
        Language::Python => TargetLanguage::Python,
        Language::Swift => TargetLanguage::Swift,
    };
    generate(GenerateOptions {
        languages: vec![language],
        source: library.into(),
        out_dir: out_dir.into(),
        config_override: Some(config.into()),
        format: false,
        ..GenerateOptions::default()
    })
}
