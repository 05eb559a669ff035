//! The answers of machines that stand between a phone and the server.

use toruk_mobile_core::CoreError;
use toruk_mobile_core::Obstacle;
use toruk_mobile_core::api::{Core, EidAct};
use toruk_mobile_core::engine::request_kind::RequestKind;
use toruk_tests::world::portal::PortalAnswer;

/// Answers as hotels, companies and proxies give them, with what the person is to be told.
pub fn answers() -> Vec<(PortalAnswer, Obstacle)> {
    let html = ("content-type", "text/html");
    let problem = ("content-type", "application/problem+json");
    let page = b"<html><title>Wi-Fi</title></html>";
    let answer = |status, headers: &[_], body: &'static [u8]| PortalAnswer {
        status,
        headers: headers.to_vec(),
        body,
        breaks: false,
        replaces: false,
    };
    let json = [("content-type", "application/json")];
    let of_tomorrow = br#"{"type":"urn:toruk:problem:new","title":"","status":410,"code":"new"}"#;
    let mut all = vec![
        (
            answer(302, &[html, ("location", "https://wifi.example/login")], b""),
            Obstacle::SignInPage,
        ),
        (answer(307, &[], b""), Obstacle::SignInPage),
        (answer(511, &[html], page), Obstacle::SignInPage),
        (answer(200, &[html], page), Obstacle::SignInPage),
        (answer(200, &json, b"{}"), Obstacle::SignInPage),
        (answer(204, &[], b""), Obstacle::SignInPage),
        (PortalAnswer { breaks: true, ..answer(200, &[html], b"<ht") }, Obstacle::SignInPage),
    ];
    for status in [400, 401, 403, 404, 407, 410, 413, 422, 429] {
        all.push((answer(status, &[html, ("retry-after", "3600")], page), Obstacle::Filter));
    }
    all.push((answer(401, &json, br#"{"code":"signed_out"}"#), Obstacle::Filter));
    all.push((answer(401, &[problem], br#"{"title":"Denied","status":401}"#), Obstacle::Filter));
    for status in [500, 502, 503, 504] {
        all.push((answer(status, &[], b""), Obstacle::Unavailable));
    }
    let marked = [problem, ("sync-protocol", "1")];
    all.push((answer(410, &marked, of_tomorrow), Obstacle::Unavailable));
    all
}

/// Returns `true` for a request of a phone that is nobody's yet.
pub fn is_a_guests(kind: RequestKind) -> bool {
    matches!(
        kind,
        RequestKind::StartRegistration
            | RequestKind::FinishRegistration
            | RequestKind::StartByCode
            | RequestKind::FinishByCode
            | RequestKind::StartEid
            | RequestKind::FinishEid
            | RequestKind::StartCertificate
            | RequestKind::FinishCertificate
            | RequestKind::StartRecovery
            | RequestKind::FinishRecovery
    )
}

/// Returns `true` for a request after which somebody's phone is signed out.
pub fn is_signed_out(kind: RequestKind) -> bool {
    matches!(kind, RequestKind::StartSignIn | RequestKind::FinishSignIn | RequestKind::SignOut)
}

/// Begins to confirm an award by eID, or ends it with the address by which the browser came back.
pub async fn confirm_by_eid(
    core: &Core,
    kind: RequestKind,
    auction: String,
    returned: String,
) -> Result<(), CoreError> {
    match kind {
        RequestKind::StartEidConfirmation => {
            core.start_eid_confirmation(EidAct::Award, auction).await.map(drop)
        }
        _ => core.finish_eid_confirmation(returned).await.map(drop),
    }
}
