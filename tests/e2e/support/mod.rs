//! Fixtures that several of the tests share.

pub mod access_fixture;
