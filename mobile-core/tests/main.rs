//! The core as apps hold it: over sockets, with services that misbehave, and answers that are wrong.

mod codes;
mod delivery;
mod hostile;
mod kept_stores;
mod script;
mod store_life;
mod transport;
mod twisted;
