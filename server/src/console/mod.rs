//! The officials' console: pages rendered by the server, in Kyrgyz, Russian and English.
//!
//! One file per page: its handlers and its template's data. Pages work without scripts; only a
//! passkey's ceremony and the live monitor need one. Signing in by eID needs none. Nothing is decided here: a handler calls one
//! service and shows the result.

pub mod access;
mod amounts;
pub mod applications;
pub mod assets;
pub mod auction;
pub mod auction_editor;
pub mod auctions;
pub mod audit;
pub mod contract;
pub mod contract_acts;
mod contract_signing;
mod cookies;
pub mod corrections;
pub mod eid;
pub mod eid_access;
mod evidence;
mod fault_words;
pub mod forfeits;
pub mod form;
pub mod guard;
pub mod home;
pub mod instalments;
mod joint_acts;
pub mod language;
pub mod layout;
pub mod live;
pub mod lot_intake;
pub mod lots;
pub mod money_tasks;
pub mod next_device;
pub mod offer;
pub mod organisations;
pub mod own_access;
pub mod papers;
pub mod payments;
pub mod proposals;
pub mod protocol;
mod protocol_acts;
pub mod reconciliation;
pub mod refusal;
pub mod result;
mod rule_name;
pub mod rules;
pub mod staff;
#[cfg(test)]
mod tests;
pub mod transfers;
mod ways;
pub mod winner;
pub mod words;

use crate::AppState;
use crate::deposit::bank::STATEMENT_BYTES_MAX;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use toruk_sync::protocol::limits::{BODY_BYTES_MAX, SIGNATURE_BODY_BYTES_MAX};

/// Room for the form around a file.
const FORM_BYTES: usize = 64 * 1024;

/// All pages, to be nested at `/console`. `state` is for the layers that check sessions and the
/// public origin.
pub fn routes(state: &AppState) -> Router<AppState> {
    let refused = || async { refusal::Refusal::not_found() };
    Router::new()
        .merge(for_visitors())
        .merge(about_lots())
        .merge(about_auctions())
        .merge(about_money())
        .merge(about_people())
        .fallback(refused)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), guard::same_origin))
        .layer(from_fn(guard::within_limits))
        .layer(from_fn_with_state(state.clone(), layout::error_pages))
        .layer(from_fn_with_state(state.clone(), layout::show_done_once))
        .layer(from_fn_with_state(state.clone(), guard::strict_headers))
}

fn for_visitors() -> Router<AppState> {
    Router::new()
        .route("/", get(home::show))
        .route("/assets/{hash}/{*file}", get(assets::serve))
        .route("/language", post(access::choose_language))
        .route("/enrol", get(access::show_enrolment))
        .route("/enrol/role", post(access::invited_role))
        .route("/enrol/start", post(access::start_enrolment))
        .route("/enrol/finish", post(access::finish_enrolment))
        .route("/sign-in", get(access::show_sign_in))
        .route("/sign-in/start", post(access::start_sign_in))
        .route("/sign-in/finish", post(access::finish_sign_in))
        .route("/sign-in/eid", post(eid_access::start_sign_in))
        .route("/sign-in/eid/finish", post(eid_access::finish_sign_in))
        .route("/link", get(next_device::show))
        .route("/link/start", post(next_device::start))
        .route("/link/finish", post(next_device::finish))
        .route("/sign-out", post(access::sign_out))
}

fn about_lots() -> Router<AppState> {
    let import = DefaultBodyLimit::max(lot_intake::IMPORT_BYTES_MAX);
    let document = DefaultBodyLimit::max(lot_intake::DOCUMENT_BODY_BYTES_MAX);
    Router::new()
        .route("/lots", get(lots::list))
        .route("/lots/import", get(lot_intake::show_import))
        .route("/lots/import", post(lot_intake::import).layer(import))
        .route("/lots/{id}", get(lots::show).post(lots::complete))
        .route("/lots/{id}/organiser", post(lots::entrust))
        .route("/lots/{id}/documents", post(lot_intake::add_document).layer(document))
        .route("/lots/{id}/documents/{sha256}", get(lots::document))
        .route("/lots/{id}/documents/{sha256}/thumbnail", get(papers::lot_thumbnail))
        .route("/lots/{id}/documents/{sha256}/preview", get(papers::lot_preview))
        .route("/lots/{id}/documents/{sha256}/frame", get(papers::lot_frame))
}

