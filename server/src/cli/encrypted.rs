//! Connections to other machines are encrypted, or the operator has named the machine.

use anyhow::{Context as _, bail};
use reqwest::Url;
use std::net::IpAddr;

/// Fails if one of `addresses` (an option's name and its value) leads to another machine without
/// encryption. `plain_hosts` are machines that are reached in another safe way: a tunnel, a network
/// of their own.
///
/// # Errors
/// Names the option; the address may hold a password.
pub fn require_encrypted(
    addresses: &[(&str, Option<&str>)],
    plain_hosts: &[String],
) -> anyhow::Result<()> {
    for (option, address) in addresses {
        let Some(address) = address else { continue };
        let host = plain_host(address).with_context(|| format!("{option} is no address"))?;
        let Some(host) = host.filter(|host| !plain_hosts.contains(host)) else { continue };
        bail!(
            "{option} leads to {host} without encryption: give https, or sslmode=verify-full, \
             or name the host in --plain-hosts"
        );
    }
    Ok(())
}

/// The other machine that an address leads to without encryption, if it does.
fn plain_host(address: &str) -> anyhow::Result<Option<String>> {
    let url = Url::parse(address)?;
    let parameter = |names: [&str; 2]| {
        let found = url.query_pairs().find(|(name, _)| names.contains(&name.as_ref()));
        found.map(|(_, value)| value.into_owned())
    };
    let host = match url.scheme() {
        "https" | "sqlite" | "unix" => return Ok(None),
        "postgres" | "postgresql" => {
            let mode = parameter(["sslmode", "ssl-mode"]).unwrap_or_default();
            if ["require", "verify-ca", "verify-full"].contains(&mode.as_str()) {
                return Ok(None);
            }
            parameter(["hostaddr", "host"]).or_else(|| url.host_str().map(str::to_owned))
        }
        _ => url.host_str().map(str::to_owned),
    };
    Ok(host.filter(|host| !is_here(host)))
}

/// Returns `true` for this machine: its loopback, a socket in its file system, or no host at all.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.is_empty()
        || host.starts_with('/')
        || host.starts_with("%2F")
        || host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_machine_is_encrypted_or_named() {
        for (address, expected) in [
            ("https://pay.example.kg", true),
            ("http://127.0.0.1:9000", true),
            ("http://localhost:9000", true),
            ("http://[::1]:9000", true),
            ("http://pay.example.kg", false),
            ("http://10.0.0.5", false),
            ("http://localhost.example.kg", false),
            ("tcp://127.0.0.1:3310", true),
            ("tcp://clamd:3310", true),
            ("tcp://scanner:3310", false),
            ("unix:///run/clamd.sock", true),
            ("sqlite:///var/lib/toruk/toruk.db", true),
            ("sqlite://toruk.db?mode=rwc", true),
            ("postgres://toruk@localhost/toruk", true),
            ("postgres:///toruk?host=/run/postgresql", true),
            ("postgres://toruk@%2Frun%2Fpostgresql/toruk", true),
            ("postgres://toruk:secret@db/toruk", false),
            ("postgres://toruk:secret@db/toruk?sslmode=prefer", false),
            ("postgres://localhost/toruk?host=db", false),
            ("postgres://toruk@db/toruk?sslmode=require", true),
            ("postgresql://toruk@db/toruk?sslmode=verify-full", true),
            ("no address", false),
        ] {
            let named = ["clamd".to_owned()];
            let verdict = require_encrypted(&[("--it", Some(address))], &named);
            assert_eq!(verdict.is_ok(), expected, "{address}: {verdict:?}");
            assert!(!format!("{verdict:?}").contains("secret"), "{address}");
        }
        assert!(require_encrypted(&[("--it", None)], &[]).is_ok());
    }
}
