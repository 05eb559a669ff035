//! The manual's steps, ticked off as they happen.

use anyhow::ensure;
use std::collections::BTreeMap;

/// The manual's steps are numbered 1 to 30 (`Программаны ишке киргизүү` to the winner's signature).
const STEPS: std::ops::RangeInclusive<u8> = 1..=30;

/// Steps that were checked, with what was seen.
#[derive(Debug, Default)]
pub struct Steps(BTreeMap<u8, &'static str>);

impl Steps {
    /// Ticks a step off.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn check(&mut self, step: u8, holds: bool, what: &'static str) -> anyhow::Result<()> {
        ensure!(STEPS.contains(&step), "the manual has no step {step}");
        ensure!(holds, "step {step} does not hold: {what}");
        if self.0.insert(step, what).is_none() {
            eprintln!("  step {step:2}: {what}");
        }
        Ok(())
    }

    /// Number of steps checked so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Requires that every step was checked.
    ///
    /// # Errors
    /// Naming those that were not.
    pub fn all_checked(&self) -> anyhow::Result<()> {
        let missed: Vec<u8> = STEPS.filter(|step| !self.0.contains_key(step)).collect();
        ensure!(missed.is_empty(), "steps of the manual that nothing checked: {missed:?}");
        Ok(())
    }
}
