//! Every attack of the catalogue has a test, or a reason why it has none.

use std::collections::{BTreeMap, BTreeSet};

use crate::report;
use crate::tree;

const DOCUMENT: &str = "docs/threat-model.md";
/// The last number of the catalogue; 36b is the one that came late.
const LAST: u32 = 74;
/// Words that promise a reason and give none.
const NO_REASON: &[&str] = &["", "none", "none yet", "todo"];

#[test]
fn every_attack_names_its_tests_or_says_why_not() {
    let rows = rows();
    let tests = tests();
    let mut problems = Vec::new();
    let numbers = (1..=LAST).map(|number| number.to_string());
    for number in numbers.chain(["36b".to_owned()]) {
        let Some(shown_by) = rows.get(&number) else {
            problems.push(format!("{number}: no row in {DOCUMENT}"));
            continue;
        };
        let named = names(shown_by);
        for name in &named {
            if !tests.contains(name) {
                problems.push(format!("{number}: there is no test `{name}`"));
            }
        }
        let reason = shown_by.trim().trim_end_matches('.');
        if named.is_empty() && NO_REASON.contains(&reason) {
            problems.push(format!("{number}: neither a test nor a reason"));
        }
    }
    report("rows of the catalogue", &problems);
}

#[test]
fn every_test_of_an_attack_stands_in_its_row() {
    let rows = rows();
    let mut problems = Vec::new();
    for test in tests() {
        let Some(rest) = test.strip_prefix("attack_") else {
            continue;
        };
        let number = rest.split('_').next().unwrap().trim_start_matches('0');
        let listed = rows
            .get(number)
            .is_some_and(|shown_by| names(shown_by).contains(&test));
        if !listed {
            problems.push(format!("{test} is not named in row {number}"));
        }
    }
    report("tests that the catalogue does not name", &problems);
}

/// The last cell of each row, by the attack's number.
fn rows() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(tree::root().join(DOCUMENT)).unwrap();
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, number, _, _, shown_by, _] = cells[..] else {
            continue;
        };
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            let twice = rows.insert(number.to_owned(), shown_by.to_owned());
            assert!(twice.is_none(), "row {number} stands twice");
        }
    }
    rows
}

/// What a cell names in backticks, if it could be a test.
fn names(cell: &str) -> Vec<String> {
    let spans = cell.split('`').skip(1).step_by(2);
    let is_name = |span: &&str| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        span.contains('_') && span.chars().all(letters)
    };
    spans.filter(is_name).map(str::to_owned).collect()
}

/// The name of every test in Rust.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for file in tree::files("rs") {
        for part in file.text.split("fn ").skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            tests.insert(name);
        }
    }
    assert!(tests.contains("every_test_of_an_attack_stands_in_its_row"));
    tests
}

#[test]
fn the_check_tells_a_test_from_other_code() {
    let cell = "see `docs/x.md`, `attack_01_x` and `VOID`; `a::b`, `two_of_us`";
    assert_eq!(names(cell), ["attack_01_x", "two_of_us"]);
    assert_eq!(names("none yet"), Vec::<String>::new());
}
