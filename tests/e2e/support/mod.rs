//! Fixtures that several of the tests share.

pub mod access_bodies;
pub mod access_fixture;
pub mod officials_browser;
pub mod portal_answers;
