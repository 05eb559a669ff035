//! Data exchanged between phones and the server, beside others: drafts beside other CRDTs in this
//! process, cards and operations beside RxDB and PouchDB in processes of their own.

mod connection;
pub mod crowd;
pub mod drafts;
pub mod exchange;
mod median;
mod npm;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod phone;
mod script;
pub mod site;

/// The length of `bytes` after deflate, as an HTTP server would send them.
#[cfg(feature = "peers")]
fn deflated(bytes: &[u8]) -> anyhow::Result<usize> {
    Ok(peers::deflate(bytes)?.len())
}

/// Nothing that deflates is compiled in.
#[cfg(not(feature = "peers"))]
#[allow(clippy::unnecessary_wraps)] // It does not fail; what is compiled in may.
fn deflated(_: &[u8]) -> anyhow::Result<usize> {
    Ok(0)
}
