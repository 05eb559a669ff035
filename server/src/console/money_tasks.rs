//! Money that waits for an official of finance, and the forms in which they see to it.

use super::amounts::in_currency;
use super::layout::{Page, StaffPage, answered, render_as};
use super::lots::refused_status;
use super::refusal::Refusal;
use super::words::name;
use crate::AppState;
use crate::deposit::{Error, OverdueRefund, PaymentRow, TaskRow, Tasks};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;
use toruk_sync::domain::deposit::Rejection;
use toruk_sync::domain::id::{IntentId, PersonId};
use toruk_sync::domain::money_task::{MoneyTask, Remedy, TaskCause};
use uuid::Uuid;

const PATH: &str = "/console/money";

/// Names of officials.
pub type Names = BTreeMap<PersonId, String>;

/// Attempts to pay that tasks credit.
pub type Attempts = BTreeMap<IntentId, PaymentRow>;

/// Page of the money that waits.
#[derive(Template)]
#[template(path = "money.html")]
pub struct MoneyPage {
    pub page: Page,
    pub open: Vec<TaskCard>,
    pub closed: Vec<TaskCard>,
    pub overdue: Vec<OverdueLine>,
    pub refusal: Option<String>,
}

/// A task in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct TaskCard {
    pub id: String,
    pub kind: &'static str,
    /// Labels with their values.
    pub facts: Vec<(String, String)>,
    pub found: String,
    pub status: &'static str,
    /// The attempt to pay that is credited: labels with their values.
    pub credited: Vec<(String, String)>,
    pub owner: Option<String>,
    pub proposal: Option<ProposedRemedy>,
    /// How it ended: a sentence, and the reason.
    pub end: Option<(String, Option<String>)>,
    pub remedies: &'static [&'static str],
    pub may_take: bool,
    pub may_propose: bool,
    pub may_decide: bool,
    pub is_own: bool,
}

/// A proposal in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct ProposedRemedy {
    pub id: String,
    pub remedy: &'static str,
    pub reason: String,
    pub by: String,
    pub until: String,
}

/// A refund that is late, in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct OverdueLine {
    pub payment: String,
    pub amount: String,
    pub due: String,
}

/// The form in which a task's owner says how it ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedyForm {
    remedy: String,
    reason: String,
    /// The attempt to pay that is credited.
    #[serde(default)]
    intent: String,
}

/// `GET /console/money`: what waits, the oldest first.
pub async fn list(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    show(&state, desk, None).await
}

/// `POST /console/money/{id}/take`: takes a task.
pub async fn take(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<Uuid>,
) -> Result<Response, Refusal> {
    let taken = state.deposits.take_task(&desk.official, id).await;
    after(&state, desk, taken.map_err(refusal), "taken").await
}

/// `POST /console/money/{id}/propose`: how it ends, and why.
pub async fn propose(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<Uuid>,
    Form(form): Form<RemedyForm>,
) -> Result<Response, Refusal> {
    // In any form of a UUID.
    let intent = form.intent.trim().parse().ok().map(IntentId);
    let outcome = match Remedy::of(&form.remedy, intent) {
        Some(remedy) => {
            let by = &desk.official;
            let proposed = state.deposits.propose_remedy(by, id, remedy, &form.reason).await;
            proposed.map_err(refusal)
        }
        None => Err(Refusal::unprocessable("money-remedy-missing")),
    };
    after(&state, desk, outcome, "recorded").await
}

/// `POST /console/money/{id}/proposals/{proposal}/approve`: approves what another one proposed.
pub async fn approve(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(Uuid, Uuid)>,
) -> Result<Response, Refusal> {
    let approved = state.deposits.approve_remedy(&desk.official, id, proposal).await;
    after(&state, desk, approved.map_err(refusal), "approved").await
}

/// `POST /console/money/{id}/proposals/{proposal}/decline`: declines it, or withdraws one's own.
pub async fn decline(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(Uuid, Uuid)>,
) -> Result<Response, Refusal> {
    let declined = state.deposits.decline_remedy(&desk.official, id, proposal).await;
    after(&state, desk, declined.map_err(refusal), "declined").await
}

/// The words for tasks; those of guarantees speak of two offices.
fn refusal(error: Error) -> Refusal {
    let conflict = |key| Refusal::new(StatusCode::CONFLICT, key);
    match error {
        Error::Rejected(Rejection::SecondPersonNeeded) => conflict("money-second-person"),
        Error::Rejected(Rejection::ReasonNeeded) => Refusal::unprocessable("money-reason-needed"),
        Error::Rejected(Rejection::Lapsed) => conflict("money-lapsed"),
        Error::Rejected(_) => conflict("money-changed"),
        error => error.into(),
    }
}

async fn after(
    state: &AppState,
    desk: StaffPage,
    outcome: Result<(), Refusal>,
    what: &str,
) -> Result<Response, Refusal> {
    let again = |refusal| show(state, desk, Some(refusal));
    answered(state, (PATH, what), outcome, again).await
}

async fn show(
    state: &AppState,
    desk: StaffPage,
    refusal: Option<Refusal>,
) -> Result<Response, Refusal> {
    let tasks = state.deposits.money_tasks(&desk.official).await?;
    let overdue = state.deposits.overdue_refunds(&desk.official).await?;
    let open = tasks.open.iter().map(|row| &row.task);
    let all: Vec<MoneyTask> = open.chain(&tasks.closed).cloned().collect();
    let names = names(state, &all).await?;
    let status = refused_status(&refusal);
    let page = compose(desk.page.shown_at(PATH.to_owned()), tasks, overdue, &names, refusal);
    render_as(status, &page)
}

