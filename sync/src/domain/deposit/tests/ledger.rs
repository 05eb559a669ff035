use super::super::ledger::*;
use crate::domain::id::DepositId;
use uuid::Uuid;

#[test]
fn an_account_has_a_stable_name_in_the_ledger() {
    let id = DepositId(Uuid::from_u128(40));
    for (account, name) in [
        (Account::Gateway, "gateway"),
        (Account::Deposit(id), "deposit:00000000-0000-0000-0000-000000000028"),
        (Account::RefundsDue, "refunds_due"),
        (Account::Unmatched, "unmatched"),
        (Account::Seller, "seller"),
        (Account::Forfeited, "forfeited"),
    ] {
        assert_eq!(account.to_string(), name);
    }
}
