//! The open connections of one listener, and which of them is let go when there are too many.
//!
//! # Why somebody is let go
//! A new connection may be a participant's, and nobody can tell before its first request. If it had
//! to wait for the sockets that a stranger holds, the stranger would keep out everyone behind the
//! same address. So an address that has all its connections loses the oldest on which nothing is
//! asked; a connection on which somebody is signed in counts as nobody's and is never let go.

use crate::address::{ClientAddress, TrustedProxies};
use crate::lock::lock;
use crate::rate_limits::SessionDigest;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Connections of one session that are kept; more of them count as a stranger's.
const SESSION_KEPT_MAX: usize = 16;

/// All open connections of one listener.
pub struct OpenConnections {
    address_max: usize,
    proxies: TrustedProxies,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last_no: u64,
    /// Those on which nobody is signed in, by age. A proxy's are in neither table.
    strangers: BTreeMap<u64, Arc<Socket>>,
    by_address: HashMap<ClientAddress, BTreeSet<u64>>,
    sessions: HashMap<SessionDigest, usize>,
}

struct Socket {
    no: u64,
    peer: IpAddr,
    /// Requests whose answer is under way.
    requests: AtomicUsize,
    /// Notified when it is let go.
    let_go: Notify,
    /// The session that keeps it open.
    kept_for: Mutex<Option<SessionDigest>>,
}

/// One open connection; the last of its clones gives its place back.
#[derive(Clone)]
pub struct OpenConnection(Arc<Registered>);

struct Registered {
    socket: Arc<Socket>,
    all: Arc<OpenConnections>,
}

/// A request under way; the connection is not idle until it is dropped.
pub struct RequestUnderWay(Arc<Socket>);

impl OpenConnections {
    /// With so many connections of each address.
    pub fn new(address_max: usize, proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(Self { address_max, proxies, open: Mutex::default() })
    }

    /// Registers a new connection. If its address has too many, the oldest that is idle is let go,
    /// or the oldest, if none is.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> OpenConnection {
        let mut open = lock(&self.open);
        open.last_no += 1;
        let no = open.last_no;
        let (requests, let_go, kept_for) = Default::default();
        let socket = Arc::new(Socket { no, peer, requests, let_go, kept_for });
        if !self.proxies.trusts(peer) {
            let address = ClientAddress::of(peer);
            let own = open.by_address.get(&address);
            if own.is_some_and(|own| own.len() >= self.address_max) {
                let no = open.oldest(own.into_iter().flatten());
                open.let_go_of(no);
            }
            open.strangers.insert(no, socket.clone());
            open.by_address.entry(address).or_default().insert(no);
        }
        drop(open);
        OpenConnection(Arc::new(Registered { socket, all: self.clone() }))
    }

    /// Lets the oldest idle connection go, of whatever address, because no further one fits.
    pub fn make_room(&self) {
        let mut open = lock(&self.open);
        let no = open.oldest(open.strangers.keys());
        open.let_go_of(no);
    }
}

impl Open {
    /// Of these, given by age: the oldest that is idle, or the oldest.
    fn oldest<'a>(&self, mut numbers: impl Iterator<Item = &'a u64> + Clone) -> Option<u64> {
        let is_idle = |no: &&u64| {
            let socket = self.strangers.get(no);
            socket.is_some_and(|socket| socket.requests.load(Ordering::Relaxed) == 0)
        };
        numbers.clone().find(is_idle).or_else(|| numbers.next()).copied()
    }

    fn let_go_of(&mut self, no: Option<u64>) {
        if let Some(socket) = no.and_then(|no| self.forget(no)) {
            metrics::counter!("toruk_connections_let_go_total").increment(1);
            socket.let_go.notify_one();
        }
    }

    /// Takes a connection out of the strangers'.
    fn forget(&mut self, no: u64) -> Option<Arc<Socket>> {
        let socket = self.strangers.remove(&no)?;
        let address = ClientAddress::of(socket.peer);
        if let Some(own) = self.by_address.get_mut(&address) {
            own.remove(&no);
            if own.is_empty() {
                self.by_address.remove(&address);
            }
        }
        Some(socket)
    }
}

