//! The address of a client, as far as the server needs it: to limit what comes from one place, and
//! to tell places apart in the log.
//!
//! Addresses are personal data. They are kept in memory only, and the log has [`AddressIds`]
//! instead, which say that two lines came from one place, of one day, and not from which.

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use ring::hmac;
use std::net::{AddrParseError, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Hash;

/// Length of an id in the log, in bytes, before it is written in hex.
const ID_BYTES: usize = 6;
/// One day in microseconds.
const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// The bits of an IPv6 address that its network gives out; the rest is the client's own choice.
const NETWORK_BITS: u32 = 64;

/// One client address: an IPv4 address, or the /64 network of an IPv6 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Stands for all clients whose address is not known.
    pub const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The address that counts for `ip`.
    pub fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            IpAddr::V6(ip) => {
                let network = ip.to_bits() >> NETWORK_BITS << NETWORK_BITS;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
        })
    }
}

/// The header in which a trusted proxy names its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ProxyHeader {
    /// The header that most proxies write, `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// The standard header (RFC 7239).
    Forwarded,
}

/// Parses a network, such as `10.0.0.0/8`, or one address.
///
/// # Errors
/// When it is neither.
pub fn parse_network(text: &str) -> Result<IpNet, AddrParseError> {
    text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
}

/// The proxies in front of the server, whose word on their clients' addresses is taken.
///
/// # Why one header
/// A proxy appends to the header that it writes, and hands another one through as the client sent
/// it. If both counted, a client could choose its address.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    pub networks: Vec<IpNet>,
    pub header: ProxyHeader,
}

impl TrustedProxies {
    /// Returns `true` if this is a proxy's address.
    pub fn trusts(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.networks.iter().any(|network| network.contains(&ip))
    }

    /// The address of the client behind `peer`: the right-most entry that no trusted proxy has as
    /// its own. A header from anybody else is ignored; so is everything left of an entry that names
    /// no address.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(peer) {
            return client;
        }
        for value in headers.get_all(self.name()).iter().rev() {
            for entry in value.to_str().unwrap_or_default().rsplit(',') {
                let Some(ip) = self.entry(entry) else { return client };
                client = ip;
                if !self.trusts(ip) {
                    return client;
                }
            }
        }
        client
    }

    fn name(&self) -> HeaderName {
        match self.header {
            ProxyHeader::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            ProxyHeader::Forwarded => header::FORWARDED,
        }
    }

    fn entry(&self, text: &str) -> Option<IpAddr> {
        match self.header {
            ProxyHeader::XForwardedFor => node(text),
            ProxyHeader::Forwarded => {
                let pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
                let mut named = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("for"));
                node(named.next()?.1.trim_matches('"'))
            }
        }
    }
}

/// An address with or without a port, and in brackets if it is IPv6.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    bare.parse::<IpAddr>().or_else(|_| with_port()).ok()
}

/// Names addresses in the log: a keyed hash that changes every day.
pub struct AddressIds(hmac::Key);

impl AddressIds {
    /// With a key that no reader of the log has.
    pub fn new(key: &Hash) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The id of an address on the day of `now`, in UTC.
    pub fn id(&self, address: ClientAddress, now: Timestamp) -> String {
        let mut text = now.0.div_euclid(DAY_US).to_be_bytes().to_vec();
        match address.0 {
            IpAddr::V4(ip) => text.extend_from_slice(&ip.octets()),
            IpAddr::V6(ip) => text.extend_from_slice(&ip.octets()),
        }
        hex::encode(&hmac::sign(&self.0, &text).as_ref()[..ID_BYTES])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(header: ProxyHeader) -> TrustedProxies {
        let networks = ["10.0.0.0/8", "2001:db8:1::/48"].map(|text| parse_network(text).unwrap());
        TrustedProxies { networks: networks.into(), header }
    }

    fn client(header: ProxyHeader, peer: &str, sent: &[&str]) -> String {
        let name = proxies(header).name();
        let values = sent.iter().map(|value| (name.clone(), value.parse().unwrap()));
        let headers = values.collect::<HeaderMap>();
        proxies(header).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_client_is_the_right_most_address_that_no_proxy_has() {
        for (peer, sent, expected) in [
            ("203.0.113.7", &["198.51.100.1"][..], "203.0.113.7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.1", "198.51.100.1:4711", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.1, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["[2001:db8::5]:80"], "2001:db8::5"),
        ] {
            let found = client(ProxyHeader::XForwardedFor, peer, sent);
            assert_eq!(found, expected, "{peer} {sent:?}");
        }
    }

    #[test]
    fn the_standard_header_is_read_by_its_rules() {
        for (sent, expected) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("For=\"[2001:db8::5]:4711\";proto=https, for=10.0.0.2", "2001:db8::5"),
            ("for=192.0.2.1, by=10.0.0.1;for=198.51.100.1", "198.51.100.1"),
            ("for=192.0.2.1, for=_hidden", "10.0.0.1"),
            ("for=192.0.2.1, for=unknown, for=\"[2001:db8:1::2]\"", "2001:db8:1::2"),
        ] {
            assert_eq!(client(ProxyHeader::Forwarded, "10.0.0.1", &[sent]), expected, "{sent}");
        }
    }

    #[test]
    fn an_ipv6_network_is_one_client_and_an_id_lasts_a_day() {
        let of = |text: &str| ClientAddress::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        let (ids, others) = (AddressIds::new(&[1; 32]), AddressIds::new(&[2; 32]));
        let (noon, address) = (Timestamp(DAY_US * 20_000 + DAY_US / 2), of("192.0.2.1"));
        let id = ids.id(address, noon);
        assert_eq!(id.len(), 2 * ID_BYTES);
        assert_eq!(ids.id(address, Timestamp(DAY_US * 20_000)), id);
        assert_ne!(ids.id(address, Timestamp(DAY_US * 20_001)), id);
        assert_ne!(ids.id(of("192.0.2.2"), noon), id);
        assert_ne!(others.id(address, noon), id);
    }
}
