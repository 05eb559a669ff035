//! Tests of the engine, input by input.

mod engine;
mod extremes;
mod fixtures;
mod follow;
mod history;
mod live;
mod offline;
mod outbox;
mod phone_fixture;
mod pull;
mod session;
mod wakeup;
