//! One page of what a phone has not seen yet. The protocol is described in
//! [`toruk_sync::protocol::pull`]; the content of a cookie in `cookie`, and of a row in `rows`.
//!
//! Scopes come in one order, the person's own first and the catalogue last, and each page starts
//! from the first again: changes between two pages come with the second. So the last page leaves a
//! phone with a state that was true at one moment.

mod cookie;
mod page;
mod reply;
mod rows;
mod upkeep;

use super::service::{Error, Service};
use super::store::{self, Counter, Standing};
use crate::db::change_counter::SyncScope;
use crate::identity::Bidder;
use cookie::{Cookie, PullPosition};
use page::PulledPage;
pub use reply::PulledReply;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use toruk_sync::domain::file::FileLimits;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::limits::{ACKED_MAX, PULL_CARDS_MAX, PULL_ROWS_MAX};
use toruk_sync::protocol::pull::{Digest, Pull, PullReply, ResetReason, Scope, kind};

/// Rows whose values are loaded at once: small, so that a page that is full by bytes has loaded few
/// in vain.
const LOADED_AT_ONCE: usize = 50;
/// As [`LOADED_AT_ONCE`], for the small cards.
const CARDS_LOADED_AT_ONCE: usize = 500;

/// A phone's start positions, and the resets it must hear of first.
struct Begin {
    cookie: Cookie,
    reset: BTreeMap<Scope, ResetReason>,
    removed: Vec<Scope>,
}

impl Service {
    /// The next page for a phone.
    ///
    /// # Errors
    /// [`Error::TooManyAcked`]; [`Error::Store`].
    pub async fn pull(&self, by: &Bidder, request: &Pull) -> Result<PulledReply, Error> {
        if request.acked.len() > ACKED_MAX {
            return Err(Error::TooManyAcked);
        }
        self.applications.ack(by, &request.acked).await?;
        let db = self.context.db.snapshot().await?;
        let standing = store::standing(&db, by.person, by.device).await?;
        let rights = store::rights(&db, by.person, &standing.followed).await?;
        let Begin { mut cookie, reset, removed } = begin(by, request, &standing, &rights);
        let wanted = request.rows.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX).max(1));
        let mut page = PulledPage::new(wanted.unwrap_or(PULL_ROWS_MAX).min(PULL_ROWS_MAX));
        let own = SyncScope::Person(by.person);
        self.fill(&db, by, own, standing.person.head, &mut cookie.own, &mut page).await?;
        self.fill_auctions(&db, &rights, &mut cookie.auctions, &mut page).await?;
        if let Some(place) = cookie.catalogue.as_mut().filter(|_| request.catalogue) {
            page.allow(wanted.unwrap_or(PULL_CARDS_MAX).min(PULL_CARDS_MAX));
            let head = standing.catalogue.head;
            self.fill(&db, by, SyncScope::Catalogue, head, place, &mut page).await?;
        }
        let catalogue = cookie.catalogue.filter(|_| request.catalogue);
        let more = cookie.own.seq < standing.person.head
            || rights.iter().any(|(id, seq)| cookie.auctions.get(id).is_none_or(|at| at < seq))
            || catalogue.is_some_and(|at| at.seq < standing.catalogue.head);
        let wants_limits = request.cookie.is_none() || request.digest;
        let digest = match request.digest && !more {
            true => Some(digests(&db, own, &rights, request.catalogue).await?),
            false => None,
        };
        db.commit().await.map_err(crate::db::StoreError::from)?;
        let reply = PullReply {
            epoch: standing.epoch,
            server_time: self.context.ports.clock.now(),
            next_op_no: standing.next_op_no,
            rows: Vec::new(),
            removed,
            reset,
            more,
            digest,
            cookie: cookie.seal(&standing.cookie_key),
            backoff_s: None,
            file_limits: wants_limits.then(FileLimits::default),
        };
        Ok(PulledReply::new(reply, page.into_rows()))
    }

    /// Adds the changes of a counted scope, as far as the page has room.
    async fn fill(
        &self,
        db: &impl ConnectionTrait,
        by: &Bidder,
        scope: SyncScope,
        head: u64,
        place: &mut PullPosition,
        page: &mut PulledPage,
    ) -> Result<(), Error> {
        let (wire, at_once) = match scope {
            SyncScope::Catalogue => (Scope::Catalogue, CARDS_LOADED_AT_ONCE),
            SyncScope::Person(_) => (Scope::Person, LOADED_AT_ONCE),
        };
        while place.seq < head && page.room() > 0 {
            let limit = page.room().min(at_once);
            let changes = store::changed(db, scope, place.seq, limit as u64).await?;
            let is_last = changes.len() < limit;
            let mut values = self.values(db, by.person, &changes).await?;
            for change in changes {
                if page.room() == 0 {
                    return Ok(());
                }
                place.seq = change.seq;
                page.push(wire, change, &mut values);
            }
            if is_last {
                place.seq = head;
            }
        }
        Ok(())
    }

    async fn fill_auctions(
        &self,
        db: &impl ConnectionTrait,
        rights: &BTreeMap<AuctionId, u64>,
        places: &mut BTreeMap<AuctionId, u64>,
        page: &mut PulledPage,
    ) -> Result<(), Error> {
        let is_behind = |(id, seq): &(&AuctionId, &u64)| places.get(id).is_none_or(|at| at < *seq);
        let behind: Vec<AuctionId> = rights.iter().filter(is_behind).map(|(id, _)| *id).collect();
        for some in behind.chunks(LOADED_AT_ONCE) {
            if page.room() == 0 {
                break;
            }
            for view in self.catalogue.views(db, some).await? {
                if page.room() == 0 {
                    break;
                }
                let (id, seq) = (view.auction.birth.id, view.seq);
                page.push_value(Scope::Auction(id), kind::AUCTION, id.to_string(), seq, &view)?;
                places.insert(id, seq);
            }
        }
        Ok(())
    }
}

