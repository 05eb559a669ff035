//! Answers of other people's machines: every status, in every disguise, to every kind of request.

use crate::engine::answers::{AnswerHead, outcome, placed, read, session_end, uploaded};
use crate::engine::bids::BidAnswer;
use crate::engine::request_kind::{AnswerForm, RequestKind};
use crate::engine::uploads::UploadReply;
use crate::engine::{Failure, Input};
use crate::error::CoreError;
use crate::obstacle::Obstacle;
use toruk_sync::protocol::problem::ProblemCode;

/// A header of an answer.
type Header = (&'static str, &'static str);

const HTML: Header = ("content-type", "text/html; charset=utf-8");
const JSON: Header = ("content-type", "application/json");
const PROBLEM: Header = ("Content-Type", "application/problem+json");
const OURS: Header = ("Sync-Protocol", "1");
const AFTER: Header = ("Retry-After", "86400");

/// The disguises of an answer that is not the server's, or that this version can't read.
fn disguises(status: u16) -> Vec<(&'static str, Vec<Header>, String)> {
    let unknown = format!(
        r#"{{"type":"urn:toruk:problem:new","title":"","status":{status},"code":"of_tomorrow"}}"#
    );
    let others = r#"{"type":"about:blank","title":"Not allowed","status":403}"#;
    let cut = format!(r#"{{"type":"urn:toruk:problem:signed_out","status":{status},"co"#);
    vec![
        ("a page", vec![HTML, AFTER], "<html><title>Wi-Fi</title>".to_owned()),
        ("nothing", vec![], String::new()),
        ("a page cut off", vec![HTML], "<ht".to_owned()),
        ("JSON", vec![JSON], r#"{"code":"signed_out","error":"login"}"#.to_owned()),
        ("JSON with a code, as a page", vec![HTML], known(status, "signed_out")),
        ("a stranger's problem", vec![PROBLEM, AFTER], others.to_owned()),
        ("the server's problem of a newer version", vec![PROBLEM, OURS], unknown),
        ("the server's problem cut off", vec![PROBLEM, OURS], cut),
        ("a header of a stranger", vec![JSON, ("Sync-Protocol", "yes")], "{}".to_owned()),
        ("another status within", vec![PROBLEM], known(status + 1, "signed_out")),
    ]
}

fn known(status: u16, code: &str) -> String {
    format!(r#"{{"type":"urn:toruk:problem:{code}","title":"","status":{status},"code":"{code}"}}"#)
}

/// Whether the server's own bare answer to HEAD decides: it has no body by the protocol.
fn is_bare_head(kind: RequestKind, headers: &[Header]) -> bool {
    kind == RequestKind::ReadUpload && headers.contains(&OURS)
}

fn head(status: u16, headers: &[Header]) -> AnswerHead {
    AnswerHead::new(status, headers.iter().copied())
}

#[test]
fn an_answer_that_is_not_the_servers_ends_refuses_signs_out_and_resets_nothing() {
    let statuses = [200, 201, 204, 206].into_iter().chain(300..=599);
    for (status, kind) in statuses.flat_map(|s| RequestKind::ALL.iter().map(move |k| (s, *k))) {
        for (name, headers, body) in disguises(status) {
            if is_bare_head(kind, &headers) {
                continue;
            }
            let what = format!("{kind:?} {status} as {name}");
            let head = head(status, &headers);
            if head.is_success(kind) {
                // The server's own head of a success; only its body can be unreadable.
                assert!(headers.contains(&OURS) && kind.form() == AnswerForm::Headers, "{what}");
                continue;
            }
            let failure = head.failure(kind, body.as_bytes());
            assert!(matches!(failure, Failure::NotReached(_)), "{what}: {failure:?}");
            assert_eq!(failure.retry_after_s(), None, "{what}: asked for quiet by a stranger");
            assert!(failure.is_connection(), "{what}");
            assert!(session_end::<()>(&Err(failure.clone())).is_none(), "{what}");
            assert_eq!(uploaded(Err(failure.clone())), UploadReply::Failed, "{what}");
            assert_eq!(placed(Err(failure.clone())), BidAnswer::Lost, "{what}");
            assert_eq!(outcome(Err(failure.clone())), BidAnswer::Lost, "{what}");
            assert_eq!(CoreError::from(failure), CoreError::Offline, "{what}");
        }
    }
}

#[test]
fn a_success_that_is_not_the_servers_is_no_success() {
    for kind in RequestKind::ALL {
        for headers in [vec![HTML], vec![JSON], vec![], vec![("content-type", "text/event-stream")]]
        {
            for status in 200..300 {
                assert!(!head(status, &headers).is_success(*kind), "{kind:?} {status} {headers:?}");
            }
        }
        let form = match kind.form() {
            AnswerForm::Json => JSON,
            AnswerForm::Stream => ("content-type", "text/event-stream"),
            AnswerForm::Document => ("content-type", "application/pdf"),
            AnswerForm::Headers => ("upload-offset", "0"),
        };
        assert!(head(200, &[OURS, form]).is_success(*kind), "{kind:?}");
        let page = head(200, &[OURS, HTML]).is_success(*kind);
        assert_eq!(page, kind.form() == AnswerForm::Headers, "{kind:?}");
    }
    // A proxy that hides how long a body was to be.
    assert_eq!(read::<Vec<u8>>(b"[1,2"), Err(Failure::Lost));
    assert_eq!(read::<Vec<u8>>(b""), Err(Failure::Lost));
    assert_eq!(read::<Vec<u8>>(b"{}"), Err(Failure::Malformed));
    assert_eq!(uploaded(Ok(&head(200, &[OURS]))), UploadReply::Failed, "without its offset");
}

#[test]
fn the_servers_own_word_counts_with_the_header_and_from_an_older_server_without() {
    let of = |code: &str, status: u16, headers: &[Header]| {
        head(status, headers).failure(RequestKind::Push, known(status, code).as_bytes())
    };
    for headers in [&[PROBLEM][..], &[PROBLEM, OURS]] {
        let signed_out = session_end::<()>(&Err(of("signed_out", 401, headers)));
        assert!(matches!(signed_out, Some(Input::SignedOut)));
        let revoked = session_end::<()>(&Err(of("device_revoked", 401, headers)));
        assert!(matches!(revoked, Some(Input::Revoked)));
        // A passkey that was not accepted is no end of the session.
        assert!(session_end::<()>(&Err(of("ceremony_failed", 401, headers))).is_none());
        let refused = uploaded(Err(of("too_large", 413, headers)));
        assert_eq!(refused, UploadReply::Refused("too_large".to_owned()));
        assert_eq!(uploaded(Err(of("not_found", 404, headers))), UploadReply::Missing);
        assert_eq!(outcome(Err(of("not_found", 404, headers))), BidAnswer::NotFound);
        let late = placed(Err(of("deadline_passed", 409, headers)));
        assert_eq!(late, BidAnswer::Problem("deadline_passed".to_owned()));
    }
    let busy = head(503, &[PROBLEM, OURS, ("retry-after", "7")]);
    let busy = busy.failure(RequestKind::Pull, known(503, "busy").as_bytes());
    assert_eq!(busy.retry_after_s(), Some(7));
    let bare = |status, headers: &[Header]| {
        uploaded(Err(head(status, headers).failure(RequestKind::ReadUpload, b"")))
    };
    assert_eq!(bare(410, &[OURS]), UploadReply::Refused("infected".to_owned()));
    assert_eq!(bare(404, &[OURS]), UploadReply::Missing);
    assert_eq!(bare(404, &[]), UploadReply::Failed);
    assert_eq!(bare(418, &[OURS]), UploadReply::Failed);
}

#[test]
fn the_person_is_told_what_stands_in_the_way() {
    for (status, expected) in [
        (200, Obstacle::SignInPage),
        (204, Obstacle::SignInPage),
        (302, Obstacle::SignInPage),
        (307, Obstacle::SignInPage),
        (511, Obstacle::SignInPage),
        (403, Obstacle::Filter),
        (407, Obstacle::Filter),
        (413, Obstacle::Filter),
        (451, Obstacle::Filter),
        (500, Obstacle::Unavailable),
        (502, Obstacle::Unavailable),
        (504, Obstacle::Unavailable),
    ] {
        let failure = head(status, &[HTML]).failure(RequestKind::Pull, b"<html>");
        assert_eq!(failure, Failure::NotReached(expected), "{status}");
    }
    let newer = head(403, &[PROBLEM, OURS]).failure(RequestKind::Pull, b"{}");
    assert_eq!(newer, Failure::NotReached(Obstacle::Unavailable), "the server is no filter");
    let code = ProblemCode::SignedOut;
    let known = Failure::Problem { status: 401, code, params: [].into(), retry_after_s: None };
    assert!(!known.is_connection());
}
