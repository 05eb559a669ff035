//! `toruk verify-log`, as somebody runs it who trusts nobody: a played auction holds, a touched
//! one does not.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Output};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::pull::kind;
use toruk_sync::receipt::{ApplicationReceipt, Decision, Opening, Receipt};
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// Runs the command; the server under test must not wait for it.
async fn toruk(arguments: Vec<String>) -> anyhow::Result<Output> {
    let tests = std::env::current_exe()?;
    let built = tests.parent().and_then(|folder| folder.parent()).context("no build folder")?;
    let binary = built.join("toruk");
    let run = move || Command::new(binary).args(arguments).env("RUST_LOG", "error").output();
    tokio::task::spawn_blocking(run).await?.context("toruk is not built")
}

/// An auction that was played to its close, and what its bidders keep.
struct Played {
    stage: OpenAuction,
    key: String,
    receipts: Vec<Receipt>,
    log: Vec<Value>,
    clients: Vec<ApiClient>,
}

impl Played {
    /// Two raises, a bid too late for its round, the close.
    async fn new() -> anyhow::Result<Self> {
        let (stage, clients) = OpenAuction::open(2).await?;
        let opened = stage.view().await?;
        let stale = clients[1].raise(&opened)?;
        let mut receipts = Vec::new();
        for client in &clients {
            let view = stage.view().await?;
            receipts.push(client.bid(&view, &client.raise(&view)?).await?);
            stage.clock.advance(TimeSpan::seconds(2));
        }
        receipts.push(clients[1].bid(&opened, &stale).await?);
        let refused = Decision::Refused(BidRejection::StaleBasis);
        ensure!(receipts[2].body.decision == refused, "not refused");
        let deadline = receipts[2].body.deadline.context("no deadline")?;
        stage.play_until(deadline + TimeSpan::minutes(1)).await?;
        ensure!(stage.view().await?.auction.status == Status::Qualification, "not closed");
        let log = serde_json::to_value(stage.log().await?)?;
        let log = log.as_array().context("no list")?.clone();
        Ok(Self { key: clients[0].session.receipt_key.clone(), stage, receipts, log, clients })
    }

    /// Writes a file beside the stage's own.
    fn file(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let path: PathBuf = self.stage.folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().context("a path")?.to_owned())
    }

    /// Verifies a log, with these receipts.
    async fn verify(&self, log: &[Value], receipts: &[&str]) -> anyhow::Result<(i32, String)> {
        self.verify_with(log, receipts, &[]).await
    }

    /// As [`Self::verify`], with files that open commitments.
    async fn verify_with(
        &self,
        log: &[Value],
        receipts: &[&str],
        openings: &[&str],
    ) -> anyhow::Result<(i32, String)> {
        let file = self.file("log.json", &Value::from(log).to_string())?;
        let mut arguments = vec!["verify-log".to_owned(), "--file".to_owned(), file];
        for (no, receipt) in receipts.iter().enumerate() {
            let file = self.file(&format!("{no}.txt"), receipt)?;
            arguments.extend(["--receipt".to_owned(), file]);
        }
        for opening in openings {
            arguments.extend(["--opening".to_owned(), (*opening).to_owned()]);
        }
        if !receipts.is_empty() {
            arguments.extend(["--key".to_owned(), self.key.clone()]);
        }
        let output = toruk(arguments).await?;
        let said = String::from_utf8(output.stdout)?;
        Ok((output.status.code().context("killed")?, said))
    }

    fn place(&self, event: &str) -> anyhow::Result<usize> {
        let place = self.log.iter().rposition(|record| record["event"].get(event).is_some());
        place.context("no such record")
    }
}

