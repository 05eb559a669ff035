//! The papers of an auction that was won, as anybody gets them.

use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use toruk_sync::domain::id::AuctionId;

/// Saves the protocol of the result in three languages, each as the log names it. Returns the files.
///
/// # Errors
/// When it is not made, not signed by the winner, or another file than the log says.
pub async fn save(
    world: &World,
    auction: AuctionId,
    folder: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
    let catalogue = &world.state().catalogue;
    let kept = until("the protocol of the result", || async {
        Ok(catalogue.view(auction).await?.auction.current_protocol().cloned())
    });
    let kept = kept.await?;
    let mut saved = Vec::new();
    for file in &kept.files {
        let path = format!("/v1/auctions/{auction}/protocols/{}", file.sha256);
        let answer = world.http()?.get(format!("{}{path}", world.origin)).send().await?;
        let content = answer.error_for_status()?.bytes().await?;
        let is_own = hex::encode(Sha256::digest(&content)) == file.sha256;
        ensure!(is_own, "the protocol in {} is not the log's", file.language);
        let number = &catalogue.view(auction).await?.number;
        let name = folder.join(format!("{number}-protocol-{}.pdf", file.language));
        std::fs::write(&name, &content).with_context(|| name.display().to_string())?;
        saved.push(name);
    }
    Ok(saved)
}