impl OpenConnection {
    /// The address at the other end: a client's or a proxy's.
    pub fn peer(&self) -> IpAddr {
        self.0.socket.peer
    }

    /// Completes when the connection is let go.
    pub async fn let_go(&self) {
        self.0.socket.let_go.notified().await;
    }

    /// Marks a request as under way.
    pub fn request(&self) -> RequestUnderWay {
        self.0.socket.requests.fetch_add(1, Ordering::Relaxed);
        RequestUnderWay(self.0.socket.clone())
    }

    /// Keeps the connection for a session of this server.
    pub fn keep_for(&self, session: SessionDigest) {
        let Registered { socket, all } = &*self.0;
        let mut kept_for = lock(&socket.kept_for);
        if kept_for.is_some() {
            return;
        }
        let mut open = lock(&all.open);
        let kept = open.sessions.get(&session).copied().unwrap_or_default();
        if kept < SESSION_KEPT_MAX && open.forget(socket.no).is_some() {
            open.sessions.insert(session, kept + 1);
            *kept_for = Some(session);
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let kept_for = lock(&self.socket.kept_for).take();
        let mut open = lock(&self.all.open);
        open.forget(self.socket.no);
        if let Some(session) = kept_for
            && let Some(kept) = open.sessions.get_mut(&session)
        {
            *kept -= 1;
            if *kept == 0 {
                open.sessions.remove(&session);
            }
        }
    }
}

impl Drop for RequestUnderWay {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const HERE: [u8; 4] = [192, 0, 2, 1];

    fn gone(connection: &OpenConnection) -> bool {
        connection.let_go().now_or_never().is_some()
    }

    #[test]
    fn an_address_with_too_many_connections_loses_its_oldest_idle_one() {
        let all = OpenConnections::new(3, TrustedProxies::default());
        let own: Vec<_> = (0..3).map(|_| all.enter(HERE.into())).collect();
        let _busy = own[0].request();
        let other = all.enter([192, 0, 2, 2].into());
        // Each lets one go: first the idle ones, then the one with a request.
        let newer: Vec<_> = (0..2).map(|_| all.enter(HERE.into())).collect();
        let ended: Vec<bool> = own.iter().map(gone).collect();
        assert_eq!(ended, [false, true, true]);
        let _busy = (newer[0].request(), newer[1].request());
        let _last = all.enter(HERE.into());
        assert!(gone(&own[0]) && !gone(&other) && !newer.iter().any(gone));
    }

    #[test]
    fn who_is_signed_in_is_kept_and_takes_no_strangers_place() {
        let all = OpenConnections::new(2, TrustedProxies::default());
        let session = SessionDigest::of("a token");
        let phones: Vec<_> = (0..=SESSION_KEPT_MAX)
            .map(|_| {
                let phone = all.enter(HERE.into());
                phone.keep_for(session);
                phone.keep_for(session);
                phone
            })
            .collect();
        let strangers: Vec<_> = (0..4).map(|_| all.enter(HERE.into())).collect();
        assert!(!phones[..SESSION_KEPT_MAX].iter().any(gone));
        assert!(gone(&phones[SESSION_KEPT_MAX]), "a session keeps only so many");
        let ended: Vec<bool> = strangers.iter().map(gone).collect();
        assert_eq!(ended, [true, true, false, false]);
        all.make_room();
        assert!(gone(&strangers[2]) && !gone(&strangers[3]));
        drop((phones, strangers));
        let open = lock(&all.open);
        assert!(open.strangers.is_empty() && open.by_address.is_empty());
        assert!(open.sessions.is_empty());
    }

    #[test]
    fn connections_of_a_proxy_are_not_counted() {
        let networks = vec!["192.0.2.0/24".parse().unwrap()];
        let proxies = TrustedProxies { networks, ..TrustedProxies::default() };
        let all = OpenConnections::new(1, proxies);
        let both = [all.enter(HERE.into()), all.enter(HERE.into())];
        assert!(!both.iter().any(gone));
    }
}
