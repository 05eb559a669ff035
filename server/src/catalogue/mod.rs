//! Lots and auctions as they are published.

mod entries;
pub mod import;
mod listing;
pub mod lot_intake;
mod papers;
pub mod picture;
mod publication;
mod pulled;
pub mod routes;
pub mod rows;
mod search;
pub mod service;
mod store;
mod thumbnail;

pub use entries::CompletedEntries;
pub use listing::CatalogueQuery;
pub use lot_intake::media_type;
pub use papers::Paper;
pub use publication::Publishable;
pub use rows::QueryFault;
pub use service::{Error, Service};
