//! A day's statement against the ledger, and money that waits for an official of finance.

use crate::ground::gateway::GatewayWord;
use crate::ground::sale::{Sale, official};
use crate::money::begin;
use std::collections::BTreeMap;
use toruk_server::clock::Clock as _;
use toruk_server::db::StoreError;
use toruk_server::deposit::{Error, ReconciledDay};
use toruk_server::identity::{Official, Role};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::deposit::Rejection;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::money_task::{MoneyTask, Remedy, TaskCause};
use toruk_sync::domain::reconciliation::{DifferenceKind, OperationKind, StatementLine};
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

/// The guarantee is a tenth of 360 000 som.
const GUARANTEE: i64 = 3_600_000;

struct Books {
    sale: Sale,
    intent: IntentId,
    finance: Official,
    colleague: Official,
}

impl Books {
    /// A deposit that was paid by reference `a`.
    async fn paid() -> Self {
        let mut sale = Sale::new().await;
        let application = sale.apply().await;
        let intent = begin(&sale, application, 0xB).await.unwrap().id;
        let guarantee = Tyiyn::new(GUARANTEE).unwrap();
        sale.gateway.pay(intent, "a", guarantee, sale.clock().now());
        sale.state().deposits.reconcile(intent).await.unwrap();
        let (finance, colleague) = (official(21, Role::Finance), official(22, Role::Finance));
        Self { sale, intent, finance, colleague }
    }

    fn today(&self) -> BusinessDay {
        BusinessDay::of(self.sale.clock().now())
    }

    fn line(&self, name: &str, amount: i64, currency: &str) -> StatementLine {
        StatementLine {
            kind: OperationKind::Payment,
            name: name.to_owned(),
            order: Some(self.intent),
            amount: Tyiyn::new(amount).unwrap(),
            currency: currency.to_owned(),
            at: self.sale.clock().now(),
        }
    }

    fn states(&self, day: BusinessDay, lines: Vec<StatementLine>) {
        self.sale.gateway.statements.lock().unwrap().insert(day, lines);
    }

    /// Two hours after the end of the day; the worker compares what it has not compared.
    async fn next_day(&self) {
        self.sale.until(self.today().end() + TimeSpan::hours(2));
        self.round().await;
    }

    /// What the workers do.
    async fn round(&self) {
        let deposits = &self.sale.state().deposits;
        deposits.work().await.unwrap();
        deposits.reconcile_days().await.unwrap();
    }

    async fn differences(&self, day: BusinessDay) -> Vec<(DifferenceKind, String, &'static str)> {
        let deposits = &self.sale.state().deposits;
        let report = deposits.day_report(&self.finance, day).await.unwrap();
        let found = |task: MoneyTask| match task.cause {
            TaskCause::Difference(ref found) => (found.kind, found.name.clone(), task.status()),
            other => panic!("{other:?}"),
        };
        report.tasks.into_iter().map(found).collect()
    }

    async fn open(&self) -> Vec<MoneyTask> {
        let tasks = self.sale.state().deposits.money_tasks(&self.finance).await.unwrap();
        tasks.open.into_iter().map(|row| row.task).collect()
    }

    async fn balances(&self) -> BTreeMap<String, i64> {
        let balances = self.sale.state().deposits.balances(&self.finance).await.unwrap();
        assert_eq!(balances.iter().map(|balance| balance.amount_tyiyn).sum::<i64>(), 0);
        let moved = balances.into_iter().filter(|balance| balance.amount_tyiyn != 0);
        moved.map(|balance| (balance.account, balance.amount_tyiyn)).collect()
    }
}

