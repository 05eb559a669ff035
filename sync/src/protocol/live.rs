//! Following auctions: one stream of frames (server-sent events) per client, for all auctions that
//! it follows.
//!
//! A client names each auction with its position: `?follow=<auction>:<seq>`, or without one to get
//! a snapshot first. Missing records are replayed from the log; a client that is too far behind
//! ([`super::limits::REPLAY_RECORDS_MAX`]), or ahead of the log, gets a snapshot. A frame's SSE id
//! is `<auction>:<seq>`, which browsers send back as `Last-Event-ID`.

use super::catalogue::AuctionView;
use super::limits::FOLLOW_MAX;
use crate::domain::id::AuctionId;
use crate::domain::time::Timestamp;
use crate::receipt::Record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// One frame of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LiveFrame {
    /// The state of an auction, which includes everything before.
    Snapshot(Box<AuctionView>),
    /// The next entry of an auction's log.
    Record(Box<Record>),
    /// A sign of life. The first one comes at once; it has no id.
    Heartbeat(Heartbeat),
    /// Data of the person changed: pull. It says no more, so that losing one costs nothing.
    Poke,
}

/// The content of a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    /// The server's time of sending.
    pub server_time: Timestamp,
    /// The longest time until the next one, milliseconds. Observers get fewer than bidders.
    pub next_ms: u64,
    /// The logs' lengths: a client with fewer records has missed some. An auction whose snapshot is
    /// still on its way is absent.
    pub seqs: BTreeMap<AuctionId, u64>,
}

/// An auction to follow, after a position if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// The auction's id.
    pub auction: AuctionId,
    /// The last record that the client has; without one it gets a snapshot.
    pub after: Option<u64>,
}

impl fmt::Display for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            Some(after) => write!(f, "{}:{after}", self.auction),
            None => self.auction.fmt(f),
        }
    }
}

/// The reason why a list of auctions can't be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFollowed {
    /// Not `<auction>` or `<auction>:<seq>`.
    #[error("`follow` is an auction's id, or `<id>:<seq>`")]
    Malformed,
    /// One auction is listed twice.
    #[error("an auction is followed twice")]
    Twice,
    /// The list is empty.
    #[error("nothing to follow")]
    Nothing,
    /// The list has more than [`FOLLOW_MAX`].
    #[error("more than {FOLLOW_MAX} auctions")]
    TooMany,
}

impl FromStr for Follow {
    type Err = NotFollowed;

    fn from_str(text: &str) -> Result<Self, NotFollowed> {
        let (auction, after) = match text.split_once(':') {
            Some((auction, after)) => (auction, Some(after)),
            None => (text, None),
        };
        let auction = auction.parse().map_err(|_| NotFollowed::Malformed)?;
        let after = match after {
            // `parse` would accept a sign.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().map_err(|_| NotFollowed::Malformed)?)
            }
            Some(_) => return Err(NotFollowed::Malformed),
            None => None,
        };
        Ok(Self { auction, after })
    }
}

/// Reads the list of auctions a client wants to follow, in its order.
///
/// # Errors
/// [`NotFollowed`].
pub fn follow_list<'a>(
    items: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Follow>, NotFollowed> {
    let mut list: Vec<Follow> = Vec::new();
    for item in items {
        let follow: Follow = item.parse()?;
        if list.iter().any(|known| known.auction == follow.auction) {
            return Err(NotFollowed::Twice);
        }
        if list.len() == FOLLOW_MAX {
            return Err(NotFollowed::TooMany);
        }
        list.push(follow);
    }
    if list.is_empty() { Err(NotFollowed::Nothing) } else { Ok(list) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-00000000000a";

    #[test]
    fn what_is_followed_is_read_as_it_is_written() {
        for text in [ID.to_owned(), format!("{ID}:0"), format!("{ID}:{}", u64::MAX)] {
            assert_eq!(text.parse::<Follow>().map(|follow| follow.to_string()), Ok(text));
        }
    }

    #[test]
    fn a_list_names_each_auction_once_and_at_least_one() {
        let from_start = format!("{ID}:0");
        let (signed, long) = (format!("{ID}:+1"), format!("{ID}:18446744073709551616"));
        let (empty, twice) = (format!("{ID}:"), format!("{ID}:1:2"));
        for (list, refusal) in [
            (vec![], NotFollowed::Nothing),
            (vec![""], NotFollowed::Malformed),
            (vec!["lot"], NotFollowed::Malformed),
            (vec![&signed], NotFollowed::Malformed),
            (vec![&long], NotFollowed::Malformed),
            (vec![&empty], NotFollowed::Malformed),
            (vec![&twice], NotFollowed::Malformed),
            (vec![ID, &from_start], NotFollowed::Twice),
        ] {
            assert_eq!(follow_list(list.iter().copied()), Err(refusal), "{list:?}");
        }
        let many: Vec<String> = (0..=FOLLOW_MAX)
            .map(|n| AuctionId(uuid::Uuid::from_u128(n as u128)).to_string())
            .collect();
        let named = |count: usize| follow_list(many.iter().take(count).map(String::as_str));
        assert_eq!(named(FOLLOW_MAX + 1), Err(NotFollowed::TooMany));
        assert_eq!(named(FOLLOW_MAX).map(|list| list.len()), Ok(FOLLOW_MAX));
    }
}
