//! A phone in a terminal, `cargo demo phone`: the same core that an Android or iOS app holds.

mod app_texts;
mod arguments;
mod changes;
mod form;
mod form_walk;
mod help;
mod live;
mod passkey;
mod pay;
mod platform;
mod receipts;
mod screen;
mod term_words;
mod texts;
mod words;

pub use arguments::{PhoneArguments, PhoneSettings};

use crate::output::Output;
use anyhow::Context as _;
use receipts::ReceiptFolder;
use screen::{Anywhere, Reply, Screen};
use std::sync::Arc;
use texts::{T, label, t};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, unbounded_channel};
use toruk_mobile_core::api::lots::{AuctionDetail, AuctionSummary};
use toruk_mobile_core::api::records::MyAuction;
use toruk_mobile_core::events::CoreEvent;
use toruk_mobile_core::platform::Platform;
use toruk_mobile_core::{Core, CoreConfig, CoreError};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// The terminal and its phone.
pub struct Terminal {
    core: Arc<Core>,
    /// `true` if the person comes with passkeys from another phone.
    has_passkeys: bool,
    language: String,
    receipts: ReceiptFolder,
    screen: Screen,
    events: UnboundedReceiver<CoreEvent>,
}

/// Runs the phone in the process's terminal until the person leaves, Ctrl-C, or nobody reads what
/// it prints.
///
/// # Errors
/// When its folder can't be used, and on a defect.
pub async fn run(settings: PhoneSettings) -> anyhow::Result<()> {
    let mut terminal = Terminal::open(settings, Screen::open)?;
    let result = tokio::select! {
        result = terminal.stay() => result,
        stopped = tokio::signal::ctrl_c() => stopped.context("Ctrl-C can't be heard"),
    };
    terminal.core.close();
    result.and(terminal.screen.close().await)
}

/// As [`run`], for a person who types these lines and no more, and reads `output`.
///
/// # Errors
/// As [`run`].
pub async fn run_script(
    settings: PhoneSettings,
    lines: Receiver<String>,
    output: Output,
) -> anyhow::Result<()> {
    let mut terminal = Terminal::open(settings, |anywhere| Screen::new(lines, output, anywhere))?;
    let result = terminal.stay().await;
    terminal.core.close();
    result.and(terminal.screen.close().await)
}

/// The keys that work wherever the person is.
fn anywhere(core: &Arc<Core>, receipts: &ReceiptFolder, language: &str) -> Anywhere {
    let (core, receipts, language) = (Arc::clone(core), receipts.clone(), language.to_owned());
    let mut online = true;
    Box::new(move |key| match key {
        "?" => Some(help::help(&language).to_owned()),
        "k" => Some(receipts.listed(&core, &language)),
        "o" => {
            online = !online;
            Some(match core.set_online(online) {
                Ok(()) if online => t(T::NetworkBack, &language).to_owned(),
                Ok(()) => t(T::NetworkGone, &language).to_owned(),
                Err(error) => error.to_string(),
            })
        }
        _ => None,
    })
}

impl Terminal {
    fn open(
        settings: PhoneSettings,
        screen: impl FnOnce(Anywhere) -> Screen,
    ) -> anyhow::Result<Self> {
        let PhoneSettings { server, data, language, passkeys, origin } = settings;
        let secrets = platform::FileSecrets::open(data.join("secrets"))
            .with_context(|| format!("the folder {}", data.display()))?;
        let has_passkeys = passkeys.is_some();
        let passkeys = passkeys.unwrap_or_else(|| data.join("secrets").join("passkeys.json"));
        let passkeys = passkey::FilePasskeys::new(passkeys, origin);
        let (sender, events) = unbounded_channel();
        let clock = platform::SystemClock::start();
        let platform = Platform::new(Arc::new(secrets), Arc::new(passkeys), Arc::new(clock));
        let data_dir = data.display().to_string();
        let config =
            CoreConfig { server_url: server, data_dir, language: language.clone(), pins: vec![] };
        let core = Core::open(config, platform)?;
        core.listen(Arc::new(platform::EventChannel(sender)))?;
        let receipts = ReceiptFolder::of(&data);
        let screen = screen(anywhere(&core, &receipts, &language));
        Ok(Self { core, has_passkeys, language, receipts, screen, events })
    }

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
        let obstacle = self.core.overview().obstacle.filter(|_| error == CoreError::Offline);
        if let Some(obstacle) = obstacle {
            self.screen.say(words::obstacle(obstacle, &self.language).to_owned());
        }
        Ok(())
    }

    async fn stay(&mut self) -> anyhow::Result<()> {
        self.screen.say(self.say(T::HelpKey));
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
                None => match self.screen.ask(self.say(T::YourName)).await {
                    Reply::Back => return Ok(false),
                    Reply::Line(name) if name.is_empty() => continue,
                    Reply::Line(name) => self.core.register(name).await,
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
            if self.screen.ask(self.say(T::Again)).await == Reply::Back {
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
            let answer = match self.screen.ask(self.say(T::Choose)).await {
                Reply::Back => return Ok(None),
                Reply::Line(line) => line,
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
        self.show_terms(auction);
        let open = ["tendering", "rectification"].contains(&auction.status.as_str());
        let mine = self.mine(&auction.id).await?;
        let lacks = mine.is_none_or(|mine| mine.status == "needs_reconfirm");
        if lacks && open && !self.apply(auction).await? {
            return Ok(());
        }
        if open && !self.pay(auction).await? {
            return Ok(());
        }
        self.bid(auction).await
    }

    /// Prints the terms that the person agrees to: who sells, the prices, the dates.
    fn show_terms(&mut self, auction: &AuctionDetail) {
        let holder = label(&auction.lot_holder, &self.language);
        self.screen.say(format!("{} · {}: {holder}", auction.number, self.say(T::LotHolder)));
        for (name, amount) in [
            (T::StartPrice, auction.value),
            (T::Step, auction.minimal_step),
            (T::Guarantee, auction.guarantee),
        ] {
            self.screen.say(format!("{}: {}", self.say(name), self.money(amount)));
        }
        let (end, start) = (self.time(auction.tender_end), self.time(auction.start));
        self.screen.say(format!(
            "{}: {end} · {}: {start}",
            self.say(T::Closes),
            self.say(T::Start)
        ));
        if auction.clock_speed > 1 {
            self.screen.say(format!("{} ×{}", self.say(T::FastClock), auction.clock_speed));
            let left = (auction.tender_end - auction.as_of) / i64::from(auction.clock_speed);
            if left > 0 && !auction.stale {
                let left = TimeSpan(left);
                self.screen.say(format!("{}: {left}", self.say(T::RealTimeLeft)));
            }
        }
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
