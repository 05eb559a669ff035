//! The operator's bank: people transfer money to the account, and each day has a statement in camt.053
//! (ISO 20022). It forgets everything when it is dropped.

use super::listening::{self, Listening};
use crate::world::clock::Clock;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::text::line;
use toruk_sync::domain::time::Timestamp;

/// Longest name of a payer and longest purpose, in characters.
const TEXT_CHARS_MAX: usize = 140;
/// Most transfers.
const TRANSFERS_MAX: usize = 10_000;
/// A form for a person without an account of a real bank.
const PAGE: &str = "<!doctype html><html lang=ky><meta charset=utf-8><title>Банк</title>\
    <meta name=viewport content=\"width=device-width\"><h1>Банк аркылуу которуу</h1>\
    <form method=post><p><label>Төлөөчү <input name=payer required></label>\
    <p><label>Төлөмдүн максаты (RF…) <input name=purpose required></label>\
    <p><label>Сом <input name=som inputmode=decimal required></label>\
    <p><button>Которуу</button></form></html>";

/// A transfer to the account.
#[derive(Debug, Clone)]
struct Transfer {
    payer: String,
    purpose: String,
    amount: Tyiyn,
    at: Timestamp,
}

#[derive(Deserialize)]
struct TransferForm {
    payer: String,
    purpose: String,
    som: String,
}

/// Both sides of the counter.
struct Counter {
    clock: Arc<dyn Clock>,
    transfers: Mutex<Vec<Transfer>>,
}

/// The bank, from the side of its payers and of the account's owner.
pub struct Bank {
    counter: Arc<Counter>,
    listening: Listening,
}

impl Bank {
    /// Starts on any free port of this machine.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let counter = Arc::new(Counter { clock, transfers: Mutex::default() });
        let router = Router::new().route("/", get(form).post(transfer));
        let listener = listening::any_port().await?;
        let router = router.with_state(Arc::clone(&counter));
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        Ok(Self { counter, listening: Listening::serve(listener, router, stopping, tasks)? })
    }

    /// `http://127.0.0.1:…`, without a slash at its end: where people transfer money.
    pub fn base(&self) -> String {
        self.listening.base()
    }

    /// Transfers money to the account.
    ///
    /// # Errors
    /// When the bank takes no more, a text is not one line or too long, or the amount is nothing.
    pub fn transfer(&self, payer: &str, purpose: &str, amount: Tyiyn) -> anyhow::Result<()> {
        self.counter.transfer(payer, purpose, amount)
    }

    /// The statement of the transfers after the first `from`, as camt.053; `None` if there
    /// are no more.
    pub fn statement(&self, from: usize) -> Option<String> {
        let transfers = self.counter.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = transfers.iter().enumerate().skip(from);
        let entries: String = numbered.map(|(at, transfer)| entry(at, transfer)).collect();
        let statement = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
             <BkToCstmrStmt><Stmt><Id>{from}</Id>{entries}</Stmt></BkToCstmrStmt></Document>\n"
        );
        (transfers.len() > from).then_some(statement)
    }
}

impl Counter {
    fn transfer(&self, payer: &str, purpose: &str, amount: Tyiyn) -> anyhow::Result<()> {
        let text =
            |text| line(text, TEXT_CHARS_MAX).map_err(|fault| anyhow::anyhow!("a text: {fault:?}"));
        let (payer, purpose, at) = (text(payer)?, text(purpose)?, self.clock.now());
        anyhow::ensure!(amount.get() > 0, "nothing is transferred");
        let mut transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        anyhow::ensure!(transfers.len() < TRANSFERS_MAX, "the bank is closed");
        transfers.push(Transfer { payer, purpose, amount, at });
        Ok(())
    }
}

fn entry(number: usize, transfer: &Transfer) -> String {
    let Transfer { payer, purpose, amount, at } = transfer;
    let day = BusinessDay::of(*at);
    let mut entry = String::from("<Ntry>");
    let (som, tyiyn) = (amount.get() / 100, amount.get() % 100);
    let _infallible = write!(
        entry,
        "<Amt Ccy=\"KGS\">{som}.{tyiyn:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
         <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{}</Dt></BookgDt>\
         <AcctSvcrRef>{}-{number}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{}</Nm></Pty>\
         </Dbtr></RltdPties><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
        day,
        day,
        escaped(payer),
        escaped(purpose),
    );
    entry
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

async fn form() -> Html<&'static str> {
    Html(PAGE)
}

async fn transfer(
    State(counter): State<Arc<Counter>>,
    Form(asked): Form<TransferForm>,
) -> Result<Html<&'static str>, (StatusCode, String)> {
    let refused = |error: anyhow::Error| (StatusCode::BAD_REQUEST, format!("{error:#}\n"));
    let amount = som(&asked.som).map_err(refused)?;
    counter.transfer(&asked.payer, &asked.purpose, amount).map_err(refused)?;
    Ok(Html(PAGE))
}

/// `1500`, `1 500,5` or `1500.50` som.
fn som(text: &str) -> anyhow::Result<Tyiyn> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (whole, rest) = plain.split_once([',', '.']).unwrap_or((&plain, ""));
    anyhow::ensure!(rest.len() <= 2, "more than two decimals");
    let whole: i64 = whole.parse()?;
    let rest: i64 = format!("{rest:0<2}").parse()?;
    let tyiyn = whole.checked_mul(100).and_then(|whole| whole.checked_add(rest));
    Ok(Tyiyn::new(tyiyn.unwrap_or(-1))?)
}
