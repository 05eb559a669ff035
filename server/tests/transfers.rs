//! Bank transfers against a real database: a statement is looked at, then booked, each line once.

use crate::ground::sale::{Sale, official};
use crate::money::standing;
use std::collections::BTreeMap;
use toruk_server::deposit::bank::StatementFault;
use toruk_server::deposit::{Error, ImportError, LineFate};
use toruk_server::doctor::examine;
use toruk_server::identity::{Conflict, Official, Role};
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::{Channel, Intent, IntentStatus, Status};
use toruk_sync::domain::id::{ApplicationId, IntentId};
use toruk_sync::domain::money_task::Remedy;
use toruk_sync::protocol::deposit::BeginPayment;
use uuid::Uuid;

/// The guarantee is a tenth of 360 000 som.
const GUARANTEE: i64 = 3_600_000;

struct Desk {
    sale: Sale,
    application: ApplicationId,
    intent: Intent,
    finance: Official,
}

impl Desk {
    async fn new() -> Self {
        let mut sale = Sale::new().await;
        let application = sale.apply().await;
        let id = IntentId(Uuid::from_u128(0xB));
        let request = BeginPayment { id, channel: Channel::BankTransfer, provider: None };
        let deposits = &sale.state().deposits;
        let intent = deposits.begin(&sale.bidder, application, request).await.unwrap();
        Self { sale, application, intent, finance: official(21, Role::Finance) }
    }

    fn code(&self) -> &str {
        self.intent.code.as_deref().unwrap()
    }

    async fn fates(&self, file: &str) -> (Uuid, Vec<LineFate>) {
        let deposits = &self.sale.state().deposits;
        let sent = deposits.preview_import(&self.finance, "kg.csv", file.as_bytes()).await;
        let id = sent.unwrap();
        (id, deposits.import_preview(&self.finance, id).await.unwrap().fates)
    }

    async fn book(&self, file: &str) {
        let (id, _) = self.fates(file).await;
        self.sale.state().deposits.confirm_import(&self.finance, id).await.unwrap();
    }

    async fn balances(&self) -> BTreeMap<String, i64> {
        let balances = self.sale.state().deposits.balances(&self.finance).await.unwrap();
        assert_eq!(balances.iter().map(|balance| balance.amount_tyiyn).sum::<i64>(), 0);
        let moved = balances.into_iter().filter(|balance| balance.amount_tyiyn != 0);
        moved.map(|balance| (balance.account, balance.amount_tyiyn)).collect()
    }

    async fn tasks(&self) -> Vec<&'static str> {
        let tasks = self.sale.state().deposits.money_tasks(&self.finance).await.unwrap();
        tasks.open.iter().map(|row| row.task.cause.key()).collect()
    }
}

/// A statement of one day.
fn csv(lines: &[(&str, i64, &str)]) -> String {
    let line = |(purpose, tyiyn, currency): &(&str, i64, &str)| {
        let (som, rest) = (tyiyn / 100, tyiyn % 100);
        format!("2026-11-23;Асанов;{purpose};{som},{rest:02};{currency}\n")
    };
    let lines: String = lines.iter().map(line).collect();
    format!("date;payer;purpose;amount;currency\n{lines}")
}

#[tokio::test]
async fn a_transfer_is_credited_by_its_reference_once_however_often_it_is_stated() {
    let desk = Desk::new().await;
    assert_eq!(desk.intent.status, IntentStatus::CodeIssued);
    assert_eq!(desk.intent.expires_at, desk.sale.terms().await.tender_end);
    let line = (desk.code(), GUARANTEE, "KGS");
    let file = csv(&[line]);
    let (id, fates) = desk.fates(&file).await;
    assert!(matches!(fates[..], [LineFate::Matched { is_exact: true, .. }]), "{fates:?}");
    let due = (ApplicationStatus::Admitted, Status::Due);
    assert_eq!(standing(&desk.sale, desk.application).await, due, "looking books nothing");
    let deposits = &desk.sale.state().deposits;
    deposits.confirm_import(&desk.finance, id).await.unwrap();
    let paid = (ApplicationStatus::Eligible, Status::Paid);
    assert_eq!(standing(&desk.sale, desk.application).await, paid);
    // Confirmed again, sent again, and in another file beside others.
    deposits.confirm_import(&desk.finance, id).await.unwrap();
    assert_eq!(desk.fates(&file).await.1, [LineFate::Known]);
    desk.book(&file).await;
    desk.book(&csv(&[line, ("лот 42", 500, "KGS")])).await;
    let held = GUARANTEE + 500;
    let expected = [("bank", -held), ("deposits", GUARANTEE), ("unmatched", 500)];
    assert_eq!(desk.balances().await, expected.map(|(name, sum)| (name.into(), sum)).into());
    assert_eq!(desk.tasks().await, ["bank_line"]);
    assert_eq!(examine(&desk.sale.state().context.db).await.unwrap().damaged, []);
}

