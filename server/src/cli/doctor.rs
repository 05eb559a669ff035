//! `toruk doctor`: whether the ledger, the states made of it, and the logs hold.

use crate::db::Db;
use crate::doctor::{Examination, examine};
use std::process::ExitCode;

/// Examines a database and prints what is wrong: success, or exit code 1.
///
/// # Errors
/// If there is no database, or it can't be read.
pub async fn run(database_url: &str) -> anyhow::Result<ExitCode> {
    let db = Db::open(database_url).await?;
    let found = examine(&db).await?;
    db.close().await?;
    println!("{}", say(&found));
    Ok(if found.damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(found: &Examination) -> String {
    let Examination { entries, payments, refunds, deposits, attempts, auctions, acts, damaged } =
        found;
    let mut lines = vec![format!(
        "Examined: {entries} ledger entries, {payments} payments, {refunds} refunds, {deposits} \
         deposits, {attempts} attempts to pay, {auctions} auctions, {acts} acts."
    )];
    match damaged.len() {
        0 => lines.push("Everything holds.".to_owned()),
        count => lines.push(format!("{count} WRONG:")),
    }
    lines.extend(damaged.iter().map(ToString::to_string));
    lines.join("\n")
}
