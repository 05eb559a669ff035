//! Every command of `server/README.md`, and of `sync/README.md`, is run as it stands there, with the names of a test's own
//! server in place of the examples.

use super::{Said, command, ended, program};
use anyhow::{Context as _, bail, ensure};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use toruk_server::identity::Role;
use toruk_sync::domain::text::search_key;
use toruk_sync::protocol::catalogue::AuctionPage;
use toruk_sync::protocol::pull::PullReply;
use toruk_sync::receipt::Record;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::{Staff, postgres, until};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/README.md");
const CLIENTS_README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sync/README.md");
/// curl's status when `--max-time` ends a stream that would not end.
const CUT_OFF: i32 = 28;

/// The commands in the page's `sh` blocks, without their comments.
fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside && !line.trim().is_empty() => {
                let end = line.find(" #").unwrap_or(line.len());
                found.push(line[..end].trim().to_owned());
            }
            _ => {}
        }
    }
    found
}

/// The words of a command line; single and double quotes hold them together.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (letter, quote) {
            (' ', None) => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (letter, _) => word.push(letter),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

struct Operator {
    /// Names in the page, and what stands for them here; the longest first.
    names: Vec<(&'static str, String)>,
    database: Option<String>,
}

impl Operator {
    /// Of a server where a bidder, somebody else and an official are.
    async fn of(
        stage: &OpenAuction,
        bidder: &ApiClient,
        stranger: &ApiClient,
        official: &Staff,
    ) -> anyhow::Result<Self> {
        let folder = stage.folder.path();
        let path = |name: &str| folder.join(name).to_str().unwrap_or_default().to_owned();
        std::fs::write(path("log.json"), serde_json::to_string(&stage.log().await?)?)?;
        let opening = bidder.applications().await?.remove(0).opening.context("no opening")?;
        std::fs::write(path("place.txt"), opening.to_text())?;
        let data = stage.world.config.data_dir.to_str().context("a path")?.to_owned();
        let title = stage.view().await?.lot.title.ky.context("no title")?;
        let word = search_key(title.split_whitespace().next().context("an empty title")?);
        Ok(Self {
            names: vec![
                ("'auction.example.kg/receipt/…'", bidder.session.receipt_key.clone()),
                ("auction.example.kg/receipt/…", bidder.session.receipt_key.clone()),
                ("https://auction.example.kg", stage.world.origin.clone()),
                ("/var/lib/toruk", data),
                ("/backup/keys/2026-11-24", path("keys")),
                ("/backup/2026-11-24", path("copy")),
                ("PERSON-ID", stranger.session.person.to_string()),
                ("AUCTION-ID", stage.auction.to_string()),
                ("log.json", path("log.json")),
                ("mine.txt", path("mine.txt")),
                ("place.txt", path("place.txt")),
                ("ETAG", tag_of(stage).await?),
                ("дукон", word),
                ("<id>", official.official.person.to_string()),
                ("TOKEN", bidder.session.token.clone()),
            ],
            database: postgres::is_chosen().then(|| stage.world.config.database_url.clone()),
        })
    }

    fn here(&self, word: &str) -> String {
        self.names.iter().fold(word.to_owned(), |word, (name, own)| word.replace(name, own))
    }

    fn command(&self, line: &str) -> anyhow::Result<Command> {
        let words: Vec<String> = split(line).iter().map(|word| self.here(word)).collect();
        let (name, rest) = words.split_first().context("an empty line")?;
        let name = name.rsplit('/').next().unwrap_or_default();
        let arguments: Vec<&str> = rest.iter().map(String::as_str).collect();
        if name == "curl" {
            let mut curl = Command::new(name);
            curl.args(arguments).stdin(Stdio::null());
            return Ok(curl);
        }
        let mut command = command(name, &arguments)?;
        if let Some(url) = &self.database {
            command.env("TORUK_DATABASE_URL", url);
        }
        Ok(command)
    }

    async fn succeeds(&self, line: &str) -> anyhow::Result<String> {
        let Said { succeeded, status, out, error } = ended(self.command(line)?).await?;
        let is_cut_off = status == Some(CUT_OFF) && line.contains("--max-time");
        ensure!(succeeded || is_cut_off, "{line}\n{error}");
        Ok(out)
    }

