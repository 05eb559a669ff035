//! Paying the guarantee in each way there is.

use super::bidders::Bidders;
use super::officials::Officials;
use super::steps::Steps;
use crate::world::phone::Phone;
use crate::world::{World, until};
use anyhow::{Context as _, ensure};
use toruk_mobile_core::api::records::{MyAuction, PaymentChannel, PaymentCode};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::TimeSpan;

/// The channels of the five payments: the manual's three ways, a bank transfer, and the first again.
const CHANNELS: [PaymentChannel; 5] = [
    PaymentChannel::WalletCode,
    PaymentChannel::BranchCode,
    PaymentChannel::Card,
    PaymentChannel::BankTransfer,
    PaymentChannel::WalletCode,
];

/// Steps 14 to 20: the deposit, by wallet, at a branch, by card, by a transfer to the account.
pub async fn pay(
    (world, officials): (&World, &Officials),
    bidders: &Bidders,
    won: AuctionId,
    failing: AuctionId,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let ways = bidders.aida.core.payment_ways().await?;
    ensure!(ways.account.is_some(), "no account for bank transfers");
    for ((phone, auction), channel) in bidders.applicants(won, failing).into_iter().zip(CHANNELS) {
        let id = auction.to_string();
        let before = admitted(phone, auction).await?;
        let owed = before.deposit_status.is_none_or(|status| status == "due");
        steps.check(14, owed, "the guarantee payment opens after the application")?;
        let provider = ways.providers.iter().find(|provider| provider.channel == channel);
        let provider = provider.map(|provider| provider.id.clone());
        let is_listed = provider.is_some() || channel == PaymentChannel::BankTransfer;
        let code = phone.core.begin_payment_at(id.clone(), channel, provider).await?;
        steps.check(15, code.amount > 0, "\"go to the payment site\"")?;
        steps.check(16, is_listed, "a way to pay is chosen from the payment system's list")?;
        settle((world, officials), phone, auction, (channel, &code), steps).await?;
        let paid = until("a paid deposit", || async {
            let mine = phone.core.my_auctions().await?.items;
            let mut mine = mine.into_iter().filter(|mine| mine.auction == id);
            Ok(mine.next().filter(|mine| mine.deposit_status.as_deref() == Some("paid")))
        });
        let paid = paid.await.with_context(|| format!("{}'s deposit", phone.name))?;
        steps.check(20, paid.status == "eligible", "the payment is seen in \"my auctions\"")?;
    }
    Ok(())
}

async fn settle(
    (world, officials): (&World, &Officials),
    phone: &Phone,
    auction: AuctionId,
    (channel, code): (PaymentChannel, &PaymentCode),
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let life = TimeSpan(code.expires_at - world.clock.now().0);
    if channel == PaymentChannel::Card {
        ensure!(code.redirect_url.is_some(), "a card without the bank's page");
        let payment = world.payments.pay_card(code.intent.parse()?)?;
        let whole = payment.amount_tyiyn == code.amount;
        return steps.check(19, whole, "paid by card on the bank's page");
    }
    let number = code.code.clone().context("no payment code")?;
    match channel {
        PaymentChannel::WalletCode => {
            let half = life <= TimeSpan::minutes(30);
            steps.check(17, half, "a payment code for the wallet, good for 30 minutes at most")?;
        }
        _ => {
            // At the bank there may be no connection.
            phone.core.set_online(false)?;
            let slip = phone.core.payment_slip(auction.to_string())?;
            phone.core.set_online(true)?;
            ensure!(slip.contains(&number), "the slip does not show the code: {slip}");
            eprintln!("\n{}\n", slip.trim_end());
        }
    }
    match channel {
        PaymentChannel::BankTransfer => {
            world.bank.transfer(&phone.name, &number, Tyiyn::new(code.amount)?)?;
            let lines = officials.import_statement(world, 0).await?;
            ensure!(lines == 1, "{lines} lines instead of one transfer");
        }
        _ => {
            if channel == PaymentChannel::BranchCode {
                let hour = life <= TimeSpan::minutes(60);
                steps.check(
                    18,
                    hour,
                    "a slip for the branch, at hand offline, good for an hour at most",
                )?;
            }
            world.payments.pay_code(&number, code.amount)?;
        }
    }
    Ok(())
}

async fn admitted(phone: &Phone, auction: AuctionId) -> anyhow::Result<MyAuction> {
    let id = auction.to_string();
    let seen = until("an admitted application", || async {
        let mine = phone.core.my_auctions().await?.items;
        Ok(mine.into_iter().find(|mine| mine.auction == id && mine.status == "admitted"))
    });
    seen.await.with_context(|| format!("{} is not admitted", phone.name))
}
