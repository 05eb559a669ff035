//! Pages for the payer: the wallet and branch desk, the bank's card page, the printable slip.

use super::Desk;
use super::book::{Channel, Order, Payment, Refusal};
use super::texts::{LANGUAGES, Texts};
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;
use toruk_sync::domain::money::Tyiyn;
use uuid::Uuid;

/// Nothing runs, nothing is loaded from elsewhere, and nobody frames the page.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
const STYLE: &str = include_str!("style.css");

#[derive(Deserialize)]
struct PageQuery {
    lang: Option<String>,
    code: Option<String>,
}

/// One request's language and address.
struct Page {
    texts: &'static Texts,
    /// The page's address without the query's `lang`, for the links to other languages.
    address: String,
}

pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/", get(desk_page))
        .route("/pay", post(pay))
        .route("/card/{order}", get(card_page).post(pay_by_card))
        .route("/branch/{code}/slip", get(slip))
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE)))
}

async fn desk_page(
    State(desk): State<Arc<Desk>>,
    Query(asked): Query<PageQuery>,
    headers: HeaderMap,
) -> Response {
    let code = asked.code.clone().unwrap_or_default();
    let page = Page::new(&asked, &headers, format!("/?code={}&", address_part(&code)));
    if code.trim().is_empty() {
        return page.answer(StatusCode::OK, page.texts.title, &page.code_form(""));
    }
    let order = desk.book().find_code(&code).map(|order| order.asked.order);
    match order.and_then(|order| desk.payable(order)) {
        Ok(order) => {
            let texts = page.texts;
            let code = escape(order.code.as_deref().unwrap_or_default());
            let slip = match order.asked.channel {
                Channel::BranchCode => format!(
                    "<p><a href=\"/branch/{code}/slip?lang={}\">{}</a></p>",
                    texts.tag, texts.slip_title
                ),
                Channel::WalletCode | Channel::Card => String::new(),
            };
            let body = format!(
                "<p class=code>{code}</p>{}<form method=post action=/pay>\
                 <input type=hidden name=code value=\"{code}\">\
                 <input type=hidden name=lang value={}><button>{}</button></form>{slip}",
                page.facts(&order),
                texts.tag,
                texts.pay,
            );
            page.answer(StatusCode::OK, texts.title, &body)
        }
        Err(refusal) => page.refused(refusal, &page.code_form(&code)),
    }
}

async fn pay(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(asked): Form<PageQuery>,
) -> Response {
    let page = Page::new(&asked, &headers, "/?".to_owned());
    let code = asked.code.unwrap_or_default();
    let order = desk.book().find_code(&code).map(|order| order.asked.order);
    match order.and_then(|order| desk.pay(order, None)) {
        Ok(payment) => page.paid(&payment),
        Err(refusal) => page.refused(refusal, &page.code_form(&code)),
    }
}

async fn card_page(
    State(desk): State<Arc<Desk>>,
    Path(order): Path<Uuid>,
    Query(asked): Query<PageQuery>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&asked, &headers, format!("/card/{order}?"));
    let texts = page.texts;
    let payable = desk.payable(order).and_then(|found| match found.asked.channel {
        Channel::Card => Ok(found),
        Channel::WalletCode | Channel::BranchCode => Err(Refusal::Unknown),
    });
    match payable {
        Ok(found) => page.answer(StatusCode::OK, texts.card_title, &page.card_form(&found)),
        Err(refusal) => page.refused(refusal, ""),
    }
}

/// Pays. The request's body is not even read: the card's fields have no names, so a browser sends
/// none of them, and what another client sends is dropped unseen.
async fn pay_by_card(
    State(desk): State<Arc<Desk>>,
    Path(order): Path<Uuid>,
    Query(asked): Query<PageQuery>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&asked, &headers, format!("/card/{order}?"));
    match desk.pay_card(order) {
        Ok(payment) => page.paid(&payment),
        Err(refusal) => page.refused(refusal, ""),
    }
}

async fn slip(
    State(desk): State<Arc<Desk>>,
    Path(code): Path<String>,
    Query(asked): Query<PageQuery>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&asked, &headers, format!("/branch/{}/slip?", address_part(&code)));
    match desk.book().find_code(&code) {
        Ok(order) => {
            let body = format!(
                "<p class=code>{}</p>{}<p class=screen>{}</p>",
                escape(order.code.as_deref().unwrap_or_default()),
                page.facts(order),
                page.texts.print_hint
            );
            page.answer(StatusCode::OK, page.texts.slip_title, &body)
        }
        Err(refusal) => page.refused(refusal, ""),
    }
}

