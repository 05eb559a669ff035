//! The live screen in a terminal: `r` raises, `y` says «Ооба», `q` leaves.

use super::Terminal;
use super::screen::{Reply, is_yes};
use super::texts::T;
use super::words;
use std::time::Duration;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::lots::AuctionDetail;
use toruk_mobile_core::api::{BidResult, BidState, LiveState, Quote};
use toruk_mobile_core::events::{CoreEvent, EventKind};
use toruk_sync::domain::time::TimeSpan;

/// Interval at which the countdown is drawn.
const TICK: Duration = Duration::from_millis(250);

impl Terminal {
    /// Follows the auction until it is over or the person leaves.
    pub async fn bid(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let id = auction.id.clone();
        // What was heard of other auctions before is no news here.
        while self.events.try_recv().is_ok() {}
        self.core.watch(id.clone())?;
        self.show_place(&id)?;
        let result = self.watch(auction).await;
        self.core.unwatch(id)?;
        result
    }

    /// Prints the person's place in the log, computed on this phone.
    fn show_place(&mut self, id: &str) -> anyhow::Result<()> {
        let Some(place) = self.core.log_place(id.to_owned())? else { return Ok(()) };
        let line = match place.verified {
            true => format!("№\u{a0}{} · {}", place.number, self.say(T::InLog)),
            false => format!("✘ №\u{a0}{}: {}", place.number, self.say(T::NotInLog)),
        };
        self.screen.say(line);
        Ok(())
    }

