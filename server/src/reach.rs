//! The addresses that this server asks when somebody else names them: nobody must make it ask inside its
//! own network.
//!
//! # Why at the connection
//! A name may lead to one address when it is looked at, and to another when it is asked. So names are
//! looked up by [`PublicNames`], which hands on public addresses alone: what is connected to is what was
//! looked at.

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The addresses that may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Services of the internet: `https`, by name, at its usual port, and no address of a network of
    /// one's own.
    Public,
    /// Any address, for a service on this machine in a demonstration or a test.
    Anywhere,
}

impl Reach {
    /// Returns `true` if a URL may be asked, as far as it tells; its name is looked at again when it is
    /// connected to.
    pub fn includes(self, url: &Url) -> bool {
        let web = matches!(url.scheme(), "http" | "https");
        let anonymous = url.username().is_empty() && url.password().is_none();
        let sound = web && anonymous && url.fragment().is_none() && url.has_host();
        sound && (self == Self::Anywhere || is_public_name(url))
    }
}

/// A URL whose host is a name of the internet. A number in any notation is an address, and the parser
/// has written it as one; a name without a dot is of a network of one's own.
fn is_public_name(url: &Url) -> bool {
    let host = url.domain().unwrap_or_default().trim_end_matches('.');
    let of_no_network = !PRIVATE_ENDS.iter().any(|end| host.ends_with(end));
    url.scheme() == "https" && url.port().is_none() && host.contains('.') && of_no_network
}

/// Ends of names that the internet does not have (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`).
const PRIVATE_ENDS: [&str; 6] =
    [".localhost", ".local", ".internal", ".home.arpa", ".test", ".onion"];

/// Returns `true` if an address is one of the internet's: not this machine's, not of a network of
/// one's own, not a group's, not reserved.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let carriers = first == 100 && (64..128).contains(&second);
    let protocols = (first, second, third) == (192, 0, 0);
    let relays = (first, second, third) == (192, 88, 99);
    let benchmarks = first == 198 && (second == 18 || second == 19);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || carriers
        || protocols
        || relays
        || benchmarks)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Global unicast, less documentation, and less what wraps an address of version 4. What wraps one
    // behind NAT64 (64:ff9b::/96) is outside of global unicast.
    let global = (0x2000..=0x3fff).contains(&first);
    let wraps = first == 0x2002 || (first == 0x2001 && second == 0);
    let documents = first == 0x2001 && second == 0x0db8 || first == 0x3fff && second < 0x1000;
    global && !wraps && !documents
}

/// Resolves names to addresses of the internet alone.
#[derive(Debug, Clone, Copy)]
pub struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(public_of(found).ok_or("no public address")?)
        })
    }
}

/// The public ones of a name's addresses; `None` if it has none.
fn public_of(found: impl Iterator<Item = SocketAddr>) -> Option<Addrs> {
    let public: Vec<SocketAddr> = found.filter(|found| is_public(found.ip())).collect();
    (!public.is_empty()).then(|| Box::new(public.into_iter()) as Addrs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_internet_are_asked() {
        for (url, expected) in [
            ("https://fcm.googleapis.com/fcm/send/a:b", true),
            ("https://updates.push.services.mozilla.com/wpush/v2/x", true),
            ("https://web.push.apple.com/QA", true),
            ("https://push.example:443/a", true),
            ("http://push.example/a", false),
            ("https://push.example:8443/a", false),
            ("https://user@push.example/a", false),
            ("https://push.example/a#b", false),
            ("https://127.0.0.1/a", false),
            ("https://2130706433/a", false),
            ("https://0x7f.1/a", false),
            ("https://8.8.8.8/a", false),
            ("https://[::1]/a", false),
            ("https://[::ffff:10.0.0.1]/a", false),
            ("https://localhost/a", false),
            ("https://localhost./a", false),
            ("https://a.localhost/a", false),
            ("https://printer/a", false),
            ("https://nas.local/a", false),
            ("https://metadata.google.internal/computeMetadata/v1", false),
            ("https://metadata.google.internal./computeMetadata/v1", false),
            ("file:///etc/passwd", false),
            ("ftp://push.example/a", false),
        ] {
            let parsed: Url = url.parse().unwrap();
            assert_eq!(Reach::Public.includes(&parsed), expected, "{url}");
        }
        for (url, expected) in
            [("http://127.0.0.1:8080/a", true), ("file:///etc/passwd", false), ("data:,a", false)]
        {
            assert_eq!(Reach::Anywhere.includes(&url.parse().unwrap()), expected, "{url}");
        }
    }

    const ADDRESSES: [(&str, bool); 30] = [
        ("142.250.74.106", true),
        ("100.63.255.255", true),
        ("172.32.0.1", true),
        ("2a00:1450:400f:80d::200a", true),
        ("::ffff:142.250.74.106", true),
        ("127.0.0.1", false),
        ("127.255.255.254", false),
        ("10.1.2.3", false),
        ("172.16.0.1", false),
        ("172.31.255.255", false),
        ("192.168.1.1", false),
        ("169.254.169.254", false),
        ("100.64.0.1", false),
        ("100.100.100.200", false),
        ("192.0.0.192", false),
        ("192.88.99.1", false),
        ("0.0.0.0", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("198.18.0.1", false),
        ("203.0.113.1", false),
        ("::", false),
        ("::1", false),
        ("::ffff:127.0.0.1", false),
        ("64:ff9b::7f00:1", false),
        ("fe80::1", false),
        ("fd00:ec2::254", false),
        ("2001:db8::1", false),
        ("2002:7f00:1::", false),
        ("ff02::1", false),
    ];

    #[test]
    fn only_addresses_of_the_internet_are_connected_to() {
        for (address, expected) in ADDRESSES {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_name_with_both_kinds_leads_to_the_public_ones_and_one_with_private_ones_nowhere() {
        let sockets = |wanted: bool| {
            let some = ADDRESSES.iter().filter(move |(_, is_public)| wanted || !is_public);
            some.map(|(address, _)| SocketAddr::new(address.parse().unwrap(), 0))
        };
        assert!(public_of(sockets(false)).is_none());
        assert_eq!(public_of(sockets(true)).unwrap().count(), 5);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_resolved_to_nothing() {
        assert!(PublicNames.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
