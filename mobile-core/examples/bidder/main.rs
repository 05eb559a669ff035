//! A phone in a terminal: the same core that an Android or iOS app holds.
//!
//! `cargo run -p toruk-mobile-core --example bidder -- --server http://localhost:8080
//! --data ./aida --lang ky`

mod apply;
mod live;
mod passkey;
mod pay;
mod platform;
mod screen;
mod texts;
mod words;

use anyhow::Context as _;
use clap::Parser;
use screen::{Answer, Network, Screen};
use std::path::PathBuf;
use std::sync::Arc;
use texts::{T, label, t};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use toruk_mobile_core::api::lots::{AuctionDetail, AuctionSummary};
use toruk_mobile_core::api::records::MyAuction;
use toruk_mobile_core::events::CoreEvent;
use toruk_mobile_core::platform::Platform;
use toruk_mobile_core::{Core, CoreConfig, CoreError};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;

/// A bidder's phone in a terminal.
#[derive(Parser)]
struct Options {
    /// The server, such as http://localhost:8080.
    #[arg(long)]
    server: String,
    /// This phone's folder; the same folder is the same phone.
    #[arg(long)]
    data: PathBuf,
    /// The language.
    #[arg(long, default_value = "ky", value_parser = ["ky", "ru", "en"])]
    lang: String,
    /// The file of the passkeys, when another phone of the same person has them already, as platforms
    /// share them.
    #[arg(long)]
    passkeys: Option<PathBuf>,
    /// The origin the passkey names; the server's address when absent.
    #[arg(long)]
    origin: Option<String>,
}

/// The terminal and its phone.
pub struct Terminal {
    core: Arc<Core>,
    /// Whether the person comes with passkeys from another phone.
    has_passkeys: bool,
    language: String,
    screen: Screen,
    events: UnboundedReceiver<CoreEvent>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut terminal = open(Options::parse())?;
    let result = terminal.run().await;
    terminal.core.close();
    result
}

fn open(options: Options) -> anyhow::Result<Terminal> {
    let origin = options.origin.unwrap_or_else(|| options.server.clone());
    let secrets = platform::FileSecrets::open(options.data.join("secrets"))
        .with_context(|| format!("the folder {}", options.data.display()))?;
    let own = options.data.join("secrets").join("passkeys.json");
    let has_passkeys = options.passkeys.is_some();
    let passkeys = options.passkeys.unwrap_or(own);
    let (ears, events) = unbounded_channel();
    let passkeys = passkey::FilePasskeys::new(passkeys, origin.trim_end_matches('/').to_owned());
    let clock = platform::SystemClock::start();
    let platform = Platform::new(Arc::new(secrets), Arc::new(passkeys), Arc::new(clock));
    let config = CoreConfig {
        server_url: options.server,
        data_dir: options.data.display().to_string(),
        language: options.lang.clone(),
    };
    let core = Core::open(config, platform)?;
    core.listen(Arc::new(platform::Ears(ears)))?;
    let network = network(&core, &options.lang);
    Ok(Terminal {
        core,
        has_passkeys,
        language: options.lang,
        screen: Screen::open(network),
        events,
    })
}

/// What the key `o` does.
fn network(core: &Arc<Core>, language: &str) -> Network {
    let (core, language, mut online) = (Arc::clone(core), language.to_owned(), true);
    Box::new(move || {
        online = !online;
        match core.set_online(online) {
            Ok(()) if online => t(T::NetworkBack, &language).to_owned(),
            Ok(()) => t(T::NetworkGone, &language).to_owned(),
            Err(error) => error.to_string(),
        }
    })
}

