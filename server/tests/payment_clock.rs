//! A payment system whose clock is wrong: nobody pays for that, and finance sees it.

use crate::ground::sale::{Sale, official};
use crate::money::{begin, standing};
use crate::people::recorded;
use toruk_server::clock::Clock as _;
use toruk_server::db::StoreError;
use toruk_server::deposit::Error;
use toruk_server::identity::{Official, Role};
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::Status;
use toruk_sync::domain::id::{IntentId, OrganisationId};
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

/// As [`paid_by`]; returns the fault that finance sees, in seconds.
async fn check(error_s: i64, after_s: i64) -> Option<i64> {
    let sale = paid_by(error_s, after_s).await;
    let finance = official(9, Role::Finance);
    let rows = sale.state().deposits.payments(&finance).await.unwrap();
    assert_eq!(rows[0].is_clock_open, rows[0].clock_fault.is_some());
    rows[0].clock_fault.map(TimeSpan::as_seconds)
}

/// Pays ten minutes before applications close, by a clock that is wrong by `error_s` seconds, and
/// hears of it `after_s` seconds later.
async fn paid_by(error_s: i64, after_s: i64) -> Sale {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let end = sale.terms().await.tender_end;
    sale.until(end - TimeSpan::minutes(11));
    let intent = begin(&sale, application, 0xB).await.unwrap();
    sale.until(end - TimeSpan::minutes(10));
    let stated = sale.clock().now() + TimeSpan(error_s.saturating_mul(1_000_000));
    sale.gateway.pay(intent.id, "a", intent.amount, stated);
    sale.clock().pass(TimeSpan::seconds(after_s));
    sale.state().deposits.reconcile(intent.id).await.unwrap();
    let paid = (ApplicationStatus::Eligible, Status::Paid);
    assert_eq!(standing(&sale, application).await, paid, "{error_s} {after_s}");
    sale
}

#[tokio::test]
async fn a_wrong_clock_is_a_task_until_an_official_of_finance_has_looked_into_it() {
    let sale = paid_by(600, 5).await;
    let deposits = &sale.state().deposits;
    let finance = official(9, Role::Finance);
    let row = deposits.payments(&finance).await.unwrap().remove(0);
    let id = row.intent.id;
    for role in [Role::Organiser, Role::Moderator, Role::Auditor, Role::Sysadmin] {
        let refused = deposits.end_clock_review(&official(8, role), id).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{role:?}: {refused:?}");
    }
    let unknown = deposits.end_clock_review(&finance, IntentId(Uuid::from_u128(404))).await;
    assert!(matches!(unknown, Err(Error::Store(StoreError::NotFound))), "{unknown:?}");

    deposits.end_clock_review(&finance, id).await.unwrap();
    let after = deposits.payments(&finance).await.unwrap().remove(0);
    assert_eq!((after.clock_fault, after.is_clock_open), (row.clock_fault, false));
    assert_eq!(after.deposit.status, Status::Paid, "decided as it was");
    let again = deposits.end_clock_review(&finance, id).await;
    assert!(matches!(again, Err(Error::Store(StoreError::NotFound))), "{again:?}");
    let acts = recorded(sale.state(), "payment.clock_reviewed").await;
    let detail = format!(r#"{{"intent":"{id}"}}"#);
    assert_eq!(acts, [(format!("deposit:{}", row.deposit.id), detail)], "once");
}

#[tokio::test]
async fn an_official_of_another_organisation_does_not_see_or_end_the_review_of_a_clock() {
    let sale = paid_by(600, 5).await;
    let deposits = &sale.state().deposits;
    let own = sale.auction().await.birth.procuring_entity;
    let id = deposits.payments(&official(9, Role::Finance)).await.unwrap()[0].intent.id;
    let bound = |organisation| {
        let bound = [(Role::Finance, organisation)].into();
        Official { bound, ..official(7, Role::Finance) }
    };
    let foreign = bound(OrganisationId(Uuid::from_u128(404)));
    assert!(deposits.payments(&foreign).await.unwrap().is_empty());
    let refused = deposits.end_clock_review(&foreign, id).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    assert!(deposits.end_clock_review(&bound(own), id).await.is_ok());
}

#[tokio::test]
async fn a_bank_whose_clock_is_wrong_shuts_nobody_out() {
    const HOUR: i64 = 3_600;
    for (error_s, after_s, fault) in [
        (0, 5, None),
        (0, 595, None),
        (40, 5, None),
        (600, 5, Some(595)),
        // Local time, sent as UTC; also when it is heard of after the close.
        (6 * HOUR, 5, Some(6 * HOUR - 5)),
        (6 * HOUR, 605, Some(6 * HOUR - 605)),
        (-6 * HOUR, 5, Some(-6 * HOUR + 60)),
    ] {
        assert_eq!(check(error_s, after_s).await, fault, "{error_s} {after_s}");
    }
    for nonsense in [i64::MAX, i64::MIN] {
        assert!(check(nonsense, 5).await.is_some(), "whatever it states");
    }
}
