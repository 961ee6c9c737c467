//! Decision records are numbered without gaps and keep to their form.

use crate::report;
use crate::tree;

#[test]
fn decisions_are_numbered_and_complete() {
    let mut problems = Vec::new();
    let mut expected = 1;
    for file in tree::files("md") {
        let Some(name) = file.path.strip_prefix("docs/decisions/") else {
            continue;
        };
        if name == "README.md" {
            continue;
        }
        if !name.starts_with(&format!("{expected:04}-")) {
            problems.push(format!("{name} should be number {expected:04}"));
        }
        expected += 1;
        for heading in ["\n## Context\n", "\n## Decision\n", "\n## Consequences\n"] {
            if !file.text.contains(heading) {
                problems.push(format!("{name} has no heading `{}`", heading.trim()));
            }
        }
    }
    report("docs/decisions", &problems);
}
