//! The auction's rules. Each state machine has the same shape:
//! `apply(state, command, now) -> Result<(state, events), refusal>`; facts are folded by `evolve`.

pub mod application;
pub mod auction;
pub mod award;
pub mod bidding;
pub mod deposit;
pub mod form;
pub mod id;
pub mod ledger;
pub mod money;
pub mod notice;
pub mod rules;
pub mod time;