#[tokio::test]
async fn each_day_is_compared_once_and_what_differs_waits_for_a_person() {
    use DifferenceKind::{Amount, Currency, Doubled, NotBooked, NotStated};
    let open = |kind, name: &str| vec![(kind, name.to_owned(), "open")];
    for (lines, expected) in [
        (vec![("a", GUARANTEE, "KGS")], vec![]),
        (vec![("a", GUARANTEE - 1, "KGS")], open(Amount, "a")),
        (vec![("a", GUARANTEE + 1, "KGS")], open(Amount, "a")),
        (vec![("a", GUARANTEE, "USD")], open(Currency, "a")),
        (vec![("a", GUARANTEE, "KGS"); 2], open(Doubled, "a")),
        (vec![("a", GUARANTEE, "KGS"), ("b", 1, "KGS")], open(NotBooked, "b")),
        (vec![], open(NotStated, "a")),
    ] {
        let books = Books::paid().await;
        let day = books.today();
        let stated: Vec<_> =
            lines.iter().map(|(name, sum, of)| books.line(name, *sum, of)).collect();
        books.states(day, stated);
        books.next_day().await;
        assert_eq!(books.differences(day).await, expected, "{lines:?}");
        // Once a day, and one task for one cause.
        books.round().await;
        books.sale.state().deposits.compare_again(&books.finance, day).await.unwrap();
        assert_eq!(books.differences(day).await, expected, "{lines:?}");
        let days = books.sale.state().deposits.reconciliations(&books.finance).await.unwrap();
        assert_eq!(days.days[0].differences, expected.len() as u64, "{lines:?}");
    }
}

#[tokio::test]
async fn a_line_that_comes_a_day_late_ends_what_was_missing() {
    let books = Books::paid().await;
    let day = books.today();
    books.next_day().await;
    assert_eq!(books.open().await.len(), 1);
    books.states(day.next(), vec![books.line("a", GUARANTEE, "KGS")]);
    books.next_day().await;
    assert_eq!(books.open().await, []);
    let missing = (DifferenceKind::NotStated, "a".to_owned(), "closed");
    assert_eq!(books.differences(day).await, [missing]);
    assert_eq!(books.differences(day.next()).await, []);
    // And once more, on a third day: now it is one too many.
    books.states(day.next().next(), vec![books.line("a", GUARANTEE, "KGS")]);
    books.next_day().await;
    let doubled = (DifferenceKind::Doubled, "a".to_owned(), "open");
    assert_eq!(books.differences(day.next().next()).await, [doubled]);
}

#[tokio::test]
async fn a_statement_that_is_not_there_is_asked_for_again_and_no_day_is_left_out() {
    let books = Books::paid().await;
    let day = books.today();
    *books.sale.gateway.down.lock().unwrap() = true;
    books.next_day().await;
    let deposits = &books.sale.state().deposits;
    let known = deposits.reconciliations(&books.finance).await.unwrap();
    assert_eq!(known.missing.map(|missing| missing.day), Some(day.previous().max(day)));
    *books.sale.gateway.down.lock().unwrap() = false;
    books.sale.clock().pass(TimeSpan::days(3));
    books.round().await;
    let known = deposits.reconciliations(&books.finance).await.unwrap();
    assert!(known.missing.is_none());
    let days: Vec<_> = known.days.iter().map(|known| known.day).collect();
    assert_eq!(days[0], books.today().previous());
    assert!(days.windows(2).all(|pair| pair[1].next() == pair[0]), "{days:?}");
}

#[tokio::test]
async fn a_day_of_which_too_much_differs_is_no_work_and_keeps_no_later_day_waiting() {
    const TOO_MANY: usize = 2_001;
    let books = Books::paid().await;
    let day = books.today();
    let strays = |count: usize| {
        let strays = (0..count).map(|no| books.line(&format!("stray-{no}"), 700, "KGS"));
        [books.line("a", GUARANTEE, "KGS")].into_iter().chain(strays).collect::<Vec<_>>()
    };
    books.states(day, strays(TOO_MANY));
    books.states(day.next(), vec![books.line("late", 700, "KGS")]);
    books.next_day().await;
    books.next_day().await;
    let deposits = &books.sale.state().deposits;
    let known = deposits.reconciliations(&books.finance).await.unwrap();
    let shown = |known: Vec<ReconciledDay>| -> Vec<_> {
        known.iter().map(|known| (known.day, known.differences, known.is_beyond_work)).collect()
    };
    let compared = [(day.next(), 1, false), (day, TOO_MANY as u64, true)];
    assert_eq!(
        (shown(known.days), known.missing.map(|missing| missing.day)),
        (compared.into(), None)
    );
    assert_eq!(books.open().await.len(), 1, "only of the later day");
    // Once the right statement is there, an official asks again.
    books.states(day, strays(1));
    deposits.compare_again(&books.finance, day).await.unwrap();
    let known = deposits.reconciliations(&books.finance).await.unwrap();
    assert_eq!(shown(known.days), [(day.next(), 1, false), (day, 1, false)]);
    assert_eq!(books.open().await.len(), 2);
    let report = deposits.day_report(&books.finance, day).await.unwrap();
    assert_eq!(report.lines.len(), 2, "lines of the first statement are left");
}

