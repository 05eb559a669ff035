//! The names that the rules' values have in JSON: keys of texts.

use serde::Serialize;

/// A name of the rules as in JSON: `first_offer`, also for variants with content.
pub fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(variant)) => {
            variant.keys().next().cloned().unwrap_or_default()
        }
        _ => String::new(),
    }
}