fn about_auctions() -> Router<AppState> {
    let body = DefaultBodyLimit::max(auction::CONTRACT_BODY_BYTES_MAX);
    let signed = DefaultBodyLimit::max(SIGNATURE_BODY_BYTES_MAX);
    Router::new()
        .route("/auctions", get(auctions::list))
        .route("/auctions/new", get(auction_editor::new).post(auction_editor::create))
        .route("/auctions/{id}", get(auction::show))
        .route("/auctions/{id}/edit", get(auction_editor::edit).post(auction_editor::save))
        .route("/auctions/{id}/submit", post(auction::submit))
        .route("/auctions/{id}/publish", post(auction::publish))
        .route("/auctions/{id}/return", post(auction::give_back))
        .route("/auctions/{id}/relaunch", get(auction_editor::relaunch_form))
        .route("/auctions/{id}/relaunch", post(auction_editor::relaunch))
        .route("/auctions/{id}/contract", post(auction::sign_contract).layer(body))
        .route("/auctions/{id}/contract-file", get(contract_acts::file))
        .route("/auctions/{id}/contract-file", post(contract_acts::upload).layer(body))
        .route("/auctions/{id}/contract/sign/start", post(contract_acts::start_sign))
        .route("/auctions/{id}/contract/sign/finish", post(contract_acts::finish_sign))
        .route("/auctions/{id}/contract/text", get(contract_signing::text))
        .route("/auctions/{id}/contract/certificate", post(contract_signing::sign).layer(signed))
        .route("/auctions/{id}/award/evidence", get(evidence::of_award))
        .route("/auctions/{id}/contract/evidence", get(evidence::of_contract))
        .route("/auctions/{id}/contract-holder/evidence", get(evidence::of_holder))
        .route("/auctions/{id}/winner", post(winner::show))
        .route("/auctions/{id}/result", get(result::show))
        .route("/auctions/{id}/receipts/{receipt}", get(result::receipt))
        .route("/auctions/{id}/protocol", post(winner::protocol))
        .route("/auctions/{id}/protocol/text", get(protocol_acts::text))
        .route("/auctions/{id}/protocol/sign/start", post(protocol_acts::start_sign))
        .route("/auctions/{id}/protocol/sign/finish", post(protocol_acts::finish_sign))
        .route("/auctions/{id}/protocol/certificate", post(protocol_acts::sign).layer(signed))
        .route("/auctions/{id}/protocol/evidence", get(evidence::of_protocol))
        .route("/auctions/{id}/contract-failed", post(auction::fail_contract))
        .route("/auctions/{id}/suspend", post(proposals::suspend))
        .route("/auctions/{id}/resume", post(proposals::resume))
        .route("/auctions/{id}/cancel", post(proposals::cancel).layer(body))
        .route("/auctions/{id}/disqualify", post(proposals::disqualify).layer(body))
        .route("/auctions/{id}/refusal", post(proposals::record_refusal).layer(body))
        .route("/auctions/{id}/correct", post(corrections::correct).layer(body))
        .route("/auctions/{id}/proposals", get(proposals::fragment))
        .route("/auctions/{id}/proposals/{proposal}/approve", post(proposals::approve))
        .route("/auctions/{id}/proposals/{proposal}/decline", post(proposals::decline))
        .route("/auctions/{id}/papers/{sha256}", get(papers::auction_preview))
        .route("/auctions/{id}/papers/{sha256}/frame", get(papers::auction_frame))
        .route("/auctions/{id}/live", get(live::show))
        .route("/auctions/{id}/live/board", get(live::fragment))
}

fn about_money() -> Router<AppState> {
    let document = DefaultBodyLimit::max(lot_intake::DOCUMENT_BODY_BYTES_MAX);
    let statement = DefaultBodyLimit::max(STATEMENT_BYTES_MAX + FORM_BYTES);
    Router::new()
        .route("/payments", get(payments::list))
        .route("/payments/{id}/clock", post(payments::end_clock_review))
        .route("/guarantees", get(forfeits::list))
        .route("/guarantees/{id}/propose", post(forfeits::propose).layer(document))
        .route("/guarantees/{id}/proposals/{proposal}/approve", post(forfeits::approve))
        .route("/guarantees/{id}/proposals/{proposal}/decline", post(forfeits::decline))
        .route("/reconciliation", get(reconciliation::list))
        .route("/reconciliation/{day}", get(reconciliation::show))
        .route("/reconciliation/{day}/again", post(reconciliation::again))
        .route("/reconciliation/{day}/report", get(reconciliation::report))
        .route("/reconciliation/{day}/workbook", get(reconciliation::workbook))
        .route("/transfers", get(transfers::list))
        .route("/transfers", post(transfers::send).layer(statement))
        .route("/transfers/{id}", get(transfers::show))
        .route("/transfers/{id}/confirm", post(transfers::confirm))
        .route("/money", get(money_tasks::list))
        .route("/money/{id}/take", post(money_tasks::take))
        .route("/money/{id}/propose", post(money_tasks::propose))
        .route("/money/{id}/proposals/{proposal}/approve", post(money_tasks::approve))
        .route("/money/{id}/proposals/{proposal}/decline", post(money_tasks::decline))
}

fn about_people() -> Router<AppState> {
    Router::new()
        .route("/applications", get(applications::list))
        .route("/applications/{id}", get(applications::show))
        .route("/applications/{id}/numbers", post(applications::open_numbers))
        .route("/applications/{id}/admit", post(applications::admit))
        .route("/applications/{id}/refuse", post(applications::refuse))
        .route("/applications/{id}/exclude", post(applications::exclude))
        .route("/applications/{id}/files/{sha256}", get(applications::file))
        .route("/applications/{id}/evidence", get(evidence::of_application))
        .route("/rules", get(rules::show).post(rules::propose))
        .route("/rules/proposals/{proposal}/approve", post(rules::approve))
        .route("/rules/proposals/{proposal}/decline", post(rules::decline))
        .route("/audit", get(audit::list))
        .route("/audit/{seq}", post(audit::open))
        .route("/organisations", get(organisations::list).post(organisations::create))
        .route("/organisations/{id}", get(organisations::show).post(organisations::edit))
        .route("/organisations/{id}/powers", post(organisations::give_powers))
        .route("/organisations/{id}/powers/{membership}/end", post(organisations::end_powers))
        .route("/staff", get(staff::list).post(staff::invite))
        .route("/staff/end", post(staff::end))
        .route("/staff/reviewed", post(staff::end_review))
        .route("/people/forget", post(staff::forget))
        .route("/access", get(own_access::show))
        .route("/access/end/start", post(own_access::start_end))
        .route("/access/end/finish", post(own_access::finish_end))
        .route("/access/name", post(own_access::name_passkey))
        .route("/access/eid/start", post(eid_access::start_link))
        .route("/access/eid/confirm", post(eid_access::confirm_link))
        .route("/access/eid/finish", post(eid_access::finish_link))
        .route("/access/code/start", post(next_device::start_code))
        .route("/access/code/finish", post(next_device::finish_code))
}
