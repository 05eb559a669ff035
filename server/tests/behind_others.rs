//! Work that comes after a thousand rows that never end: it is done as if they were not there.

use crate::ground::gateway::GatewayWord;
use crate::ground::sale::Sale;
use sea_orm::{ActiveValue::Set, EntityTrait as _, IntoActiveModel as _};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_server::clock::Clock as _;
use toruk_server::entity::{auction, deposit, payment_intent, refund};
use toruk_server::worker;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::{Channel, Intent, Status};
use toruk_sync::domain::id::{ApplicationId, IntentId};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::deposit::BeginPayment;
use toruk_sync::protocol::operations::{Operation, Verdict};
use uuid::Uuid;

/// More than any round of a worker takes.
const OTHERS: u128 = 1_200;
/// Rows in one statement; both databases limit its parameters.
const CHUNK: usize = 500;

async fn insert<A>(sale: &Sale, rows: Vec<A>)
where
    A: sea_orm::ActiveModelTrait,
{
    let txn = sale.state().context.db.begin().await.unwrap();
    for chunk in rows.chunks(CHUNK) {
        let rows = A::Entity::insert_many(chunk.iter().cloned());
        rows.exec_without_returning(&txn).await.unwrap();
    }
    sale.state().context.db.commit(txn).await.unwrap();
}

async fn begin(sale: &Sale, application: ApplicationId) -> Intent {
    let id = IntentId(Uuid::from_u128(0xB));
    let request = BeginPayment { id, channel: Channel::WalletCode, provider: None };
    sale.state().deposits.begin(&sale.bidder, application, request).await.unwrap()
}

async fn standing(sale: &Sale, application: ApplicationId) -> (ApplicationStatus, Status) {
    let deposits = sale.state().deposits.of(&[application]).await.unwrap();
    let applications = sale.state().applications.of(sale.bidder.person).await.unwrap();
    (applications[0].status, deposits[&application].0.status)
}

async fn work(sale: &Sale, rounds: usize) {
    for _ in 0..rounds {
        sale.clock().pass(TimeSpan::seconds(1));
        sale.state().deposits.work().await.unwrap();
    }
}

/// The callback of a payment was lost. `status` is that of the others, all of which expire earlier.
async fn check_money_is_found(status: &str) {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application).await;
    let db = sale.state().context.db.read();
    let own = payment_intent::Entity::find_by_id(intent.id.0).one(db).await.unwrap().unwrap();
    let mut state: Intent = serde_json::from_str(&own.state).unwrap();
    let others = (0..OTHERS).map(|no| {
        state.id = IntentId(Uuid::from_u128(0x1000 + no));
        state.status = serde_json::from_value(status.into()).unwrap();
        payment_intent::ActiveModel {
            id: Set(state.id.0),
            status: Set(status.to_owned()),
            state: Set(serde_json::to_string(&state).unwrap()),
            expires_at: Set(own.expires_at - 1_000_000),
            ..own.clone().into_active_model()
        }
    });
    let others: Vec<_> = others.collect();
    insert(&sale, others).await;
    work(&sale, 13).await;
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    work(&sale, 14).await;
    let paid = (ApplicationStatus::Eligible, Status::Paid);
    assert_eq!(standing(&sale, application).await, paid, "behind {OTHERS} that are {status}");
}

#[tokio::test]
async fn money_whose_callback_was_lost_is_found_behind_a_thousand_settled_attempts() {
    check_money_is_found("succeeded").await;
}

#[tokio::test]
async fn money_whose_callback_was_lost_is_found_behind_a_thousand_attempts_that_go_on() {
    check_money_is_found("code_issued").await;
}

#[tokio::test]
async fn an_attempt_without_an_answer_keeps_no_other_from_being_asked_about() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application).await;
    let db = sale.state().context.db.read();
    let own = payment_intent::Entity::find_by_id(intent.id.0).one(db).await.unwrap().unwrap();
    let silent = IntentId(Uuid::from_u128(1));
    sale.gateway.say(silent.to_string(), GatewayWord::Nothing);
    let mut state: Intent = serde_json::from_str(&own.state).unwrap();
    state.id = silent;
    let other = payment_intent::ActiveModel {
        id: Set(silent.0),
        state: Set(serde_json::to_string(&state).unwrap()),
        ask_at: Set(Some(0)),
        ..own.into_active_model()
    };
    insert(&sale, vec![other]).await;
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    work(&sale, 2).await;
    assert_eq!(standing(&sale, application).await.1, Status::Paid);
}

