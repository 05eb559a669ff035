//! Each wall is shown a violation, in every way in which Rust can name a thing.

use super::{plans, server_plan};
use toruk_source::files::TextFile;
use toruk_source::graph;
use toruk_source::walls::{Knot, Plan, Survey, complaints};

/// `plan` complains of `files` in exactly these words; its own knots are no excuse here.
fn check(plan: Plan, files: &[(&str, &str)], expected: &[&str]) {
    let folder = plan.folder;
    let files: Vec<TextFile> =
        files.iter().map(|(path, text)| TextFile::new(&format!("{folder}/{path}"), text)).collect();
    let survey = Survey::new(plan.name, folder, &files).unwrap();
    assert_eq!(complaints(&plan, &survey), expected, "{files:?}");
}

fn strict(plan: Plan) -> Plan {
    Plan { knots: &[], ..plan }
}

/// A small server in order, and one file more or in place of one of them.
fn server(path: &str, text: &str, expected: &[&str]) {
    let ground = [
        ("lib.rs", "pub mod audit; pub struct State;"),
        ("entity/mod.rs", "pub mod lot;"),
        ("entity/lot.rs", "pub struct Model;"),
        ("ports.rs", "pub struct Ids;"),
        ("config.rs", "pub struct Config;"),
        ("audit/mod.rs", "mod store; pub use service::Service; pub(crate) use store::find;"),
        ("audit/service.rs", "use super::store; pub struct Service; fn f() { store::find() }"),
        ("audit/store.rs", "use crate::entity::lot::Model; pub fn find() {}"),
        ("blob/mod.rs", "pub use service::Service;"),
        ("blob/service.rs", "pub struct Service;"),
        ("catalogue/mod.rs", "mod store;"),
        ("catalogue/store.rs", "pub fn rows() {}"),
        ("identity/mod.rs", "pub mod extract;"),
        ("identity/extract.rs", "use axum::Json; pub struct Bidder;"),
        ("web/mod.rs", "pub mod problem;"),
        ("web/problem.rs", "use crate::config::Config; pub struct Problem;"),
    ];
    let mut files: Vec<(&str, &str)> = ground.into_iter().filter(|file| file.0 != path).collect();
    files.push((path, text));
    check(strict(server_plan::plan()), &files, expected);
}

#[test]
fn the_small_server_is_in_order() {
    server("audit/routes.rs", "use crate::{audit::Service, web::problem::Problem};", &[]);
}

#[test]
fn routes_reach_no_rows() {
    let store = "server/src/audit/routes.rs:2: `audit::routes` must not know `audit::store` \
                 (crate::audit::store::find)";
    // A qualified path in code, a re-export, a glob, and one inside a macro's tokens.
    server("audit/routes.rs", "fn f() {\n    crate::audit::store::find();\n}", &[store]);
    server("audit/routes.rs", "fn f() {\n    crate::audit::find();\n}", &[store]);
    server("audit/routes.rs", "\nfn f() { vec![super::store::find()]; }", &[store]);
    let glob = store.replace("::find)", ")");
    server("audit/routes.rs", "\nuse super::store::*;", &[&glob]);
    server(
        "audit/routes.rs",
        "use crate::entity::lot;\nuse sea_orm::EntityTrait as _;",
        &[
            "server/src/audit/routes.rs:1: `audit::routes` must not know `entity` \
             (crate::entity::lot)",
            "server/src/audit/routes.rs:2: `audit::routes` must not know sea_orm \
             (sea_orm::EntityTrait)",
        ],
    );
}

#[test]
fn a_service_knows_no_http() {
    let axum = "server/src/blob/service.rs:4: `blob` must not know axum (axum::Json)";
    // Wrapped and nested, renamed, and without any `use`.
    let wrapped = "use std::{\n    fmt,\n};\nuse {axum::{Json,\n    Router as _}};";
    let router = "server/src/blob/service.rs:5: `blob` must not know axum (axum::Router)";
    server("blob/service.rs", wrapped, &[axum, router]);
    let renamed = "use axum as http;\n\n\nfn f(_: http::Json<u8>) {}";
    let name = "server/src/blob/service.rs:1: `blob` must not know axum (axum)";
    server("blob/service.rs", renamed, &[name, axum]);
    server("blob/service.rs", "\n\n\nfn f(_: axum::Json<u8>) {}", &[axum]);
    server(
        "blob/service.rs",
        "use crate::{\n    web::{self,\n        problem::Problem as P},\n    \
         identity::extract::Bidder,\n};",
        &[
            "server/src/blob/service.rs:2: `blob` must not know `web` (crate::web)",
            "server/src/blob/service.rs:3: `blob` must not know `web` \
             (crate::web::problem::Problem)",
            "server/src/blob/service.rs:4: `blob` must not know `identity::extract` \
             (crate::identity::extract::Bidder)",
        ],
    );
}