#[tokio::test]
async fn what_does_not_fit_waits_for_people_and_is_in_the_books() {
    let due = (ApplicationStatus::Admitted, Status::Due);
    let paid = (ApplicationStatus::Eligible, Status::Paid);
    for (amount, currency, known, standing_then, balances, tasks) in [
        (
            GUARANTEE - 1,
            "KGS",
            true,
            due,
            vec![("unmatched", GUARANTEE - 1)],
            vec!["refund_by_bank"],
        ),
        (
            GUARANTEE + 1,
            "KGS",
            true,
            paid,
            vec![("deposits", GUARANTEE), ("unmatched", 1)],
            vec!["refund_by_bank"],
        ),
        (GUARANTEE, "USD", true, due, vec![], vec!["bank_line"]),
        (GUARANTEE, "KGS", false, due, vec![("unmatched", GUARANTEE)], vec!["bank_line"]),
    ] {
        let desk = Desk::new().await;
        let purpose = if known { desk.code().to_owned() } else { "Лот 42".to_owned() };
        desk.book(&csv(&[(&purpose, amount, currency)])).await;
        let name = format!("{amount} {currency} {known}");
        assert_eq!(standing(&desk.sale, desk.application).await, standing_then, "{name}");
        let mut expected: BTreeMap<String, i64> =
            balances.iter().map(|(account, sum)| ((*account).to_owned(), *sum)).collect();
        let held: i64 = expected.values().sum();
        if held > 0 {
            expected.insert("bank".to_owned(), -held);
        }
        assert_eq!(desk.balances().await, expected, "{name}");
        assert_eq!(desk.tasks().await, tasks, "{name}");
        // No transfer goes back through the payment system.
        desk.sale.state().deposits.work().await.unwrap();
        assert!(desk.sale.gateway.given_back().is_empty(), "{name}");
        assert_eq!(examine(&desk.sale.state().context.db).await.unwrap().damaged, [], "{name}");
    }
}

#[tokio::test]
async fn nobody_credits_a_transfer_to_an_attempt_of_their_own() {
    let desk = Desk::new().await;
    desk.book(&csv(&[("лот 42", GUARANTEE, "KGS")])).await;
    let (deposits, credit) = (&desk.sale.state().deposits, Remedy::Credit(desk.intent.id));
    let payer = Official { person: desk.sale.bidder.person, ..official(22, Role::Finance) };
    let task = deposits.money_tasks(&payer).await.unwrap().open.remove(0).task.id;
    deposits.take_task(&payer, task).await.unwrap();
    let proposed = deposits.propose_remedy(&payer, task, credit, "Mine").await;
    let is_own =
        |refused: &Result<(), Error>| matches!(refused, Err(Error::Conflict(Conflict::SamePerson)));
    assert!(is_own(&proposed), "{proposed:?}");
    deposits.take_task(&desk.finance, task).await.unwrap();
    deposits.propose_remedy(&desk.finance, task, credit, "Theirs").await.unwrap();
    // The second person sees which attempt they would credit.
    let tasks = deposits.money_tasks(&payer).await.unwrap();
    assert_eq!(tasks.attempts[&desk.intent.id].intent.code, desk.intent.code);
    let read = tasks.open[0].task.proposal.clone().unwrap().id;
    let approved = deposits.approve_remedy(&payer, task, read).await;
    assert!(is_own(&approved), "{approved:?}");
    let expected = [("bank", -GUARANTEE), ("unmatched", GUARANTEE)];
    assert_eq!(desk.balances().await, expected.map(|(name, sum)| (name.into(), sum)).into());
}

#[tokio::test]
async fn a_statement_is_sent_by_finance_alone_and_a_broken_one_leaves_nothing() {
    let desk = Desk::new().await;
    let deposits = &desk.sale.state().deposits;
    for role in [Role::Auditor, Role::Moderator, Role::Organiser, Role::Sysadmin] {
        let by = official(30, role);
        let refused = deposits.preview_import(&by, "a", b"date,purpose,amount\n").await;
        let forbidden = matches!(refused, Err(ImportError::Other(Error::Forbidden)));
        assert!(forbidden, "{role}: {refused:?}");
    }
    let broken = format!("{}2026-11-31;a;b;1;KGS\n", csv(&[(desk.code(), GUARANTEE, "KGS")]));
    let refused = deposits.preview_import(&desk.finance, "a", broken.as_bytes()).await;
    let malformed = matches!(refused, Err(ImportError::File(StatementFault::Malformed(3))));
    assert!(malformed, "{refused:?}");
    assert!(deposits.bank_imports(&desk.finance).await.unwrap().is_empty());
    assert!(desk.balances().await.is_empty());
}
