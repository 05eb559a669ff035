//! The pages of reconciliation and of money that waits.

use super::super::language::Language;
use super::payments;
use super::samples::{money, now, official, page};
use crate::console::{money_tasks, reconciliation, transfers};
use crate::deposit::bank::BankLine;
use crate::deposit::{BankImport, ImportPreview, LineFate, TaskRow, Tasks};
use crate::deposit::{DayReport, MissingStatement, OverdueRefund, ReconciledDay, Reconciliations};
use crate::identity::Role;
use askama::Template as _;
use std::collections::BTreeMap;
use toruk_sync::domain::id::{IntentId, PersonId};
use toruk_sync::domain::money_task::{ImportedLine, MoneyTask, Remedy, TaskCause};
use toruk_sync::domain::reconciliation::{
    DayTotals, Difference, DifferenceKind, OperationKind, OperationTotal,
};
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

const REASON: &str = "Төлөөчү ката жазган, банк менен такталды";

pub fn pages(l: Language) -> Vec<(&'static str, String)> {
    let page_at = |path: &str| page(l, path, &[Role::Finance]);
    let missing = MissingStatement {
        day: "2026-11-30".parse().unwrap(),
        asked_at: now(),
        reason: "503".to_owned(),
    };
    let days = vec![day(3), day(0)];
    let known = Reconciliations { days, missing: Some(missing) };
    let list = reconciliation::compose(page_at("/console/reconciliation"), known);
    let none = Reconciliations { days: vec![], missing: None };
    let none = reconciliation::compose(page_at("/console/reconciliation"), none);
    let names = BTreeMap::from([
        (official(&[]).person, official(&[]).name),
        (other(), "Эркин Байматов".to_owned()),
    ]);
    let open = tasks();
    let found = open[..3].iter().map(|row| row.task.clone()).collect();
    let report = DayReport { day: day(3), lines: vec![], tasks: found };
    let path = "/console/reconciliation/2026-11-29";
    let one = reconciliation::compose_day(page_at(path), &report, &names);
    let agreed = DayReport { day: day(0), lines: vec![], tasks: vec![] };
    let agreed = reconciliation::compose_day(page_at(path), &agreed, &names);
    let overdue = OverdueRefund {
        id: Uuid::from_u128(4),
        payment: "KG0001796342".to_owned(),
        amount: money(1_250_000),
        due_at: now(),
    };
    let closed = vec![closed()];
    let attempt = payments::row(7);
    let attempts = BTreeMap::from([(attempt.intent.id, attempt)]);
    let all = Tasks { open, closed, attempts };
    let page = page_at("/console/money");
    let waiting = money_tasks::compose(page.clone(), all, vec![overdue], &names, None);
    let at_transfers = || page_at("/console/transfers");
    let fates = vec![
        LineFate::Matched { is_exact: true, is_namesake: true },
        LineFate::Matched { is_exact: false, is_namesake: false },
        LineFate::Unmatched,
        LineFate::OtherCurrency,
        LineFate::Known,
    ];
    let preview = ImportPreview { import: looked_at(), fates };
    let imported = transfers::compose_import(at_transfers(), &preview);
    let nothing = Tasks { open: vec![], closed: vec![], attempts: BTreeMap::new() };
    let nothing = money_tasks::compose(page, nothing, vec![], &names, None);
    vec![
        ("reconciliation", list.render().unwrap()),
        ("reconciliation-none", none.render().unwrap()),
        ("reconciliation-day", one.render().unwrap()),
        ("reconciliation-agreed", agreed.render().unwrap()),
        ("money", crediting(waiting.render().unwrap())),
        ("money-none", nothing.render().unwrap()),
        (
            "transfers",
            transfers::compose(at_transfers(), &[looked_at().head()], None).render().unwrap(),
        ),
        ("transfer-import", imported.render().unwrap()),
    ]
}

/// A page on which the second person sees which attempt to pay they credit.
fn crediting(page: String) -> String {
    let attempt = payments::row(7);
    let code = attempt.intent.code.unwrap();
    for shown in [&attempt.intent.id.to_string(), &code, &attempt.auction_name.number] {
        assert!(page.contains(shown.as_str()), "{shown}");
    }
    page
}