/// The money of an application that was withdrawn goes back, behind refunds that don't.
async fn check_refund_is_paid(word: GatewayWord, others: u128, rounds: usize) {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application).await;
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    work(&sale, 1).await;
    let rows = (0..others).map(|no| {
        let payment = format!("other {no}");
        sale.gateway.say(payment.clone(), word);
        refund::ActiveModel {
            id: Set(Uuid::from_u128(0x1000 + no)),
            payment: Set(payment),
            deposit: Set(None),
            amount_tyiyn: Set(1),
            done_at: Set(None),
            created_at: Set(0),
            next_at: Set(0),
            attempts: Set(0),
            held: Set(None),
            due_at: Set(None),
        }
    });
    let rows: Vec<_> = rows.collect();
    insert(&sale, rows).await;
    let verdict = sale.push_one(2, Operation::WithdrawApplication { application }).await;
    assert_eq!(verdict, Verdict::Withdrawn);
    work(&sale, rounds).await;
    assert_eq!(standing(&sale, application).await.1, Status::Released, "{word:?}");
    assert_eq!(sale.gateway.given_back(), [("a".to_owned(), intent.amount.get())]);
}

#[tokio::test]
async fn money_goes_back_behind_a_thousand_refunds_that_are_refused() {
    check_refund_is_paid(GatewayWord::No, OTHERS, 15).await;
}

#[tokio::test]
async fn money_goes_back_behind_refunds_that_get_no_answer() {
    check_refund_is_paid(GatewayWord::Nothing, 4, 8).await;
}

#[tokio::test]
async fn a_deposit_is_released_behind_others_that_cannot_be() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    // The others' ids are smaller.
    for _ in 0..300 {
        sale.state().context.ports.ids.uuid();
    }
    let intent = begin(&sale, application).await;
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    work(&sale, 1).await;
    let db = sale.state().context.db.read();
    let own = deposit::Entity::find_by_id(intent.deposit.0).one(db).await.unwrap().unwrap();
    // No payment filled them, and their applications are gone.
    let others = (1..300_u128).map(|no| deposit::ActiveModel {
        id: Set(Uuid::from_u128(no)),
        application: Set(Uuid::from_u128((1 << 64) + no)),
        state: Set(own.state.replace(&own.id.to_string(), &Uuid::from_u128(no).to_string())),
        ..own.clone().into_active_model()
    });
    let others: Vec<_> = others.collect();
    insert(&sale, others).await;
    let verdict = sale.push_one(2, Operation::WithdrawApplication { application }).await;
    assert_eq!(verdict, Verdict::Withdrawn);
    work(&sale, 6).await;
    assert_eq!(standing(&sale, application).await.1, Status::Released);
}

#[tokio::test]
async fn an_auction_moves_on_behind_hundreds_whose_tick_fails() {
    let sale = Sale::new().await;
    let db = sale.state().context.db.read();
    let own = auction::Entity::find_by_id(sale.auction.0).one(db).await.unwrap().unwrap();
    let others = (0..250_u128).map(|no| auction::ActiveModel {
        id: Set(Uuid::from_u128(0x1000 + no)),
        number: Set(format!("damaged {no}")),
        state: Set("{}".to_owned()),
        wake_at: Set(Some(1)),
        ..own.clone().into_active_model()
    });
    let others: Vec<_> = others.collect();
    insert(&sale, others).await;
    let before = sale.auction().await.status;
    sale.until(sale.terms().await.tender_end);
    // A tick waits for bids that were stamped before, so somebody must decide them.
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    worker::bids::spawn(sale.state(), &stop, &tasks);
    for _ in 0..=3 {
        sale.state().auctions.tick_due().await.unwrap();
    }
    assert_ne!(sale.auction().await.status, before);
    stop.cancel();
}
