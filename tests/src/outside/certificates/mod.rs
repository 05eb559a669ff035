//! A certificate authority for people (ЭЦП), with its lists of revoked certificates and its OCSP
//! responder over HTTP, and signatures by its certificates. Each of them is wrong on demand.
//!
//! # Why it writes DER by hand
//! The server reads with a library. What the same library had written would show that it agrees
//! with itself; what other programs write is in `server/tests/cms`.

pub mod authority;
pub mod der;
pub mod message;
pub mod responder;