#[test]
fn a_store_knows_rows_only() {
    server(
        "catalogue/store.rs",
        "use super::super::audit;\nuse crate::ports::{self, Ids};\n\
         fn f() -> audit::Service { todo!() }",
        &[
            "server/src/catalogue/store.rs:1: `catalogue::store` must not know `audit` \
             (crate::audit)",
            "server/src/catalogue/store.rs:2: `catalogue::store` must not know `ports` \
             (crate::ports)",
            "server/src/catalogue/store.rs:2: `catalogue::store` must not know `ports` \
             (crate::ports::Ids)",
            "server/src/catalogue/store.rs:3: `catalogue::store` must not know `audit` \
             (crate::audit::service::Service)",
        ],
    );
    server(
        "audit/store.rs",
        "use super::service::Service;\npub fn find() {}",
        &[
            "server/src/audit/store.rs:1: `audit::store` must not know `audit` \
             (crate::audit::service::Service)",
            "toruk_server: a circle of rooms: audit, audit::store",
        ],
    );
}

#[test]
fn a_feature_calls_only_the_services_it_may() {
    server(
        "blob/service.rs",
        "use crate::audit::{Service as Audit};\nfn f() { crate::catalogue::store::rows() }",
        &[
            "server/src/blob/service.rs:1: `blob` must not know `audit` \
             (crate::audit::service::Service)",
            "server/src/blob/service.rs:2: `blob` must not know `catalogue::store` \
             (crate::catalogue::store::rows)",
        ],
    );
    server("catalogue/service.rs", "use crate::audit::Service;", &[]);
}

