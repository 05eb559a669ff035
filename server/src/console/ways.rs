//! The menu: which official finds which page.

use crate::identity::{Official, Role};

/// An entry of the menu: URL, key of the text, and the roles that see it (empty: everyone).
type Way = (&'static str, &'static str, &'static [Role]);

const WAYS: [Way; 13] = [
    ("/console", "nav-home", &[]),
    ("/console/auctions", "nav-auctions", &ABOUT_AUCTIONS),
    ("/console/lots", "nav-lots", &[Role::Organiser, Role::Moderator, Role::Auditor]),
    ("/console/applications", "nav-applications", &[Role::Moderator, Role::Auditor]),
    ("/console/payments", "nav-payments", &[Role::Finance, Role::Moderator, Role::Auditor]),
    ("/console/guarantees", "nav-guarantees", &[Role::Finance, Role::Organiser, Role::Auditor]),
    ("/console/reconciliation", "nav-reconciliation", &[Role::Finance, Role::Auditor]),
    ("/console/transfers", "nav-transfers", &[Role::Finance, Role::Auditor]),
    ("/console/money", "nav-money", &[Role::Finance, Role::Auditor]),
    (
        "/console/rules",
        "nav-rules",
        &[Role::Moderator, Role::Organiser, Role::Auditor, Role::Sysadmin],
    ),
    ("/console/audit", "nav-audit", &[]),
    ("/console/organisations", "nav-organisations", &[Role::Sysadmin, Role::Auditor]),
    ("/console/staff", "nav-staff", &[Role::Sysadmin]),
];

/// Pages of the money of all organisations together, for officials who are bound to none.
const ABOUT_ALL_MONEY: [&str; 3] =
    ["/console/reconciliation", "/console/transfers", "/console/money"];

/// The roles that see auctions.
pub const ABOUT_AUCTIONS: [Role; 4] =
    [Role::Organiser, Role::Moderator, Role::Finance, Role::Auditor];

/// The URLs that an official finds in the menu, each with the key of its text.
pub fn of(official: Option<&Official>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let finds = move |(href, _, roles): &&Way| {
        let Some(official) = official else { return roles.is_empty() };
        match ABOUT_ALL_MONEY.contains(href) {
            true => official.reach(roles).is_ok_and(|reach| reach.is_none()),
            false => roles.is_empty() || official.any(roles).is_ok(),
        }
    };
    WAYS.iter().filter(finds).map(|(href, key, _)| (*href, *key))
}
