//! The page of payments, for the gallery.

use super::money::pages as money_pages;
use super::samples::{auction_name, money, now, page};
use crate::console::language::Language;
use crate::console::payments;
use crate::deposit::{Balance, PaymentRow};
use crate::identity::Role;
use askama::Template as _;
use toruk_sync::domain::deposit::{Channel, Deposit, Intent, IntentStatus, Mismatch, Status};
use toruk_sync::domain::id::{ApplicationId, AuctionId, DepositId, IntentId};
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

/// One payment as it should be, one that is short, and one with a wrong date; and the pages of
/// reconciliation.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    let balances =
        ["gateway", "bank", "deposits", "refunds_due", "unmatched", "seller", "forfeited"];
    let balance = |account: &str| Balance { account: account.to_owned(), amount_tyiyn: -6_375_000 };
    let balances: Vec<Balance> = balances.into_iter().map(balance).collect();
    let fit = row(1);
    let short = PaymentRow { mismatch: Some(Mismatch::Short), ..row(2) };
    let ahead = Some(TimeSpan::hours(6));
    let wrong = PaymentRow { clock_fault: ahead, is_clock_open: true, ..row(3) };
    let reviewed = PaymentRow { clock_fault: ahead, ..row(4) };
    let shown = |rows, query: &str| {
        let page = page(language, "/console/payments", &[Role::Finance]);
        let composed =
            payments::compose(page, rows, balances.clone(), query.to_owned(), Some(now()));
        composed.render().unwrap()
    };
    let mut pages = vec![
        ("payments", shown(vec![fit, short, wrong, reviewed], "")),
        ("payments-none", shown(Vec::new(), "озгон")),
    ];
    pages.extend(money_pages(language));
    pages
}

pub(super) fn row(number: u128) -> PaymentRow {
    let (amount, deposit) = (money(63_750), DepositId(Uuid::from_u128(number)));
    PaymentRow {
        intent: Intent {
            id: IntentId(Uuid::from_u128(number)),
            deposit,
            channel: Channel::WalletCode,
            provider: None,
            amount,
            status: IntentStatus::Succeeded,
            code: Some(format!("4471 900{number}")),
            redirect_url: None,
            expires_at: now(),
            cut_short: false,
        },
        auction: AuctionId(Uuid::from_u128(5)),
        auction_name: auction_name(),
        deposit: Deposit {
            id: deposit,
            application: ApplicationId(Uuid::from_u128(9)),
            amount,
            status: Status::Paid,
            forfeit_proposed_by: None,
        },
        created_at: now(),
        received: amount,
        mismatch: None,
        clock_fault: None,
        is_clock_open: false,
        references: Vec::new(),
    }
}
