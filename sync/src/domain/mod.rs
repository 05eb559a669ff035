//! The auction's rules. Each state machine has the same shape: `apply(state, command, now) ->
//! Result<(state, events), rejection>`; events are folded by `evolve`.

pub mod application;
pub mod auction;
pub mod business_day;
pub mod button;
pub mod deposit;
pub mod file;
pub mod forfeit;
pub mod form;
pub mod id;
pub mod instalments;
pub mod link_code;
pub mod lot;
pub mod money;
pub mod money_task;
pub mod notice;
pub mod phone_number;
pub mod pin;
pub mod proposal;
pub mod reconciliation;
pub mod relaunch_cuts;
mod rule_check;
pub mod rules;
pub mod step_bands;
pub mod text;
pub mod time;

#[cfg(test)]
mod test_support;
