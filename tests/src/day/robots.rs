//! Robots that take part as people do: each has a real core, applies, pays, thinks, raises, and
//! gives up at a price of its own, so that a person can win.

use super::bidders::answers;
use super::diary::Diary;
use super::officials::paper;
use crate::outside::fcm::Registration;
use crate::world::World;
use crate::world::lots::Dice;
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::Core;
use toruk_mobile_core::api::live::LiveState;
use toruk_mobile_core::api::records::{MyAuction, PaymentChannel};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::TimeSpan;

/// Between two looks at a screen.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between two looks at "my auctions".
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The fewest raises after which a robot finds the price too high, and how many more it may be.
const RAISES: (usize, usize) = (3, 6);
/// One time in so many, a robot lets a round pass.
const PASSES_ONE_IN: usize = 4;

/// A robot and its phone.
pub struct Robot {
    name: &'static str,
    core: Arc<Core>,
    pushes: Registration,
    dice: Dice,
}

/// A robot's auctions and times in a round.
pub struct Round {
    /// The auction it applies to and bids for.
    pub contested: AuctionId,
    /// The auction it applies to only, so that there are enough participants.
    pub quiet: Option<AuctionId>,
    /// Real time until applications close.
    pub open_for: Duration,
    /// Speed of the demo's clock, in times of real time.
    pub speed: u32,
}

impl Robot {
    /// Switches a new phone on and registers.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn enter(world: &World, name: &'static str, seed: u64) -> anyhow::Result<Self> {
        let phone = world.phone(name)?;
        phone.core.register(name.to_owned()).await?;
        phone.core.register_push(Some(phone.pushes.token.clone())).await?;
        Ok(Self { name, core: phone.core, pushes: phone.pushes, dice: Dice(seed) })
    }

    /// Takes part in a round. Never ends by itself; what goes wrong is told, and the robot sits
    /// the rest of the round out.
    pub async fn play(&mut self, world: &World, diary: &Diary, round: &Round) {
        let Self { name, core, pushes, dice } = self;
        let part = Part { name, core, world, diary };
        tokio::join!(part.take(dice, round), part.hear(pushes));
    }

    /// Switches the phone off.
    pub fn leave(&self) {
        self.core.close();
    }
}

struct Part<'a> {
    name: &'static str,
    core: &'a Core,
    world: &'a World,
    diary: &'a Diary,
}

