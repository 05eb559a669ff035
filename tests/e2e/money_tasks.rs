//! Money that waits for people: what a statement of the payment system shows, refunds that two
//! send, transfers that fit nothing. In the end the books are whole.

use anyhow::Context as _;
use std::collections::BTreeMap;
use toruk_server::clock::Clock as _;
use toruk_server::deposit::Error;
use toruk_server::doctor::examine;
use toruk_server::identity::{Conflict, Official, Role};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::deposit::{Channel, Intent, Rejection};
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::money_task::{MoneyTask, Remedy, TaskCause};
use toruk_sync::domain::reconciliation::{DifferenceKind, OperationKind};
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::outside::payment_system::StatementFault;
use toruk_tests::world::api_client::{ApiClient, random_uuid};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;
use uuid::Uuid;

/// After the end of a day, when its statement has been asked for.
const NIGHT: TimeSpan = TimeSpan::hours(2);

struct Office {
    stage: OpenAuction,
    cashier: Official,
    colleague: Official,
}

impl Office {
    async fn of(stage: OpenAuction) -> anyhow::Result<Self> {
        let cashier = stage.officials.cashier.official.clone();
        let colleague = stage.world.official(Role::Finance, "Нурлан Осмонов").await?.official;
        Ok(Self { stage, cashier, colleague })
    }

    async fn new() -> anyhow::Result<Self> {
        Self::of(OpenAuction::published().await?).await
    }

    fn today(&self) -> BusinessDay {
        BusinessDay::of(self.stage.clock.now())
    }

    /// Plays on until the night after today; returns the day that is over.
    async fn night(&self) -> anyhow::Result<BusinessDay> {
        let day = self.today();
        self.stage.play_until(day.end() + NIGHT).await?;
        Ok(day)
    }

    /// The differences of payments. A refund that falls due while the clock leaps over midnight is
    /// booked on one day and stated on the other, until that one is compared.
    async fn differences(&self, day: BusinessDay) -> anyhow::Result<Vec<DifferenceKind>> {
        let deposits = &self.stage.world.state().deposits;
        let report = until("a comparison", || async {
            Ok(deposits.day_report(&self.cashier, day).await.ok())
        });
        let found = |task: &MoneyTask| match &task.cause {
            TaskCause::Difference(found) if task.end.is_none() => {
                (found.operation == OperationKind::Payment).then_some(found.kind)
            }
            _ => None,
        };
        Ok(report.await?.tasks.iter().filter_map(found).collect())
    }

    async fn tasks(&self) -> anyhow::Result<Vec<MoneyTask>> {
        let tasks = self.stage.world.state().deposits.money_tasks(&self.cashier).await?;
        Ok(tasks.open.into_iter().map(|row| row.task).collect())
    }

    async fn task(&self, kind: &'static str) -> anyhow::Result<MoneyTask> {
        let find =
            || async { Ok(self.tasks().await?.into_iter().find(|task| task.cause.key() == kind)) };
        until(kind, find).await
    }

    /// The cashier takes a task and proposes; returns the proposal's id.
    async fn proposed(&self, task: &MoneyTask, remedy: Remedy) -> anyhow::Result<Uuid> {
        let deposits = &self.stage.world.state().deposits;
        deposits.take_task(&self.cashier, task.id).await?;
        deposits.propose_remedy(&self.cashier, task.id, remedy, "Asked the bank").await?;
        let tasks = self.tasks().await?.into_iter();
        let waiting = tasks.filter(|other| other.id == task.id).find_map(|task| task.proposal);
        Ok(waiting.context("nothing is proposed")?.id)
    }

    async fn approved(&self, by: &Official, task: &MoneyTask, read: Uuid) -> Result<(), Error> {
        self.stage.world.state().deposits.approve_remedy(by, task.id, read).await
    }

    /// Two officials carry out a remedy.
    async fn both(&self, task: &MoneyTask, remedy: Remedy) -> anyhow::Result<()> {
        let read = self.proposed(task, remedy).await?;
        Ok(self.approved(&self.colleague, task, read).await?)
    }

    async fn balances(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        let balances = self.stage.world.state().deposits.balances(&self.cashier).await?;
        assert_eq!(balances.iter().map(|balance| balance.amount_tyiyn).sum::<i64>(), 0);
        let moved = balances.into_iter().filter(|balance| balance.amount_tyiyn != 0);
        Ok(moved.map(|balance| (balance.account, balance.amount_tyiyn)).collect())
    }

    async fn is_whole(&self) -> anyhow::Result<()> {
        let found = examine(&self.stage.world.state().context.db).await?;
        assert_eq!(found.damaged, []);
        Ok(())
    }