#[tokio::test]
async fn what_was_explained_stays_so_until_the_statement_says_something_else() {
    let books = Books::paid().await;
    let day = books.today();
    books.states(day, vec![books.line("a", GUARANTEE - 1, "KGS")]);
    books.next_day().await;
    let (deposits, finance) = (&books.sale.state().deposits, &books.finance);
    let status = async || books.differences(day).await.remove(0).2;
    let task = books.open().await.remove(0).id;
    deposits.take_task(finance, task).await.unwrap();
    deposits.propose_remedy(finance, task, Remedy::Note, "Their rounding").await.unwrap();
    deposits.compare_again(finance, day).await.unwrap();
    assert_eq!(status().await, "proposed");
    books.states(day, vec![books.line("a", GUARANTEE - 1_000, "KGS")]);
    deposits.compare_again(finance, day).await.unwrap();
    assert_eq!(status().await, "taken");
    let TaskCause::Difference(found) = books.open().await.remove(0).cause else { panic!() };
    assert_eq!(found.stated.map(|(amount, _)| amount.get()), Some(GUARANTEE - 1_000));
}

#[tokio::test]
async fn a_lapsed_proposal_locks_nobody_out() {
    let books = Books::paid().await;
    let stray = vec![books.line("a", GUARANTEE, "KGS"), books.line("stray", 700, "KGS")];
    books.states(books.today(), stray);
    books.next_day().await;
    let deposits = &books.sale.state().deposits;
    let task = books.open().await.remove(0).id;
    deposits.take_task(&books.finance, task).await.unwrap();
    deposits.propose_remedy(&books.finance, task, Remedy::GiveBack, "A stranger's").await.unwrap();
    let early = deposits.take_task(&books.colleague, task).await;
    assert!(matches!(early, Err(Error::Rejected(Rejection::WrongState))), "{early:?}");
    let until = books.open().await[0].proposal.clone().unwrap().expires_at;
    books.sale.until(until);
    let rows = deposits.money_tasks(&books.colleague).await.unwrap().open;
    let row = rows.iter().find(|row| row.task.id == task).unwrap();
    assert!(row.may_take && !row.may_decide);
    deposits.take_task(&books.colleague, task).await.unwrap();
    let taken = books.open().await.into_iter().find(|other| other.id == task).unwrap();
    assert_eq!((taken.owner, taken.proposal), (Some(books.colleague.person), None));
}

#[tokio::test]
async fn a_refund_that_is_not_decided_yet_keeps_no_other_one_waiting() {
    let books = Books::paid().await;
    let deposits = &books.sale.state().deposits;
    for name in ["b", "c"] {
        let guarantee = Tyiyn::new(GUARANTEE).unwrap();
        books.sale.gateway.pay(books.intent, name, guarantee, books.sale.clock().now());
        deposits.reconcile(books.intent).await.unwrap();
    }
    books.sale.gateway.say("b".to_owned(), GatewayWord::NotYet);
    books.round().await;
    assert_eq!(books.sale.gateway.given_back(), [("c".to_owned(), GUARANTEE)]);
    books.sale.gateway.words.lock().unwrap().clear();
    books.sale.clock().pass(TimeSpan::minutes(10));
    books.round().await;
    let both = ["b", "c"].map(|name| (name.to_owned(), GUARANTEE));
    assert_eq!(books.sale.gateway.given_back(), both);
}

