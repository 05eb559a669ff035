//! Applications and money against a real database: credited once, and refunded when due.

use crate::ground::gateway::SEAL;
use crate::ground::sale::{DOCUMENT, HERE, Sale, hash, official, stream};
use toruk_server::blob;
use toruk_server::clock::Clock as _;
use toruk_server::deposit::Error;
use toruk_server::identity::Role;
use toruk_sync::domain::application::{Rejection, Status as ApplicationStatus};
use toruk_sync::domain::deposit::{Channel, Intent, IntentStatus, Status};
use toruk_sync::domain::id::{ApplicationId, IntentId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::{Draft, draft_id};
use toruk_sync::protocol::deposit::BeginPayment;
use toruk_sync::protocol::operations::{Operation, OperationRejection, Verdict};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

fn edit(sale: &Sale, field: &str, value: &str) -> Operation {
    let part = Draft::default().set(field, Some(value.to_owned()), sale.bidder.actor);
    let draft = draft_id(sale.bidder.person, sale.auction);
    Operation::EditDraft { draft, auction: sale.auction, part }
}

pub async fn begin(sale: &Sale, application: ApplicationId, id: u128) -> Result<Intent, Error> {
    let request = BeginPayment {
        id: IntentId(Uuid::from_u128(id)),
        channel: Channel::WalletCode,
        provider: None,
    };
    sale.state().deposits.begin(&sale.bidder, application, request).await
}

pub async fn standing(sale: &Sale, application: ApplicationId) -> (ApplicationStatus, Status) {
    let deposits = sale.state().deposits.of(&[application]).await.unwrap();
    let applications = sale.state().applications.of(sale.bidder.person).await.unwrap();
    (applications[0].status, deposits[&application].0.status)
}

async fn balances(sale: &Sale) -> Vec<(String, i64)> {
    let auditor = official(9, Role::Auditor);
    let balances = sale.state().deposits.balances(&auditor).await.unwrap();
    assert_eq!(balances.iter().map(|balance| balance.amount_tyiyn).sum::<i64>(), 0);
    let moved = balances.into_iter().filter(|balance| balance.amount_tyiyn != 0);
    moved.map(|balance| (balance.account, balance.amount_tyiyn)).collect()
}

#[tokio::test]
async fn an_application_signed_without_a_connection_is_taken_in_once() {
    let mut sale = Sale::new().await;
    sale.upload().await;
    let package = sale.package().await;
    let operation = sale.sign(package);
    let first = sale.push_one(1, operation.clone()).await;
    assert!(matches!(first, Verdict::Submitted { .. }), "{first:?}");
    sale.clock().pass(TimeSpan::hours(1));
    // The reply was lost; the same number is sent again.
    assert_eq!(sale.push_one(1, operation.clone()).await, first);
    // The very same package under another number.
    assert_eq!(sale.push_one(2, operation).await, first);
    // Another content under a number that was used.
    let conflict = sale.push_one(2, edit(&sale, "full_name", "Аида")).await;
    assert_eq!(conflict, Verdict::Refused(OperationRejection::OpConflict));
    // The draft is closed by then.
    assert_eq!(sale.push_one(3, edit(&sale, "full_name", "Аида")).await, Verdict::DraftClosed);
}

#[tokio::test]
async fn a_refused_operation_takes_its_number_and_stands_in_nobodys_way() {
    let mut sale = Sale::new().await;
    let package = sale.package().await;
    let unsigned = sale.sign(package.clone());
    let mut tampered = sale.sign(package.clone());
    if let Operation::SubmitApplication { package, .. } = &mut tampered {
        package.answers.insert("full_name".to_owned(), "Бек".to_owned());
    }
    let ops = vec![
        sale.op(1, unsigned),
        sale.op(2, tampered),
        sale.op(3, edit(&sale, "full_name", "Аида")),
        sale.op(5, edit(&sale, "full_name", "Бек")),
    ];
    let (outcomes, next) = sale.push(ops).await;
    let missing = OperationRejection::FilesMissing { sha256: vec![hash(DOCUMENT)] };
    assert_eq!(outcomes[0].verdict, Verdict::Refused(missing));
    assert_eq!(outcomes[1].verdict, Verdict::Refused(OperationRejection::BadSignature));
    assert!(matches!(outcomes[2].verdict, Verdict::Merged { .. }));
    assert_eq!((outcomes.len(), next), (3, 4));
    let drafts = sale.state().drafts.of(sale.bidder.person).await.unwrap();
    assert_eq!(drafts.len(), 1);
}

#[tokio::test]
async fn what_was_received_in_time_is_in_time_whenever_it_is_decided() {
    let mut sale = Sale::new().await;
    sale.upload().await;
    let package = sale.package().await;
    let operation = sale.sign(package);
    let op = sale.op(1, operation);
    let tender_end = sale.terms().await.tender_end;
    sale.until(tender_end - Timestamp::TICK);
    // Received, but the server failed before it decided.
    let received_at = sale.clock().now();
    journal(&sale, 1, &canonical_json(&op), received_at).await;
    sale.until(tender_end + TimeSpan::minutes(5));
    let (outcomes, _) = sale.push(vec![op]).await;
    let Verdict::Submitted { received_at: counted, .. } = outcomes[0].verdict else {
        panic!("not submitted: {outcomes:?}");
    };
    assert_eq!(counted, received_at);
}

#[tokio::test]
async fn an_application_that_waited_on_the_phone_is_late_at_the_deadline() {
    let mut sale = Sale::new().await;
    sale.upload().await;
    let package = sale.package().await;
    let operation = sale.sign(package);
    let tender_end = sale.terms().await.tender_end;
    sale.until(tender_end);
    let late = OperationRejection::Application(Rejection::DeadlinePassed { tender_end });
    assert_eq!(sale.push_one(1, operation).await, Verdict::Refused(late));
}

#[tokio::test]
async fn a_package_is_as_late_as_the_last_of_its_files() {
    let mut sale = Sale::new().await;
    let package = sale.package().await;
    let operation = sale.sign(package);
    let op = sale.op(1, operation);
    let tender_end = sale.terms().await.tender_end;
    sale.until(tender_end - Timestamp::TICK);
    journal(&sale, 1, &canonical_json(&op), sale.clock().now()).await;
    sale.until(tender_end);
    sale.upload().await;
    let (outcomes, _) = sale.push(vec![op]).await;
    let late = OperationRejection::Application(Rejection::DeadlinePassed { tender_end });
    assert_eq!(outcomes[0].verdict, Verdict::Refused(late));
}

async fn journal(sale: &Sale, op_no: i64, raw: &str, received_at: Timestamp) {
    use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
    use toruk_server::entity::intake_journal;
    let db = &sale.state().context.db;
    let txn = db.begin().await.unwrap();
    let row = intake_journal::ActiveModel {
        id: Set(Uuid::from_u128(0xF00)),
        device: Set(sale.bidder.device.0),
        op_no: Set(op_no),
        received_at: Set(received_at.0),
        raw: Set(raw.to_owned()),
    };
    row.insert(&txn).await.unwrap();
    db.commit(txn).await.unwrap();
}

/// Pays each of `payments` (reference, part of the deposit in percent, seconds after the close of
/// applications) and lets the worker and a callback check, in turn and repeatedly.
async fn check_payments(
    payments: &[(&str, i64, i64)],
    expected: (ApplicationStatus, Status, IntentStatus),
    balance: &[(&str, i64)],
    given_back: &[(&str, i64)],
) {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    let terms = sale.terms().await;
    for (reference, percent, after_end) in payments {
        let amount = Tyiyn::new(terms.guarantee.get() * percent / 100).unwrap();
        let paid_at = terms.tender_end + TimeSpan::seconds(*after_end);
        sale.until(paid_at.max(sale.clock().now()));
        sale.gateway.pay(intent.id, reference, amount, paid_at);
        sale.state().deposits.reconcile(intent.id).await.unwrap();
        sale.state().deposits.reconcile(intent.id).await.unwrap();
    }
    let (application_status, deposit_status) = standing(&sale, application).await;
    let deposits = sale.state().deposits.of(&[application]).await.unwrap();
    let intent = deposits[&application].1[0].clone();
    assert_eq!((application_status, deposit_status, intent.status), expected, "{payments:?}");
    sale.state().deposits.work().await.unwrap();
    sale.state().deposits.work().await.unwrap();
    let balance: Vec<_> = balance.iter().map(|(name, sum)| ((*name).to_owned(), *sum)).collect();
    assert_eq!(balances(&sale).await, balance, "{payments:?}");
    let expected: Vec<_> = given_back.iter().map(|(of, sum)| ((*of).to_owned(), *sum)).collect();
    assert_eq!(sale.gateway.given_back(), expected, "{payments:?}");
}

/// The guarantee is a tenth of 360 000 som.
const GUARANTEE: i64 = 3_600_000;

#[tokio::test]
async fn money_is_credited_once_and_the_rest_goes_back() {
    use ApplicationStatus::{Admitted, Eligible};
    use IntentStatus::{CodeIssued, SucceededLate};
    let held: &[(&str, i64)] = &[("gateway", -GUARANTEE), ("deposits", GUARANTEE)];
    // In time, though the code had expired long before.
    let paid = (Eligible, Status::Paid, SucceededLate);
    check_payments(&[("a", 100, -1)], paid, held, &[]).await;
    check_payments(&[("a", 150, -1)], paid, held, &[("a", GUARANTEE / 2)]).await;
    check_payments(&[("a", 100, -1), ("b", 100, -1)], paid, held, &[("b", GUARANTEE)]).await;
    let short = (Admitted, Status::Due, CodeIssued);
    check_payments(&[("a", 99, -1)], short, &[], &[("a", GUARANTEE * 99 / 100)]).await;
    let late = (Admitted, Status::Due, SucceededLate);
    check_payments(&[("a", 100, 0)], late, &[], &[("a", GUARANTEE)]).await;
    // Two halves are not the whole: each is too little.
    let halves = [("a", GUARANTEE / 2), ("b", GUARANTEE / 2)];
    check_payments(&[("a", 50, -1), ("b", 50, -1)], short, &[], &halves).await;
    // Too little at first does not prevent the whole from counting.
    let first = [("a", GUARANTEE / 2)];
    check_payments(&[("a", 50, -1), ("b", 100, -1)], paid, held, &first).await;
}

#[tokio::test]
async fn a_deposit_taken_back_before_the_deadline_is_given_back_once() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    sale.state().deposits.work().await.unwrap();
    assert_eq!(standing(&sale, application).await, (ApplicationStatus::Eligible, Status::Paid));
    let verdict = sale.push_one(2, Operation::WithdrawApplication { application }).await;
    assert_eq!(verdict, Verdict::Withdrawn);
    *sale.gateway.down.lock().unwrap() = true;
    sale.state().deposits.work().await.unwrap();
    let (_, deposit) = standing(&sale, application).await;
    assert_eq!(deposit, Status::Releasing);
    assert_eq!(balances(&sale).await.len(), 2);
    *sale.gateway.down.lock().unwrap() = false;
    for _ in 0..3 {
        sale.state().deposits.work().await.unwrap();
    }
    assert_eq!(
        standing(&sale, application).await,
        (ApplicationStatus::Withdrawn, Status::Released)
    );
    assert_eq!(sale.gateway.given_back(), [("a".to_owned(), GUARANTEE)]);
    assert_eq!(balances(&sale).await, []);
}

