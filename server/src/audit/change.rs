//! What an act has changed, value by value.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The fact of an entry that holds the changes.
pub const CHANGES: &str = "changes";
/// Longest list that is recorded by its elements; a longer one is recorded by its length.
const LIST_MAX: usize = 60;

/// Each value that differs, by its path such as `title.ru`, as it was before and is after the act.
/// For something new, `before` is `null`, and for something removed `after` is.
///
/// # Panics
/// If a value can't be JSON: a defect of its type.
pub fn changes<B: Serialize + ?Sized, A: Serialize + ?Sized>(before: &B, after: &A) -> Value {
    let mut found = Map::new();
    collect(&mut found, "", &plain(before), &plain(after));
    Value::Object(found)
}

fn plain<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| panic!("not JSON: {error}"))
}

fn collect(found: &mut Map<String, Value>, path: &str, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    let none = Map::new();
    let parts = match (before, after) {
        (Value::Object(before), Value::Object(after)) => Some((before, after)),
        (Value::Object(before), Value::Null) => Some((before, &none)),
        (Value::Null, Value::Object(after)) => Some((&none, after)),
        _ => None,
    };
    let Some((old, new)) = parts else {
        found.insert(path.to_owned(), json!({ "before": short(before), "after": short(after) }));
        return;
    };
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let value = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
        collect(found, &path, &value(old), &value(new));
    }
}

fn short(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() > LIST_MAX => json!({ "length": items.len() }),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_that_differs_is_there_before_and_after() {
        let before = json!({ "title": { "ru": "Дом", "ky": "Үй" }, "step": 1, "gone": 2 });
        let after = json!({ "title": { "ru": "Сарай", "ky": "Үй" }, "step": 1, "new": [3] });
        let expected = json!({
            "title.ru": { "before": "Дом", "after": "Сарай" },
            "gone": { "before": 2, "after": null },
            "new": { "before": null, "after": [3] },
        });
        assert_eq!(changes(&before, &after), expected);
        assert_eq!(changes(&before, &before), json!({}));
        let made = changes(&Value::Null, &json!({ "a": { "b": 1 } }));
        assert_eq!(made, json!({ "a.b": { "before": null, "after": 1 } }));
    }
}
