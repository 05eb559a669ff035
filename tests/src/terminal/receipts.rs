//! The receipts of this phone's bids and of acts on its person's applications, each kept as a file
//! that `toruk verify-log --receipt` takes.

use super::Terminal;
use super::term_words::act;
use super::texts::{T, t};
use super::words;
use std::path::{Path, PathBuf};
use toruk_mobile_core::Core;
use toruk_mobile_core::api::receipt::{ActReceipt, BidReceipt};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;

/// Of the log's head, so many hex digits tell one from another on a screen.
const HEAD_DIGITS_SHOWN: usize = 12;

/// The folder of the receipts.
#[derive(Debug, Clone)]
pub struct ReceiptFolder(PathBuf);

impl ReceiptFolder {
    /// The receipts of the phone in `data`.
    pub fn of(data: &Path) -> Self {
        Self(data.join("receipts"))
    }

    /// Keeps a receipt; returns its file. One file a record: the log's length is in its name.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn keep(&self, auction: &str, receipt: &BidReceipt) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(&self.0)?;
        let file = self.0.join(format!("{auction}-{:04}.txt", receipt.seq));
        std::fs::write(&file, &receipt.text)?;
        Ok(file)
    }

    /// All receipts with their files, by auction and place in its log. What is no receipt of this
    /// server's is left out.
    fn all(&self, core: &Core) -> Vec<(PathBuf, BidReceipt)> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        let verified = |file: PathBuf| {
            let receipt = core.verify_receipt(std::fs::read_to_string(&file).ok()?).ok()?;
            Some((file, receipt))
        };
        files.into_iter().filter_map(verified).collect()
    }

    /// The kept receipts as a person reads them.
    pub fn listed(&self, core: &Core, language: &str) -> String {
        let bids = self.all(core).into_iter().map(|(file, receipt)| {
            format!("  {}\n    {}", line(&receipt, language), file.display())
        });
        let acts = core.application_receipts(None).unwrap_or_default();
        let acts = acts.iter().map(|receipt| {
            let kept = match self.keep_act(receipt) {
                Ok(file) => file.display().to_string(),
                Err(error) => format!("✘ {error}"),
            };
            format!("  {}\n    {kept}", act_line(receipt, language))
        });
        let lines: Vec<String> = acts.chain(bids).collect();
        if lines.is_empty() {
            return t(T::NoReceipts, language).to_owned();
        }
        format!("{}\n{}", t(T::Receipts, language), lines.join("\n"))
    }

    /// Keeps a receipt of an act in a folder of its own; returns its file.
    fn keep_act(&self, receipt: &ActReceipt) -> std::io::Result<PathBuf> {
        let folder = self.0.join("applications");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}-{}.txt", receipt.decided_at, receipt.act));
        std::fs::write(&file, &receipt.text)?;
        Ok(file)
    }
}

impl Terminal {
    /// Shows a bid's receipt and where it is kept from now on.
    pub(super) fn show_receipt(&mut self, auction: &str, receipt: &BidReceipt) {
        self.screen.say(format!("  {}: {}", self.say(T::Receipt), line(receipt, &self.language)));
        match self.receipts.keep(auction, receipt) {
            Ok(file) => self.screen.say(format!("  {}", file.display())),
            Err(error) => self.screen.say(format!("✘ {error}")),
        }
    }
}

/// The act and what was decided, when it arrived, and the reason.
fn act_line(receipt: &ActReceipt, language: &str) -> String {
    let received_at = Timestamp(receipt.received_at).bishkek();
    let decision = match &receipt.code {
        None => t(T::ActDone, language).to_owned(),
        Some(code) => format!("{}: {}", t(T::Refused, language), words::code(code, language)),
    };
    let reason = receipt.reason.as_ref().map(|reason| format!(" · {reason}"));
    let reason = reason.unwrap_or_default();
    format!("{} · {decision} · {received_at}{reason}", act(&receipt.act, language))
}

/// The record's place in the log, the amount, when the bid arrived, and the log's head.
fn line(receipt: &BidReceipt, language: &str) -> String {
    let amount = Tyiyn::new(receipt.amount).unwrap_or_default();
    let received_at = Timestamp(receipt.received_at).bishkek();
    let head = receipt.head.get(..HEAD_DIGITS_SHOWN).unwrap_or(&receipt.head);
    format!("#{} · {amount} {} · {received_at} · {head}…", receipt.seq, t(T::Som, language))
}