#[tokio::test]
async fn who_took_an_application_back_may_apply_anew() {
    let mut sale = Sale::new().await;
    let first = sale.apply().await;
    sale.push_one(2, Operation::WithdrawApplication { application: first }).await;
    let merged = sale.push_one(3, edit(&sale, "full_name", "Аида")).await;
    assert!(matches!(merged, Verdict::Merged { .. }), "{merged:?}");
    let package = sale.package().await;
    let operation = sale.sign(package);
    let second = sale.push_one(4, operation).await;
    let Verdict::Submitted { application, .. } = second else { panic!("refused: {second:?}") };
    assert_ne!(application, first);
    assert_eq!(sale.state().applications.of(sale.bidder.person).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_attempt_to_pay_is_begun_once_however_often_it_is_asked_for() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    *sale.gateway.down.lock().unwrap() = true;
    let lost = begin(&sale, application, 0xB).await;
    assert!(matches!(lost, Err(Error::GatewayUnavailable)));
    *sale.gateway.down.lock().unwrap() = false;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    assert_eq!(intent.code.as_deref(), Some("7731-0288"));
    assert_eq!(begin(&sale, application, 0xB).await.unwrap(), intent);
    // Another id, while the first attempt is live: the same attempt.
    assert_eq!(begin(&sale, application, 0xC).await.unwrap(), intent);
    assert_eq!(sale.gateway.orders.lock().unwrap().len(), 1);
    let other = BeginPayment { id: intent.id, channel: Channel::Card, provider: None };
    let reused = sale.state().deposits.begin(&sale.bidder, application, other).await;
    assert!(matches!(reused, Err(Error::IdReused)));
    // After thirty minutes a new one (manual, step 17).
    sale.clock().pass(TimeSpan::minutes(30));
    sale.state().deposits.work().await.unwrap();
    assert_eq!(begin(&sale, application, 0xB).await.unwrap().status, IntentStatus::Expired);
    assert_eq!(begin(&sale, application, 0xC).await.unwrap().status, IntentStatus::CodeIssued);
}

#[tokio::test]
async fn a_callback_moves_nothing_by_itself() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    let body = intent.id.to_string();
    let deposits = &sale.state().deposits;
    let mut headers = http::HeaderMap::new();
    let forged = deposits.callback(&headers, "/v1/payments/callback", body.as_bytes()).await;
    assert!(matches!(forged, Err(Error::Forged)));
    headers.insert(SEAL, "ours".parse().unwrap());
    deposits.callback(&headers, "/v1/payments/callback", body.as_bytes()).await.unwrap();
    assert_eq!(standing(&sale, application).await.1, Status::Due);
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    deposits.callback(&headers, "/v1/payments/callback", body.as_bytes()).await.unwrap();
    assert_eq!(standing(&sale, application).await.1, Status::Paid);
}

