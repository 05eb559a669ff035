//! The live screen in a terminal: `r` raises, `y` says «Ооба», `q` leaves.

use super::Terminal;
use super::texts::T;
use std::time::Duration;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::records::AuctionDetail;
use toruk_mobile_core::events::EventKind;
use toruk_sync::domain::time::TimeSpan;

/// How often the countdown is drawn.
const TICK: Duration = Duration::from_secs(1);

impl Terminal {
    /// Follows the auction until it is over or the person leaves.
    pub async fn bid(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let id = auction.id.clone();
        self.core.follow(id.clone())?;
        let result = self.watch(&id).await;
        self.core.unfollow(id)?;
        result
    }

    async fn watch(&mut self, id: &str) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(TICK);
        let mut quote = None;
        let mut last = String::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let Ok(state) = self.core.live_state(id.to_owned()) else { continue };
                    let line = self.screen(&state);
                    if line != last {
                        println!("{line}");
                        last = line;
                    }
                    match state.closed.as_deref() {
                        Some("won") => return self.confirm_win(id).await,
                        Some("deadline_passed") | None => {}
                        Some(_) => {
                            println!("{}", self.say(T::Over));
                            return Ok(());
                        }
                    }
                }
                event = self.events.recv() => match event.map(|event| event.what) {
                    Some(EventKind::Outbid) => {
                        quote = None;
                        println!("\x07⚠ {}", self.say(T::Outbid));
                    }
                    Some(EventKind::YouLead) => println!("✔ {}", self.say(T::YouLead)),
                    _ => {}
                },
                line = self.lines.next_line() => match line?.as_deref().map(str::trim) {
                    None | Some("q") => return Ok(()),
                    Some("r") => match self.core.quote(id.to_owned()) {
                        Ok(fresh) => {
                            let amount = self.money(fresh.amount);
                            println!("{}: {amount}", self.say(T::YourRaisedPrice));
                            println!("{}", self.say(T::Confirm));
                            quote = Some(fresh);
                        }
                        Err(error) => println!("{}: {error}", self.say(T::NotPossible)),
                    },
                    Some("y" | "Ооба" | "ооба" | "Да" | "да") => {
                        if let Some(quote) = quote.take() {
                            self.place(quote).await?;
                        }
                    }
                    Some(_) => quote = None,
                },
            }
        }
    }

    async fn place(&mut self, quote: toruk_mobile_core::api::Quote) -> anyhow::Result<()> {
        use toruk_mobile_core::api::BidState;
        println!("{} · {}", self.say(T::Yes), self.money(quote.amount));
        match self.core.place_bid(quote).await {
            Ok(result) => match result.state {
                BidState::Accepted => println!("{}", self.say(T::Accepted)),
                BidState::Unknown => println!("{}", self.say(T::Unknown)),
                BidState::Refused | BidState::NotReceived => {
                    println!("{}: {:?}", self.say(T::Refused), result.code);
                }
            },
            Err(CoreError::Refused { code, .. }) if code == "stale_quote" => {
                println!("{}", self.say(T::StaleQuote));
            }
            Err(error @ CoreError::Internal { .. }) => return Err(error.into()),
            Err(error) => println!("{}: {error}", self.say(T::NotPossible)),
        }
        Ok(())
    }

    async fn confirm_win(&mut self, id: &str) -> anyhow::Result<()> {
        println!("★ {}", self.say(T::Won));
        let protocol = self.core.protocol(id.to_owned()).await?;
        println!("{} · {}", protocol.number, self.money(protocol.price));
        let answer = self.ask(self.say(T::SignResult)).await?;
        if ["y", "Ооба", "ооба", "Да", "да"].contains(&answer.as_str()) {
            self.core.confirm_award(id.to_owned()).await?;
            println!("{}", self.say(T::Signed));
        }
        Ok(())
    }

    fn screen(&self, state: &toruk_mobile_core::api::LiveState) -> String {
        let clock = |micros: i64| TimeSpan(micros).to_string();
        let time = match (state.starts_in, state.ends_in) {
            (Some(left), _) => format!("{} {}", self.say(T::WaitStart), clock(left)),
            (None, Some(left)) => clock(left),
            (None, None) => "--:--".to_owned(),
        };
        let button = match state.button.as_str() {
            "can_first_offer" => format!("[r] {}", self.say(T::FirstOffer)),
            "can_raise" => format!("{} [r] {}", self.say(T::NotLeading), self.say(T::Raise)),
            "leading" => self.say(T::YouLead).to_owned(),
            "offline" => self.say(T::Offline).to_owned(),
            "unknown_outcome" => self.say(T::Unknown).to_owned(),
            "closed" => self.say(T::Over).to_owned(),
            other => other.to_owned(),
        };
        let amount = state.amount.map(|amount| format!(" → {}", self.money(amount)));
        format!(
            "{time} · {}: {} · {} {} · {button}{}",
            self.say(T::Price),
            self.money(state.price),
            state.participants,
            self.say(T::Participants),
            amount.unwrap_or_default(),
        )
    }
}
