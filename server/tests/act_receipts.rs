//! Each decision on an application has a signed receipt, given again as it was.

use crate::ground::sale::{Sale, official};
use toruk_server::identity::Role;
use toruk_sync::domain::application::Status;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::operations::{Operation, Outcome, Verdict};
use toruk_sync::protocol::pull::{Entity, Pull, PullReply};
use toruk_sync::receipt::{
    ActDecision, ApplicationAct, ApplicationReceipt, ApplicationReceiptBody,
};
use toruk_sync::signing::SignedPayload as _;
use toruk_sync::verify::Replay;
use uuid::Uuid;

/// Delivers one operation; its receipt is one that the log's verification accepts.
async fn decided(
    sale: &Sale,
    op_no: u64,
    operation: Operation,
) -> (Outcome, ApplicationReceiptBody) {
    let op = sale.op(op_no, operation);
    let outcome = sale.push(vec![op.clone()]).await.0.remove(0);
    let again = sale.push(vec![op]).await.0.remove(0);
    assert_eq!(again, outcome, "asked again, the same bytes");
    let receipt = outcome.receipt.clone().expect("a receipt");
    check(sale, &receipt).await;
    let body = receipt.body.clone();
    assert_eq!(body.decided_at, outcome.decided_at);
    (outcome, body)
}

async fn check(sale: &Sale, receipt: &ApplicationReceipt) {
    let trusted = sale.state().context.signer.verifier();
    let log = sale.state().catalogue.log(sale.auction, 0, 100).await.unwrap();
    assert_eq!(Replay::of(&log).unwrap().check_act(receipt, trusted), Ok(()), "{receipt:?}");
}

/// All receipts that a phone pulls that knows nothing, in the order of their decisions.
async fn pulled(sale: &Sale) -> Vec<ApplicationReceipt> {
    let reply = sale.state().feed.pull(&sale.bidder, &Pull::default()).await.unwrap();
    let reply: PullReply = serde_json::from_value(serde_json::to_value(reply).unwrap()).unwrap();
    let receipt = |entity| match entity {
        Entity::Receipt(receipt) => Some(*receipt),
        _ => None,
    };
    let mut receipts: Vec<_> = reply.rows.iter().filter_map(|row| receipt(row.entity()?)).collect();
    receipts.sort_by_key(|receipt| receipt.body.decided_at);
    receipts
}

#[tokio::test]
async fn what_a_person_does_with_their_application_has_a_receipt_each_time() {
    let mut sale = Sale::new().await;
    sale.upload().await;
    let package = sale.package().await;
    let hash = hex::encode(package.digest());
    let signed = sale.sign(package.clone());
    let (outcome, submitted) = decided(&sale, 1, signed.clone()).await;
    let Verdict::Submitted { application, received_at, .. } = outcome.verdict else { panic!() };
    assert_eq!(submitted.act, ApplicationAct::Submit);
    assert_eq!(submitted.decision, ActDecision::Accepted);
    assert_eq!(submitted.application, Some(application));
    assert_eq!((submitted.package, submitted.terms_version), (Some(hash), Some(1)));
    assert_eq!((submitted.received_at, submitted.status), (received_at, Some(Status::Admitted)));

    // The same package under another number is the same application, with the same receipt.
    sale.clock().pass(TimeSpan::minutes(1));
    let op = sale.op(2, signed.clone());
    let repeated = sale.push(vec![op.clone()]).await.0.remove(0);
    assert_eq!(repeated.receipt, outcome.receipt);
    assert_eq!(sale.push(vec![op]).await.0.remove(0).receipt, outcome.receipt);

    let mut other = package.clone();
    other.answers.insert("full_name".to_owned(), "Бакыт".to_owned());
    let other = sale.sign(other);
    let (_, second) = decided(&sale, 3, other).await;
    assert_eq!(second.decision, ActDecision::Refused(format!("duplicate {application}")));
    assert_eq!((second.application, second.status), (Some(application), Some(Status::Admitted)));

    sale.clock().pass(TimeSpan::minutes(1));
    let (_, withdrawn) = decided(&sale, 4, Operation::WithdrawApplication { application }).await;
    assert_eq!(
        (withdrawn.act, withdrawn.decision),
        (ApplicationAct::Withdraw, ActDecision::Accepted)
    );
    assert_eq!(withdrawn.status, Some(Status::Withdrawn));

    sale.until(sale.terms().await.tender_end);
    let end = sale.terms().await.tender_end;
    let (_, late) = decided(&sale, 5, signed).await;
    assert_eq!(late.decision, ActDecision::Refused(format!("deadline_passed {}", end.0)));
    assert_eq!(pulled(&sale).await.len(), 4);
}

#[tokio::test]
async fn a_moderators_decision_has_a_receipt_with_its_reason_that_the_phone_pulls() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    sale.clock().pass(TimeSpan::minutes(1));
    let moderator = official(2, Role::Moderator);
    let reason = "Документ \u{ab}паспорт\u{bb} мөөнөтү өткөн";
    sale.state().applications.disqualify(&moderator, application, reason).await.unwrap();
    let receipts = pulled(&sale).await;
    assert_eq!(receipts.len(), 2);
    check(&sale, &receipts[1]).await;
    let body = &receipts[1].body;
    assert_eq!((body.act, &body.decision), (ApplicationAct::Disqualify, &ActDecision::Accepted));
    assert_eq!(body.status, Some(Status::Disqualified));
    assert_eq!((body.application, body.reason.as_deref()), (Some(application), Some(reason)));
}

#[tokio::test]
async fn what_nobody_has_is_answered_without_a_receipt() {
    let sale = Sale::new().await;
    let application = ApplicationId(Uuid::nil());
    let op = sale.op(1, Operation::WithdrawApplication { application });
    assert_eq!(sale.push(vec![op]).await.0.remove(0).receipt, None);
    assert!(pulled(&sale).await.is_empty());
}

#[tokio::test]
async fn of_too_many_refusals_the_oldest_is_no_longer_pulled() {
    use toruk_sync::protocol::limits::RECEIPTS_PULLED_MAX;
    let mut sale = Sale::new().await;
    sale.apply().await;
    for no in 0..=RECEIPTS_PULLED_MAX {
        let mut package = sale.package().await;
        package.answers.insert("full_name".to_owned(), format!("Айгүл {no}"));
        let operation = sale.sign(package);
        sale.push_one(2 + no, operation).await;
        sale.clock().pass(TimeSpan::seconds(1));
    }
    let receipts = pulled(&sale).await;
    let refused = |receipt: &&ApplicationReceipt| receipt.body.decision != ActDecision::Accepted;
    assert_eq!(receipts.iter().filter(refused).count() as u64, RECEIPTS_PULLED_MAX);
    assert_eq!(receipts[0].body.decision, ActDecision::Accepted, "the others are not counted");
}
