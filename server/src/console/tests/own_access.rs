//! The pages of an official's own access.

use super::super::language::Language;
use super::samples::{now, page};
use crate::console::{eid, eid_access, next_device, own_access};
use crate::identity::{LinkedEid, OfficialAccess, PasskeyRow, Role, SessionRow};
use askama::DynTemplate;
use toruk_sync::domain::time::TimeSpan;

fn shown(template: &dyn DynTemplate) -> String {
    template.dyn_render().unwrap()
}

/// The official's own access, the next device, and the way to eID.
pub fn pages(l: Language) -> Vec<(&'static str, String)> {
    let session = |id: &str| SessionRow { id: id.to_owned(), since: now(), expires_at: now() };
    let passkey = |name: Option<&str>| PasskeyRow {
        id: "cGFzcw".to_owned(),
        name: name.map(str::to_owned),
        since: now(),
        used_at: Some(now()),
    };
    let passkeys = vec![passkey(None), passkey(Some("Ноутбук"))];
    let sessions = vec![session("this"), session("other")];
    let this = "this".to_owned();
    let mine = OfficialAccess { sessions, this, passkeys, has_eid: true, eid: None };
    let eid = Some(LinkedEid { since: now(), used_at: now() + TimeSpan::hours(3) });
    let linked = OfficialAccess { eid, ..mine.clone() };
    let p = page(l, "/console/access", &[Role::Organiser]);
    let visitor = page(l, "/console/link", &[]);
    let link = next_device::LinkPage { page: visitor.clone() };
    let back = |text, is_answered: bool| {
        let fields = ["state", "code", "iss"].map(|name| (name, "x".to_owned()));
        let form = is_answered.then_some(("/console/sign-in/eid/finish", fields));
        let console = Some(eid::ConsoleOnward { page: "/console/sign-in", form });
        eid::EidBackPage { language: l, text, app_url: None, console }
    };
    let url = "https://eid.example/connect/authorize?client_id=toruk".to_owned();
    vec![
        ("access", shown(&own_access::compose(p.clone(), mine))),
        ("access-linked", shown(&own_access::compose(p, linked))),
        ("link", shown(&link)),
        ("eid-onward", shown(&back("console", true))),
        ("eid-cancelled", shown(&back("cancelled", false))),
        ("eid-forth", shown(&eid_access::EidForthPage { page: visitor, url })),
    ]
}
