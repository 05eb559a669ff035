//! Waiting to be let in, and paying the guarantee.

use super::Terminal;
use super::app_texts;
use super::screen::Reply;
use super::texts::T;
use super::words;
use std::time::Duration;
use toruk_mobile_core::api::lots::AuctionDetail;
use toruk_mobile_core::api::records::{PaymentChannel, PaymentCode};
use toruk_mobile_core::api::ways::PaymentWays;
use toruk_mobile_core::{CoreError, api::records::MyAuction};

/// Interval at which a waiting terminal asks for the deposit's state.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// A way to pay, as it is offered.
struct Way {
    channel: PaymentChannel,
    /// The bank or wallet, where one is chosen.
    provider: Option<String>,
    words: String,
}

/// The words for a channel.
fn kind_of(channel: PaymentChannel, language: &str) -> &'static str {
    let name = match channel {
        PaymentChannel::WalletCode => "pay_wallet",
        PaymentChannel::BranchCode => "pay_branch",
        PaymentChannel::Card => "pay_card",
        PaymentChannel::BankTransfer => "pay_transfer",
    };
    app_texts::text(name).map_or("", |texts| words::pick(&texts, language))
}

impl Terminal {
    /// Waits for admission, begins to pay, waits for the money; false when the person leaves or
    /// is not let in.
    pub async fn pay(&mut self, auction: &AuctionDetail) -> anyhow::Result<bool> {
        let mut said = None;
        let mut code: Option<PaymentCode> = None;
        loop {
            match self.core.my_auctions().await {
                Ok(mine) => {
                    let mut items = mine.items.into_iter();
                    let Some(mine) = items.find(|mine| mine.auction == auction.id) else {
                        return Ok(true);
                    };
                    match mine.status.as_str() {
                        "signed" => self.say_once(&mut said, T::WaitAdmission),
                        "admitted" if code.is_none() => {
                            code = self.begin(auction).await?;
                            if code.is_none() {
                                return Ok(false);
                            }
                        }
                        "admitted" => self.say_once(&mut said, T::WaitPayment),
                        "eligible" => {
                            self.screen.say(format!("✔ {}", self.say(T::Paid)));
                            return Ok(true);
                        }
                        _ => return self.out(&mine),
                    }
                }
                Err(CoreError::Offline) => self.say_once(&mut said, T::OfflineWait),
                Err(error) => return Err(error.into()),
            }
            tokio::select! {
                answer = self.screen.typed() => match answer {
                    Reply::Back => return Ok(false),
                    // Another way to pay, or a new code after the old one has expired.
                    Reply::Line(_) => code = None,
                },
                () = tokio::time::sleep(ASK_EVERY) => {}
            }
        }
    }

    fn out(&mut self, mine: &MyAuction) -> anyhow::Result<bool> {
        let status = words::application(&mine.status, &self.language);
        let reason = mine.reason.clone().map(|reason| format!(": {reason}"));
        self.screen.say(format!("{status}{}", reason.unwrap_or_default()));
        Ok(false)
    }

    /// Asks how, and shows what to pay with; `None` when the person leaves.
    async fn begin(&mut self, auction: &AuctionDetail) -> anyhow::Result<Option<PaymentCode>> {
        loop {
            let ways = match self.core.payment_ways().await {
                Ok(ways) => self.ways(ways),
                Err(error) => {
                    self.tell(error)?;
                    return Ok(None);
                }
            };
            self.screen.say(format!("\n{} · {}", self.say(T::Guarantee), self.say(T::Pay)));
            for (at, way) in ways.iter().enumerate() {
                self.screen.say(format!("  {} {}", at + 1, way.words));
            }
            let way = match self.screen.ask(self.say(T::PayHow)).await {
                Reply::Back => return Ok(None),
                Reply::Line(line) => {
                    let chosen = line.parse::<usize>().ok().and_then(|at| at.checked_sub(1));
                    chosen.and_then(|at| ways.into_iter().nth(at))
                }
            };
            let Some(Way { channel, provider, .. }) = way else { continue };
            match self.core.begin_payment_at(auction.id.clone(), channel, provider).await {
                Ok(begun) => {
                    let slip = self.core.payment_slip(auction.id.clone())?;
                    self.screen.say(format!("\n{}\n", slip.trim_end()));
                    if begun.cut_short {
                        self.screen.say(format!("⚠ {}", self.say(T::CutShort)));
                    }
                    if let Some(url) = &begun.redirect_url {
                        self.screen.say(format!("{}: {url}", self.say(T::PaymentSite)));
                    }
                    return Ok(Some(begun));
                }
                Err(error) => self.tell(error)?,
            }
        }
    }

    /// The ways to choose from: the banks and wallets, and the account where transfers are taken.
    fn ways(&self, of: PaymentWays) -> Vec<Way> {
        const CHANNELS: [PaymentChannel; 3] =
            [PaymentChannel::WalletCode, PaymentChannel::BranchCode, PaymentChannel::Card];
        let mut ways = Vec::new();
        for channel in CHANNELS {
            let kind = kind_of(channel, &self.language);
            let known = of.providers.iter().filter(|provider| provider.channel == channel);
            let named = known.map(|provider| Way {
                channel,
                provider: Some(provider.id.clone()),
                words: format!("{kind} · {}", provider.name),
            });
            let before = ways.len();
            ways.extend(named);
            if ways.len() == before {
                ways.push(Way { channel, provider: None, words: kind.to_owned() });
            }
        }
        if of.account.is_some() {
            let channel = PaymentChannel::BankTransfer;
            let words = kind_of(channel, &self.language).to_owned();
            ways.push(Way { channel, provider: None, words });
        }
        ways
    }

    fn say_once(&mut self, said: &mut Option<&'static str>, text: T) {
        let text = self.say(text);
        if *said != Some(text) {
            self.screen.say(format!("{text} (q)"));
            *said = Some(text);
        }
    }
}
