//! A payment system whose clock is wrong: nobody pays for that, and finance sees it.

use crate::ground::sale::{Sale, official};
use crate::money::{begin, standing};
use toruk_server::clock::Clock as _;
use toruk_server::identity::Role;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::Status;
use toruk_sync::domain::time::TimeSpan;

/// Pays ten minutes before applications close, by a clock that is wrong by `error_s` seconds, and
/// hears of it `after_s` seconds later. Returns the fault that finance sees, in seconds.
async fn check(error_s: i64, after_s: i64) -> Option<i64> {
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
    let finance = official(9, Role::Finance);
    let rows = sale.state().deposits.payments(&finance).await.unwrap();
    rows[0].clock_fault.map(TimeSpan::as_seconds)
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
