//! Damage that is planted in the books, the states and the logs, and named by the doctor.

use crate::ground::sale::Sale;
use crate::money::begin;
use crate::postgres;
use sea_orm::ConnectionTrait as _;
use toruk_server::clock::Clock as _;
use toruk_server::doctor::{Damage, examine};
use toruk_sync::domain::money::Tyiyn;

/// A deposit that was paid twice, of which one payment went back.
async fn books() -> Sale {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    for reference in ["a", "b"] {
        let amount = Tyiyn::new(intent.amount.get()).unwrap();
        sale.gateway.pay(intent.id, reference, amount, sale.clock().now());
    }
    sale.state().deposits.reconcile(intent.id).await.unwrap();
    sale.state().deposits.work().await.unwrap();
    sale
}

/// Each is a statement, and the damage that it does.
const PLANTED: &[(&str, Damage)] = &[
    ("UPDATE ledger_entry SET amount_tyiyn = amount_tyiyn + 1 WHERE key = 'payment:a'", {
        Damage::PaymentUnbalanced
    }),
    ("UPDATE ledger_entry SET amount_tyiyn = 0 WHERE key = 'payment:a'", Damage::EntryMalformed),
    ("UPDATE ledger_entry SET credit = 'pocket' WHERE key = 'payment:a'", Damage::EntryMalformed),
    ("UPDATE ledger_entry SET credit = debit WHERE key = 'payment:a'", Damage::EntryMalformed),
    ("UPDATE ledger_entry SET credit = 'seller' WHERE key = 'payment:a'", {
        Damage::DepositUnbalanced
    }),
    ("DELETE FROM ledger_entry WHERE key = 'payment:a'", Damage::PaymentUnbalanced),
    ("DELETE FROM ledger_entry WHERE key = 'refund:b'", Damage::RefundUnbalanced),
    ("INSERT INTO ledger_entry VALUES ('payment:x', 'gateway', 'unmatched', 5, 0)", {
        Damage::EntryWithoutCause
    }),
    ("INSERT INTO ledger_entry VALUES ('gift:x', 'gateway', 'unmatched', 5, 0)", {
        Damage::AccountUnbalanced
    }),
    ("UPDATE payment SET unmatched_tyiyn = 0", Damage::PaymentUnbalanced),
    ("UPDATE payment SET unmatched_tyiyn = 0", Damage::AccountUnbalanced),
    ("UPDATE refund SET done_at = NULL", Damage::RefundUnbalanced),
    ("UPDATE refund SET done_at = NULL, held = 'refused'", Damage::MoneyAdrift),
    ("DELETE FROM refund", Damage::MoneyAdrift),
    ("DELETE FROM payment WHERE reference = 'a'", Damage::EntryWithoutCause),
    ("UPDATE deposit SET status = 'held'", Damage::StateTorn),
    ("UPDATE deposit SET state = '{}'", Damage::StateTorn),
    ("UPDATE deposit SET status = 'due', state = replace(state, '\"paid\"', '\"due\"')", {
        Damage::DepositUnbalanced
    }),
    (
        "UPDATE deposit SET status = 'releasing', state = replace(state, '\"paid\"', '\"releasing\"')",
        { Damage::MoneyAdrift },
    ),
    ("DELETE FROM deposit", Damage::DepositUnbalanced),
    (
        "UPDATE payment_intent SET status = 'expired', \
      state = replace(state, '\"succeeded\"', '\"expired\"')",
        Damage::IntentUnbalanced,
    ),
    ("UPDATE payment_intent SET status = 'failed'", Damage::StateTorn),
    ("UPDATE auction SET seq = seq + 1", Damage::AuctionHead),
    ("UPDATE auction SET state = replace(state, '36000000', '36000001')", Damage::AuctionHead),
    ("UPDATE auction_event SET at = at + 1 WHERE seq = 2", Damage::AuctionLog),
    ("DELETE FROM auction_event WHERE seq = 2", Damage::AuctionLog),
    ("DELETE FROM auction_event WHERE seq = (SELECT MAX(seq) FROM auction_event)", {
        Damage::AuctionHead
    }),
    ("UPDATE audit_event SET detail = '{}' WHERE seq = 2", Damage::AuditChain),
    ("UPDATE audit_event SET role = 'auditor' WHERE seq = 1", Damage::AuditChain),
    ("DELETE FROM audit_event WHERE seq = 3", Damage::AuditChain),
];

#[tokio::test]
async fn the_doctor_names_each_kind_of_damage_and_nothing_in_whole_books() {
    // There a login that serves can't do most of this damage: see `tests/e2e/least_privilege.rs`.
    if postgres::is_chosen() {
        return;
    }
    let sale = books().await;
    let db = &sale.state().context.db;
    let whole = examine(db).await.unwrap();
    assert_eq!(whole.damaged, []);
    assert!(whole.entries >= 3 && whole.payments == 2 && whole.refunds == 1, "{whole:?}");
    assert!(whole.auctions == 1 && whole.acts > 5, "{whole:?}");
    for (statement, damage) in PLANTED {
        let sale = books().await;
        let db = &sale.state().context.db;
        let txn = db.begin().await.unwrap();
        for table in ["ledger_entry", "auction_event", "audit_event"] {
            for verb in ["UPDATE", "DELETE"] {
                let trigger = format!("DROP TRIGGER IF EXISTS {table}_no_{verb}");
                txn.execute_unprepared(&trigger).await.unwrap();
            }
        }
        let planted = txn.execute_unprepared(statement).await.unwrap();
        assert!(planted.rows_affected() > 0, "{statement}");
        db.commit(txn).await.unwrap();
        let found = examine(db).await.unwrap();
        let named = found.damaged.iter().any(|found| found.damage == *damage);
        assert!(named, "{statement}: {:?}", found.damaged);
    }
}
