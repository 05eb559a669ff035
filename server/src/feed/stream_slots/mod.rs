//! The slots of live streams on this node, in two classes of viewers.
//!
//! Signed-in people have a class of their own: the public can't take their slots, and they are
//! woken first. Observers have as many slots as the operator allows, and are the first to wait when
//! the node is under pressure (see [`crate::feed::pressure`]).

use crate::address::ClientAddress;
use crate::feed::pressure::Pressure;
use crate::identity::SessionKey;
use crate::lock::lock;
use futures_util::task::AtomicWaker;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::limits::{
    HEARTBEAT_MS, OBSERVER_HEARTBEAT_MS, SIGNED_IN_STREAMS_MAX, STREAMS_PER_SESSION_MAX,
};

/// A stream whose client has read nothing for this many rounds loses its slot: 15 s, three
/// heartbeats of an observer.
const STALLED_ROUNDS: u64 = 30;

/// The class of a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewerClass {
    /// A person with a session: a bidder's phone, an official's console.
    SignedIn,
    /// Anybody without a session.
    Observer,
}

impl ViewerClass {
    /// The longest silence of such a stream.
    pub fn heartbeat(self) -> Duration {
        Duration::from_millis(match self {
            Self::SignedIn => HEARTBEAT_MS,
            Self::Observer => OBSERVER_HEARTBEAT_MS,
        })
    }
}

/// One stream, as seen by the code that wakes and ends it.
#[derive(Debug)]
pub struct Slot {
    /// Unique among the streams of this node.
    pub no: u64,
    /// The session on which it depends.
    session: Option<SessionKey>,
    /// The person whose phone it serves.
    person: Option<PersonId>,
    /// The address from which it was opened.
    address: ClientAddress,
    /// The name that its client gave itself, unique within the session.
    viewer: Option<String>,
    waker: AtomicWaker,
    /// Set when the client has something to pull and was not told yet.
    poked: AtomicBool,
    ended: AtomicBool,
    /// The round in which its client was last ready to read.
    ready: AtomicU64,
}

impl Slot {
    /// The class of its viewer.
    pub fn lane(&self) -> ViewerClass {
        if self.session.is_some() { ViewerClass::SignedIn } else { ViewerClass::Observer }
    }

    /// Returns `true` if the stream was ended.
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Wakes the stream so that it checks for frames.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// Stores the waker. Check for frames after this call, not before: then no wake-up is lost.
    pub fn listen(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }

    /// Takes the pending poke, if there is one. Several pokes are merged.
    pub fn take_poke(&self) -> bool {
        self.poked.swap(false, Ordering::AcqRel)
    }

    fn poke(&self) {
        self.poked.store(true, Ordering::Release);
        self.waker.wake();
    }

    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.waker.wake();
    }
}

/// The reason why there is no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All slots of the class are taken.
    All,
    /// The address has as many observers as it may.
    OfAddress,
    /// The console's session has as many streams as it may.
    OfSession,
}

#[derive(Default)]
struct TakenSlots {
    last_no: u64,
    taken: HashMap<u64, Arc<Slot>>,
    sessions: HashMap<SessionKey, VecDeque<u64>>,
    people: HashMap<PersonId, Vec<Arc<Slot>>>,
    observers: usize,
    /// The observers of each address.
    addresses: HashMap<ClientAddress, usize>,
    is_closed: bool,
}

/// All live streams of this node.
pub struct StreamSlots {
    places: Mutex<TakenSlots>,
    round: AtomicU64,
    observers_max: usize,
    address_observers_max: usize,
    /// The load state of the node.
    pub pressure: Pressure,
}

impl StreamSlots {
    /// With this number of slots for observers, and for those of one address.
    pub fn new(observers_max: usize, address_observers_max: usize) -> Self {
        let (places, round, pressure) = (Mutex::default(), AtomicU64::new(0), Pressure::default());
        Self { places, round, observers_max, address_observers_max, pressure }
    }