    fn refunded(&self) -> i64 {
        self.stage.world.payments.refunds().iter().map(|refund| refund.amount_tyiyn).sum()
    }
}

#[tokio::test]
async fn each_fault_of_a_statement_is_found_on_the_next_day() -> anyhow::Result<()> {
    use DifferenceKind::{Amount, Currency, Doubled, NotStated};
    for (fault, expected) in [
        (StatementFault::None, vec![]),
        (StatementFault::Missing, vec![NotStated]),
        (StatementFault::Doubled, vec![Doubled]),
        (StatementFault::Off(1), vec![Amount]),
        (StatementFault::Off(-1), vec![Amount]),
        (StatementFault::OtherCurrency, vec![Currency]),
        (StatementFault::Late, vec![NotStated]),
    ] {
        let office = Office::new().await?;
        for name in ["Айда", "Бек", "Чынар", "Данияр"] {
            office.stage.eligible(name).await?;
        }
        office.stage.world.payments.misbehave(|now| now.statement = fault);
        let day = office.night().await?;
        assert_eq!(office.differences(day).await?, expected, "{fault:?}");
        // A line that is a day late ends what was missing.
        let next = office.night().await?;
        if fault == StatementFault::Late {
            office.differences(next).await?;
            assert_eq!(office.differences(day).await?, [], "{fault:?}");
        }
        office.is_whole().await?;
    }
    Ok(())
}

#[tokio::test]
async fn strange_money_goes_back_when_two_people_of_finance_say_so() -> anyhow::Result<()> {
    let office = Office::new().await?;
    office.stage.world.payments.pay_unknown(random_uuid()?, 70_001)?;
    office.night().await?;
    let task = office.task("not_booked").await?;
    let read = office.proposed(&task, Remedy::GiveBack).await?;
    // One's own, and one's own under a second account.
    assert!(office.approved(&office.cashier, &task, read).await.is_err());
    let world = &office.stage.world;
    let names = world.state().identity.names(&[office.cashier.person]).await?;
    let name = names.get(&office.cashier.person).context("no name")?;
    let twin = world.official(Role::Finance, name).await?.official;
    let refused = office.approved(&twin, &task, read).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::OneHuman))), "{refused:?}");
    assert_eq!(office.balances().await?, BTreeMap::new());

    office.approved(&office.colleague, &task, read).await?;
    until("the refund", || async { Ok((office.refunded() == 70_001).then_some(())) }).await?;
    until("settled books", || async { Ok(office.balances().await?.is_empty().then_some(())) })
        .await?;
    let day = office.today().previous();
    office.stage.world.state().deposits.compare_again(&office.cashier, day).await?;
    assert_eq!(office.differences(day).await?, []);
    office.is_whole().await
}

#[tokio::test]
async fn a_refund_that_is_not_decided_yet_is_no_silence() -> anyhow::Result<()> {
    let office = Office::new().await?;
    let payments = &office.stage.world.payments;
    payments.pay_unknown(random_uuid()?, 70_001)?;
    office.night().await?;
    let task = office.task("not_booked").await?;
    // As many silent calls would open the circuit.
    payments.misbehave(|now| now.undecided_refunds = 6);
    office.both(&task, Remedy::GiveBack).await?;
    until("the refund", || async {
        let clock = &office.stage.clock;
        clock.set(clock.now() + TimeSpan::minutes(11));
        assert_eq!(office.stage.world.state().deposits.gateway_silent_since(), None);
        Ok((office.refunded() == 70_001).then_some(()))
    })
    .await?;
    until("settled books", || async { Ok(office.balances().await?.is_empty().then_some(())) })
        .await?;
    office.is_whole().await
}

#[tokio::test]
async fn a_large_refund_waits_until_two_people_send_it() -> anyhow::Result<()> {
    let rules = RuleProfile {
        admission: Admission::Auto,
        refund_joint_from: Some(Tyiyn::new(1)?),
        ..RuleProfile::sandbox(1)
    };
    let office = Office::of(OpenAuction::published_by(rules).await?).await?;
    let guarantee = office.stage.terms().await?.guarantee.get();
    office.stage.eligible("Айда").await?;
    // One participant is too few: the deposit goes back.
    office.stage.play_until(office.stage.terms().await?.start).await?;
    let task = office.task("refund_large").await?;
    assert_eq!(office.refunded(), 0);
    office.both(&task, Remedy::Send).await?;
    until("the refund", || async { Ok((office.refunded() == guarantee).then_some(())) }).await?;
    until("settled books", || async { Ok(office.balances().await?.is_empty().then_some(())) })
        .await?;
    office.is_whole().await
}

