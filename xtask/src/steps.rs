//! A list of named steps that are timed and summed up at the end.

use std::time::{Duration, Instant};

use crate::shell::Outcome;

/// What has been done so far.
pub struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    outcome: Result<Option<String>, String>,
}

impl Steps {
    /// Nothing done yet.
    pub const fn new() -> Self {
        Self { done: Vec::new() }
    }

    /// Carries out one step. A failure is kept for the summary and the next step still
    /// runs, so that one run tells everything that is wrong. The work may return a remark
    /// for the summary.
    pub fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Option<String>, String>,
    ) {
        println!("\n── {name}");
        let start = now();
        let outcome = work();
        if let Err(problem) = &outcome {
            eprintln!("{name}: {problem}");
        }
        self.done.push(Step {
            name,
            took: now() - start,
            outcome,
        });
    }

    /// Prints a line for each step; fails if any step did.
    pub fn summary(&self) -> Outcome {
        println!("\n── Summary");
        let mut failed = Vec::new();
        for step in &self.done {
            let (mark, remark) = match &step.outcome {
                Ok(remark) => ("ok", remark.as_deref().unwrap_or("")),
                Err(problem) => {
                    failed.push(step.name);
                    ("FAILED", problem.as_str())
                }
            };
            let remark = remark.lines().next().unwrap_or("");
            println!(
                "{mark:<7}{:<14}{:>7.1} s  {remark}",
                step.name,
                step.took.as_secs_f64()
            );
        }
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", failed.join(", ")))
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the summary tells how long each step really took"
)]
fn now() -> Instant {
    Instant::now()
}