#[test]
fn ground_is_below_and_the_roof_above() {
    let known = ["web::problem::Problem", "audit::service::Service"];
    let text = "use crate::web::problem::Problem;\nuse crate::audit::Service;";
    for (path, room) in [("ports.rs", "ports"), ("db/mod.rs", "db"), ("context.rs", "context")] {
        let complaint = |(at, name): (usize, &str)| {
            let other = name.split("::").next().unwrap();
            let line = at + 1;
            format!("server/src/{path}:{line}: `{room}` must not know `{other}` (crate::{name})")
        };
        let expected: Vec<String> = known.into_iter().enumerate().map(complaint).collect();
        server(path, text, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
    server(
        "entity/lot.rs",
        "use crate::config::Config; pub struct Model;\nfn f(_: toruk_sync::domain::Id) {}",
        &[
            "server/src/entity/lot.rs:1: `entity` must not know `config` (crate::config::Config)",
            "server/src/entity/lot.rs:2: `entity` must not know toruk_sync \
             (toruk_sync::domain::Id)",
        ],
    );
    let web =
        "server/src/worker/a.rs:1: `worker` must not know `web` (crate::web::problem::Problem)";
    server("worker/a.rs", "use crate::web::problem::Problem;", &[web]);
    let root = "server/src/blob/service.rs:1: `blob` must not know `lib` (crate::State)";
    server("blob/service.rs", "use crate::State;", &[root]);
    let new = "server/src/attic.rs: room `attic` is not in the plan";
    server("attic.rs", "use crate::ports::Ids;", &[new]);
}

#[test]
fn a_test_may_know_more() {
    let inline = "#[cfg(test)]\nmod tests { use axum::Json; }\n#[cfg(test)]\nuse axum::Router;";
    server("blob/service.rs", inline, &[]);
    let files = [
        ("domain/mod.rs", "#[cfg(all(test, unix))]\nmod checks;"),
        ("domain/checks.rs", "use tokio::time::sleep;"),
    ];
    check(plans::sync(), &files, &[]);
    let files = [("domain/mod.rs", "#[cfg(not(test))]\nmod checks;"), files[1]];
    let tokio = "sync/src/domain/checks.rs:1: `domain` must not know tokio (tokio::time::sleep)";
    check(plans::sync(), &files, &[tokio]);
}

#[test]
fn rules_read_no_clock_and_look_only_down() {
    check(
        strict(plans::sync()),
        &[
            ("domain/mod.rs", "use crate::draft::Draft;\nfn f() { std::time::Instant::now(); }"),
            ("draft.rs", "pub struct Draft;\nuse super::domain as rules;\nuse rules::f;"),
        ],
        &[
            "sync/src/domain/mod.rs:1: `domain` must not know `draft` (crate::draft::Draft)",
            "sync/src/domain/mod.rs:2: `domain` must not know std::time::Instant \
             (std::time::Instant::now)",
            "toruk_sync: a circle of rooms: domain, draft",
        ],
    );
}

#[test]
fn the_engine_decides_and_does_not_perform() {
    check(
        strict(plans::mobile_core()),
        &[
            ("driver/mod.rs", "pub struct Driver;"),
            ("store/mod.rs", "pub mod sqlite; pub use sqlite::SqliteStore; pub struct Write;"),
            ("store/sqlite.rs", "pub struct SqliteStore;"),
            ("platform.rs", "pub struct Platform;"),
            (
                "engine/mod.rs",
                "use crate::{driver::Driver, store::{SqliteStore,\n Write}};\n\
                 fn f(_: crate::platform::Platform) { tokio::spawn(g()) }",
            ),
        ],
        &[
            "mobile-core/src/engine/mod.rs:1: `engine` must not know `driver` \
             (crate::driver::Driver)",
            "mobile-core/src/engine/mod.rs:1: `engine` must not know crate::store::sqlite \
             (crate::store::sqlite::SqliteStore)",
            "mobile-core/src/engine/mod.rs:3: `engine` must not know `platform` \
             (crate::platform::Platform)",
            "mobile-core/src/engine/mod.rs:3: `engine` must not know tokio (tokio::spawn)",
        ],
    );
}

#[test]
fn changes_and_the_outside_stand_alone() {
    check(
        plans::migrations(),
        &[
            ("lib.rs", "mod m20260101_000001_a; pub fn up() {}"),
            ("m20260101_000001_a.rs", "use crate::up;"),
        ],
        &["migrations/src/m20260101_000001_a.rs:1: `change` must not know `lib` (crate::up)"],
    );
    check(
        strict(plans::tests()),
        &[
            ("world/mod.rs", "pub struct World;"),
            ("outside/mod.rs", "use crate::world::World;\nuse toruk_server::{clock, feed};"),
        ],
        &[
            "tests/src/outside/mod.rs:1: `outside` must not know `world` (crate::world::World)",
            "tests/src/outside/mod.rs:2: `outside` must not know toruk_server (toruk_server::feed)",
        ],
    );
}

#[test]
fn a_knot_excuses_one_edge_until_it_is_untied() {
    const KNOTS: &[Knot] = &[Knot { from: "domain", to: "draft", reason: "for this test" }];
    let tied = [("domain.rs", "use crate::draft::Draft;"), ("draft.rs", "pub struct Draft;")];
    check(Plan { knots: KNOTS, ..plans::sync() }, &tied, &[]);
    let untied = [("domain.rs", "pub struct Rule;"), tied[1]];
    let drop = "toruk_sync: knot 0, `domain` to `draft`, is untied: drop it";
    check(Plan { knots: KNOTS, ..plans::sync() }, &untied, &[drop]);
}

#[test]
fn circles_of_files_are_found_whole() {
    let files = [
        ("sync/src/a.rs", "use crate::b::B; pub struct A;"),
        ("sync/src/b.rs", "pub struct B; fn f() -> super::c::C { todo!() }"),
        ("sync/src/c.rs", "use crate::a as first; pub struct C(first::A);"),
        ("sync/src/d.rs", "use crate::a::A;"),
    ];
    let files = files.map(|(path, text)| TextFile::new(path, text));
    let survey = Survey::new("toruk_sync", "sync/src", &files).unwrap();
    let circles = graph::circles(&graph::of_files(&survey.modules, &survey.references));
    let circles: Vec<Vec<String>> =
        circles.into_iter().map(|circle| circle.into_iter().collect()).collect();
    assert_eq!(circles, [["sync/src/a.rs", "sync/src/b.rs", "sync/src/c.rs"]]);
}
