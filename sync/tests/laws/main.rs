//! Laws that hold for every history, not only for those that a test author thought of; and the
//! goldens of the wire.

mod auction;
mod decode;
mod draft;
mod money;
mod receipt;
mod signing;
mod verify;
mod wire;
mod world;