#[tokio::test]
async fn a_callback_about_a_paid_attempt_asks_nothing_again() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    let body = intent.id.to_string();
    let headers = http::HeaderMap::from_iter([(
        http::HeaderName::from_static(SEAL),
        http::HeaderValue::from_static("ours"),
    )]);
    let questions = |sale: &Sale| *sale.gateway.questions.lock().unwrap();
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    for _ in 0..20 {
        let deposits = &sale.state().deposits;
        deposits.callback(&headers, "/v1/payments/callback", body.as_bytes()).await.unwrap();
    }
    assert_eq!(questions(&sale), 1);
    sale.state().deposits.work().await.unwrap();
    assert_eq!((questions(&sale), standing(&sale, application).await.1), (1, Status::Paid));
    // A second payment is found by the worker, or by a callback that comes that much later.
    sale.gateway.pay(intent.id, "b", intent.amount, sale.clock().now());
    sale.clock().pass(TimeSpan::minutes(10));
    for _ in 0..20 {
        let deposits = &sale.state().deposits;
        deposits.callback(&headers, "/v1/payments/callback", body.as_bytes()).await.unwrap();
    }
    assert_eq!(questions(&sale), 2);
    sale.state().deposits.work().await.unwrap();
    assert_eq!(sale.gateway.given_back(), [("b".to_owned(), GUARANTEE)]);
    // One that is not paid is asked about each time: money may have come meanwhile.
    let unpaid = IntentId(Uuid::from_u128(0xC));
    let known = sale.state().deposits.callback(&headers, "/", unpaid.to_string().as_bytes()).await;
    assert!(matches!(known, Err(Error::Store(_))), "there is no such attempt");
}

