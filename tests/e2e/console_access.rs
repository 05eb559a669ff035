//! Permissions of the console: every page and form for visitors and each role, in one table.

use crate::support::access_bodies::{COMPARED_DAY, multipart};
use crate::support::access_fixture::AccessFixture;
use reqwest::header::{ACCEPT, COOKIE, ORIGIN};
use reqwest::{Method, RequestBuilder};
use std::collections::{BTreeMap, BTreeSet};
use toruk_server::identity::Role;
use toruk_tests::day::paper;
use toruk_tests::world::Staff;
use toruk_tests::world::api_client::hash;

const SOURCE: &str = include_str!("../../server/src/console/mod.rs");

/// The roles that a page or form lets in.
#[derive(Clone, Copy)]
enum Who {
    /// Everybody, visitors without a session included.
    Anyone,
    /// Officials of any role.
    Officials,
    /// Officials with one of these roles.
    Only(&'static [Role]),
}

/// The body that a route is sent in this test.
#[derive(Clone, Copy)]
enum ConsoleRoute {
    Nothing,
    Form(&'static str),
    Json(&'static str),
    File,
    /// A title in Russian.
    Titled,
}

/// What officials with the right role meet who belong to another organisation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// It belongs to somebody: 403.
    Shut,
    /// It belongs to nobody in particular, or shows each official their own.
    Open,
}

/// The route, what is sent, who is let in, and those of another organisation.
type Row = (&'static str, ConsoleRoute, Who, Elsewhere);

use ConsoleRoute::{File, Json, Nothing, Titled};
use Elsewhere::{Open, Shut};
use Role::{Auditor, Finance, Moderator, Organiser, Sysadmin};
use Who::{Anyone, Officials, Only};

const LOOKERS: Who = Only(&[Organiser, Moderator, Finance, Auditor]);
const REVIEWERS: Who = Only(&[Moderator, Auditor]);
const CASHIERS: Who = Only(&[Finance, Moderator, Auditor]);
const ORGANISER: Who = Only(&[Organiser]);
const CLOSERS: Who = Only(&[Organiser, Moderator, Auditor]);
const WATCHERS: Who = Only(&[Organiser, Moderator]);
const MODERATOR: Who = Only(&[Moderator]);

const RULE_READERS: Who = Only(&[Moderator, Auditor, Organiser, Sysadmin]);
const OVERSEERS: Who = Only(&[Sysadmin, Auditor]);

const ORGANISATION: &str = "name_ky=&name_ru=a&name_en=&scheme=KG-INN&identifier=";
const NOBODY: &str = "person=00000000-0000-0000-0000-000000000007";
const POWERS: &str =
    "pin=21503199012345&power=head&document=a&valid_from=2026-11-24T12:00&valid_until=";

const ANSWER: ConsoleRoute =
    Json(r#"{"ceremony":"00000000-0000-0000-0000-000000000000","credential":{}}"#);

const STARTED: &str = r#"{"invitation":"none","name":"Айбек","language":"ky"}"#;
const ENROLMENT: ConsoleRoute = Json(
    r#"{"invitation":"none","ceremony":"00000000-0000-0000-0000-000000000000","credential":{}}"#,
);

/// An answer of eID that nobody has asked for.
const EID_ANSWER: &str = "state=AAAA&code=1&iss=";

const TABLE: &[Row] = &[
    ("GET /", Nothing, Officials, Open),
    ("GET /assets/{hash}/{*file}", Nothing, Anyone, Open),
    ("POST /language", ConsoleRoute::Form("language=ru&to=/console"), Anyone, Open),
    ("GET /enrol", Nothing, Anyone, Open),
    ("POST /enrol/role", Json(r#"{"invitation":"none"}"#), Anyone, Open),
    ("POST /enrol/start", Json(STARTED), Anyone, Open),
    ("POST /enrol/finish", ENROLMENT, Anyone, Open),
    ("GET /sign-in", Nothing, Anyone, Open),
    ("POST /sign-in/start", Json("{}"), Anyone, Open),
    ("POST /sign-in/finish", ANSWER, Anyone, Open),
    // This server has no eID.
    ("POST /sign-in/eid", Nothing, Anyone, Open),
    ("POST /sign-in/eid/finish", ConsoleRoute::Form(EID_ANSWER), Anyone, Open),
    ("GET /link", Nothing, Anyone, Open),
    ("POST /link/start", Json(r#"{"invitation":"none"}"#), Anyone, Open),
    ("POST /link/finish", ENROLMENT, Anyone, Open),
    ("GET /lots", Nothing, LOOKERS, Open),
    ("GET /lots/import", Nothing, ORGANISER, Open),
    ("POST /lots/import", File, ORGANISER, Open),
    ("GET /lots/{id}", Nothing, LOOKERS, Shut),
    (
        "POST /lots/{id}",
        ConsoleRoute::Form("title_ky=a&title_ru=a&title_en=a&holder_ky=a&holder_ru=a&holder_en=a"),
        ORGANISER,
        Shut,
    ),
    ("POST /lots/{id}/organiser", ConsoleRoute::Form("organiser="), ORGANISER, Shut),
    ("POST /lots/{id}/documents", File, ORGANISER, Shut),
    ("GET /lots/{id}/documents/{sha256}", Nothing, LOOKERS, Shut),
    ("GET /lots/{id}/documents/{sha256}/thumbnail", Nothing, LOOKERS, Shut),
    ("GET /lots/{id}/documents/{sha256}/preview", Nothing, LOOKERS, Shut),
    ("GET /lots/{id}/documents/{sha256}/frame", Nothing, LOOKERS, Shut),
    ("GET /auctions", Nothing, LOOKERS, Open),
    ("GET /auctions/new", Nothing, ORGANISER, Shut),
    ("POST /auctions/new", ConsoleRoute::Form("lot={lot}&act=preview"), ORGANISER, Shut),
    ("GET /auctions/{id}", Nothing, LOOKERS, Shut),
    ("GET /auctions/{id}/edit", Nothing, ORGANISER, Shut),
    ("POST /auctions/{id}/edit", ConsoleRoute::Form("act=preview"), ORGANISER, Shut),
    ("POST /auctions/{id}/submit", Nothing, ORGANISER, Shut),
    ("POST /auctions/{id}/return", ConsoleRoute::Form("reason=typo"), MODERATOR, Shut),
    ("POST /auctions/{id}/publish", Nothing, MODERATOR, Shut),
    ("GET /auctions/{id}/relaunch", Nothing, ORGANISER, Shut),
    ("POST /auctions/{id}/relaunch", ConsoleRoute::Form("act=preview"), ORGANISER, Shut),
    ("POST /auctions/{id}/contract", File, ORGANISER, Shut),
    ("GET /auctions/{id}/contract-file", Nothing, Only(&[Organiser, Auditor]), Shut),
    ("POST /auctions/{id}/contract-file", File, ORGANISER, Shut),
    ("POST /auctions/{id}/contract/sign/start", Json("{}"), ORGANISER, Shut),
    ("POST /auctions/{id}/contract/sign/finish", ANSWER, ORGANISER, Shut),
    ("GET /auctions/{id}/contract/text", Nothing, ORGANISER, Shut),
    ("POST /auctions/{id}/contract/certificate", File, ORGANISER, Shut),
    ("GET /auctions/{id}/award/evidence", Nothing, CLOSERS, Shut),
    ("GET /auctions/{id}/contract/evidence", Nothing, CLOSERS, Shut),
    ("GET /auctions/{id}/contract-holder/evidence", Nothing, CLOSERS, Shut),
    ("GET /auctions/{id}/result", Nothing, CLOSERS, Shut),
    ("GET /auctions/{id}/receipts/{receipt}", Nothing, CLOSERS, Shut),
    ("POST /auctions/{id}/winner", Nothing, CLOSERS, Shut),
    ("POST /auctions/{id}/protocol", Nothing, CLOSERS, Shut),
    ("GET /auctions/{id}/protocol/text", Nothing, ORGANISER, Shut),
    ("POST /auctions/{id}/protocol/sign/start", Json("{}"), ORGANISER, Shut),
    ("POST /auctions/{id}/protocol/sign/finish", ANSWER, ORGANISER, Shut),
    ("POST /auctions/{id}/protocol/certificate", File, ORGANISER, Shut),
    ("GET /auctions/{id}/protocol/evidence", Nothing, CLOSERS, Shut),
    ("POST /auctions/{id}/contract-failed", ConsoleRoute::Form("fault=other"), ORGANISER, Shut),
    ("POST /auctions/{id}/suspend", ConsoleRoute::Form("reason=dark"), WATCHERS, Shut),
    ("POST /auctions/{id}/resume", ConsoleRoute::Form("at=2026-11-24T12:00"), WATCHERS, Shut),
    ("POST /auctions/{id}/cancel", File, WATCHERS, Shut),
    ("POST /auctions/{id}/disqualify", File, WATCHERS, Shut),
    ("POST /auctions/{id}/refusal", File, WATCHERS, Shut),
    ("POST /auctions/{id}/correct", Titled, ORGANISER, Shut),
    ("GET /auctions/{id}/proposals", Nothing, LOOKERS, Shut),
    ("POST /auctions/{id}/proposals/{proposal}/approve", Nothing, WATCHERS, Shut),
    ("POST /auctions/{id}/proposals/{proposal}/decline", Nothing, WATCHERS, Shut),
    ("GET /auctions/{id}/papers/{sha256}", Nothing, LOOKERS, Shut),
    ("GET /auctions/{id}/papers/{sha256}/frame", Nothing, LOOKERS, Shut),
    ("GET /auctions/{id}/live", Nothing, LOOKERS, Shut),
    ("GET /auctions/{id}/live/board", Nothing, LOOKERS, Shut),
    ("GET /rules", Nothing, RULE_READERS, Open),
    ("POST /rules", ConsoleRoute::Form("act=propose&reason=a"), MODERATOR, Shut),
    ("POST /rules/proposals/{proposal}/approve", Nothing, MODERATOR, Shut),
    ("POST /rules/proposals/{proposal}/decline", Nothing, MODERATOR, Shut),
    ("GET /applications", Nothing, REVIEWERS, Open),
    ("GET /applications/{id}", Nothing, REVIEWERS, Shut),
    ("POST /applications/{id}/numbers", Nothing, REVIEWERS, Shut),
    ("POST /applications/{id}/admit", Nothing, MODERATOR, Shut),
    ("POST /applications/{id}/refuse", ConsoleRoute::Form("reason=blurred"), MODERATOR, Shut),
    ("POST /applications/{id}/exclude", ConsoleRoute::Form("reason=forged"), MODERATOR, Shut),
    ("GET /applications/{id}/files/{sha256}", Nothing, REVIEWERS, Shut),
    ("GET /applications/{id}/evidence", Nothing, REVIEWERS, Shut),
    ("GET /payments", Nothing, CASHIERS, Open),
    ("POST /payments/{id}/clock", Nothing, Only(&[Finance]), Shut),
    ("GET /guarantees", Nothing, Only(&[Organiser, Finance, Auditor]), Open),
    ("POST /guarantees/{id}/propose", File, Only(&[Organiser, Finance]), Shut),
    (
        "POST /guarantees/{id}/proposals/{proposal}/approve",
        Nothing,
        Only(&[Organiser, Finance]),
        Shut,
    ),
    (
        "POST /guarantees/{id}/proposals/{proposal}/decline",
        Nothing,
        Only(&[Organiser, Finance]),
        Shut,
    ),
    ("GET /reconciliation", Nothing, Only(&[Finance, Auditor]), Shut),
    ("GET /reconciliation/{day}", Nothing, Only(&[Finance, Auditor]), Shut),
    ("POST /reconciliation/{day}/again", Nothing, Only(&[Finance]), Shut),
    ("GET /reconciliation/{day}/report", Nothing, Only(&[Finance, Auditor]), Shut),
    ("GET /reconciliation/{day}/workbook", Nothing, Only(&[Finance, Auditor]), Shut),
    ("GET /transfers", Nothing, Only(&[Finance, Auditor]), Shut),
    ("POST /transfers", File, Only(&[Finance]), Shut),
    ("GET /transfers/{id}", Nothing, Only(&[Finance, Auditor]), Shut),
    ("POST /transfers/{id}/confirm", Nothing, Only(&[Finance]), Shut),
    ("GET /money", Nothing, Only(&[Finance, Auditor]), Shut),
    ("POST /money/{id}/take", Nothing, Only(&[Finance]), Shut),
    (
        "POST /money/{id}/propose",
        ConsoleRoute::Form("remedy=note&reason=seen"),
        Only(&[Finance]),
        Shut,
    ),
    ("POST /money/{id}/proposals/{proposal}/approve", Nothing, Only(&[Finance]), Shut),
    ("POST /money/{id}/proposals/{proposal}/decline", Nothing, Only(&[Finance]), Shut),
    ("GET /audit", Nothing, Officials, Open),
    ("POST /audit/{seq}", Nothing, REVIEWERS, Open),
    ("GET /organisations", Nothing, OVERSEERS, Open),
    ("POST /organisations", ConsoleRoute::Form(ORGANISATION), Only(&[Sysadmin]), Shut),
    ("GET /organisations/{id}", Nothing, OVERSEERS, Shut),
    ("POST /organisations/{id}", ConsoleRoute::Form(ORGANISATION), Only(&[Sysadmin]), Shut),
    ("POST /organisations/{id}/powers", ConsoleRoute::Form(POWERS), Only(&[Sysadmin]), Shut),
    ("POST /organisations/{id}/powers/{membership}/end", Nothing, Only(&[Sysadmin]), Shut),
    ("GET /staff", Nothing, Only(&[Sysadmin, Auditor]), Open),
    ("POST /staff", ConsoleRoute::Form("role=auditor"), Only(&[Sysadmin]), Open),
    ("POST /people/forget", ConsoleRoute::Form(NOBODY), Only(&[Sysadmin]), Shut),
    ("POST /staff/end", ConsoleRoute::Form("what=invitation&id=none"), Only(&[Sysadmin]), Open),
    ("POST /staff/reviewed", ConsoleRoute::Form("id=none"), Only(&[Sysadmin]), Open),
    // The last one: it ends the session of the official who asks.
    ("GET /access", Nothing, Officials, Open),
    ("POST /access/name", ConsoleRoute::Form("id=none&name=Phone"), Officials, Open),
    ("POST /access/eid/start", Json("{}"), Officials, Open),
    ("POST /access/eid/confirm", ANSWER, Officials, Open),
    ("POST /access/eid/finish", ConsoleRoute::Form(EID_ANSWER), Officials, Open),
    ("POST /access/code/start", Json("{}"), Officials, Open),
    ("POST /access/code/finish", ANSWER, Officials, Open),
    ("POST /access/end/start", Json("{}"), Officials, Open),
    ("POST /access/end/finish", ANSWER, Officials, Open),
    ("POST /sign-out", Nothing, Anyone, Open),
];

#[test]
fn every_route_of_the_console_has_a_row() {
    let mut routes = BTreeSet::new();
    for line in SOURCE.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")) {
        let (path, handlers) = line.split_once("\", ").unwrap();
        for method in ["get", "post", "put", "patch", "delete", "any"] {
            let call = format!("{method}(");
            if handlers.starts_with(&call) || handlers.contains(&format!(".{call}")) {
                routes.insert(format!("{} {path}", method.to_ascii_uppercase()));
            }
        }
    }
    let rows: BTreeSet<String> = TABLE.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(rows.len(), TABLE.len());
    assert_eq!(routes, rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_lets_in_each_role_as_the_table_says() {
    let scene = AccessFixture::new().await.unwrap();
    let mut wrong = Vec::new();
    for row in TABLE {
        for role in [None].into_iter().chain(Role::ALL.map(Some)) {
            let own = request(&scene, row, role).header(ORIGIN, &scene.world.origin);
            let response = own.send().await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            if !fits(row, role, status, headers.get("location").map(|to| to.as_bytes())) {
                wrong.push(format!("{} by {role:?}: {status}", row.0));
            }
            for strict in ["content-security-policy", "referrer-policy", "x-content-type-options"] {
                assert!(headers.contains_key(strict), "{} without {strict}", row.0);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The column of another organisation's officials: what belongs to somebody is shut to them, and
/// what belongs to nobody in particular is open as to everyone with the role.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_shuts_out_the_officials_of_another_organisation() {
    let scene = AccessFixture::new().await.unwrap();
    let foreign = scene.of_another_organisation().await.unwrap();
    let mut wrong = Vec::new();
    for row in TABLE {
        let Only(roles) = row.2 else { continue };
        for role in roles {
            let request = request_of(&scene, row, Some(*role), &foreign);
            let response = request.header(ORIGIN, &scene.world.origin).send().await.unwrap();
            let status = response.status().as_u16();
            let is_right = match row.3 {
                Shut => status == 403,
                Open => fits(row, Some(*role), status, None),
            };
            if !is_right {
                wrong.push(format!("{} by {role:?} of elsewhere: {status}", row.0));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_none_of_our_pages_asked_for_is_refused_for_every_official() {
    let scene = AccessFixture::new().await.unwrap();
    for row in TABLE.iter().filter(|row| row.0.starts_with("POST ")) {
        for role in [None].into_iter().chain(Role::ALL.map(Some)) {
            let bare = request(&scene, row, role).send().await.unwrap();
            assert_eq!(bare.status(), 403, "{} without Origin by {role:?}", row.0);
            let foreign = request(&scene, row, role).header(ORIGIN, "https://elsewhere.example");
            assert_eq!(foreign.send().await.unwrap().status(), 403, "{} from elsewhere", row.0);
        }
    }
    let still = scene.world.state().identity.official(&scene.staff[&Moderator].token).await;
    assert!(still.is_ok(), "a foreign form signed somebody out");
}

fn fits(row: &Row, role: Option<Role>, status: u16, location: Option<&[u8]>) -> bool {
    let (route, _, who, _) = *row;
    let reads = route.starts_with("GET ");
    let passes = match (who, role) {
        (Anyone, _) => true,
        (_, None) => false,
        (Officials, Some(_)) => true,
        (Only(roles), Some(role)) => roles.contains(&role),
    };
    match (passes, role) {
        // A page is there; only what was made up (a link, a file's hash) need not be.
        (true, _) if reads && matches!(who, Anyone) => matches!(status, 200 | 404 | 410),
        // There is no contract yet.
        (true, _)
            if route.ends_with("/contract-file")
                || route.ends_with("/contract/text")
                || route.ends_with("/protocol/text")
                || route.ends_with("/result")
                || route.contains("/receipts/")
                || route.contains("/protocol/sign/")
                || route.contains("/contract/sign/") =>
        {
            matches!(status, 303 | 404 | 409 | 422)
        }
        // What was confirmed by a passkey, or not yet, has no evidence of a certificate.
        (true, _) if route.ends_with("/evidence") => status == 404,
        // A PDF has no small copy, and what is not published no published papers.
        (true, _) if route.ends_with("/thumbnail") || route.contains("/papers/") => status == 404,
        // No statement of the bank was sent.
        (true, _) if reads && route.ends_with("/transfers/{id}") => status == 404,
        (true, _) if reads => status == 200,
        // A ceremony that nobody began is refused like a wrong passkey.
        (true, _) if route.ends_with("/finish") || route.ends_with("/eid/confirm") => {
            matches!(status, 401 | 410)
        }
        (true, _) => status < 500 && status != 401 && status != 403 && status != 405,
        (false, None) if reads => status == 303 && location == Some(b"/console/sign-in"),
        (false, None) => status == 401,
        (false, Some(_)) => status == 403,
    }
}

/// ConsoleRoute a browser sends, but for the `Origin`.
fn request(scene: &AccessFixture, row: &Row, role: Option<Role>) -> RequestBuilder {
    request_of(scene, row, role, &scene.staff)
}

/// As [`request`], in the name of one of these officials.
fn request_of(
    scene: &AccessFixture,
    row: &Row,
    role: Option<Role>,
    staff: &BTreeMap<Role, Staff>,
) -> RequestBuilder {
    let (method, path) = row.0.split_once(' ').unwrap();
    let id = match path.split('/').nth(1).unwrap() {
        "lots" => scene.lot.to_string(),
        "applications" => scene.application.to_string(),
        "guarantees" => scene.deposit.to_string(),
        "payments" => scene.paid.id.to_string(),
        "organisations" => scene.lot_holder.to_string(),
        _ => scene.hidden.to_string(),
    };
    let path = path
        .trim_end_matches('/')
        .replace("{id}", &id)
        .replace("/documents/{sha256}", &format!("/documents/{}", hash(&paper(scene.lot))))
        .replace("{sha256}", &hash(&scene.participant.document()))
        .replace("{seq}", "1")
        .replace("{proposal}", &id)
        .replace("{receipt}", &id)
        .replace("{membership}", &id)
        .replace("{day}", COMPARED_DAY)
        .replace("{hash}/{*file}", "0/none.css");
    let query =
        if row.0 == "GET /auctions/new" { format!("?lot={}", scene.lot) } else { "".into() };
    let method: Method = method.parse().unwrap();
    let mut request = scene.ask(method, &format!("/console{path}{query}"));
    request = request.header(ACCEPT, "text/html");
    if let Some(role) = role {
        request = request.header(COOKIE, format!("toruk_session={}", staff[&role].token));
    }
    match row.1 {
        ConsoleRoute::Nothing => request,
        ConsoleRoute::Form(text) => request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(text.replace("{lot}", &scene.lot.to_string())),
        ConsoleRoute::Json(text) => request.header("Content-Type", "application/json").body(text),
        // A hash, as the contract's form takes it; an import and a document it is not.
        ConsoleRoute::File => multipart(request, "text", &"a".repeat(64)),
        ConsoleRoute::Titled => multipart(request, "title_ru", "Дом"),
    }
}