/// Names of the officials who have to do with these tasks.
///
/// # Errors
/// If the database fails.
pub async fn names(state: &AppState, tasks: &[MoneyTask]) -> Result<Names, Refusal> {
    let of = |task: &MoneyTask| {
        let end = task.end.as_ref().map(|end| [end.by, end.approved_by]);
        let proposed = task.proposal.as_ref().map(|proposal| proposal.by);
        let people = [task.owner, proposed].into_iter().chain(end.into_iter().flatten());
        people.flatten().collect::<Vec<_>>()
    };
    let people: Vec<PersonId> = tasks.iter().flat_map(of).collect();
    match people.is_empty() {
        true => Ok(Names::new()),
        false => Ok(state.identity.names(&people).await?),
    }
}

/// Builds the page.
pub fn compose(
    page: Page,
    tasks: Tasks,
    overdue: Vec<OverdueRefund>,
    names: &Names,
    refusal: Option<Refusal>,
) -> MoneyPage {
    let late = |row: OverdueRefund| OverdueLine {
        payment: row.payment,
        amount: page.som(&row.amount),
        due: page.at(&row.due_at),
    };
    let Tasks { open, closed, attempts } = tasks;
    MoneyPage {
        open: open.into_iter().map(|row| card(&page, row, names, &attempts)).collect(),
        closed: closed.iter().map(|task| closed_card(&page, task, names, &attempts)).collect(),
        overdue: overdue.into_iter().map(late).collect(),
        refusal: refusal.map(|refusal| refusal.words(page.language)),
        page,
    }
}

fn card(page: &Page, row: TaskRow, names: &Names, attempts: &Attempts) -> TaskCard {
    TaskCard {
        may_take: row.may_take,
        may_propose: row.may_propose,
        may_decide: row.may_decide,
        is_own: row.is_own,
        ..closed_card(page, &row.task, names, attempts)
    }
}

/// A task without forms.
pub fn closed_card(page: &Page, task: &MoneyTask, names: &Names, attempts: &Attempts) -> TaskCard {
    let name =
        |person: &PersonId| names.get(person).cloned().unwrap_or_else(|| page.text("unknown"));
    let proposal = task.proposal.as_ref().map(|proposal| ProposedRemedy {
        id: proposal.id.to_string(),
        remedy: proposal.remedy.key(),
        reason: proposal.reason.clone(),
        by: name(&proposal.by),
        until: page.at(&proposal.expires_at),
    });
    let end = task.end.as_ref().map(|end| {
        let people: Vec<String> = [end.by, end.approved_by].iter().flatten().map(name).collect();
        let what = match end.by {
            None => page.text("money-ended-itself"),
            Some(_) => page.text_for("remedy-done", end.remedy.key()),
        };
        let at = page.at(&end.at);
        let parts = [what].into_iter().chain(people).chain([at]).collect::<Vec<_>>();
        (parts.join(" · "), end.reason.clone())
    });
    TaskCard {
        id: task.id.to_string(),
        kind: task.cause.key(),
        facts: facts(page, &task.cause),
        found: page.at(&task.at),
        status: task.status(),
        credited: task.credits().map_or_else(Vec::new, |intent| credited(page, intent, attempts)),
        owner: task.owner.as_ref().map(name),
        proposal,
        end,
        remedies: task.cause.remedies(),
        may_take: false,
        may_propose: false,
        may_decide: false,
        is_own: false,
    }
}

/// The attempt to pay that is credited: two people have to see that it is the right one.
fn credited(page: &Page, intent: IntentId, attempts: &Attempts) -> Vec<(String, String)> {
    let id = (page.text("detail-intent"), intent.to_string());
    let Some(row) = attempts.get(&intent) else { return vec![id] };
    let code = row.intent.code.clone().unwrap_or_else(|| page.text("code-none"));
    let title = row.auction_name.title.get(page.language.tag());
    let deposit = page.text_for("deposit", &name(&row.deposit.status));
    vec![
        id,
        (page.text("payment-code"), code),
        (page.text("auction"), format!("{} · {title}", row.auction_name.number)),
        (page.text("expected"), page.som(&row.intent.amount)),
        (page.text("guarantee"), deposit),
    ]
}

fn facts(page: &Page, cause: &TaskCause) -> Vec<(String, String)> {
    let text = |key| page.text(key);
    match cause {
        TaskCause::Difference(found) => {
            let none = || text("money-none");
            let booked = found.booked.map_or_else(none, |amount| page.som(&amount));
            let stated = found
                .stated
                .as_ref()
                .map_or_else(none, |(amount, currency)| in_currency(page, amount.get(), currency));
            vec![
                (text("money-day"), found.day.plain()),
                (page.text_for("operation", found.operation.key()), found.name.clone()),
                (text("money-stated"), stated),
                (text("money-booked"), booked),
            ]
        }
        TaskCause::BankLine(line) => vec![
            (text("money-payer"), line.payer.clone()),
            (text("money-purpose"), line.purpose.clone()),
            (text("money-amount"), in_currency(page, line.amount.get(), &line.currency)),
        ],
        TaskCause::RefundRefused { refund, amount }
        | TaskCause::RefundLarge { refund, amount }
        | TaskCause::RefundByBank { refund, amount } => vec![
            (page.text_for("operation", "refund"), refund.to_string()),
            (text("money-amount"), page.som(amount)),
        ],
    }
}