#[tokio::test]
async fn a_played_auction_is_verified_by_anyone() -> anyhow::Result<()> {
    let played = Played::new().await?;
    let texts: Vec<String> = played.receipts.iter().filter_map(Receipt::to_text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (code, said) = played.verify(&played.log, &texts).await?;
    assert_eq!(code, 0, "{said}");
    let winner = played.receipts[1].body.bidder.context("no number")?;
    let price = played.receipts[1].body.price;
    for line in [
        format!("Winner: bidder number {winner}, at {price} som"),
        "Stands at: qualification".to_owned(),
        "Raises accepted: 2".to_owned(),
        "Bids refused while bidding was open: 1".to_owned(),
        format!("Head: {}", played.stage.view().await?.head),
        "Receipts that fit the log: 3".to_owned(),
    ] {
        assert!(said.lines().any(|said| said == line), "{line} is not in\n{said}");
    }
    // The same over the network, and with the key as the operator prints it.
    let world = &played.stage.world;
    let auction = played.stage.auction.to_string();
    let asked = ["verify-log", "--url", &world.origin, &auction].map(str::to_owned);
    let output = toruk(asked.to_vec()).await?;
    let over_the_network = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with(over_the_network.trim_end()), "{over_the_network}");
    let folder = world.config.data_dir.to_str().context("a path")?.to_owned();
    let asked = ["receipt-key", "--data-dir", &folder, "--public-origin", &world.origin];
    let output = toruk(asked.map(str::to_owned).to_vec()).await?;
    assert_eq!(String::from_utf8(output.stdout)?.trim_end(), played.key);
    Ok(())
}

#[tokio::test]
async fn a_touched_log_is_found_out_with_the_place() -> anyhow::Result<()> {
    let played = Played::new().await?;
    let (bid, close) = (played.place("bid_placed")?, played.place("bidding_closed")?);
    // The leader's rival: numbers are drawn.
    let rival = 3 - played.log[bid]["event"]["bid_placed"]["bidder"].as_u64().context("none")?;
    let touched = |touch: &dyn Fn(&mut Vec<Value>)| {
        let mut log = played.log.clone();
        touch(&mut log);
        log
    };
    let cases = [
        (bid, touched(&|log| log[bid]["event"]["bid_placed"]["amount"] = json!(1))),
        (bid, touched(&|log| log[bid]["event"]["bid_placed"]["bidder"] = json!(rival))),
        (bid, touched(&|log| drop(log.remove(bid)))),
        (bid, touched(&|log| log.swap(bid, bid + 1))),
        (close, touched(&|log| log.truncate(close + 1))),
        (close, touched(&|log| log[close]["at"] = json!(0))),
        (0, Vec::new()),
    ];
    for (place, log) in cases {
        let (code, said) = played.verify(&log, &[]).await?;
        let expected = format!("The log does NOT hold.\nrecord {}: ", place + 1);
        assert!(code == 1 && said.starts_with(&expected), "{code}: {said}, not {expected}");
    }
    Ok(())
}

#[tokio::test]
async fn a_log_that_hides_a_bid_contradicts_its_receipt() -> anyhow::Result<()> {
    let played = Played::new().await?;
    let receipt = played.receipts[1].to_text().context("no file")?;
    // What is left after the last accepted bid was cut away is a sound log.
    let short = &played.log[..played.place("bid_placed")?];
    let (code, said) = played.verify(short, &[]).await?;
    assert_eq!(code, 0, "{said}");
    let (code, said) = played.verify(short, &[&receipt]).await?;
    assert!(code == 1 && said.contains("the log has fewer"), "{said}");
    // A receipt that a forger wrote proves nothing.
    let price = played.receipts[1].body.price.get();
    let forged = receipt.replace(&format!("price {price}"), &format!("price {}", price + 1));
    assert_ne!(forged, receipt);
    let (code, said) = played.verify(&played.log, &[&forged]).await?;
    assert!(code == 1 && said.contains("not in the batch that was signed"), "{said}");
    Ok(())
}

