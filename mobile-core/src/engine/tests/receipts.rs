use super::fixtures::*;
use super::phone_fixture::{EnginePhone, ops, withdraw};
use crate::engine::Input;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::protocol::operations::Verdict;
use toruk_sync::protocol::pull::kind;
use toruk_sync::receipt::{
    ActDecision, ApplicationAct, ApplicationReceipt, ApplicationReceiptBody, Signer,
};
use uuid::Uuid;

fn receipt(signer: &Signer, no: i64, decision: ActDecision) -> ApplicationReceipt {
    signer.sign_act(ApplicationReceiptBody {
        auction: auction_id(1),
        application: Some(ApplicationId(Uuid::from_u128(1))),
        act: ApplicationAct::Withdraw,
        decision,
        status: None,
        package: None,
        terms_version: None,
        reason: None,
        received_at: at(no),
        decided_at: at(no),
        seq: 3,
        head: "ef".repeat(32),
    })
}

/// Withdraws an application, and is answered with this receipt.
fn withdrawn_with(phone: &mut EnginePhone, receipt: ApplicationReceipt) {
    let sent = phone.execute(withdraw(1));
    let op_no = ops(&sent)[0].op_no;
    let mut reply = reply(&[(op_no, Verdict::Withdrawn)], op_no + 1);
    reply.outcomes[0].receipt = Some(Box::new(receipt));
    phone.handle(Input::Pushed(Ok(reply)));
}

#[test]
fn a_receipt_that_the_operator_signed_is_kept_once_and_survives_the_process() {
    let mut phone = EnginePhone::new();
    let sound = receipt(&operator(), 1, ActDecision::Accepted);
    withdrawn_with(&mut phone, sound.clone());
    assert_eq!(phone.engine.receipts().of(None), [&sound]);
    let kept = phone.engine.outcomes().values().all(|it| it.outcome.receipt.is_none());
    assert!(kept, "a second copy with the outcome");
    // The same by a pull, and another that an official caused.
    let excluded = receipt(&operator(), 2, ActDecision::Accepted);
    let rows = vec![row(kind::RECEIPT, "a", 2, &sound), row(kind::RECEIPT, "b", 3, &excluded)];
    phone.pull(page(rows));
    assert_eq!(phone.engine.receipts().of(Some(auction_id(1))), [&sound, &excluded]);
    assert!(phone.engine.receipts().of(Some(auction_id(2))).is_empty());
    phone.restart();
    assert_eq!(phone.engine.receipts().of(None), [&sound, &excluded]);
}

#[test]
fn what_somebody_else_signed_is_no_receipt_and_the_outcome_counts_without_it() {
    let mut phone = EnginePhone::new();
    withdrawn_with(&mut phone, receipt(&signer(8), 1, ActDecision::Accepted));
    assert!(phone.engine.receipts().of(None).is_empty());
    assert_eq!(phone.engine.outcomes().len(), 1);
    let mut changed = receipt(&operator(), 1, ActDecision::Accepted);
    changed.body.decided_at = at(2);
    phone.pull(page(vec![row(kind::RECEIPT, "a", 2, &changed)]));
    assert!(phone.engine.receipts().of(None).is_empty());
}

#[test]
fn of_too_many_receipts_the_oldest_refusal_goes_first() {
    let mut phone = EnginePhone::new();
    let refused = |no| receipt(&operator(), no, ActDecision::Refused("wrong_state".to_owned()));
    let first = receipt(&operator(), 0, ActDecision::Accepted);
    let mut rows = vec![row(kind::RECEIPT, 0, 2, &first)];
    rows.extend((1..=1_000).map(|no| row(kind::RECEIPT, no, 2 + no as u64, &refused(no))));
    phone.pull(page(rows));
    let kept = phone.engine.receipts().of(None);
    assert_eq!(kept.len(), 1_000);
    assert_eq!((kept[0], kept[1]), (&first, &refused(2)));
}
