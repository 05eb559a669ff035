//! `toruk receipt-key`: shows the operator's key, and replaces it.

use crate::config::{Config, FORMER_KEY, RECEIPT_KEY, write_secret};
use crate::ports::Ids;
use anyhow::{Context as _, ensure};
use std::fs;
use std::path::Path;

/// What becomes of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAct {
    /// It is shown.
    Show,
    /// A new key signs, and the present one beside it.
    Replace,
    /// The replaced key signs no more.
    Withdraw,
}

impl KeyAct {
    /// By the command's two options; they exclude each other.
    pub fn of(replace: bool, withdraw: bool) -> Self {
        match (replace, withdraw) {
            (true, _) => Self::Replace,
            (_, true) => Self::Withdraw,
            _ => Self::Show,
        }
    }
}

/// Does it, and returns the public key that receipts are verified with from the next start on.
///
/// # Why the order
/// The present key is copied before the new one takes its place by renaming: a machine that stops
/// in between still has a key to sign with, and the command can be repeated.
///
/// # Errors
/// When there is no key yet, when one is already being replaced, or none is, or when a file can't
/// be written.
pub fn run(config: &Config, ids: &dyn Ids, act: KeyAct) -> anyhow::Result<String> {
    let (present, former) = (config.data_dir.join(RECEIPT_KEY), config.data_dir.join(FORMER_KEY));
    ensure!(
        present.exists(),
        "{} is not there: it is made at the server's first start",
        present.display()
    );
    match act {
        KeyAct::Show => {}
        KeyAct::Replace => {
            let text = read(&present)?;
            let interrupted = former.exists() && read(&former)? == text;
            ensure!(
                !former.exists() || interrupted,
                "{} is there: withdraw that key before this one is replaced, too",
                former.display()
            );
            write_secret(&former, &text)?;
            let next = config.data_dir.join("receipt.key.next");
            write_secret(&next, &hex::encode(ids.secret()))?;
            fs::rename(&next, &present).context("the new key can't take its place")?;
            sync_folder(&config.data_dir)?;
        }
        KeyAct::Withdraw => {
            ensure!(former.exists(), "no key is being replaced: {} is not there", former.display());
            config.signer(ids)?;
            fs::remove_file(&former).context("the former key can't be removed")?;
            sync_folder(&config.data_dir)?;
        }
    }
    Ok(config.signer(ids)?.verifier().to_string())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))
}

/// Makes a renamed or removed file last.
fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    fs::File::open(folder)?.sync_all().context("the data folder can't be written")
}
