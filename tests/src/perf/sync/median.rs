//! The middle of several rounds.

use serde_json::{Value, json};

/// One row for several rounds: of each figure the median, of everything else the first.
pub fn middle(rounds: &[Value]) -> Value {
    let mut middle = rounds.first().cloned().unwrap_or_default();
    for (name, value) in middle.as_object_mut().into_iter().flatten() {
        if value.is_f64() {
            let values = rounds.iter().filter_map(|round| round[name.as_str()].as_f64());
            *value = json!(median(values.collect()));
        }
    }
    middle["rounds"] = json!(rounds.len());
    middle
}

/// The middle of the values, the lower of two; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_a_value_that_was_measured() {
        for (values, expected) in
            [(vec![3.0, 1.0, 2.0], 2.0), (vec![2.0, 1.0], 1.0), (vec![5.0], 5.0), (vec![], 0.0)]
        {
            assert_eq!(median(values), expected);
        }
    }
}
