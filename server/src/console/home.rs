//! The first page: the tasks that wait for this official.

use super::layout::{Page, StaffPage, render};
use super::refusal::Refusal;
use super::ways::ABOUT_AUCTIONS;
use crate::AppState;
use crate::catalogue::rows::{AuctionRow, LotRow};
use crate::identity::Role;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::auction::Status;

/// Tasks of one kind.
#[derive(Debug)]
pub struct Task {
    /// URL of the page where it is done.
    pub href: &'static str,
    /// The number of such tasks.
    pub count: usize,
    pub title: String,
    pub text: String,
}

/// A step of the first run.
#[derive(Debug)]
pub struct Step {
    pub title: String,
    pub text: String,
    /// URL of the step's page, if this official may open it.
    pub href: Option<&'static str>,
    pub done: bool,
}

/// An auction that is running now.
#[derive(Debug)]
pub struct LiveRow {
    pub id: String,
    /// Title of the lot.
    pub title: String,
    pub number: String,
    pub price: String,
}

/// Page of the console's start.
#[derive(Template)]
#[template(path = "home.html")]
pub struct Home {
    pub page: Page,
    pub name: String,
    /// Tasks that wait for this official.
    pub tasks: Vec<Task>,
    /// Steps of the first run; empty when all are done.
    pub steps: Vec<Step>,
    /// Auctions that are running now.
    pub live: Vec<LiveRow>,
}

/// The data of which the page is built.
#[derive(Default)]
struct Work {
    lots: Vec<LotRow>,
    auctions: Vec<AuctionRow>,
    applications: usize,
    mismatches: usize,
    clock_faults: usize,
    /// Money that waits for an official of finance.
    money: usize,
    /// Passkeys of which there may be two copies.
    passkeys: usize,
    /// `true` while the push gateway refuses this server.
    is_push_stopped: bool,
}

/// `GET /console`: the first page.
pub async fn show(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    let work = gather(&state, &desk).await?;
    let page = desk.page.clone();
    let name = desk.official.name.clone();
    let (tasks, live) = (tasks(&page, &work), live(&page, &work.auctions));
    let steps = match desk.official.any(&[Role::Sysadmin]) {
        Ok(()) => first_steps(
            &page,
            state.identity.access(Some(&desk.official)).await?.staff.len() > 1,
            &work,
        ),
        Err(_) => first_steps(&page, true, &work),
    };
    render(&Home { page, name, tasks, steps, live })
}

async fn gather(state: &AppState, desk: &StaffPage) -> Result<Work, Refusal> {
    let by = &desk.official;
    let mut work = Work::default();
    if by.any(&ABOUT_AUCTIONS).is_ok() {
        work.auctions = state.catalogue.auctions(by, None).await?.0;
    }
    if by.any(&[Role::Organiser, Role::Moderator]).is_ok() {
        work.lots = state.catalogue.lots(by, None).await?.0;
    }
    if by.any(&[Role::Moderator]).is_ok() {
        let queue = state.applications.queue(by, None).await?;
        let waits = |row: &&_| application_waits(row);
        work.applications = queue.iter().filter(waits).count();
    }
    if by.any(&[Role::Sysadmin]).is_ok() {
        work.is_push_stopped = state.push.is_stopped();
        work.passkeys = state.identity.passkeys_to_review(by).await?.len();
    }
    if by.any(&[Role::Finance]).is_ok() {
        let payments = state.deposits.payments(by).await?;
        work.clock_faults = payments.iter().filter(|row| row.is_clock_open).count();
        if !by.bound.contains_key(&Role::Finance) {
            work.money = state.deposits.money_task_count(by).await?;
        }
        work.mismatches = payments.iter().filter(|row| row.mismatch.is_some()).count();
    }
    Ok(work)
}

fn application_waits(row: &crate::application::QueueRow) -> bool {
    row.application.status == ApplicationStatus::Signed
}

fn tasks(page: &Page, work: &Work) -> Vec<Task> {
    let is = |role| page.is_any(&[role]);
    let auctions =
        |wanted: fn(&AuctionRow) -> bool| work.auctions.iter().filter(|row| wanted(row)).count();
    let incomplete = work.lots.iter().filter(|row| !row.missing.is_empty()).count();
    let failed =
        |row: &AuctionRow| row.card.status == Status::Unsuccessful && row.successor.is_none();
    let (organiser, moderator) = (is(Role::Organiser), is(Role::Moderator));
    let in_review = auctions(|row| row.card.status == Status::Review);
    let drafts = auctions(|row| row.card.status == Status::Draft);
    let contracts = auctions(|row| row.card.status == Status::Awarded);
    let all = [
        (is(Role::Sysadmin), "push", usize::from(work.is_push_stopped), "/console"),
        (is(Role::Sysadmin), "passkeys", work.passkeys, "/console/staff"),
        (moderator, "review", in_review, "/console/auctions"),
        (moderator, "applications", work.applications, "/console/applications"),
        (is(Role::Finance), "money", work.money, "/console/money"),
        (is(Role::Finance), "mismatches", work.mismatches, "/console/payments"),
        (is(Role::Finance), "clock-faults", work.clock_faults, "/console/payments"),
        (organiser, "contracts", contracts, "/console/auctions"),
        (organiser, "failed", auctions(failed), "/console/auctions"),
        (organiser, "drafts", drafts, "/console/auctions"),
        (organiser, "lots", incomplete, "/console/lots"),
    ];
    let waiting = all.into_iter().filter(|(mine, _, count, _)| *mine && *count > 0);
    waiting
        .map(|(_, kind, count, href)| {
            let (title, text) = (page.text_for("task", kind), page.text_for("task-text", kind));
            Task { href, count, title, text }
        })
        .collect()
}

fn first_steps(page: &Page, has_colleagues: bool, work: &Work) -> Vec<Step> {
    let published = |row: &AuctionRow| !matches!(row.card.status, Status::Draft | Status::Review);
    let was_published = work.auctions.iter().any(published);
    let begun = !work.auctions.is_empty();
    if was_published || (page.is_any(&[Role::Sysadmin]) && has_colleagues) {
        return Vec::new();
    }
    let steps = [
        ("staff", "/console/staff", Role::Sysadmin, has_colleagues),
        ("lots", "/console/lots/import", Role::Organiser, !work.lots.is_empty() || begun),
        ("auction", "/console/lots", Role::Organiser, begun),
        ("publish", "/console/auctions", Role::Moderator, false),
    ];
    let step = |(kind, href, role, done): (_, _, _, _)| Step {
        title: page.text_for("step", kind),
        text: page.text_for("step-text", kind),
        href: page.is_any(&[role]).then_some(href),
        done,
    };
    steps.into_iter().map(step).collect()
}

fn live(page: &Page, auctions: &[AuctionRow]) -> Vec<LiveRow> {
    let running = auctions.iter().filter(|row| row.card.status == Status::Bidding);
    running
        .map(|row| LiveRow {
            id: row.card.id.to_string(),
            title: row.card.title.get(page.language.tag()).to_owned(),
            number: row.card.number.clone(),
            price: page.som(&row.card.price),
        })
        .collect()
}