#[tokio::test]
async fn receipts_of_acts_and_the_place_in_the_log_are_verified_by_anyone() -> anyhow::Result<()> {
    let played = Played::new().await?;
    let client = &played.clients[1];
    let receipts: Vec<ApplicationReceipt> = client.pulled(kind::RECEIPT).await?;
    let [submitted] = &receipts[..] else { panic!("not one receipt: {receipts:?}") };
    let text = submitted.to_text().context("no file")?;
    let opening = client.applications().await?.remove(0).opening.context("no opening")?;
    let place = played.file("place.txt", &opening.to_text())?;
    let (code, said) = played.verify_with(&played.log, &[&text], &[&place]).await?;
    assert_eq!(code, 0, "{said}");
    let number = format!("Number {} is application {}", opening.bidder, opening.application);
    for line in ["Receipts that fit the log: 1", &number] {
        assert!(said.lines().any(|said| said == line), "{line} is not in\n{said}");
    }
    assert_eq!(submitted.body.application, Some(opening.application));

    // Under another number, or for another application, it opens nothing.
    let mut other = opening.clone();
    other.bidder = played.receipts[0].body.bidder.context("no number")?;
    let wrong = played.file("wrong.txt", &other.to_text())?;
    let (code, said) = played.verify_with(&played.log, &[], &[&wrong]).await?;
    assert!(code == 1 && said.contains("is not the application"), "{said}");
    // A log without what was there at the decision contradicts the receipt.
    let (code, said) = played.verify_with(&played.log[..2], &[&text], &[]).await?;
    assert!(code == 1 && said.contains("the log has fewer"), "{said}");
    let forged = text.replace("\naccepted\n", "\nrefused not_tendering\n");
    let (code, said) = played.verify_with(&played.log, &[&forged], &[]).await?;
    assert!(code == 1 && said.contains("not in the batch that was signed"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_winners_commitment_is_opened_once_they_have_confirmed_and_nobody_elses()
-> anyhow::Result<()> {
    let played = Played::new().await?;
    let (winner, auction) = (&played.clients[1], played.stage.auction);
    let path = format!("/v1/auctions/{auction}/openings");
    let before: Vec<Opening> = winner.get(&path).await?.json()?;
    assert!(before.is_empty(), "opened before the winner confirmed");
    let view: ProtocolView =
        winner.get(&format!("/v1/auctions/{auction}/protocol")).await?.json()?;
    let confirmation = winner.confirm(&view.protocol)?;
    let answer = AnswerAward::Confirm { confirmation };
    let answered = winner.post(&format!("/v1/auctions/{auction}/award"), &answer).await?;
    assert_eq!(answered.status, 204);
    let opened: Vec<Opening> = winner.get(&path).await?.json()?;
    let [opening] = &opened[..] else { panic!("not one opening: {opened:?}") };
    assert_eq!(opening.bidder, view.protocol.winner);
    assert!(opening.opens(&played.stage.view().await?.auction.participants));
    let asked = ["verify-log", "--url", &played.stage.world.origin, &auction.to_string()];
    let output = toruk(asked.map(str::to_owned).to_vec()).await?;
    let said = String::from_utf8(output.stdout)?;
    let line = format!("Number {} is application {}", opening.bidder, opening.application);
    assert!(said.lines().any(|said| said == line), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_paper_that_the_log_does_not_name_is_no_protocol() -> anyhow::Result<()> {
    let played = Played::new().await?;
    let stage = &played.stage;
    until("the protocol", || async {
        Ok(stage.view().await?.auction.current_protocol().map(|_| ()))
    })
    .await?;
    let (origin, id) = (&stage.world.origin, stage.auction);
    let arguments = ["verify-log", "--url", origin, &id.to_string()].map(str::to_owned);
    let said = String::from_utf8(toruk(arguments.into()).await?.stdout)?;
    assert!(said.contains("Protocols that are the log's: 3"), "{said}");

    let paper = stage.world.http()?.get(format!("{origin}/v1/auctions/{id}/protocol.pdf"));
    let content = paper.send().await?.bytes().await?.to_vec();
    let log = played.file("log.json", &serde_json::to_string(&stage.log().await?)?)?;
    let changed = [&content[..], b" "].concat();
    for (content, code, words) in [
        (content, 0, "Protocols that are the log's: 1"),
        (changed, 1, "is not the protocol that the log names"),
    ] {
        let file = stage.folder.path().join("protocol.pdf");
        std::fs::write(&file, content)?;
        let file = file.to_str().context("a path")?;
        let arguments = ["verify-log", "--file", &log, "--paper", file].map(str::to_owned);
        let output = toruk(arguments.into()).await?;
        let said = String::from_utf8(output.stdout)?;
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{words} is not in {said}");
    }
    Ok(())
}