impl Part<'_> {
    async fn take(&self, dice: &mut Dice, round: &Round) {
        if let Err(error) = self.try_take(dice, round).await {
            self.diary.say(format!("{} (robot) is out of this round: {error:#}", self.name));
        }
    }

    async fn try_take(&self, dice: &mut Dice, round: &Round) -> anyhow::Result<()> {
        if self.core.account().is_some_and(|account| !account.signed_in) {
            self.core.sign_in().await?;
        }
        // The applications come in over the first third of the time.
        let third = round.open_for / 3;
        tokio::time::sleep(third * dice.below(100) as u32 / 100).await;
        for auction in [Some(round.contested), round.quiet].into_iter().flatten() {
            self.apply(auction).await.context("the application")?;
            self.pay(dice, auction).await.context("the deposit")?;
        }
        self.compete(dice, round).await
    }

    /// Shows the pushes as they come, those that are still true.
    async fn hear(&self, pushes: &mut Registration) {
        while let Some(message) = pushes.messages.recv().await {
            let Some(hint) = message.data.get("hint") else { continue };
            if let Ok(Some(shown)) = self.core.on_push(hint.clone()).await {
                let kind = shown.kind.replace('_', " ");
                self.diary.say(format!("push to {}: {kind} · «{}»", self.name, shown.body));
            }
        }
        // The day goes on without pushes.
        std::future::pending::<()>().await;
    }

    async fn apply(&self, auction: AuctionId) -> anyhow::Result<()> {
        let id = auction.to_string();
        let number = self.core.auction(id.clone()).await?.number;
        for (field, answer) in answers(self.name) {
            self.core.draft_set(id.clone(), field.to_owned(), Some(answer.to_owned()))?;
        }
        let (slot, name) = ("identity_document".to_owned(), "passport.pdf".to_owned());
        let bytes = paper(self.name);
        self.core.draft_attach(id.clone(), slot, name, "application/pdf".to_owned(), bytes)?;
        let status = self.core.submit(id).await?;
        anyhow::ensure!(status.state == "submitted", "not submitted: {status:?}");
        self.diary.say(format!("{number}  {} (robot) has applied", self.name));
        Ok(())
    }

    async fn pay(&self, dice: &mut Dice, auction: AuctionId) -> anyhow::Result<()> {
        self.mine(auction, "admitted").await?;
        let channels =
            [PaymentChannel::WalletCode, PaymentChannel::BranchCode, PaymentChannel::Card];
        let channel = channels[dice.below(channels.len())];
        let begun = self.core.begin_payment(auction.to_string(), channel).await?;
        match &begun.code {
            Some(code) => self.world.payments.pay_code(code, begun.amount)?,
            None => self.world.payments.pay_card(begun.intent.parse()?)?,
        };
        self.mine(auction, "eligible").await?;
        let number = self.core.auction(auction.to_string()).await?.number;
        self.diary.say(format!("{number}  {} (robot) has paid the guarantee", self.name));
        Ok(())
    }

    /// Waits until the bidder's application has this status. A moderator may take time, and may
    /// refuse.
    async fn mine(&self, auction: AuctionId, status: &str) -> anyhow::Result<MyAuction> {
        let id = auction.to_string();
        loop {
            let mine = self.core.my_auctions().await?.items;
            if let Some(mine) = mine.into_iter().find(|mine| mine.auction == id) {
                let refused = ["not_admitted", "disqualified", "withdrawn"];
                anyhow::ensure!(!refused.contains(&mine.status.as_str()), "{}", mine.status);
                if mine.status == status {
                    return Ok(mine);
                }
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    async fn compete(&self, dice: &mut Dice, round: &Round) -> anyhow::Result<()> {
        let id = round.contested.to_string();
        self.core.watch(id.clone())?;
        let result = self.bid(dice, round, &id).await;
        self.core.unwatch(id)?;
        result
    }

    async fn bid(&self, dice: &mut Dice, round: &Round, id: &str) -> anyhow::Result<()> {
        let enough = (RAISES.0 + dice.below(RAISES.1)) as u64;
        let mut passed = None;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let state = self.core.live_state(id.to_owned())?;
            match state.closed.as_deref() {
                Some("won") => return self.confirm(dice, id).await,
                Some("deadline_passed") | None => {}
                Some(_) => return Ok(()),
            }
            if state.amount.is_none() || state.round >= enough || passed == Some(state.round) {
                continue;
            }
            if state.round > 0 && dice.below(PASSES_ONE_IN) == 0 {
                passed = Some(state.round);
                continue;
            }
            tokio::time::sleep(thought(dice, &state, round.speed)).await;
            self.raise(id, state.round).await?;
        }
    }

    /// Raises if the price still is the one it thought about.
    async fn raise(&self, id: &str, round: u64) -> anyhow::Result<()> {
        let quote = match self.core.quote(id.to_owned()) {
            Ok(quote) if quote.round == round => quote,
            Ok(_) | Err(CoreError::Refused { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match self.core.place_bid(quote).await {
            // Somebody was faster: the refusal is in the log, and the screen shows the new price.
            Ok(_) | Err(CoreError::Refused { .. } | CoreError::Offline) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn confirm(&self, dice: &mut Dice, id: &str) -> anyhow::Result<()> {
        tokio::time::sleep(Duration::from_secs(2 + dice.below(5) as u64)).await;
        self.core.protocol(id.to_owned()).await?;
        Ok(self.core.confirm_award(id.to_owned()).await?)
    }
}

/// A robot's pause before its next bid: at most a third of a raise's window, so that it is never
/// late; longer before the first offer, so that a person may make it.
fn thought(dice: &mut Dice, state: &LiveState, speed: u32) -> Duration {
    let window = TimeSpan::minutes(5).0 / i64::from(speed.max(1));
    let (least, most) = if state.round == 0 { (30, 60) } else { (5, 33) };
    let percent = (least + dice.below(most - least)) as i64;
    Duration::from_micros(u64::try_from(window * percent / 100).unwrap_or(0))
}
