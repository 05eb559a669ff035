//! Counts each request against the limits of its address or of its session, before anything else
//! is done with it.
//!
//! A token counts as a session only if this server made it, which one hash tells: a made-up one
//! counts against its sender's address. A participant's bid is not counted here at all.

use crate::AppState;
use crate::address::ClientAddress;
use crate::identity::cookie_name;
use crate::identity::extract::bearer;
use crate::rate_limits::{Door, Exceeded, SessionDigest};
use crate::web::open_connections::OpenConnection;
use crate::web::problem::{Problem, insert_limit};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use std::sync::Once;

/// Routes by which people register, sign in and enrol.
const SIGN_IN: [&str; 32] = [
    "/v1/registrations",
    "/v1/registrations/finish",
    "/v1/registrations/by-code",
    "/v1/registrations/by-code/finish",
    "/v1/sessions",
    "/v1/sessions/finish",
    "/v1/sessions/certificate",
    "/v1/sessions/certificate/finish",
    "/v1/registrations/by-certificate",
    "/v1/registrations/by-certificate/challenge",
    "/v1/registrations/by-certificate/finish",
    "/v1/registrations/by-eid",
    "/v1/registrations/by-eid/finish",
    "/v1/sessions/eid",
    "/v1/sessions/eid/finish",
    "/eid/callback",
    "/console/sign-in/start",
    "/console/sign-in/finish",
    "/console/sign-in/eid",
    "/console/sign-in/eid/finish",
    "/console/enrol/role",
    "/console/enrol/start",
    "/console/enrol/finish",
    "/console/access/eid/start",
    "/console/access/eid/confirm",
    "/console/access/eid/finish",
    "/console/access/end/start",
    "/console/access/end/finish",
    "/console/access/code/start",
    "/console/access/code/finish",
    "/console/link/start",
    "/console/link/finish",
];
/// The payment system's own route.
const CALLBACK: &str = "/v1/payments/callback";
/// The route of bids, whose limits are in `auction::bidding`.
const BIDS: &str = "/v1/auctions/{id}/bids";

/// The header that most proxies write.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Done once the operator has been told that clients are not told apart.
static WARNED: Once = Once::new();

/// The id of a request's address, for the log.
#[derive(Clone)]
pub struct AddressId(pub String);

/// Refuses what exceeds a limit; the console does it itself, with a page.
pub async fn enforce(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let address = client(&state, &request);
    let context = &state.context;
    let id = context.address_ids.id(address, context.ports.clock.now());
    request.extensions_mut().insert(address);
    request.extensions_mut().insert(AddressId(id));
    let Err(exceeded) = count(&state, &request, address) else {
        return next.run(request).await;
    };
    if !request.uri().path().starts_with("/console") {
        return Problem::from(exceeded).into_response();
    }
    request.extensions_mut().insert(exceeded);
    let mut response = next.run(request).await;
    insert_limit(response.headers_mut(), &exceeded);
    response
}

fn client(state: &AppState, request: &Request) -> ClientAddress {
    let Some(connection) = request.extensions().get::<OpenConnection>() else {
        return ClientAddress::UNKNOWN;
    };
    let (proxies, peer) = (&state.context.config.proxies, connection.peer());
    if proxies.networks.is_empty() && request.headers().contains_key(FORWARDED_FOR) {
        WARNED.call_once(|| {
            tracing::warn!("a proxy names its clients and is not trusted (--trusted-proxies)");
        });
    }
    ClientAddress::of(proxies.client(peer, request.headers()))
}

fn count(state: &AppState, request: &Request, address: ClientAddress) -> Result<(), Exceeded> {
    let limits = &state.context.limits;
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let session = session(state, request.headers());
    if let (Some(session), Some(connection)) =
        (session, request.extensions().get::<OpenConnection>())
    {
        connection.keep_for(session);
    }
    match session {
        _ if SIGN_IN.contains(&route) => limits.count_address(Door::SignIn, address),
        Some(_) if route == BIDS && *request.method() == Method::POST => Ok(()),
        Some(session) => limits.count_session(session),
        None if route == CALLBACK => limits.count_address(Door::Callbacks, address),
        None => limits.count_address(Door::Public, address),
    }
}

/// The session whose token the request has, if this server made it.
fn session(state: &AppState, headers: &HeaderMap) -> Option<SessionDigest> {
    let own = |token: &str| state.identity.is_own_token(token).then(|| SessionDigest::of(token));
    if let Some(token) = bearer(headers) {
        return own(token);
    }
    let jar = CookieJar::from_headers(headers);
    own(jar.get(cookie_name(&state.context.config))?.value())
}
