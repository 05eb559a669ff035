//! Tests of the engine, input by input.

mod answers;
mod engine;
mod extremes;
mod fixtures;
mod follow;
mod history;
mod live;
mod obstacles;
mod offline;
mod outbox;
mod phone_fixture;
mod pull;
mod receipts;
mod session;
mod wakeup;
