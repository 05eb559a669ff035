//! What holds for every history, not only for those somebody thought of; and the wire's goldens.

#[path = "laws/auction.rs"]
mod auction;
#[path = "laws/decode.rs"]
mod decode;
#[path = "laws/draft.rs"]
mod draft;
#[path = "laws/money.rs"]
mod money;
#[path = "laws/receipt.rs"]
mod receipt;
#[path = "laws/snapshot.rs"]
mod snapshot;
#[path = "laws/verify.rs"]
mod verify;
#[path = "wire.rs"]
mod wire;
#[path = "laws/world.rs"]
mod world;