impl Terminal {
    fn say(&self, text: T) -> &'static str {
        t(text, &self.language)
    }

    fn money(&self, tyiyn: i64) -> String {
        let amount = Tyiyn::new(tyiyn).unwrap_or_default();
        format!("{}\u{a0}{}", amount.to_short_string(), self.say(T::Som))
    }

    fn time(&self, micros: i64) -> String {
        Timestamp(micros).bishkek()
    }

    /// Tells an error in words. Only a defect ends the program.
    fn tell(&mut self, error: CoreError) -> anyhow::Result<()> {
        if matches!(error, CoreError::Internal { .. }) {
            return Err(error.into());
        }
        self.screen.say(format!("✘ {}", words::error(&error, &self.language)));
        Ok(())
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        if !self.enter().await? {
            return Ok(());
        }
        while let Some(auction) = self.choose().await? {
            match self.take_part(&auction).await {
                Ok(()) => {}
                Err(error) => match error.downcast::<CoreError>()? {
                    CoreError::SignedOut => {
                        self.tell(CoreError::SignedOut)?;
                        if !self.enter().await? {
                            return Ok(());
                        }
                    }
                    error => self.tell(error)?,
                },
            }
        }
        Ok(())
    }

    /// Registers or signs in; false when the person leaves. Who has an account works on without a
    /// connection.
    async fn enter(&mut self) -> anyhow::Result<bool> {
        loop {
            let entered = match self.core.account() {
                Some(account) if account.signed_in => Ok(account),
                Some(_) => self.core.sign_in().await,
                None if self.has_passkeys => self.core.sign_in().await,
                None => match self.screen.ask(self.say(T::YourName)).await? {
                    Answer::Back => return Ok(false),
                    Answer::Line(name) if name.is_empty() => continue,
                    Answer::Line(name) => self.core.register(name).await,
                },
            };
            match entered {
                Ok(account) => {
                    self.screen.say(format!("{}: {}", self.say(T::SignedIn), account.name));
                    return Ok(true);
                }
                Err(CoreError::Offline) if self.core.account().is_some() => {
                    self.tell(CoreError::Offline)?;
                    return Ok(true);
                }
                Err(error) => self.tell(error)?,
            }
            if self.screen.ask(self.say(T::Again)).await? == Answer::Back {
                return Ok(false);
            }
        }
    }

    async fn choose(&mut self) -> anyhow::Result<Option<AuctionDetail>> {
        loop {
            let items = match self.core.auctions().await {
                Ok(list) => {
                    self.screen.say(format!("\n{}", self.say(T::AllAuctions)));
                    if list.stale {
                        let as_of = self.time(list.as_of);
                        self.screen.say(format!("  ({} {as_of})", self.say(T::Stale)));
                    }
                    list.items
                }
                Err(error) => {
                    self.tell(error)?;
                    Vec::new()
                }
            };
            self.list(&items).await?;
            let answer = match self.screen.ask(self.say(T::Choose)).await? {
                Answer::Back => return Ok(None),
                Answer::Line(line) => line,
            };
            let index = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let Some(item) = index.and_then(|index| items.get(index)) else { continue };
            match self.core.auction(item.id.clone()).await {
                Ok(detail) => return Ok(Some(detail)),
                Err(error) => self.tell(error)?,
            }
        }
    }

    async fn list(&mut self, items: &[AuctionSummary]) -> anyhow::Result<()> {
        let mine = match self.core.my_auctions().await {
            Ok(mine) => mine.items,
            Err(error @ CoreError::Internal { .. }) => return Err(error.into()),
            Err(_) => Vec::new(),
        };
        if items.is_empty() {
            self.screen.say(format!("  {}", self.say(T::NoAuctions)));
        }
        for (index, item) in items.iter().enumerate() {
            let title = label(&item.title, &self.language);
            let status = words::auction(&item.status, item.failure.as_deref(), &self.language);
            self.screen.say(format!("{:>3}. {title}", index + 1));
            let price = self.money(item.price);
            self.screen.say(format!("     {} · {price} · {status}", item.number));
            let submit =
                self.core.draft_status(item.id.clone()).ok().and_then(|draft| draft.submit);
            if submit.as_ref().is_some_and(|submit| submit.state == "deadline_passed_unsent") {
                let late = words::code("deadline_passed", &self.language);
                self.screen.say(format!("     ⚠ {} {late}", self.say(T::Saved)));
            } else if submit.is_some_and(|submit| submit.state == "saved_not_submitted") {
                self.screen.say(format!("     ⚠ {}", self.say(T::Saved)));
            } else if let Some(mine) = mine.iter().find(|mine| mine.auction == item.id) {
                let status = words::application(&mine.status, &self.language);
                self.screen.say(format!("     {}: {status}", self.say(T::Mine)));
            }
        }
        Ok(())
    }

    /// Goes on where the person left off: form, delivery, admission, deposit, bidding.
    async fn take_part(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let language = self.language.clone();
        self.screen.say(format!("\n{}", label(&auction.title, &language)));
        self.screen.say(label(&auction.description, &language));
        let guarantee = self.money(auction.guarantee);
        self.screen.say(format!("{}: {guarantee}", self.say(T::Guarantee)));
        let (end, start) = (self.time(auction.tender_end), self.time(auction.start));
        self.screen.say(format!(
            "{}: {end} · {}: {start}",
            self.say(T::Closes),
            self.say(T::Start)
        ));
        if auction.clock_speed > 1 {
            self.screen.say(format!("{} ×{}", self.say(T::FastClock), auction.clock_speed));
        }
        let open = ["tendering", "rectification"].contains(&auction.status.as_str());
        if self.mine(&auction.id).await?.is_none() && open && !self.apply(auction).await? {
            return Ok(());
        }
        if open && !self.pay(auction).await? {
            return Ok(());
        }
        self.bid(auction).await
    }

    /// This person's application, as it was last seen where there is no connection.
    async fn mine(&self, auction: &str) -> anyhow::Result<Option<MyAuction>> {
        match self.core.my_auctions().await {
            Ok(mine) => Ok(mine.items.into_iter().find(|mine| mine.auction == auction)),
            Err(CoreError::Offline) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