/// Decodes the cookie, and decides which scopes are sent again from nothing and which are dropped.
fn begin(
    by: &Bidder,
    request: &Pull,
    standing: &Standing,
    rights: &BTreeMap<AuctionId, u64>,
) -> Begin {
    let fresh = Cookie::new(standing.epoch, by.person);
    let mut reset = BTreeMap::new();
    let given = request.cookie.as_deref();
    let opened = given.map(|text| Cookie::open(text, &standing.cookie_key, by.person));
    // A reset that concerns all scopes.
    let whole = match &opened {
        None => None,
        Some(None) => Some(ResetReason::NotOurs),
        Some(Some(cookie)) if cookie.epoch != standing.epoch => Some(ResetReason::ServerRestored),
        Some(Some(cookie)) if !cookie.is_of_this_schema() => Some(ResetReason::TooOld),
        Some(Some(_)) => None,
    };
    let known = opened.flatten();
    let is_gone = |id: &&AuctionId| !rights.contains_key(*id);
    let removed = known.iter().flat_map(|cookie| cookie.auctions.keys().filter(is_gone));
    let removed = removed.map(|id| Scope::Auction(*id)).collect();
    if let Some(reason) = whole {
        reset.extend(rights.keys().map(|id| (Scope::Auction(*id), reason)));
        reset.insert(Scope::Person, reason);
        if request.catalogue {
            reset.insert(Scope::Catalogue, reason);
        }
    }
    let is_new = known.is_none() || whole.is_some();
    let mut cookie = known.filter(|_| whole.is_none()).unwrap_or(fresh);
    let own = (!is_new).then_some(cookie.own);
    cookie.own = resumed(Scope::Person, own, standing.person, &mut reset);
    if request.catalogue {
        let place = resumed(Scope::Catalogue, cookie.catalogue, standing.catalogue, &mut reset);
        cookie.catalogue = Some(place);
    }
    cookie.auctions.retain(|id, at| match rights.get(id) {
        Some(seq) if *at > *seq => {
            reset.insert(Scope::Auction(*id), ResetReason::ServerRestored);
            false
        }
        Some(_) => true,
        None => false,
    });
    Begin { cookie, reset, removed }
}

/// The start position in a scope: where the phone was, or nothing when that is impossible.
fn resumed(
    scope: Scope,
    place: Option<PullPosition>,
    counter: Counter,
    reset: &mut BTreeMap<Scope, ResetReason>,
) -> PullPosition {
    let anew = PullPosition { seq: 0, began_at: counter.floor };
    let reason = match place {
        None => return anew,
        Some(place) if place.seq > counter.head => ResetReason::ServerRestored,
        Some(place) if place.seq.max(place.began_at) < counter.floor => ResetReason::TooOld,
        Some(place) => return place,
    };
    reset.insert(scope, reason);
    anew
}

/// The digests that a phone must reach with the last page.
async fn digests(
    db: &impl ConnectionTrait,
    own: SyncScope,
    rights: &BTreeMap<AuctionId, u64>,
    catalogue: bool,
) -> Result<BTreeMap<Scope, Digest>, Error> {
    let mut digests = BTreeMap::from([(Scope::Person, store::digest(db, own).await?)]);
    for (id, seq) in rights {
        let mut digest = Digest::default();
        digest.add(kind::AUCTION, &id.to_string(), *seq);
        digests.insert(Scope::Auction(*id), digest);
    }
    if catalogue {
        digests.insert(Scope::Catalogue, store::digest(db, SyncScope::Catalogue).await?);
    }
    Ok(digests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_goes_on_unless_it_can_not_and_then_says_why() {
        let at = |seq, began_at| Some(PullPosition { seq, began_at });
        for (place, head, floor, expected, reason) in [
            (None, 9, 5, (0, 5), None),
            (at(9, 0), 9, 5, (9, 0), None),
            (at(5, 0), 9, 5, (5, 0), None),
            (at(4, 0), 9, 5, (0, 5), Some(ResetReason::TooOld)),
            // A second page: it began after these removals were forgotten.
            (at(4, 5), 9, 5, (4, 5), None),
            // Began before these were forgotten.
            (at(4, 5), 9, 6, (0, 6), Some(ResetReason::TooOld)),
            (at(10, 0), 9, 5, (0, 5), Some(ResetReason::ServerRestored)),
        ] {
            let mut reset = BTreeMap::new();
            let place = resumed(Scope::Person, place, Counter { head, floor }, &mut reset);
            assert_eq!((place.seq, place.began_at), expected);
            assert_eq!(reset.get(&Scope::Person).copied(), reason);
        }
    }
}
