//! The auction's rules. Each state machine has the same shape:
//! `apply(state, command, now) -> Result<(state, events), refusal>`; facts are folded by `evolve`.

mod administration;
pub mod application;
pub mod auction;
pub mod award;
pub mod bidding;
pub mod button;
mod command;
pub mod deposit;
mod event;
pub mod form;
pub mod id;
pub mod ledger;
pub mod money;
pub mod notice;
mod offer;
mod payment;
pub mod proposal;
pub mod rules;
mod suspension;
pub mod time;

#[cfg(test)]
mod stage;
