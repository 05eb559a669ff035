//! `cargo demo`: an auction day with real phones against a real server.

use clap::Parser;

#[derive(Parser)]
#[command(about = "An auction day with real phones against a real server")]
struct Arguments {
    /// Play the whole day unattended; ends with one line of JSON.
    #[arg(long)]
    auto: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    anyhow::ensure!(arguments.auto, "the interactive day is not written yet");
    let report = toruk_tests::day::play(folder.path(), tokio::time::Instant::now()).await?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
