//! A thousand copies of one callback at once.

use crate::ground::gateway::SEAL;
use crate::ground::sale::{Sale, official};
use crate::money::{begin, standing};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use toruk_server::clock::Clock as _;
use toruk_server::db::StoreError;
use toruk_server::deposit::Error;
use toruk_server::identity::Role;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::Status;

/// Copies of the callback.
const COPIES: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_copies_of_a_callback_at_once_credit_once() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    sale.gateway.pay(intent.id, "a", intent.amount, sale.clock().now());
    let mut headers = http::HeaderMap::new();
    headers.insert(SEAL, "sealed".parse().unwrap());
    let body = intent.id.to_string();
    let calls = (0..COPIES).map(|_| {
        let (deposits, headers) = (sale.state().deposits.clone(), headers.clone());
        let body = body.clone().into_bytes();
        tokio::spawn(async move { deposits.callback(&headers, "/", &body).await })
    });
    let answers = join_all(calls).await;
    assert_eq!(answers.len(), COPIES);
    for answer in answers {
        // Who has waited in vain calls again.
        let answer = answer.unwrap();
        assert!(matches!(answer, Ok(_) | Err(Error::Store(StoreError::Busy(_)))), "{answer:?}");
    }
    let paid = (ApplicationStatus::Eligible, Status::Paid);
    assert_eq!(standing(&sale, application).await, paid);
    let balances = sale.state().deposits.balances(&official(9, Role::Auditor)).await.unwrap();
    let moved: BTreeMap<_, _> = balances
        .into_iter()
        .filter(|balance| balance.amount_tyiyn != 0)
        .map(|balance| (balance.account, balance.amount_tyiyn))
        .collect();
    let amount = intent.amount.get();
    let expected = BTreeMap::from([("gateway".into(), -amount), ("deposits".into(), amount)]);
    assert_eq!(moved, expected);
}