    async fn watch(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let id = auction.id.as_str();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut quote: Option<Quote> = None;
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let Ok(state) = self.core.live_state(id.to_owned()) else { continue };
                    if quote.as_ref().is_some_and(|quote| quote.round != state.round) {
                        quote = None;
                        self.screen.say(format!("⚠ {}", self.say(T::StaleQuote)));
                    }
                    if self.ended(&state, id).await? {
                        return Ok(());
                    }
                    let panel = self.panel(&state, quote.as_ref());
                    self.screen.draw(panel);
                }
                event = self.events.recv() => if let Some(event) = event {
                    self.heard(auction, &event).await?;
                },
                answer = self.screen.typed() => match answer {
                    Reply::Back => return Ok(()),
                    Reply::Line(line) if line == "r" => match self.core.quote(id.to_owned()) {
                        Ok(fresh) => quote = Some(fresh),
                        Err(error) => self.cannot(error)?,
                    },
                    answer => match quote.take() {
                        Some(quote) if is_yes(&answer) => self.place(&auction.number, quote).await?,
                        _ => {}
                    },
                },
            }
        }
    }

    async fn heard(&mut self, auction: &AuctionDetail, event: &CoreEvent) -> anyhow::Result<()> {
        if event.auction.as_deref() != Some(&auction.id) {
            return Ok(());
        }
        let line = match &event.what {
            EventKind::Outbid => format!("\x07⚠ {}", self.say(T::Outbid)),
            EventKind::YouLead => format!("✔ {}", self.say(T::YouLead)),
            EventKind::BiddingOpened => format!("\x07▶ {}", self.say(T::Opened)),
            EventKind::Suspended => format!("⏸ {}", self.say(T::Suspended)),
            EventKind::HistoryContradicted { .. } => format!("\x07✘ {}", self.say(T::TwoHistories)),
            EventKind::Resumed => format!("▶ {}", self.say(T::Resumed)),
            EventKind::BidSettled { bid } => {
                let result = self.core.bid_status(bid.clone()).await?;
                self.tell_bid(&auction.number, result);
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.screen.say(line);
        Ok(())
    }

    async fn place(&mut self, number: &str, quote: Quote) -> anyhow::Result<()> {
        self.screen.say(format!("{} · {}", self.say(T::Yes), self.money(quote.amount)));
        match self.core.place_bid(quote).await {
            Ok(result) => self.tell_bid(number, result),
            Err(error) => self.cannot(error)?,
        }
        Ok(())
    }

    /// Prints the outcome of a bid, with its receipt once it was decided.
    fn tell_bid(&mut self, number: &str, result: BidResult) {
        match result.state {
            BidState::Accepted => self.screen.say(format!("✔ {}", self.say(T::Accepted))),
            BidState::Unknown => self.screen.say(format!("⚠ {}", self.say(T::Unknown))),
            BidState::NotReceived => self.screen.say(format!("✘ {}", self.say(T::NotReceived))),
            BidState::Refused => {
                let why = words::code(&result.code.unwrap_or_default(), &self.language);
                self.screen.say(format!("✘ {}: {why}", self.say(T::BidRefused)));
            }
        }
        if let Some(receipt) = result.receipt {
            self.show_receipt(number, &receipt);
        }
    }

    fn cannot(&mut self, error: CoreError) -> anyhow::Result<()> {
        if matches!(error, CoreError::Internal { .. }) {
            return Err(error.into());
        }
        let why = words::error(&error, &self.language);
        self.screen.say(format!("✘ {}: {why}", self.say(T::NotPossible)));
        Ok(())
    }

    /// Returns `true` if there is nothing more to wait for on this screen.
    async fn ended(&mut self, state: &LiveState, id: &str) -> anyhow::Result<bool> {
        let Some(closed) = state.closed.as_deref().filter(|why| *why != "deadline_passed") else {
            return Ok(false);
        };
        let ended = words::ended(closed, &self.language);
        self.screen.say(format!("■ {} · {}", self.say(T::Over), self.money(state.price)));
        self.screen.say(format!("  {ended}"));
        if closed == "won" && state.status == "qualification" {
            self.confirm_win(id).await?;
        }
        Ok(true)
    }

    async fn confirm_win(&mut self, id: &str) -> anyhow::Result<()> {
        let protocol = self.core.protocol(id.to_owned()).await?;
        let until = self.time(protocol.confirm_by);
        let price = self.money(protocol.price);
        self.screen.say(format!("★ {} · {price} · №\u{a0}{}", protocol.number, protocol.winner));
        self.screen.say(format!("  {} {until}", self.say(T::ConfirmUntil)));
        let answer = self.screen.ask(self.say(T::SignResult)).await;
        if is_yes(&answer) {
            self.core.confirm_award(id.to_owned()).await?;
            self.screen.say(format!("✔ {}", self.say(T::Signed)));
        } else if answer == Reply::Line("x".to_owned()) {
            let sure = self.screen.ask(self.say(T::RefuseSure)).await;
            if !is_yes(&sure) {
                self.screen.say(format!("⚠ {}", self.say(T::NotSigned)));
                return Ok(());
            }
            self.core.refuse_award(id.to_owned()).await?;
            self.screen.say(format!("■ {}", self.say(T::AwardRefused)));
        } else {
            self.screen.say(format!("⚠ {}", self.say(T::NotSigned)));
        }
        Ok(())
    }

    /// Two lines: how the auction stands, and what the person can do.
    fn panel(&self, state: &LiveState, quote: Option<&Quote>) -> Vec<String> {
        let clock = |micros: i64| TimeSpan(micros).to_string();
        let time = match (state.starts_in, state.ends_in) {
            _ if let Some(stopped) = &state.suspension => {
                let cause = words::code(&stopped.cause, &self.language);
                match stopped.resumes_in {
                    Some(left) => format!("⏸ {cause}. {} {}", self.say(T::WaitResume), clock(left)),
                    None => format!("⏸ {cause}. {}", self.say(T::ResumeUnknown)),
                }
            }
            (Some(left), _) => format!("{} {}", self.say(T::WaitStart), clock(left)),
            (None, Some(left)) => format!("{} {}", self.say(T::Left), clock(left)),
            (None, None) => "--:--".to_owned(),
        };
        let number = state.own_number.map(|own| format!(" · №\u{a0}{own}")).unwrap_or_default();
        // They are counted when applications close.
        let participants = match state.participants {
            0 => String::new(),
            count => format!(" · {}: {count}", self.say(T::Participants)),
        };
        let price = self.money(state.price);
        let facts = format!("{time} · {} {price}{participants}{number}", self.say(T::Price));
        if let Some(quote) = quote {
            let amount = self.money(quote.amount);
            let raised = self.say(T::YourRaisedPrice);
            return vec![facts, format!("{raised}: {amount}. {}", self.say(T::Confirm))];
        }
        let amount = state.amount.map(|amount| format!(" → {}", self.money(amount)));
        let amount = amount.unwrap_or_default();
        let button = match state.button.as_str() {
            "can_first_offer" => format!("[r] {}{amount}", self.say(T::FirstOffer)),
            "can_raise" => format!("[r] {}{amount}", self.say(T::Raise)),
            "leading" => format!("★ {}", self.say(T::YouLead)),
            button => words::button(button, &self.language).to_owned(),
        };
        vec![facts, button]
    }
}
