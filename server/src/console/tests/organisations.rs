//! The pages of organisations, for the gallery.

use super::samples::{now, page};
use crate::console::language::Language;
use crate::console::organisations;
use crate::identity::firm::TAX_REGISTER;
use crate::identity::{
    FirmName, Membership, MembershipId, Organisation, OrganisationDetail, Power, Role,
};
use askama::Template as _;
use std::collections::BTreeMap;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use uuid::Uuid;

/// The list with one firm, and the firm with powers that end and powers that don't.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    let page = page(language, "/console/organisations", &[Role::Sysadmin]);
    let typed = organisations::OrganisationForm::fresh();
    let list = organisations::list_page(page.clone(), vec![firm()], &typed, None);
    let one = organisations::compose(&page, with_powers(firm()), None, None);
    vec![("organisations", list.render().unwrap()), ("organisation", one.render().unwrap())]
}

/// An organisation with its number.
pub fn firm() -> Organisation {
    let name = Text::all("«Ак-Суу» ЖЧК", "ОсОО «Ак-Суу»", "Ak-Suu LLC");
    let (scheme, identifier) = (TAX_REGISTER.to_owned(), "01234567890123".to_owned());
    let id = OrganisationId(Uuid::from_u128(11));
    Organisation { id, name, firm: Some(FirmName { scheme, identifier }) }
}

fn with_powers(organisation: Organisation) -> OrganisationDetail {
    let person = PersonId(Uuid::from_u128(7));
    let membership = |power, valid_until| Membership {
        id: MembershipId(Uuid::from_u128(12)),
        person,
        organisation: organisation.id,
        power,
        document: "№ 7, 01.11.2026".to_owned(),
        valid_from: now(),
        valid_until,
        ended_at: None,
    };
    let memberships =
        vec![membership(Power::Head, None), membership(Power::Representative, Some(now()))];
    let names = BTreeMap::from([(person, "Айгүл Токтосунова".to_owned())]);
    OrganisationDetail { memberships, names, now: now(), organisation }
}
