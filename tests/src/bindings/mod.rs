//! The generated bindings, played through by one scenario in every language.
//!
//! The scenario is a file of steps in the field's words. This side is the host: a real server and
//! everybody but the bidder. The bidder is a *runner*, a program in Python, Kotlin or Swift that
//! holds a `Core` as an app would, asks for its next step, does it through the generated binding,
//! and says what came of it.
//!
//! # Why
//! The host decides what comes next and whether an answer is as it should be, so a runner is hands
//! only: a verb is one typed call, and there is no judgement to be written three times. It is also
//! why a runner can be killed at any step: it has nothing that would be missed.

mod desk;
mod host;
mod play;
mod runner;
mod scenario;
mod town;

pub use host::host;
pub use play::{PlayTally, play};
pub use runner::Language;