    /// Starts a server of its own and waits for the link of its first administrator.
    async fn serves(&self, line: &str, folder: &Path) -> anyhow::Result<()> {
        let link = folder.join("first-link");
        let mut command = self.command(line)?;
        for (name, value) in
            [("TORUK_LISTEN", "127.0.0.1:0"), ("TORUK_OPERATIONS_LISTEN", "127.0.0.1:0")]
        {
            command.env(name, value);
        }
        command.env("TORUK_ADMIN_INVITE_FILE", &link).stdout(Stdio::null());
        let mut child = command.spawn()?;
        let greeted = until("the first link", || {
            let ended = child.try_wait();
            let read = std::fs::read_to_string(&link).ok().filter(|text| text.contains("/enrol#"));
            async move {
                ensure!(ended?.is_none(), "the server ended by itself");
                Ok(read)
            }
        })
        .await;
        child.kill()?;
        child.wait()?;
        std::fs::remove_file(link)?;
        greeted.map(|_| ())
    }
}

/// The tag of the auction's view.
async fn tag_of(stage: &OpenAuction) -> anyhow::Result<String> {
    let url = format!("{}/v1/auctions/{}", stage.world.origin, stage.auction);
    let answer = stage.world.http()?.get(url).send().await?;
    Ok(answer.headers().get("etag").context("no tag")?.to_str()?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_page_does_what_it_says() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let official = stage.world.official(Role::Finance, "Гүлнара Садыкова").await?;
    let stranger = ApiClient::register(&stage.world, "Эсен Асанов").await?;
    let view = stage.view().await?;
    let receipt = clients[0].bid(&view, &clients[0].raise(&view)?).await?;
    let folder = stage.folder.path();
    let path = |name: &str| folder.join(name).to_str().unwrap_or_default().to_owned();
    std::fs::write(path("mine.txt"), receipt.to_text().context("no text")?)?;
    let operator = Operator::of(&stage, &clients[0], &stranger, &official).await?;
    let own = Operator {
        names: vec![
            ("https://auction.example.kg", "http://localhost:8080".to_owned()),
            ("/var/lib/toruk", path("served")),
            ("/srv/toruk", path("node")),
            ("postgres://node1:…@db/toruk", format!("sqlite://{}", path("node.db"))),
        ],
        database: None,
    };
    let pages = [std::fs::read_to_string(CLIENTS_README)?, std::fs::read_to_string(README)?];
    let mut ran = BTreeMap::new();
    for line in pages.iter().flat_map(|page| commands(page)) {
        let words = split(&line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = match words[..] {
            ["cargo", "build", "--release", "-p", package] => {
                program("toruk").map(|_| format!("{package} is built"))?
            }
            [_, "serve", ..] => own.serves(&line, folder).await.map(|()| String::new())?,
            ["toruk", "backup", ..] if postgres::is_chosen() => String::new(),
            ["toruk" | "curl", ..] => operator.succeeds(&line).await?,
            // The logins of PostgreSQL are the subject of `least_privilege.rs`; the migrations'
            // own test runs their program.
            ["createdb" | "psql" | "toruk-migrations", ..] => String::new(),
            _ => bail!("a command that nothing runs: {line}"),
        };
        ran.insert(line, said);
    }
    let said = |part: &str| -> anyhow::Result<String> {
        let found = ran.iter().find(|(line, _)| line.contains(part));
        Ok(found.with_context(|| format!("no {part} on the page"))?.1.clone())
    };
    ensure!(said("--opening")?.contains("is application"));
    ensure!(said("person forget")?.trim_end() == "forgotten");
    ensure!(said("admin invite")?.contains("/console/enrol#"));
    ensure!(said("admin list")?.contains(&official.official.person.to_string()));
    ensure!(said("receipt-key")?.trim_end() == clients[0].session.receipt_key);
    ensure!(said("verify-log --url")?.contains("Raises accepted: 1"));
    ensure!(said("--receipt")?.contains("Receipts that fit the log: 1"));
    let auctions: AuctionPage = serde_json::from_str(&said("auctions?limit=10")?)?;
    ensure!(auctions.items.len() == 1);
    let found: AuctionPage = serde_json::from_str(&said("text=дукон")?)?;
    ensure!(found.items == auctions.items);
    let log: Vec<Record> = serde_json::from_str(&said("log?after=0")?)?;
    ensure!(log == stage.log().await?);
    ensure!(said("If-None-Match")? == "304");
    ensure!(said("Айда Өмүрзакова")?.contains("publicKey"));
    ensure!(said("/v1/devices")?.contains(&clients[0].session.device.to_string()));
    let pulled: PullReply = serde_json::from_str(&said("/v1/sync/pull")?)?;
    ensure!(!pulled.rows.is_empty());
    ensure!(said("/v1/blobs")?.to_lowercase().contains("tus-max-size"));
    ensure!(said("/v1/live")?.contains("snapshot"));
    // The running server has obeyed.
    let ended = stage.world.state().identity.official(&official.token).await;
    ensure!(ended.is_err(), "revoked, and still in");
    Ok(())
}
