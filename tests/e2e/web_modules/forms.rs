//! Drafts that merge, and answers that are cleaned and found wanting.

use super::{Chance, agree, answers, asked};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::Form;
use toruk_sync::domain::phone_number::international;
use toruk_sync::draft::{Draft, DraftState, FileRef};

#[test]
fn drafts_merge_in_a_browser_as_on_a_phone() -> anyhow::Result<()> {
    let mut cases = Vec::new();
    let file = |slot: &str, which: u64| FileRef {
        slot: slot.to_owned(),
        sha256: format!("{which:064x}"),
        size_bytes: which,
        mime: "application/pdf".to_owned(),
        name: format!("{which}.pdf"),
    };
    for seed in 0..150 {
        let mut chance = Chance(seed);
        let mut devices: Vec<Draft> = (0..3).map(|_| Draft::default()).collect();
        let mut parts: Vec<DraftState> = Vec::new();
        for _ in 0..20 {
            let at = usize::try_from(chance.below(3))?;
            let actor = u32::try_from(at + 1)?;
            let part = match chance.below(5) {
                0 | 1 => {
                    let field = chance.of(&["full_name", "pin", "phone"]);
                    let value = (!chance.one_in(5)).then(|| format!("v{}", chance.below(9)));
                    let state = json!(devices[at].state());
                    let part = devices[at].set(field, value.clone(), actor);
                    let input =
                        json!({ "state": state, "field": field, "value": value, "actor": actor });
                    cases.push((asked("draft_edit", input), json!(part)));
                    part
                }
                2 => {
                    let slot = chance.of(&["identity_document", "power_of_attorney"]);
                    let file = file(slot, chance.below(6));
                    let state = json!(devices[at].state());
                    let part = devices[at].attach(file.clone(), actor);
                    let input = json!({ "state": state, "file": file, "actor": actor });
                    cases.push((asked("draft_attach", input), sorted(json!(part))));
                    part
                }
                3 => match devices[at].files().first().cloned() {
                    Some(held) => devices[at].detach(&held),
                    None => continue,
                },
                _ => {
                    let from = usize::try_from(chance.below(3))?;
                    let state = devices[from].state();
                    devices[at].merge(&state);
                    state
                }
            };
            parts.push(part);
        }
        // In another order, and some of them twice.
        for at in (1..parts.len()).rev() {
            parts.swap(at, usize::try_from(chance.below(at as u64 + 1))?);
        }
        let again: Vec<DraftState> = parts.iter().take(5).cloned().collect();
        parts.extend(again);
        let mut merged = Draft::default();
        parts.iter().for_each(|part| merged.merge(part));
        let conflicts: BTreeSet<String> = merged.conflicts().into_keys().collect();
        let expected = json!({ "answers": merged.answers(), "conflicts": conflicts });
        cases.push((asked("draft_merge", json!({ "parts": parts })), expected));
        cases.last_mut().context("a case")?.1["state"] = sorted(json!(merged.state()));
    }
    agree_sorted(cases)
}

/// Asks a browser's modules, whose sets may come in another order.
fn agree_sorted(cases: Vec<(Value, Value)>) -> anyhow::Result<()> {
    let (questions, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    for ((mut answer, expected), question) in
        answers(&questions)?.into_iter().zip(expected).zip(&questions)
    {
        match question["kind"].as_str() {
            Some("draft_merge") => answer["state"] = sorted(answer["state"].clone()),
            Some("draft_attach") => answer = sorted(answer),
            _ => {}
        }
        ensure!(answer == expected, "{question}\nanswers {answer}\ninstead of {expected}");
    }
    Ok(())
}

/// The same draft with its siblings and members in one order, and without what is empty.
fn sorted(mut state: Value) -> Value {
    if let Some(fields) = state["fields"].as_object_mut() {
        for siblings in fields.values_mut() {
            siblings.as_array_mut().unwrap().sort_by_key(Value::to_string);
        }
    }
    for set in ["files", "groups"] {
        if let Some(members) = state[set]["members"].as_array_mut() {
            members.sort_by_key(Value::to_string);
        }
    }
    let is_empty =
        |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
    let members = state.as_object_mut().unwrap();
    members.retain(|_, value| !is_empty(value));
    state
}

#[test]
fn answers_are_cleaned_and_found_wanting_alike() -> anyhow::Result<()> {
    let mut cases = Vec::new();
    for typed in [
        "0555 123 456",
        "555123456",
        "+996 555 12-34-56",
        "996555123456",
        "00996555123456",
        "996555123",
        "+7 (916) 123-45-67",
        "+9960555123456",
        "0",
        "",
        "abc",
        "+0996555123456",
        "1234567890123456",
        "٠٥٥٥١٢٣٤٥٦",
        "+996 055 123 456",
    ] {
        cases.push((asked("phone_number", json!({ "typed": typed })), json!(international(typed))));
    }
    let form = Form::standard();
    let values =
        ["", "yes", "no", "person", "castle", "12345678901234", "123", "+996555123456", "0555"];
    let mut chance = Chance(3);
    for _ in 0..500 {
        let mut given = BTreeMap::new();
        for field in &form.fields {
            let value =
                if chance.one_in(20) { "ө".repeat(1_200) } else { chance.of(&values).to_owned() };
            given.insert(field.id.clone(), value);
        }
        let slots: BTreeSet<String> =
            chance.one_in(2).then(|| "identity_document".to_owned()).into_iter().collect();
        let expected = json!(form.faults(&given, &slots));
        let input = json!({ "form": form, "answers": given, "slots": slots });
        cases.push((asked("form_faults", input), expected));
    }
    for typed in ["  Айгүл  ", "\u{200b}Айгүл\u{202e}", "Айгу\u{308}л", "два\nряда", "0555 123 456"]
    {
        for field in &form.fields {
            let input = json!({ "field": field, "typed": typed });
            cases.push((asked("form_cleaned", input), json!(form.cleaned(&field.id, typed))));
        }
    }
    agree(cases)
}
