//! The console's cookies: their names, and what was just done, which the next page shows once.
//!
//! # Why not in the address
//! Anyone can write a link to `?done=published`. A cookie with the prefix `__Host-` is set by this
//! site alone, so a page says only what this browser has done here.

use crate::config::Config;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::AppendHeaders;
use axum_extra::extract::cookie::CookieJar;

/// The visitor's choice of a language.
pub const LANGUAGE: &str = "toruk_lang";
/// The secret of a browser that is on its way to eID.
pub const EID: &str = "toruk_eid";
/// The last act and the page that shows it.
const DONE: &str = "toruk_done";
/// Time for the browser to load the page that shows it, in seconds.
const DONE_S: i64 = 60;

/// A header that sets one cookie.
pub type CookieHeader = AppendHeaders<[(HeaderName, String); 1]>;

/// The name under which a cookie is set: with TLS its prefix makes browsers reject one that a
/// neighbouring host or an unencrypted page has set. Browsers accept the prefix only with TLS.
fn full_name(config: &Config, name: &str) -> String {
    if config.secure_cookies { format!("__Host-{name}") } else { name.to_owned() }
}

/// The value of the cookie `name`, if there is one.
pub fn value(config: &Config, headers: &HeaderMap, name: &str) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(&full_name(config, name)).map(|cookie| cookie.value().to_owned())
}

/// Sets the cookie `name` for `max_age_s` seconds.
pub fn set(config: &Config, name: &str, value: &str, max_age_s: i64) -> CookieHeader {
    set_named(config, &full_name(config, name), value, Some(max_age_s))
}

/// A cookie for the whole site that no script can read. `value` has only characters that a cookie
/// may have. Without an age it ends when the browser is closed.
pub fn set_named(config: &Config, name: &str, value: &str, max_age_s: Option<i64>) -> CookieHeader {
    let age = max_age_s.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if config.secure_cookies { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
    AppendHeaders([(header::SET_COOKIE, text)])
}

/// Remembers an act (`done-<what>`) for the page at `path`.
pub fn remember_done(config: &Config, path: &str, what: &str) -> CookieHeader {
    set(config, DONE, &format!("{what}:{path}"), DONE_S)
}

/// Forgets the last act.
pub fn forget_done(config: &Config) -> CookieHeader {
    set(config, DONE, "", 0)
}

/// The act that the page at `path` has to show.
pub fn done(config: &Config, headers: &HeaderMap, path: &str) -> Option<String> {
    let known = value(config, headers, DONE)?;
    let (what, shown_at) = known.split_once(':')?;
    (shown_at == path).then(|| what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::extract::cookie_name;
    use axum::http::HeaderValue;
    use std::path::Path;

    #[test]
    fn only_the_page_of_the_act_says_what_was_done() {
        let (plain, here) = (Config::local(Path::new("."), 1), "/console/lots");
        let tls = Config { secure_cookies: true, ..plain.clone() };
        let saved = Some("import".to_owned());
        for (config, cookie, expected) in [
            (&plain, "toruk_done=import:/console/lots", saved.clone()),
            (&tls, "__Host-toruk_done=import:/console/lots", saved),
            (&tls, "toruk_done=import:/console/lots", None),
            (&plain, "toruk_done=import:/console/lots/7", None),
            (&plain, "toruk_done=import", None),
            (&plain, "", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            assert_eq!(done(config, &headers, here), expected, "{cookie}");
        }
    }

    #[test]
    fn with_tls_every_cookie_is_bound_to_this_host() {
        let plain = Config::local(Path::new("."), 1);
        let tls = Config { secure_cookies: true, ..plain.clone() };
        let text = |AppendHeaders([(_, text)]): CookieHeader| text;
        assert_eq!(
            text(set(&tls, LANGUAGE, "ky", 9)),
            "__Host-toruk_lang=ky; Path=/; HttpOnly; SameSite=Lax; Max-Age=9; Secure"
        );
        assert_eq!(
            text(remember_done(&tls, "/console/lots", "import")),
            "__Host-toruk_done=import:/console/lots; Path=/; HttpOnly; SameSite=Lax; \
             Max-Age=60; Secure"
        );
        let session = text(set_named(&tls, cookie_name(&tls), "token", None));
        assert_eq!(session, "__Host-toruk_session=token; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(
            text(set(&plain, LANGUAGE, "ky", 9)),
            "toruk_lang=ky; Path=/; HttpOnly; SameSite=Lax; Max-Age=9"
        );
    }
}
