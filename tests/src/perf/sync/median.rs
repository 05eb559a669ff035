//! The middle of several rounds.

/// The middle of the values, the lower of two; nought of none.
pub fn median(mut values: Vec<f64>) -> f64 {
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
