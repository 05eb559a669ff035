//! What holds for every history, not only for those somebody thought of; and the wire's goldens.

mod auction;
mod decode;
mod draft;
mod money;
mod receipt;
mod signing;
mod verify;
mod wire;
mod world;