impl Page {
    fn new(asked: &PageQuery, headers: &HeaderMap, address: String) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self { texts: Texts::choose(asked.lang.as_deref(), accepted), address }
    }

    fn code_form(&self, code: &str) -> String {
        format!(
            "<form method=get action=/><label>{}<input name=code value=\"{}\" required \
             autofocus inputmode=numeric autocomplete=off maxlength=20 \
             placeholder=\"0000-0000\"></label><input type=hidden name=lang value={}>\
             <button>{}</button></form>",
            self.texts.code,
            escape(code),
            self.texts.tag,
            self.texts.find
        )
    }

    fn card_form(&self, order: &Order) -> String {
        let texts = self.texts;
        format!(
            "{}<form method=post action=\"/card/{}?lang={}\"><label>{}<input id=card-number \
             required inputmode=numeric autocomplete=off pattern=\"[0-9 ]{{16,23}}\" \
             placeholder=\"0000 0000 0000 0000\"></label><label>{}<input id=card-code \
             type=password required inputmode=numeric autocomplete=off \
             pattern=\"[0-9]{{3,4}}\"></label><p class=small>{}</p><button>{}</button></form>",
            self.facts(order),
            order.asked.order,
            texts.tag,
            texts.card_number,
            texts.card_code,
            texts.nothing_stored,
            texts.send
        )
    }

    fn facts(&self, order: &Order) -> String {
        let texts = self.texts;
        format!(
            "<dl><dt>{}</dt><dd class=amount>{}</dd><dt>{}</dt><dd>{}</dd>\
             <dt>{}</dt><dd>{}</dd></dl>",
            texts.amount,
            self.money(order.asked.amount_tyiyn),
            texts.purpose,
            escape(&order.asked.description),
            texts.valid_until,
            order.asked.expires_at.bishkek()
        )
    }

    fn money(&self, amount_tyiyn: i64) -> String {
        let amount = Tyiyn::new(amount_tyiyn)
            .map_or_else(|_| format!("{amount_tyiyn}/100"), |amount| amount.to_string());
        format!("{amount} {}", self.texts.som)
    }

    fn paid(&self, payment: &Payment) -> Response {
        let texts = self.texts;
        let body = format!(
            "<p class=paid>✓ {}</p><dl><dt>{}</dt><dd class=amount>{}</dd><dt>{}</dt>\
             <dd>{}</dd></dl><p>{}</p>",
            texts.paid,
            texts.amount,
            self.money(payment.amount_tyiyn),
            texts.reference,
            escape(&payment.reference),
            texts.go_back
        );
        self.answer(StatusCode::OK, texts.title, &body)
    }

    fn refused(&self, refusal: Refusal, then: &str) -> Response {
        let status = match refusal {
            Refusal::Unknown => StatusCode::NOT_FOUND,
            _ => StatusCode::CONFLICT,
        };
        let body = format!("<p class=refused role=alert>{}</p>{then}", self.texts.refusal(refusal));
        self.answer(status, self.texts.title, &body)
    }

    fn answer(&self, status: StatusCode, title: &str, body: &str) -> Response {
        let languages: String = LANGUAGES
            .iter()
            .map(|texts| match texts.tag == self.texts.tag {
                true => format!("<b>{}</b> ", texts.tag),
                false => format!("<a href=\"{}lang={1}\">{1}</a> ", self.address, texts.tag),
            })
            .collect();
        let html = format!(
            "<!doctype html><html lang={}><meta charset=utf-8>\
             <meta name=viewport content=\"width=device-width\"><title>{title}</title>\
             <link rel=stylesheet href=/style.css><nav>{languages}</nav>\
             <main><h1>{title}</h1>{body}</main><footer>{}</footer></html>",
            self.texts.tag, self.texts.notice
        );
        let headers = [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        (status, headers, Html(html)).into_response()
    }
}

/// Safe as text and inside quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Characters that may stand in an address unencoded; codes need no more.
fn address_part(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
        .collect()
}
