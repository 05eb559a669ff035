//! Toruk's rules, drafts and protocol: plain data and pure functions.
//!
//! Three modules with one direction, `protocol → draft → domain`, and three beside them:
//! [`signing`] defines the bytes that are signed, [`receipt`] proves a decision afterwards, and
//! [`verify`] checks a whole log against the rules. Nothing here reads a clock, draws a random
//! number or performs I/O: the caller supplies time and entropy, so that server, phone, auditor and
//! simulation get the same result.
//!
//! # Example
//!
//! An auction is moved by [`domain::auction::apply`], which returns the next state and the events
//! that led to it. A bid names the round and the price that the bidder saw, and is decided by the
//! moment at which the server had received it:
//!
//! ```
//! use toruk_sync::domain::auction::bidding::{self, Bid};
//! use toruk_sync::domain::auction::{self, Birth, Command, Commitment, Event};
//! use toruk_sync::domain::auction::{ObjectOfPrice, Offer};
//! use toruk_sync::domain::id::{AuctionId, BidId, BidderNo, LotId, OrganisationId, PersonId};
//! use toruk_sync::domain::money::{BasisPoints, Tyiyn};
//! use toruk_sync::domain::rules::RuleProfile;
//! use toruk_sync::domain::time::{TimeSpan, Timestamp};
//! use uuid::Uuid;
//!
//! let start = Timestamp::parse("2026-11-23T10:00:00+06:00").unwrap();
//! let (author, approver) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
//! let id = AuctionId(Uuid::from_u128(3));
//! let (mut auction, _) = auction::create(Birth {
//!     id,
//!     lot: LotId(Uuid::from_u128(4)),
//!     lot_holder: OrganisationId(Uuid::from_u128(5)),
//!     procuring_entity: OrganisationId(Uuid::from_u128(5)),
//!     rules: RuleProfile::standard(),
//!     offer: Offer {
//!         object_of_price: ObjectOfPrice::AnnualRent,
//!         value: Tyiyn::new(100_000)?,   // 1 000 som
//!         step: BasisPoints(500),        // 5 %
//!         guarantee: BasisPoints(1_000), // 10 %
//!         start,
//!         lease_duration: Some("P3Y".to_owned()),
//!     },
//!     author,
//!     attempt: 1,
//!     previous: None,
//!     root: id,
//!     value_min: None,
//!     value_set: None,
//! });
//!
//! // Two officials publish it, time opens and closes the applications, and the bidding begins.
//! let two = vec![Commitment("a1".repeat(32)), Commitment("b2".repeat(32))];
//! let day = |days: i64| start + TimeSpan::days(days);
//! for (command, now) in [
//!     (Command::Submit { by: author }, day(-16)),
//!     (Command::Publish { by: approver, documents: 1, lot: None }, day(-16)),
//!     (Command::Tick { roster: Vec::new() }, day(-13)),
//!     (Command::Tick { roster: two }, start + TimeSpan::hours(-1)),
//!     (Command::Tick { roster: Vec::new() }, start),
//! ] {
//!     (auction, _) = auction::apply(&auction, &command, now)?;
//! }
//!
//! let bid = Bid {
//!     id: BidId(Uuid::from_u128(6)),
//!     bidder: Some(BidderNo(1)),
//!     epoch: auction.epoch,
//!     basis: auction.round.unwrap().basis(),
//!     amount: bidding::required(&auction).unwrap(),
//!     hasty: false,
//! };
//! let received_at = start + TimeSpan::minutes(1);
//! let (raised, events) = auction::apply(&auction, &Command::PlaceBid(bid), received_at)?;
//! assert!(matches!(events[..], [Event::BidPlaced { bidder: BidderNo(1), .. }]));
//! assert_eq!(raised.round.unwrap().price, Tyiyn::new(105_000)?);
//! assert_eq!(raised.round.unwrap().deadline, received_at + TimeSpan::minutes(5));
//!
//! // A bid received at the deadline is late, even if the close has not been written yet.
//! let deadline = auction.closes_at().unwrap();
//! assert!(auction::apply(&auction, &Command::PlaceBid(bid), deadline).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod canonical;
pub mod domain;
pub mod draft;
pub mod protocol;
pub mod receipt;
pub mod signing;
pub mod simulation;
pub mod verify;