#[tokio::test]
async fn an_upload_goes_on_where_it_stopped_and_is_what_it_says() {
    let sale = Sale::new().await;
    let (blobs, person) = (&sale.state().blobs, sale.bidder.person);
    let (sha256, size) = (hash(DOCUMENT), DOCUMENT.len() as u64);
    blobs.announce(person, HERE, &sha256, size, "application/pdf").await.unwrap();
    let part = blobs.append(person, &sha256, 0, None, stream(&DOCUMENT[..10])).await.unwrap();
    assert_eq!((part.offset, part.stored), (10, false));
    let twice = blobs.append(person, &sha256, 0, None, stream(DOCUMENT)).await;
    assert!(matches!(twice, Err(blob::Error::Mismatch { offset: 10 })));
    let long = blobs.append(person, &sha256, 10, None, stream(DOCUMENT)).await;
    assert!(matches!(long, Err(blob::Error::TooLarge)));
    let whole = blobs.append(person, &sha256, 10, None, stream(&DOCUMENT[10..])).await.unwrap();
    assert!(whole.stored);
    assert_eq!(blobs.content(person, &sha256).await.unwrap(), DOCUMENT);

    let claimed = hash(b"something else");
    blobs.announce(person, HERE, &claimed, size, "application/pdf").await.unwrap();
    let wrong = blobs.append(person, &claimed, 0, None, stream(DOCUMENT)).await;
    assert!(matches!(wrong, Err(blob::Error::WrongContent)));
    assert_eq!(blobs.view(person, &claimed).await.unwrap().offset, 0);

    const PAGE: &[u8] = b"<html>";
    let disguised = hash(PAGE);
    blobs.announce(person, HERE, &disguised, PAGE.len() as u64, "image/png").await.unwrap();
    let wrong = blobs.append(person, &disguised, 0, None, stream(PAGE)).await;
    assert!(matches!(wrong, Err(blob::Error::Malformed(_))));
    let refused = blobs.announce(person, HERE, &hash(b"x"), 1, "text/html").await;
    assert!(matches!(refused, Err(blob::Error::Malformed(_))));

    sale.clock().pass(TimeSpan::days(7));
    assert_eq!(blobs.sweep().await.unwrap(), 2);
    assert_eq!(blobs.sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn an_attempt_is_pending_or_cancelled_as_the_payment_system_says_and_money_counts_anyway() {
    use toruk_server::ports::OrderState::{Cancelled, Open, Pending};
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let first = begin(&sale, application, 0xB).await.unwrap();
    let deposits = &sale.state().deposits;
    for (state, expected) in [
        (Open, IntentStatus::CodeIssued),
        (Pending, IntentStatus::Pending),
        (Open, IntentStatus::Pending),
        (Cancelled, IntentStatus::Cancelled),
        (Pending, IntentStatus::Cancelled),
    ] {
        sale.gateway.states.lock().unwrap().insert(first.id, state);
        deposits.reconcile(first.id).await.unwrap();
        let known = deposits.of(&[application]).await.unwrap();
        assert_eq!(known[&application].1[0].status, expected, "{state:?}");
    }
    // Another attempt in the same channel, as the first one is over.
    let second = begin(&sale, application, 0xC).await.unwrap();
    assert_eq!((second.id != first.id, second.status), (true, IntentStatus::CodeIssued));
    // Money of the one that was given up is money all the same.
    sale.gateway.pay(first.id, "a", first.amount, sale.clock().now());
    deposits.reconcile(first.id).await.unwrap();
    assert_eq!(standing(&sale, application).await, (ApplicationStatus::Eligible, Status::Paid));
}
