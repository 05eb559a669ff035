//! Notices to people, which become pushes after the commit.

mod attempt;
mod brake;
mod channels;
pub mod fcm;
mod groups;
mod notice;
pub mod routes;
pub mod service;
mod store;
pub mod web;
mod web_notice;

pub use channels::Channels;
pub use fcm::FcmV1;
pub use notice::{GroupNotice, PersonNotice};
pub use service::{Error, Service};
pub use store::groups::DueGroup;
