//! Money as it really comes: short, too much, late, twice, unannounced, falsely announced. What
//! is not credited goes back, and the books balance after each.

use anyhow::Context as _;
use std::collections::BTreeMap;
use toruk_server::clock::Clock as _;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::{Channel, Intent, IntentStatus, Status};
use toruk_sync::domain::id::{ApplicationId, IntentId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_tests::outside::payment_system::{CallbackFault, PaymentFault};
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::{ApiClient, random_uuid};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// Past the life of a wallet's code.
const AN_HOUR: TimeSpan = TimeSpan::hours(1);
/// The payment system is asked about a live attempt this often.
const POLL: TimeSpan = TimeSpan::seconds(10);

/// Someone whose application is in and whose deposit is due.
struct Payer {
    client: ApiClient,
    application: ApplicationId,
}

impl Payer {
    async fn new(stage: &OpenAuction, name: &str) -> anyhow::Result<Self> {
        let client = ApiClient::register(&stage.world, name).await?;
        let application = client.apply(&stage.view().await?).await?;
        Ok(Self { client, application })
    }

    async fn asks(&self, channel: Channel) -> anyhow::Result<Intent> {
        let id = IntentId(random_uuid()?);
        self.client.begin_payment(self.application, id, channel).await?.json()
    }

    /// The states of the bidder's application and deposit.
    async fn standing(&self) -> anyhow::Result<(ApplicationStatus, Status)> {
        let mine = self.client.mine(self.application).await?;
        Ok((mine.application.status, mine.deposit.context("no deposit")?.status))
    }
}

/// The books, in tyiyn, by account; accounts that stand at zero are left out. They balance.
async fn books(stage: &OpenAuction) -> anyhow::Result<BTreeMap<String, i64>> {
    let cashier = &stage.officials.cashier.official;
    let balances = stage.world.state().deposits.balances(cashier).await?;
    let sum: i64 = balances.iter().map(|balance| balance.amount_tyiyn).sum();
    assert_eq!(sum, 0, "the books do not balance: {balances:?}");
    let moved = balances.into_iter().filter(|balance| balance.amount_tyiyn != 0);
    Ok(moved.map(|balance| (balance.account, balance.amount_tyiyn)).collect())
}

/// Waits until nothing is unmatched any more and so much stands on deposits.
async fn settled(stage: &OpenAuction, deposits: i64) -> anyhow::Result<()> {
    let expected = match deposits {
        0 => BTreeMap::new(),
        sum => BTreeMap::from([("gateway".to_owned(), -sum), ("deposits".to_owned(), sum)]),
    };
    let settled =
        until("settled books", || async { Ok((books(stage).await? == expected).then_some(())) });
    let found = settled.await;
    assert_eq!(books(stage).await?, expected);
    found
}

/// Refunds so far, in tyiyn, the smallest first.
fn given_back(stage: &OpenAuction) -> Vec<i64> {
    let mut amounts: Vec<i64> =
        stage.world.payments.refunds().iter().map(|refund| refund.amount_tyiyn).collect();
    amounts.sort_unstable();
    amounts
}

#[tokio::test]
async fn money_that_does_not_fit_goes_back_and_what_fits_is_credited_once() -> anyhow::Result<()> {
    use ApplicationStatus::{Admitted, Eligible};
    let stage = OpenAuction::published().await?;
    let guarantee = stage.terms().await?.guarantee.get();
    let due = (Admitted, Status::Due);
    let paid = (Eligible, Status::Paid);
    let lines = [
        ("one tyiyn short", PaymentFault::Short(1), due, Some(guarantee - 1)),
        ("a som too much", PaymentFault::Over(100), paid, Some(100)),
        ("twice", PaymentFault::Doubled, paid, Some(guarantee)),
        ("as asked", PaymentFault::None, paid, None),
    ];
    let (mut deposits, mut back) = (0, Vec::new());
    for (name, fault, standing, refund) in lines {
        let payer = Payer::new(&stage, name).await?;
        let intent = payer.asks(Channel::WalletCode).await?;
        stage.world.payments.misbehave(|now| now.payment = fault);
        stage.world.payments.pay_code(&intent.code.context("no code")?, guarantee)?;
        deposits += if standing == paid { guarantee } else { 0 };
        back.extend(refund);
        back.sort_unstable();
        until("the refund", || async { Ok((given_back(&stage) == back).then_some(())) })
            .await
            .with_context(|| format!("{name}: {:?} instead of {back:?}", given_back(&stage)))?;
        settled(&stage, deposits).await.context(name)?;
        assert_eq!(payer.standing().await?, standing, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn late_money_counts_until_applications_close_even_if_its_code_died() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let terms = stage.terms().await?;
    let guarantee = terms.guarantee.get();
    let (late, too_late) = (Payer::new(&stage, "late").await?, Payer::new(&stage, "later").await?);
    let (dead, deader) =
        (late.asks(Channel::WalletCode).await?, too_late.asks(Channel::BranchCode).await?);

    stage.clock.advance(AN_HOUR);
    let dead_code = dead.code.context("no code")?;
    assert!(stage.world.payments.pay_code(&dead_code, guarantee).is_err(), "the code lives");
    stage.world.payments.pay_late(&dead_code, guarantee)?;
    settled(&stage, guarantee).await?;
    assert_eq!(late.standing().await?, (ApplicationStatus::Eligible, Status::Paid));
    let mine = late.client.mine(late.application).await?;
    assert_eq!(mine.intents[0].status, IntentStatus::SucceededLate);

    // A tick too late, though the auction itself has not noticed the close yet.
    stage.clock.set(terms.tender_end);
    stage.world.payments.pay_late(&deader.code.context("no code")?, guarantee)?;
    until("the refund", || async { Ok((given_back(&stage) == [guarantee]).then_some(())) }).await?;
    settled(&stage, guarantee).await?;
    assert_eq!(too_late.standing().await?, (ApplicationStatus::Admitted, Status::Due));
    stage.play_until(terms.start).await?;
    assert_eq!(stage.view().await?.auction.participants.len(), 0, "who has not paid takes part");
    let begun = too_late
        .client
        .begin_payment(too_late.application, IntentId(random_uuid()?), Channel::Card)
        .await?;
    assert!(matches!(
        begun.problem()?,
        (409, ProblemCode::DeadlinePassed | ProblemCode::WrongState)
    ));
    Ok(())
}

#[tokio::test]
async fn a_forged_callback_moves_nothing_and_a_lost_one_is_made_up_for() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let (world, deposits) = (&stage.world, &stage.world.state().deposits);
    let payer = Payer::new(&stage, "payer").await?;
    let intent = payer.asks(Channel::WalletCode).await?;
    // Asked about just now, it is not asked about again while the clock stands: whatever is
    // credited from here on, a callback did it.
    deposits.work().await?;
    let due = payer.standing().await?;
    assert_eq!(due.1, Status::Due);

    for (stamp, signature) in [("0", "00"), ("1795399200", "not hex"), ("", "")] {
        let forged = world
            .http()?
            .post(format!("{}/v1/payments/callback", world.origin))
            .header("x-merchant", "toruk")
            .header("x-timestamp", stamp)
            .header("x-signature", signature)
            .body(format!("{{\"order\":\"{}\"}}", intent.id));
        let answer = Answer::read(forged.send().await?).await?;
        assert_eq!(answer.problem()?, (401, ProblemCode::BadSignature));
    }
    world.payments.misbehave(|now| now.callback = CallbackFault::Forged);
    world.payments.pay_code(&intent.code.context("no code")?, intent.amount.get())?;
    let attempts = world.payments.callbacks_until(1).await;
    assert_eq!(attempts[0].answer, Some(401));
    deposits.work().await?;
    assert_eq!(payer.standing().await?, due, "credited by a forged callback");
    assert_eq!(books(&stage).await?, BTreeMap::new());

    stage.clock.advance(POLL);
    settled(&stage, intent.amount.get()).await?;
    assert_eq!(payer.standing().await?, (ApplicationStatus::Eligible, Status::Paid));

    let other = Payer::new(&stage, "other").await?;
    let intent = other.asks(Channel::BranchCode).await?;
    world.payments.misbehave(|now| now.callback = CallbackFault::Lost);
    world.payments.pay_code(&intent.code.context("no code")?, intent.amount.get())?;
    stage.clock.advance(POLL);
    settled(&stage, 2 * intent.amount.get()).await?;

    // Twice at the same moment, it is still one payment.
    let third = Payer::new(&stage, "third").await?;
    let intent = third.asks(Channel::Card).await?;
    world.payments.misbehave(|now| now.callback = CallbackFault::Doubled);
    let before = world.payments.callbacks().len();
    world.payments.pay_card(intent.id.0)?;
    let attempts = world.payments.callbacks_until(before + 2).await;
    let fine = |answer: Option<u16>| answer.is_some_and(|status| status < 300 || status == 401);
    assert!(attempts.iter().all(|attempt| fine(attempt.answer)), "{attempts:?}");
    settled(&stage, 3 * intent.amount.get()).await?;
    assert_eq!(given_back(&stage), [] as [i64; 0]);
    Ok(())
}

#[tokio::test]
async fn a_payment_system_that_is_down_is_a_typed_refusal_and_the_same_id_works_later()
-> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let payer = Payer::new(&stage, "payer").await?;
    let id = IntentId(random_uuid()?);
    let begin = || payer.client.begin_payment(payer.application, id, Channel::WalletCode);
    stage.world.payments.misbehave(|now| now.failing_calls = 1);
    let down = (503, ProblemCode::GatewayUnavailable);
    assert_eq!(begin().await?.problem()?, down);
    let intent: Intent = begin().await?.json()?;
    assert_eq!((intent.id, intent.status), (id, IntentStatus::CodeIssued));
    let again: Intent = begin().await?.json()?;
    assert_eq!(again, intent);
    let card = payer.client.begin_payment(payer.application, id, Channel::Card).await?;
    assert_eq!(card.problem()?, (409, ProblemCode::IdReused));
    let stranger = ApiClient::register(&stage.world, "stranger").await?;
    let mine = stranger.begin_payment(payer.application, id, Channel::WalletCode).await?;
    assert_eq!(mine.problem()?, (404, ProblemCode::NotFound));
    let path = format!("/v1/applications/{}/payments", payer.application);
    let amount = format!("{{\"id\":\"{}\",\"channel\":\"card\",\"amount\":1}}", random_uuid()?);
    for body in ["", "{}", "{\"id\":1,\"channel\":\"card\"}", "{\"channel\":\"gold\"}", &amount] {
        let problem = payer.client.post_raw(&path, body).await?.problem()?;
        assert_eq!(problem, (400, ProblemCode::Malformed), "{body}");
    }
    stage.world.payments.pay_code(&intent.code.context("no code")?, intent.amount.get())?;
    settled(&stage, intent.amount.get()).await
}

#[tokio::test]
async fn a_code_lives_30_minutes_in_a_wallet_60_at_a_branch_and_never_past_the_close()
-> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let tender_end = stage.terms().await?.tender_end;
    let payer = Payer::new(&stage, "payer").await?;
    let now = stage.clock.now();
    for (channel, life) in
        [(Channel::WalletCode, TimeSpan::minutes(30)), (Channel::BranchCode, TimeSpan::minutes(60))]
    {
        let intent = payer.asks(channel).await?;
        assert_eq!((intent.expires_at, intent.cut_short), (now + life, false), "{channel:?}");
        let order = stage.world.payments.order(intent.id.0).context("no order")?;
        assert_eq!(
            order.asked.expires_at, intent.expires_at,
            "the payment system was told otherwise"
        );
    }
    stage.play_until(tender_end - TimeSpan::minutes(20)).await?;
    let hurried = Payer::new(&stage, "hurried").await?;
    let intent = hurried.asks(Channel::BranchCode).await?;
    assert_eq!((intent.expires_at, intent.cut_short), (tender_end, false));
    stage.play_until(tender_end - TimeSpan::minutes(9)).await?;
    let intent = hurried.asks(Channel::WalletCode).await?;
    assert_eq!((intent.expires_at, intent.cut_short), (tender_end, true), "no warning");
    let code = intent.code.context("no code")?;
    stage.clock.set(tender_end - Timestamp::TICK);
    stage.world.payments.pay_code(&code, intent.amount.get())?;
    settled(&stage, intent.amount.get()).await
}
