//! Heads of requests that two programs may read in two ways.
//!
//! # Why they are refused
//! A proxy before the server and the server must agree on where a request ends and whom it is from.
//! RFC 9112 lets a receiver be lenient with a line feed that stands alone (section 2.2); then one
//! that is not sees another request. Of two hosts or two tokens each side may take another one.
//!
//! # What is not looked at
//! The line ends of a request that began to come before the one before it was answered: only HTTP
//! knows where it begins. Its headers are looked at.

use super::problem::Problem;
use super::reader::LastBytes;
use axum::http::{HeaderName, HeaderValue, Request, Version, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use toruk_sync::protocol::problem::ProblemCode;

/// Headers of which a second one would be a second opinion.
const SINGLE: [HeaderName; 3] = [header::HOST, header::AUTHORIZATION, header::CONTENT_TYPE];

/// The refusal of a head that can be read in two ways. The connection ends with it.
pub fn refused(request: &Request<Incoming>, last: &LastBytes) -> Option<Response> {
    let headers = request.headers();
    let doubled = SINGLE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some());
    let needs_host = request.version() == Version::HTTP_11 && !headers.contains_key(header::HOST);
    let fault = match doubled {
        Some(name) => format!("two headers `{name}`"),
        None if needs_host => "no header `host`".to_owned(),
        None if last.has_bare_feed(request.method().as_str()) => {
            "a line feed without a carriage return".to_owned()
        }
        None => return None,
    };
    let problem = Problem::new(ProblemCode::Malformed).with("detail", fault);
    Some(closing(problem.into_response()))
}

/// The same answer, as the last one of its connection.
pub fn closing(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}
