//! House rules that no compiler checks. Each test names the files that break its rule.
#![expect(
    clippy::unwrap_used,
    reason = "a check that cannot read the tree fails"
)]

mod attacks;
mod decisions;
mod dependencies;
mod documents;
mod labels;
mod secrets;
mod sources;
mod tree;

/// Fails with every problem found, one to a line.
fn report(rule: &str, problems: &[String]) {
    assert!(problems.is_empty(), "{rule}:\n  {}", problems.join("\n  "));
}
