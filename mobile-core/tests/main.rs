//! Tests of the core as apps use it: over sockets, with services that misbehave, and wrong
//! responses.

mod codes;
mod delivery;
mod hostile;
mod kept_stores;
mod script;
mod store_life;
mod transport;
mod twisted;
