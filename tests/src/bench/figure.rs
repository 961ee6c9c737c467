//! Figures, and the table they are printed in.

use std::collections::BTreeMap;
use std::fmt;

use super::Scenario;

/// One measured number.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Figure {
    /// What it says, with its unit.
    pub name: &'static str,
    /// The number.
    pub value: f64,
}

impl Figure {
    /// A number and what it says.
    pub fn new(name: &'static str, value: f64) -> Self {
        Self { name, value }
    }
}

/// Every run's figures, by scenario and subject.
#[derive(Debug, Default, serde::Serialize)]
pub struct Table {
    scenarios: BTreeMap<&'static str, BTreeMap<&'static str, Vec<Vec<Figure>>>>,
}

impl Table {
    /// Adds one run.
    pub fn add(&mut self, scenario: Scenario, subject: &'static str, figures: Vec<Figure>) {
        let subjects = self.scenarios.entry(scenario.name()).or_default();
        subjects.entry(subject).or_default().push(figures);
    }

    /// Adds the scenarios of another table.
    pub fn merge(&mut self, other: Self) {
        self.scenarios.extend(other.scenarios);
    }

    /// The median over the runs.
    fn median(runs: &[Vec<Figure>], at: usize) -> f64 {
        let mut values: Vec<f64> = runs.iter().map(|run| run[at].value).collect();
        values.sort_unstable_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        }
    }
}

/// As tables in Markdown, to be pasted into `docs/performance.md`. In brackets stands the first
/// subject's figure divided by this one.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (scenario, subjects) in &self.scenarios {
            let names: Vec<&str> = subjects.keys().rev().copied().collect();
            writeln!(f, "| {scenario} | {} |", names.join(" | "))?;
            writeln!(f, "| --- |{}", " ---: |".repeat(names.len()))?;
            let Some(runs) = subjects.values().next() else {
                continue;
            };
            for (at, figure) in runs[0].iter().enumerate() {
                let values: Vec<f64> = (subjects.values().rev())
                    .map(|runs| Self::median(runs, at))
                    .collect();
                if values.iter().all(|value| value.is_nan()) {
                    continue;
                }
                let mut values = values.into_iter();
                let first = values.next().unwrap_or(f64::NAN);
                write!(f, "| {} | {} |", figure.name, readable(first))?;
                for value in values {
                    let ratio = first / value;
                    if ratio.is_finite() {
                        write!(f, " {} ({ratio:.2}) |", readable(value))?;
                    } else {
                        write!(f, " {} |", readable(value))?;
                    }
                }
                writeln!(f)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Three significant digits, thousands apart.
fn readable(value: f64) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value.abs() < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_that_of_the_medians() {
        let mut table = Table::default();
        for value in [1_000.0, 3_000.0, 90_000.0] {
            table.add(
                Scenario::Pairs,
                "siegel",
                vec![Figure::new("per second", value)],
            );
        }
        table.add(
            Scenario::Pairs,
            "bare",
            vec![Figure::new("per second", 4_000.0)],
        );
        let text = table.to_string();
        assert!(text.contains("| pairs | siegel | bare |"), "{text}");
        assert!(
            text.contains("| per second | 3,000 | 4,000 (0.75) |"),
            "{text}"
        );
    }
}
