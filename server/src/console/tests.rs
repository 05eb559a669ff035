//! What holds for all pages.

use super::access::{Enrol, SignIn, enrolment_fields};
use super::home::{Home, LiveRow, Step, Task};
use super::language::Language;
use super::layout::Page;
use crate::identity::{Official, Role};
use askama::Template;
use toruk_sync::domain::id::PersonId;
use uuid::Uuid;

pub(super) fn page(language: Language, path: &str, roles: &[Role]) -> Page {
    let official = (!roles.is_empty()).then(|| Official {
        person: PersonId(Uuid::nil()),
        name: "Айгүл Токтосунова".to_owned(),
        roles: roles.iter().copied().collect(),
    });
    Page { language, path: path.to_owned(), official, notice: None, demo: true }
}

fn write(name: &str, language: Language, template: &impl Template) {
    let Ok(folder) = std::env::var("TORUK_GALLERY") else { return };
    let html = template.render().unwrap();
    let start = super::assets::url("");
    let html = html.replace(&start, "/assets/");
    std::fs::write(format!("{folder}/{name}.{}.html", language.tag()), html).unwrap();
}

#[test]
fn gallery() {
    for l in Language::ALL {
        let p = page(l, "/console", &[Role::Sysadmin]);
        let steps = vec![
            Step { title: p.t("step-staff"), text: p.t("step-text-staff"), href: Some("/console/staff"), done: true },
            Step { title: p.t("step-lots"), text: p.t("step-text-lots"), href: Some("/x"), done: false },
            Step { title: p.t("step-auction"), text: p.t("step-text-auction"), href: None, done: false },
        ];
        write("home-first", l, &Home { name: "Айгүл".into(), tasks: vec![], steps, live: vec![], page: p });
        let p = page(l, "/console", &[Role::Organiser, Role::Moderator]);
        let task = |kind: &str, count| Task { href: "/x", count, title: p.k("task", kind), text: p.k("task-text", kind) };
        let tasks = vec![task("review", 2), task("applications", 14), task("failed", 1)];
        let live = vec![LiveRow { id: "x".into(), title: "Ак-Кула ипподромунун жери".into(), number: "TRK-KG-20261115-00042-7".into(), price: "1 275 000 сом".into() }];
        write("home", l, &Home { name: "Айгүл".into(), tasks, steps: vec![], live, page: p });
        let p = page(l, "/console/enrol/x", &[]);
        write("enrol", l, &Enrol { fields: enrolment_fields(&p), token: "x".into(), role: p.t("role-organiser"), page: p });
        write("sign-in", l, &SignIn { page: page(l, "/console/sign-in", &[]) });
    }
}
