//! The provider's pages, for a real browser: who are you, and the answer that goes back by a form.

use super::book::EidFields;
use super::desk::EidDesk;
use super::wrongs::lock;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use std::collections::BTreeMap;
use std::sync::Arc;

type Fields = BTreeMap<String, String>;

pub(super) fn routes() -> Router<Arc<EidDesk>> {
    Router::new().route("/connect/authorize", get(choose)).route("/connect/answer", post(answer))
}

/// The person chooses who they are: this provider trusts everybody.
async fn choose(State(desk): State<Arc<EidDesk>>, Query(query): Query<Fields>) -> Response {
    let people = lock(&desk.people).clone();
    let buttons = people.iter().map(|person| {
        let (sub, name) = (escaped(&person.sub), escaped(&person.family_name));
        format!("<p><button name=\"sub\" value=\"{sub}\">{name}</button></p>")
    });
    let (fields, buttons) = (hidden(&query), buttons.collect::<String>());
    let cancel = "<p><button name=\"sub\" value=\"\">Cancel</button></p>";
    let form = format!(
        "<form method=\"post\" action=\"/connect/answer\">{fields}{buttons}{cancel}</form>"
    );
    page(&form)
}

/// The answer, as the browser posts it to the client (`form_post`).
async fn answer(State(desk): State<Arc<EidDesk>>, Form(mut query): Form<Fields>) -> Response {
    let sub = query.remove("sub").unwrap_or_default();
    let state = query.get("state").cloned().unwrap_or_default();
    let person = lock(&desk.people).iter().find(|person| person.sub == sub).cloned();
    let fields = match person.map(|person| desk.authorize(&query, &person)) {
        None => Fields::from([
            ("state".to_owned(), state),
            ("error".to_owned(), "access_denied".to_owned()),
        ]),
        Some(Ok(EidFields { state, code, iss })) => {
            let iss = iss.unwrap_or_default();
            let fields = [("state", state), ("code", code), ("iss", iss)];
            fields.map(|(name, value)| (name.to_owned(), value)).into()
        }
        Some(Err(reason)) => return (StatusCode::BAD_REQUEST, reason).into_response(),
    };
    let (action, fields) = (escaped(&desk.client.redirect_uri), hidden(&fields));
    page(&format!(
        "<form method=\"post\" action=\"{action}\">{fields}<button>Back</button></form>\
         <script>document.forms[0].submit()</script>"
    ))
}

fn page(body: &str) -> Response {
    let head = "<!doctype html><meta charset=\"utf-8\"><title>eID</title>\
        <link rel=\"icon\" href=\"data:,\">";
    Html(format!("{head}{body}")).into_response()
}

fn hidden(fields: &Fields) -> String {
    let field = |(name, value): (&String, &String)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    fields.iter().map(field).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}
