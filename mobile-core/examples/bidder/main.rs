//! A phone in a terminal: the same core that an Android or iOS app holds.
//!
//! `cargo run --release -p toruk-mobile-core --example bidder -- --server http://localhost:8080
//! --data ./aida --lang ky`

mod live;
mod passkey;
mod platform;
mod texts;

use anyhow::Context as _;
use clap::Parser;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use texts::{T, label, t};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use toruk_mobile_core::api::records::{AuctionDetail, FormField, MyAuction, PaymentChannel};
use toruk_mobile_core::events::CoreEvent;
use toruk_mobile_core::platform::{Platform, SystemEntropy};
use toruk_mobile_core::{Core, CoreConfig, CoreError};
use toruk_sync::domain::money::Tyiyn;

/// How often a waiting terminal asks.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// A bidder's phone in a terminal.
#[derive(Parser)]
struct Options {
    /// The server, such as http://localhost:8080.
    #[arg(long)]
    server: String,
    /// This phone's folder.
    #[arg(long)]
    data: PathBuf,
    /// ky, ru or en.
    #[arg(long, default_value = "ky")]
    lang: String,
    /// The origin the passkey names; the server's address when absent.
    #[arg(long)]
    origin: Option<String>,
}

/// The terminal and its phone.
pub struct Terminal {
    core: Arc<Core>,
    language: String,
    lines: Lines<BufReader<Stdin>>,
    events: UnboundedReceiver<CoreEvent>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut terminal = open(options)?;
    terminal.sign_in().await?;
    loop {
        let Some(auction) = terminal.choose().await? else { return Ok(()) };
        if let Err(error) = terminal.take_part(&auction).await {
            match error.downcast_ref::<CoreError>() {
                Some(error) => println!("{}: {error}", terminal.say(T::Refused)),
                None => return Err(error),
            }
        }
    }
}

fn open(options: Options) -> anyhow::Result<Terminal> {
    let origin = options.origin.unwrap_or_else(|| options.server.clone());
    let secrets = platform::FileSecrets::open(options.data.join("secrets"))
        .with_context(|| format!("the folder {}", options.data.display()))?;
    let passkeys = options.data.join("secrets").join("passkeys.json");
    let (ears, events) = unbounded_channel();
    let platform = Platform {
        secure_store: Arc::new(secrets),
        passkeys: Arc::new(passkey::FilePasskeys::new(
            passkeys,
            origin.trim_end_matches('/').to_owned(),
        )),
        clock: Arc::new(platform::SystemClock::start()),
        observer: Arc::new(platform::Ears(ears)),
        entropy: Arc::new(SystemEntropy),
    };
    let config = CoreConfig {
        server_url: options.server,
        data_dir: options.data.display().to_string(),
        language: options.lang.clone(),
    };
    let core = Core::open(config, platform)?;
    let lines = BufReader::new(tokio::io::stdin()).lines();
    Ok(Terminal { core, language: options.lang, lines, events })
}