#[tokio::test]
async fn a_transfer_is_never_credited_to_a_deposit_that_is_paid() -> anyhow::Result<()> {
    let office = Office::new().await?;
    let client = ApiClient::register(&office.stage.world, "Айда").await?;
    let application = client.apply(&office.stage.view().await?).await?;
    let id = IntentId(random_uuid()?);
    let begun: Intent =
        client.begin_payment(application, id, Channel::BankTransfer).await?.json()?;
    let (day, guarantee) = (office.today(), begun.amount.get());
    let sum = format!("{},{:02}", guarantee / 100, guarantee % 100);
    let file = format!("date;payer;purpose;amount\n{day};Айда;лот;{sum}\n{day};Айда;лот;{sum}\n");
    let deposits = &office.stage.world.state().deposits;
    let sent = deposits.preview_import(&office.cashier, "kg.csv", file.as_bytes()).await?;
    deposits.confirm_import(&office.cashier, sent).await?;
    let tasks = office.tasks().await?;
    let [first, second] = &tasks[..] else { panic!("{tasks:?}") };
    office.both(first, Remedy::Credit(id)).await?;
    let paid = [("bank", -2 * guarantee), ("deposits", guarantee), ("unmatched", guarantee)];
    let paid = BTreeMap::from(paid.map(|(name, sum)| (name.to_owned(), sum)));
    assert_eq!(office.balances().await?, paid);

    let read = office.proposed(second, Remedy::Credit(id)).await?;
    let refused = office.approved(&office.colleague, second, read).await;
    assert!(matches!(refused, Err(Error::Rejected(Rejection::WrongState))), "{refused:?}");
    assert_eq!(office.balances().await?, paid);
    assert_eq!(office.tasks().await?.len(), 1, "nothing is to be refunded");
    // It goes back whole.
    deposits.decline_remedy(&office.colleague, second.id, read).await?;
    let read = office.proposed(second, Remedy::GiveBack).await?;
    office.approved(&office.colleague, second, read).await?;
    let by_bank = office.task("refund_by_bank").await?;
    office.both(&by_bank, Remedy::PaidByHand).await?;
    let expected = [("bank", -guarantee), ("deposits", guarantee)];
    assert_eq!(office.balances().await?, expected.map(|(name, sum)| (name.into(), sum)).into());
    office.is_whole().await
}

#[tokio::test]
async fn a_transfer_that_fits_nothing_is_credited_or_refunded_by_two() -> anyhow::Result<()> {
    let office = Office::new().await?;
    let client = ApiClient::register(&office.stage.world, "Айда").await?;
    let application = client.apply(&office.stage.view().await?).await?;
    let id = IntentId(random_uuid()?);
    let begun: Intent =
        client.begin_payment(application, id, Channel::BankTransfer).await?.json()?;
    assert!(begun.code.is_some_and(|code| code.starts_with("RF")));
    let (day, guarantee) = (office.today(), begun.amount.get());
    let file = format!(
        "date;payer;purpose;amount\n{day};Айда;кепилдик;{},{:02}\n{day};Бек;лот;5,00\n",
        guarantee / 100,
        guarantee % 100
    );
    let deposits = &office.stage.world.state().deposits;
    let sent = deposits.preview_import(&office.cashier, "kg.csv", file.as_bytes()).await?;
    deposits.confirm_import(&office.cashier, sent).await?;
    let tasks = office.tasks().await?;
    assert_eq!(tasks.len(), 2);
    let of = |payer: &str| {
        let is = |task: &&MoneyTask| match &task.cause {
            TaskCause::BankLine(line) => line.payer == payer,
            _ => false,
        };
        tasks.iter().find(is).context("no task")
    };
    office.both(of("Айда")?, Remedy::Credit(id)).await?;
    let expected = [("bank", -guarantee - 500), ("deposits", guarantee), ("unmatched", 500)];
    assert_eq!(office.balances().await?, expected.map(|(name, sum)| (name.into(), sum)).into());
    office.both(of("Бек")?, Remedy::GiveBack).await?;
    let by_bank = office.task("refund_by_bank").await?;
    office.both(&by_bank, Remedy::PaidByHand).await?;
    let expected = [("bank", -guarantee), ("deposits", guarantee)];
    assert_eq!(office.balances().await?, expected.map(|(name, sum)| (name.into(), sum)).into());
    assert_eq!(office.refunded(), 0, "nothing of it went through the payment system");
    office.is_whole().await
}
