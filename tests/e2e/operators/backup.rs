//! `toruk backup` of a server that takes bids, and what a server makes of the copy.

use super::{Said, toruk};
use anyhow::{Context as _, ensure};
use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, EntityTrait as _, QueryOrder as _,
};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use toruk_server::entity::auction_event;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::postgres;

/// Longer than what must lie between two bids of one bidder.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);
/// Bytes that make the database larger than what one write transaction touches.
const BALLAST_BYTES: usize = 32 * 1024 * 1024;

/// Bids by turns until told otherwise; returns their number.
async fn bid_until(
    stage: &OpenAuction,
    clients: &[ApiClient],
    done: &AtomicBool,
) -> anyhow::Result<u64> {
    let mut bids = 0;
    for client in clients.iter().cycle() {
        if done.load(Ordering::SeqCst) {
            break;
        }
        stage.clock.advance(A_WHILE);
        let view = stage.view().await?;
        client.bid(&view, &client.raise(&view)?).await?;
        bids += 1;
    }
    Ok(bids)
}

/// A table of the test's own, so that a copy takes a while.
async fn ballast(stage: &OpenAuction) -> anyhow::Result<()> {
    let db = stage.world.state().context.db.read();
    db.execute_unprepared("CREATE TABLE ballast (piece BLOB)").await?;
    let piece = format!("INSERT INTO ballast VALUES (randomblob({}))", BALLAST_BYTES / 64);
    for _ in 0..64 {
        db.execute_unprepared(&piece).await?;
    }
    Ok(())
}

fn is_private(folder: &Path) -> anyhow::Result<usize> {
    let mut files = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        if entry.file_type()?.is_dir() {
            ensure!(mode == 0o700, "{} has mode {mode:o}", entry.path().display());
            files += is_private(&entry.path())?;
        } else {
            ensure!(mode == 0o600, "{} has mode {mode:o}", entry.path().display());
            files += 1;
        }
    }
    Ok(files)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_bids_is_backed_up_whole_and_restored() -> anyhow::Result<()> {
    if postgres::is_chosen() {
        return Ok(()); // `pg_dump` is PostgreSQL's own.
    }
    let (mut stage, clients) = OpenAuction::open(2).await?;
    ballast(&stage).await?;
    let data = stage.world.config.data_dir.clone();
    let backup = stage.world.folder.join("backup");
    let blob = data.join("blobs").join("of-an-application").join("whole");
    std::fs::create_dir_all(blob.parent().context("a folder")?)?;
    std::fs::write(&blob, "a file")?;
    std::fs::write(blob.with_extension("part"), "half a f")?;
    let leftover = stage.world.folder.join("backup.unfinished");
    std::fs::create_dir_all(leftover.join("blobs"))?;
    let done = AtomicBool::new(false);
    let before = stage.view().await?.seq;
    let (from, to) = (data.to_str().context("a path")?, backup.to_str().context("a path")?);
    let copied = async {
        let said = toruk(&["backup", "--data-dir", from, "--to", to]).await;
        done.store(true, Ordering::SeqCst);
        said
    };
    let (said, bids) = tokio::join!(copied, bid_until(&stage, &clients, &done));
    let (Said { succeeded, out, error, .. }, bids) = (said?, bids?);
    ensure!(succeeded && out.contains("checked"), "{out}{error}");
    ensure!(bids > 0, "nobody bid meanwhile");
    let files = is_private(&backup)?;
    ensure!(out.starts_with(&format!("{files} files")), "{files} files, not {out}");
    ensure!(!leftover.exists());
    for key in ["receipt.key", "person.key"] {
        ensure!(std::fs::read(backup.join(key))? == std::fs::read(data.join(key))?, "{key}");
    }
    let kept = backup.join("blobs/of-an-application/whole");
    ensure!(std::fs::read_to_string(&kept)? == "a file" && !kept.with_extension("part").exists());

    // A second one under the same name would mix two moments.
    let again = toruk(&["backup", "--data-dir", from, "--to", to]).await?;
    ensure!(!again.succeeded && again.error.contains("exists already"), "{}", again.error);

    let copy = format!("sqlite://{}", backup.join("toruk.db").display());
    let copied = hashes(&Database::connect(&copy).await?).await?;
    let live = hashes(stage.world.state().context.db.read()).await?;
    ensure!(copied.len() as u64 >= before, "{} of {before} records", copied.len());
    ensure!(live.starts_with(&copied), "another log");
    stage.world.stop_server().await;
    let keys = backup.join("person-keys.jsonl");
    let keys = keys.to_str().context("a path")?;
    let restore = ["person", "restore-keys", "--data-dir", to, "--from", keys];
    let said = toruk(&restore).await?;
    ensure!(said.succeeded && said.out.contains("keys put back"), "{}{}", said.out, said.error);
    stage.world.config.database_url = copy;
    stage.world.config.data_dir = backup;
    stage.world.start_server().await?;
    ensure!(stage.view().await?.seq >= before, "the restored server knows less");
    Ok(())
}

/// The hashes of the log, each of which stands for everything before it.
async fn hashes(db: &DatabaseConnection) -> anyhow::Result<Vec<Vec<u8>>> {
    let query = auction_event::Entity::find().order_by_asc(auction_event::Column::Seq);
    Ok(query.all(db).await?.into_iter().map(|row| row.hash).collect())
}