#[tokio::test]
async fn money_that_nobody_booked_goes_back_when_two_people_say_so() {
    let books = Books::paid().await;
    let day = books.today();
    let paid = books.line("a", GUARANTEE, "KGS");
    books.states(day, vec![paid, books.line("stray", 700, "KGS")]);
    books.next_day().await;
    let (deposits, finance) = (&books.sale.state().deposits, &books.finance);
    let task = books.open().await.remove(0).id;
    let give_back = || deposits.propose_remedy(finance, task, Remedy::GiveBack, "A stranger's");
    let wrong = |error: Result<(), Error>| {
        assert!(matches!(error, Err(Error::Rejected(Rejection::WrongState))), "{error:?}");
    };
    wrong(give_back().await);
    deposits.take_task(finance, task).await.unwrap();
    let silent = deposits.propose_remedy(finance, task, Remedy::GiveBack, " \u{200b} ").await;
    assert!(matches!(silent, Err(Error::Rejected(Rejection::ReasonNeeded))), "{silent:?}");
    give_back().await.unwrap();
    let read = books.open().await[0].proposal.clone().unwrap().id;
    let alone = deposits.approve_remedy(finance, task, read).await;
    assert!(matches!(alone, Err(Error::Rejected(Rejection::SecondPersonNeeded))), "{alone:?}");
    wrong(deposits.approve_remedy(&books.colleague, task, Uuid::nil()).await);
    for role in [Role::Auditor, Role::Organiser, Role::Moderator, Role::Sysadmin] {
        let by = official(23, role);
        let refused = deposits.approve_remedy(&by, task, read).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{role}: {refused:?}");
    }
    let held = BTreeMap::from([("gateway".into(), -GUARANTEE), ("deposits".into(), GUARANTEE)]);
    assert_eq!(books.balances().await, held);
    // The author has no role in the database: nothing is carried out.
    let gone = deposits.approve_remedy(&books.colleague, task, read).await;
    assert!(matches!(gone, Err(Error::Store(StoreError::NotFound))), "{gone:?}");
    assert_eq!(books.balances().await, held);
}

#[tokio::test]
async fn a_refund_that_is_refused_is_tried_again_and_then_waits_for_people() {
    let books = Books::paid().await;
    let deposits = &books.sale.state().deposits;
    books.sale.gateway.say("b".to_owned(), GatewayWord::No);
    let twice = Tyiyn::new(GUARANTEE).unwrap();
    books.sale.gateway.pay(books.intent, "b", twice, books.sale.clock().now());
    deposits.reconcile(books.intent).await.unwrap();
    let mut waits = Vec::new();
    for minutes in [0, 10, 20, 40, 80] {
        waits.push(books.open().await.len());
        books.sale.clock().pass(TimeSpan::minutes(minutes));
        books.round().await;
    }
    assert_eq!(waits, [0; 5]);
    let task = books.open().await.remove(0);
    assert_eq!((task.cause.key(), task.status()), ("refund_refused", "open"));
    books.sale.clock().pass(TimeSpan::days(9));
    books.round().await;
    let overdue = deposits.overdue_refunds(&books.finance).await.unwrap();
    assert_eq!(overdue.iter().map(|row| row.payment.as_str()).collect::<Vec<_>>(), ["b"]);
    // One person sends again what was decided long ago.
    books.sale.gateway.words.lock().unwrap().clear();
    deposits.take_task(&books.finance, task.id).await.unwrap();
    let sent = deposits.propose_remedy(&books.finance, task.id, Remedy::Send, "They are back");
    sent.await.unwrap();
    books.round().await;
    assert_eq!(books.sale.gateway.given_back(), [("b".to_owned(), GUARANTEE)]);
    assert!(deposits.overdue_refunds(&books.finance).await.unwrap().is_empty());
}
