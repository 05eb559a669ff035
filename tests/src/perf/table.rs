//! The output of a benchmark: a line of JSON per round on stdout, a table of the same on stderr.

use serde_json::{Map, Value};

/// Prints a round's figures as a line of JSON and keeps them.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Map<String, Value>>,
}

impl Table {
    /// Prints a round at once, so that an interrupted benchmark has said something.
    pub fn add(&mut self, row: Value) {
        println!("{row}");
        if let Value::Object(row) = row {
            self.rows.push(row);
        }
    }

    /// Prints all rounds, with these columns.
    pub fn print(&self, columns: &[&str]) {
        let cell = |row: &Map<String, Value>, column: &str| match row.get(column) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => match number.as_f64() {
                Some(value) if number.is_f64() => format!("{value:.1}"),
                _ => number.to_string(),
            },
            Some(other) => other.to_string(),
            None => "–".to_owned(),
        };
        let mut lines = vec![columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
        let of = |row| columns.iter().map(|column| cell(row, column)).collect();
        lines.extend(self.rows.iter().map(of));
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
        let widths: Vec<usize> = (0..columns.len()).map(|i| width(i).unwrap_or(0)).collect();
        for line in &lines {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
            eprintln!("{}", cells.collect::<Vec<_>>().join("  "));
        }
    }
}

/// The value below which `percent` of the sorted values lie (nearest rank); 0 of none.
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).or(sorted.last()).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
        for (percent, expected) in [(0, 1.0), (50, 10.0), (95, 19.0), (99, 20.0), (100, 20.0)] {
            assert_eq!(percentile(&twenty, percent), expected, "{percent}");
        }
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
