//! Which addresses of a server the core talks to.
//!
//! # Why plain HTTP only to this machine
//! A stranger between phone and server reads the session's token in plain HTTP, and bids with it.
//! Nobody is between a machine and its own loopback, where tests, the demo and a tunnel to a
//! developer's machine are. `10.0.2.2` is that machine inside Android's emulator alone: on a phone
//! it is an ordinary address in a network that anyone may own, and this library can't tell them
//! apart. `adb reverse tcp:8080 tcp:8080` makes it `http://localhost:8080`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Returns `true` if `address` is `https://…`, or `http://…` of this machine: `localhost`,
/// `127.0.0.0/8`, `[::1]`. Only a host, a port and a path may follow the scheme; a number is
/// written in the usual way, `127.0.0.1`.
pub fn is_safe(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let is_plain = rest.chars().all(|c| c.is_ascii_graphic() && !"@\\?#\"<>^`{|}".contains(c));
    let Some(host) = host(authority).filter(|_| is_plain) else { return false };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => is_loopback(host),
        _ => false,
    }
}

/// The host, in brackets if it is an IPv6 address; `None` if it or the port is malformed.
fn host(authority: &str) -> Option<&str> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(end);
    let is_port = |port: &str| port.parse::<u16>().is_ok() && !port.starts_with('+');
    let is_right = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (!host.is_empty() && is_right).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    }
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_no_further_than_this_machine() {
        for (address, expected) in [
            ("https://auction.example.kg", true),
            ("HTTPS://auction.example.kg:8443/", true),
            ("https://[2001:db8::1]:443", true),
            ("https://10.0.2.2", true),
            ("http://localhost:8080", true),
            ("http://LOCALHOST", true),
            ("http://127.0.0.1:8080/", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:8080", true),
            ("http://example.org", false),
            ("http://auction.example.kg:443", false),
            ("http://10.0.2.2:8080", false),
            ("http://192.168.1.7", false),
            ("http://0.0.0.0", false),
            ("http://[::]", false),
            ("http://[::ffff:127.0.0.1]", false),
            ("http://localhost.example.org", false),
            ("http://127.0.0.1.example.org", false),
            // Programs differ in how they read these.
            ("http://127.1", false),
            ("http://2130706433", false),
            ("http://0x7f.0.0.1", false),
            ("http://127.0.0.1@example.org", false),
            ("http://localhost:x@example.org", false),
            ("http://localhost\\@example.org", false),
            ("http://localhost#@example.org", false),
            ("http://localhost?.example.org", false),
            ("http://localhost:8080.example.org", false),
            ("http://localhost:+80", false),
            ("http://[::1].example.org", false),
            ("http://local\u{200b}host", false),
            ("http:// localhost", false),
            ("https://user@auction.example.kg", false),
            ("https://", false),
            ("https:///path", false),
            ("http:localhost", false),
            ("ftp://localhost", false),
            ("file:///etc/hosts", false),
            ("auction.example.kg", false),
            ("", false),
        ] {
            assert_eq!(is_safe(address), expected, "{address}");
        }
    }
}