impl Terminal {
    fn say(&self, text: T) -> &'static str {
        t(text, &self.language)
    }

    fn money(&self, tyiyn: i64) -> String {
        let amount = Tyiyn::new(tyiyn).unwrap_or_default();
        format!("{amount} {}", self.say(T::Som))
    }

    async fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        use std::io::Write as _;
        print!("{question}: ");
        std::io::stdout().flush()?;
        let line = self.lines.next_line().await?;
        Ok(line.context("the terminal was closed")?.trim().to_owned())
    }

    async fn sign_in(&mut self) -> anyhow::Result<()> {
        let account = match self.core.account() {
            Some(account) if account.signed_in => account,
            Some(_) => self.core.sign_in().await?,
            None => {
                let name = self.ask(self.say(T::YourName)).await?;
                self.core.register(name).await?
            }
        };
        println!("{}: {}", self.say(T::SignedIn), account.name);
        Ok(())
    }

    async fn choose(&mut self) -> anyhow::Result<Option<AuctionDetail>> {
        loop {
            let list = self.core.auctions().await?;
            println!("\n{}", self.say(T::AllAuctions));
            if list.items.is_empty() {
                println!("  {}", self.say(T::NoAuctions));
            }
            for (index, item) in list.items.iter().enumerate() {
                let title = label(&item.title, &self.language);
                let price = self.money(item.price);
                println!("{:>3}. {} · {title} · {price} · {}", index + 1, item.number, item.status);
            }
            let answer = self.ask(&format!("{} (q)", self.say(T::Choose))).await?;
            if answer == "q" {
                return Ok(None);
            }
            let index = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            if let Some(item) = index.and_then(|index| list.items.get(index)) {
                return Ok(Some(self.core.auction(item.id.clone()).await?));
            }
        }
    }

    async fn take_part(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        println!("\n{}", label(&auction.title, &self.language));
        println!("{}", label(&auction.description, &self.language));
        println!("{}: {}", self.say(T::Guarantee), self.money(auction.guarantee));
        let open = ["tendering", "rectification"].contains(&auction.status.as_str());
        let mine = self.mine(&auction.id).await?;
        if mine.is_none() && open {
            self.apply(auction).await?;
        }
        if self.mine(&auction.id).await?.is_some() {
            self.pay(auction).await?;
        }
        self.bid(auction).await
    }

    async fn mine(&self, auction: &str) -> anyhow::Result<Option<MyAuction>> {
        let mine = self.core.my_auctions().await?;
        Ok(mine.items.into_iter().find(|mine| mine.auction == auction))
    }

    async fn apply(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        println!("\n{}", self.say(T::Participate));
        let id = &auction.id;
        loop {
            let status = self.core.draft_status(id.clone())?;
            if status.faults.is_empty() {
                break;
            }
            for field in &auction.fields {
                if status.faults.contains_key(&field.id) {
                    let answer = self.ask(&question(field, &self.language)).await?;
                    self.core.draft_set(id.clone(), field.id.clone(), Some(answer))?;
                }
            }
            for slot in &auction.slots {
                if status.faults.contains_key(&slot.id) {
                    let name = label(&slot.label, &self.language);
                    let path = self.ask(&format!("{name}. {}", self.say(T::FileFor))).await?;
                    self.attach(id, &slot.id, &path)?;
                }
            }
        }
        let status = self.core.submit(id.clone()).await?;
        match (status.state.as_str(), status.outcome) {
            ("submitted", _) => println!("{}", self.say(T::Submitted)),
            ("refused", Some(outcome)) => {
                println!("{}: {:?} {:?}", self.say(T::Refused), outcome.code, outcome.params);
                self.core.ack_outcome(outcome.op_no)?;
            }
            _ => println!("{}", self.say(T::Saved)),
        }
        Ok(())
    }

    fn attach(&self, auction: &str, slot: &str, path: &str) -> anyhow::Result<()> {
        let (name, mime, bytes) = if path.is_empty() {
            ("sample.txt".to_owned(), "text/plain", format!("{slot}: a sample\n").into_bytes())
        } else {
            let bytes = std::fs::read(path).with_context(|| path.to_owned())?;
            let name = PathBuf::from(path);
            let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mime = match name.rsplit('.').next() {
                Some("pdf") => "application/pdf",
                Some("png") => "image/png",
                Some("jpg" | "jpeg") => "image/jpeg",
                _ => "application/octet-stream",
            };
            (name, mime, bytes)
        };
        self.core.draft_attach(auction.into(), slot.into(), name, mime.into(), bytes)?;
        Ok(())
    }

    async fn pay(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let mut said = None;
        let mut code = None;
        loop {
            let Some(mine) = self.mine(&auction.id).await? else { return Ok(()) };
            match (mine.status.as_str(), mine.deposit_status.as_deref()) {
                ("signed", _) => self.say_once(&mut said, T::WaitAdmission),
                (_, Some("due")) if code.is_none() => {
                    println!("\n{} · {}", self.say(T::Guarantee), self.say(T::Pay));
                    let channel = match self.ask(self.say(T::PayHow)).await?.as_str() {
                        "2" => PaymentChannel::BranchCode,
                        "3" => PaymentChannel::Card,
                        _ => PaymentChannel::WalletCode,
                    };
                    let begun = self.core.begin_payment(auction.id.clone(), channel).await?;
                    println!("{}", self.core.payment_slip(auction.id.clone())?);
                    if let Some(url) = &begun.redirect_url {
                        println!("{}: {url}", self.say(T::PaymentSite));
                    }
                    if let Some(code) = &begun.code {
                        println!("{}: {code}", self.say(T::PaymentCode));
                    }
                    code = Some(begun);
                }
                (_, Some("due")) => self.say_once(&mut said, T::WaitPayment),
                (_, Some(_)) => {
                    println!("{}", self.say(T::Paid));
                    return Ok(());
                }
                _ => return Ok(()),
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    fn say_once(&self, said: &mut Option<&'static str>, text: T) {
        let text = self.say(text);
        if *said != Some(text) {
            println!("{text}");
            *said = Some(text);
        }
    }
}

fn question(field: &FormField, language: &str) -> String {
    let name = label(&field.label, language);
    match field.kind.as_str() {
        "choice" => format!("{name} ({})", field.options.join(", ")),
        "consent" => format!("{name} (yes)"),
        "phone" => format!("{name} (+996…)"),
        _ => name.to_owned(),
    }
}
