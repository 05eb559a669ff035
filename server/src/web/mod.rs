//! HTTP for all features: the router, problems, and what every request and answer passes through.

pub mod body;
pub mod connections;
pub mod content_encoding;
mod endless;
pub mod file_answer;
mod head_lines;
mod heads;
pub mod open_connections;
pub mod page_answer;
pub mod paper_answer;
pub mod problem;
pub mod protocol_version;
pub mod public_json;
pub mod reader;
pub mod received;
pub mod response;
pub mod unchanged;
