//! Rules for every Rust file.

use crate::report;
use crate::tree::{self, File};

/// A file beyond this has more than one purpose.
const MOST_LINES: usize = 800;

#[test]
fn every_file_says_what_it_is_for() {
    let problems: Vec<String> = tree::files("rs")
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| format!("{} does not begin with `//!`", file.path))
        .collect();
    report("files without module documentation", &problems);
}

#[test]
fn no_file_is_too_long() {
    let problems: Vec<String> = tree::files("rs")
        .iter()
        .map(|file| (file, file.code().lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect();
    report("files with more than 800 lines without tests", &problems);
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let marks = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("FIX", "ME"),
    ];
    report(
        "unfinished code",
        &lines_with(&tree::files("rs"), &marks, |_, _| true),
    );
}

#[test]
fn tests_wait_for_conditions_not_for_time() {
    let marks = [
        concat!("thread::", "sleep("),
        concat!("time::", "sleep("),
        concat!(" sleep", "("),
    ];
    let in_tests = |file: &File, at: usize| file.is_test() || at >= file.code().len();
    let problems = lines_with(&tree::files("rs"), &marks, in_tests);
    report(
        "sleeping tests (if time itself is tested, say `// Sleeps because …` above)",
        &problems,
    );
}

#[test]
fn the_page_makes_no_markup_of_text() {
    let mut page = tree::files("rs");
    page.retain(|file| file.path.starts_with("apps/web/page/"));
    assert!(page.len() > 20, "the page has moved");
    let marks = ["inner_html(", "outer_html(", "adjacent_html(", "view! {"];
    report(
        "markup from text (see 0020)",
        &lines_with(&page, &marks, |_, _| true),
    );
}

/// Lines that hold one of the marks at a place that counts, unless the line above
/// explains it.
fn lines_with(
    files: &[File],
    marks: &[&str],
    counts: impl Fn(&File, usize) -> bool,
) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files {
        let mut at = 0;
        let mut above = "";
        for (number, line) in file.text.split_inclusive('\n').enumerate() {
            let excused = above.trim_start().starts_with("// Sleeps because");
            let marked = marks.iter().any(|mark| line.contains(mark));
            if marked && !excused && counts(file, at) {
                problems.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
            at += line.len();
            above = line;
        }
    }
    problems
}

#[test]
fn the_checks_find_what_they_look_for() {
    let text = format!(
        "fn f() {{\n    std::thread::{}1);\n}}\n",
        concat!("sle", "ep(")
    );
    let excused = text.replace(
        "    std",
        "    // Sleeps because time is what it tests.\n    std",
    );
    let file = |text: &str| File {
        path: "tests/x.rs".into(),
        text: text.into(),
    };
    let mark = [concat!("thread::", "sleep(")];
    let found = lines_with(&[file(&text), file(&excused)], &mark, |_, _| true);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("tests/x.rs:2:"));
}
