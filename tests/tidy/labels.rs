//! Every hash, signature and key derivation has a label of its own, in one table.

use std::collections::BTreeSet;

use crate::report;
use crate::tree::{self, File};

const TABLE: &str = "proto/src/label.rs";

#[test]
fn labels_stand_in_one_table_and_differ() {
    let files = tree::files("rs");
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for file in &files {
        for label in labels(file) {
            if file.path == TABLE {
                if !seen.insert(label.clone()) {
                    problems.push(format!("`{label}` is used twice"));
                }
            } else if !file.is_test() {
                problems.push(format!("{} has `{label}` of its own", file.path));
            }
        }
    }
    if files.iter().any(|file| file.path == TABLE) {
        assert!(
            !seen.is_empty(),
            "{TABLE} holds no label this check can read"
        );
    }
    report("labels", &problems);
}

/// String literals of the form `"siegel … v1"` outside unit tests.
fn labels(file: &File) -> Vec<String> {
    let literals = file.code().split("\"siegel ").skip(1).filter_map(|rest| {
        let (label, _) = rest.split_once('"')?;
        let (_, version) = label.rsplit_once(" v")?;
        let numbered = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        numbered.then(|| format!("siegel {label}"))
    });
    literals.collect()
}

#[test]
fn the_check_reads_labels() {
    let text = "const A: &str = \"siegel seat v1\"; const B: &[u8] = b\"siegel seat key v12\"; \
                println!(\"siegel is here\"); #[cfg(test)]\nmod tests { \"siegel x v1\" }";
    let file = File {
        path: TABLE.into(),
        text: text.replace("; #", ";\n#"),
    };
    assert_eq!(labels(&file), ["siegel seat v1", "siegel seat key v12"]);
}