    /// Takes a slot. A client that names itself (`viewer`) replaces its own former stream, which
    /// may be dead without the server's knowledge.
    ///
    /// # Why a full session is not served alike on a phone and in the console
    /// A phone has one stream and opens another when the last one has died: the oldest is let go. A
    /// console's session has pages, all of them alive: a page whose stream was ended for another's
    /// would open it again, and end the next one's, for ever. So the newest is refused.
    ///
    /// # Errors
    /// [`Full`]: the class has no free slot, or, for observers, their address has none, or the node
    /// is under pressure; for the console, the session has none.
    pub fn enter(
        &self,
        session: Option<SessionKey>,
        person: Option<PersonId>,
        address: ClientAddress,
        viewer: Option<String>,
    ) -> Result<Arc<Slot>, Full> {
        let mut places = lock(&self.places);
        if let (Some(session), Some(viewer)) = (&session, &viewer)
            && let Some(former) = places.stream_of(session, viewer)
        {
            places.remove(former);
        }
        let is_full = match session {
            Some(_) => places.taken.len() - places.observers >= SIGNED_IN_STREAMS_MAX,
            None => places.observers >= self.observers_max || self.pressure.is_high(),
        };
        if places.is_closed || is_full {
            return Err(Full::All);
        }
        let of_address = places.addresses.get(&address).copied().unwrap_or_default();
        if session.is_none() && of_address >= self.address_observers_max {
            return Err(Full::OfAddress);
        }
        let own = session.as_ref().and_then(|session| places.sessions.get(session));
        if person.is_none() && own.is_some_and(|own| own.len() >= STREAMS_PER_SESSION_MAX) {
            return Err(Full::OfSession);
        }
        places.last_no += 1;
        let no = places.last_no;
        match &session {
            Some(session) => {
                let own = places.sessions.entry(session.clone()).or_default();
                own.push_back(no);
                let oldest = (own.len() > STREAMS_PER_SESSION_MAX).then(|| own.pop_front());
                if let Some(oldest) = oldest.flatten() {
                    places.remove(oldest);
                }
            }
            None => {
                places.observers += 1;
                places.addresses.insert(address, of_address + 1);
            }
        }
        let ready = AtomicU64::new(self.round());
        let (waker, poked, ended) = Default::default();
        let slot =
            Arc::new(Slot { no, session, person, address, viewer, waker, poked, ended, ready });
        if let Some(person) = person {
            places.people.entry(person).or_default().push(Arc::clone(&slot));
        }
        places.taken.insert(no, Arc::clone(&slot));
        places.count();
        Ok(slot)
    }

    /// Pokes a person's phones: there is something to pull.
    pub fn poke(&self, person: PersonId) {
        for slot in lock(&self.places).people.get(&person).into_iter().flatten() {
            slot.poke();
        }
    }

    /// Pokes every phone, when it is not known whose changes were missed.
    pub fn poke_all(&self) {
        lock(&self.places).people.values().flatten().for_each(|slot| slot.poke());
    }

    /// Releases a slot when its stream is dropped.
    pub fn leave(&self, slot: &Slot) {
        lock(&self.places).remove(slot.no);
    }

    /// Records that the stream's client is ready to read.
    pub fn is_ready(&self, slot: &Slot) {
        slot.ready.store(self.round(), Ordering::Relaxed);
    }

    /// The sessions on which streams depend.
    pub fn sessions(&self) -> Vec<SessionKey> {
        lock(&self.places).sessions.keys().cloned().collect()
    }

    /// Ends the streams of ended sessions.
    pub fn end(&self, sessions: &[SessionKey]) {
        let mut places = lock(&self.places);
        for session in sessions {
            for no in places.sessions.get(session).cloned().unwrap_or_default() {
                places.remove(no);
            }
        }
    }

    /// Counts a round: clients that have read nothing for too many rounds lose their slots.
    pub fn next_round(&self) {
        let now = self.round.fetch_add(1, Ordering::Relaxed) + 1;
        let mut places = lock(&self.places);
        let stalled = |slot: &&Arc<Slot>| {
            now.saturating_sub(slot.ready.load(Ordering::Relaxed)) > STALLED_ROUNDS
        };
        let stalled: Vec<u64> = places.taken.values().filter(stalled).map(|slot| slot.no).collect();
        for no in stalled {
            places.remove(no);
        }
    }

    /// Ends all streams and accepts no more: the server stops.
    pub fn close(&self) {
        let mut places = lock(&self.places);
        places.is_closed = true;
        let all: Vec<u64> = places.taken.keys().copied().collect();
        for no in all {
            places.remove(no);
        }
    }

    fn round(&self) -> u64 {
        self.round.load(Ordering::Relaxed)
    }
}

impl TakenSlots {
    fn stream_of(&self, session: &SessionKey, viewer: &str) -> Option<u64> {
        let is_its = |no: &&u64| {
            self.taken.get(no).is_some_and(|slot| slot.viewer.as_deref() == Some(viewer))
        };
        self.sessions.get(session)?.iter().find(is_its).copied()
    }

    fn remove(&mut self, no: u64) {
        let Some(slot) = self.taken.remove(&no) else { return };
        slot.end();
        if let Some(person) = slot.person
            && let Some(own) = self.people.get_mut(&person)
        {
            own.retain(|other| other.no != no);
            if own.is_empty() {
                self.people.remove(&person);
            }
        }
        match &slot.session {
            Some(session) => {
                if let Some(own) = self.sessions.get_mut(session) {
                    own.retain(|other| *other != no);
                    if own.is_empty() {
                        self.sessions.remove(session);
                    }
                }
            }
            None => {
                self.observers -= 1;
                if let Some(observers) = self.addresses.get_mut(&slot.address) {
                    *observers -= 1;
                    if *observers == 0 {
                        self.addresses.remove(&slot.address);
                    }
                }
            }
        }
        self.count();
    }

    fn count(&self) {
        let signed_in = self.taken.len() - self.observers;
        metrics::gauge!("toruk_live_streams", "lane" => "signed_in").set(signed_in as f64);
        metrics::gauge!("toruk_live_streams", "lane" => "observer").set(self.observers as f64);
    }
}

#[cfg(test)]
mod tests;