fn looked_at() -> BankImport {
    let line = |payer: &str, purpose: &str, currency: &str| BankLine {
        identity: payer.to_owned(),
        day: "2026-11-29".parse().unwrap(),
        amount: money(63_750),
        currency: currency.to_owned(),
        payer: payer.to_owned(),
        purpose: purpose.to_owned(),
        reference: None,
    };
    BankImport {
        id: Uuid::from_u128(6),
        by: other(),
        at: now(),
        name: "vypiska-29-11.xml".to_owned(),
        sha256: "9af2c01b".repeat(8),
        lines: vec![
            line("Асанов Үсөн", "Гарантийный взнос RF48 7777 7777 7777", "KGS"),
            line("ОсОО «Ак-Суу»", "RF48777777777778", "KGS"),
            line("Төлөгөнова Нурила", "Лот 42", "KGS"),
            line("John Smith", "deposit", "USD"),
            line("Асанов Үсөн", "Гарантийный взнос", "KGS"),
        ],
        left_out: 3,
        confirmed_at: None,
    }
}

fn other() -> PersonId {
    PersonId(Uuid::from_u128(8))
}

fn day(differences: u64) -> ReconciledDay {
    let total = |count, som: i64| OperationTotal { count, sum_tyiyn: som * 100 };
    let off = i64::from(differences > 0);
    ReconciledDay {
        day: "2026-11-29".parse().unwrap(),
        at: now(),
        lines: 143,
        totals: DayTotals {
            payments_stated: total(131, 48_731_250),
            payments_booked: total(131, 48_731_250 - off),
            refunds_stated: total(12, 2_400_000),
            refunds_booked: total(12, 2_400_000),
        },
        differences,
        is_beyond_work: false,
    }
}

fn difference(kind: DifferenceKind) -> TaskCause {
    TaskCause::Difference(Difference {
        day: "2026-11-29".parse().unwrap(),
        kind,
        operation: OperationKind::Payment,
        name: "KG0001796342".to_owned(),
        order: None,
        stated: Some((money(63_750), "KGS".to_owned())),
        booked: (kind != DifferenceKind::NotBooked).then(|| money(63_749)),
    })
}

/// One of each kind, in each place of its life.
fn tasks() -> Vec<TaskRow> {
    let me = official(&[]).person;
    let (refund, amount) = (Uuid::from_u128(77), money(1_250_000));
    let task = |cause| MoneyTask::new(Uuid::from_u128(1), cause, now());
    let row = |task: MoneyTask| TaskRow {
        may_take: task.proposal.is_none() && task.owner != Some(me),
        may_propose: task.owner == Some(me) && task.proposal.is_none(),
        may_decide: task.proposal.as_ref().is_some_and(|proposal| proposal.by != me),
        is_own: task.proposal.as_ref().is_some_and(|proposal| proposal.by == me),
        task,
    };
    let propose = |cause, remedy| {
        let taken = task(cause).take(other()).unwrap();
        taken.propose(other(), remedy, REASON, (Uuid::from_u128(9), now())).unwrap()
    };
    let line = ImportedLine {
        name: "bank:1".to_owned(),
        payer: "ОсОО «Ак-Суу»".to_owned(),
        purpose: "Кепилдик төлөм, лот 42".to_owned(),
        amount: money(63_750),
        currency: "KGS".to_owned(),
    };
    let dollars = ImportedLine { currency: "USD".to_owned(), ..line.clone() };
    vec![
        row(task(difference(DifferenceKind::Amount))),
        row(task(difference(DifferenceKind::NotBooked)).take(me).unwrap()),
        row(propose(difference(DifferenceKind::NotBooked), Remedy::GiveBack)),
        row(task(TaskCause::BankLine(line.clone())).take(me).unwrap()),
        row(propose(TaskCause::BankLine(line), Remedy::Credit(IntentId(Uuid::from_u128(7))))),
        row(propose(difference(DifferenceKind::NotBooked), Remedy::Note)),
        row(task(TaskCause::BankLine(dollars))),
        row(task(TaskCause::RefundRefused { refund, amount }).take(me).unwrap()),
        row(propose(TaskCause::RefundLarge { refund, amount }, Remedy::Send)),
        row(task(TaskCause::RefundByBank { refund, amount })),
    ]
}

fn closed() -> MoneyTask {
    let (refund, amount) = (Uuid::from_u128(77), money(1_250_000));
    let task = MoneyTask::new(Uuid::from_u128(3), TaskCause::RefundLarge { refund, amount }, now());
    let me = official(&[]).person;
    let read = Uuid::from_u128(9);
    let taken = task.take(other()).unwrap();
    let waiting = taken.propose(other(), Remedy::Send, REASON, (read, now())).unwrap();
    waiting.approve(me, read, now() + TimeSpan::minutes(5)).unwrap()
}
