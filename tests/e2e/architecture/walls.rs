//! Allowed dependencies between modules, in every crate.

use super::{plans, server_plan, sources};
use toruk_source::walls::{Plan, Survey, complaints};

fn check(plan: &Plan) {
    let survey = Survey::new(plan.name, plan.folder, &sources(plan.folder)).unwrap();
    let found = complaints(plan, &survey);
    assert!(found.is_empty(), "{} complaints:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_servers_arrows_point_down() {
    check(&server_plan::plan());
}

#[test]
fn rules_know_nothing_of_the_world() {
    check(&plans::sync());
}

#[test]
fn the_phones_engine_knows_no_machine() {
    check(&plans::mobile_core());
}

#[test]
fn a_migration_knows_no_other() {
    check(&plans::migrations());
}

#[test]
fn what_is_outside_knows_no_world() {
    check(&plans::tests());
}
