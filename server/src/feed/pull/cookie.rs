//! A pull's cookie: a phone's position in each of its scopes. It is opaque to the phone, which only
//! stores it.
//!
//! # Why the server keeps nothing of it
//! Any node serves any phone, and a phone that never comes back costs nothing. The content is
//! authenticated, so a phone can't change it; access is checked at each pull, so a cookie grants
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::collections::BTreeMap;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::protocol::limits::{COOKIE_BYTES_MAX, PULL_AUCTIONS_MAX};
use uuid::Uuid;

/// Version of the layout below.
const VERSION: u8 = 1;
/// Version of the rows' content: raised when phones must download all rows again.
const SCHEMA: u8 = 1;
/// Bytes of the authenticator: guessing one takes 2^127 requests.
const TAG_BYTES: usize = 16;

/// A phone's position in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PullPosition {
    /// The phone has all changes up to this number.
    pub seq: u64,
    /// The scope's floor (removals up to it are forgotten) when the phone began from nothing;
    /// meaningless once the position is past it. Without it, a scope that takes several pages would
    /// be too old before its second.
    pub began_at: u64,
}

/// The content of a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The database that issued it.
    pub epoch: Uuid,
    pub person: PersonId,
    /// The version of the rows; see [`Cookie::is_of_this_schema`].
    pub schema: u8,
    /// Position in the person's own scope.
    pub own: PullPosition,
    /// Position in the catalogue, once the phone has asked for it.
    pub catalogue: Option<PullPosition>,
    /// Position in each auction.
    pub auctions: BTreeMap<AuctionId, u64>,
}

impl Cookie {
    /// For a person who has nothing yet.
    pub fn new(epoch: Uuid, person: PersonId) -> Self {
        let (own, catalogue, auctions) = (PullPosition::default(), None, BTreeMap::new());
        Self { epoch, person, schema: SCHEMA, own, catalogue, auctions }
    }

    /// Returns `true` if the phone's rows have the present content.
    pub fn is_of_this_schema(&self) -> bool {
        self.schema == SCHEMA
    }

    /// The encoded and authenticated form that a phone stores.
    pub fn seal(&self, key: &[u8]) -> String {
        let mut bytes = vec![VERSION, self.schema];
        bytes.extend(self.epoch.as_bytes());
        bytes.extend(self.person.0.as_bytes());
        put_place(&mut bytes, self.own);
        match self.catalogue {
            Some(place) => {
                bytes.push(1);
                put_place(&mut bytes, place);
            }
            None => bytes.push(0),
        }
        put(&mut bytes, self.auctions.len() as u64);
        for (auction, seq) in &self.auctions {
            bytes.extend(auction.0.as_bytes());
            put(&mut bytes, *seq);
        }
        let tag = mac(key, &bytes).finalize().into_bytes();
        bytes.extend(tag.iter().take(TAG_BYTES));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Decodes a cookie that this server gave to this person; `None` for anything else.
    pub fn open(text: &str, key: &[u8], person: PersonId) -> Option<Self> {
        if text.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (content, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        mac(key, content).verify_truncated_left(tag).ok()?;
        let mut rest = content;
        let [VERSION, schema] = *take(&mut rest)? else { return None };
        let epoch = Uuid::from_bytes(*take(&mut rest)?);
        let whose = PersonId(Uuid::from_bytes(*take(&mut rest)?));
        let own = place(&mut rest)?;
        let catalogue = match take::<1>(&mut rest)? {
            [0] => None,
            _ => Some(place(&mut rest)?),
        };
        let count = number(&mut rest).filter(|count| *count <= PULL_AUCTIONS_MAX as u64)?;
        let mut auctions = BTreeMap::new();
        for _ in 0..count {
            let auction = AuctionId(Uuid::from_bytes(*take(&mut rest)?));
            auctions.insert(auction, number(&mut rest)?);
        }
        let cookie = Self { epoch, person: whose, schema, own, catalogue, auctions };
        (whose == person && rest.is_empty()).then_some(cookie)
    }
}

fn mac(key: &[u8], content: &[u8]) -> Hmac<Sha256> {
    // HMAC accepts a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(content);
    mac
}

fn put_place(bytes: &mut Vec<u8>, place: PullPosition) {
    put(bytes, place.seq);
    // Once the position is past it, it has no meaning.
    put(bytes, if place.began_at > place.seq { place.began_at } else { 0 });
}

/// Seven bits a byte, the lowest first; the eighth marks that another byte follows.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(first)
}

fn place(rest: &mut &[u8]) -> Option<PullPosition> {
    Some(PullPosition { seq: number(rest)?, began_at: number(rest)? })
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let [byte] = *take(rest)?;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"a key";

    fn cookie() -> Cookie {
        Cookie {
            own: PullPosition { seq: 300, began_at: 1_000 },
            catalogue: Some(PullPosition { seq: u64::MAX, began_at: 0 }),
            auctions: (1..=500).map(|no| (AuctionId(Uuid::from_u128(no)), no as u64)).collect(),
            ..Cookie::new(Uuid::from_u128(1), PersonId(Uuid::from_u128(2)))
        }
    }

    #[test]
    fn a_cookie_is_read_as_it_was_written_and_the_largest_fits() {
        for cookie in [cookie(), Cookie::new(Uuid::nil(), PersonId(Uuid::nil()))] {
            let text = cookie.seal(KEY);
            assert!(text.len() <= COOKIE_BYTES_MAX);
            assert_eq!(Cookie::open(&text, KEY, cookie.person), Some(cookie));
        }
    }

    #[test]
    fn a_cookie_with_any_bit_changed_or_byte_missing_is_nobodys() {
        let cookie = Cookie { auctions: BTreeMap::new(), ..cookie() };
        let text = cookie.seal(KEY);
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let flipped = URL_SAFE_NO_PAD.encode(flipped);
            assert_eq!(Cookie::open(&flipped, KEY, cookie.person), None, "bit {bit}");
        }
        for length in 0..text.len() {
            assert_eq!(Cookie::open(&text[..length], KEY, cookie.person), None, "{length}");
        }
    }

    #[test]
    fn a_cookie_of_another_person_or_key_is_nobodys() {
        let (cookie, other) = (cookie(), PersonId(Uuid::from_u128(3)));
        let text = cookie.seal(KEY);
        assert_eq!(Cookie::open(&text, KEY, other), None);
        assert_eq!(Cookie::open(&text, b"another", cookie.person), None);
    }
}
