//! What is deployed wrote such bytes: they must be read, and written, for ever.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a vector that cannot be read is the failure"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use siegel_tests::vectors::describe::{Descriptors, meaning, uses};
use siegel_tests::vectors::vault::{Stored, shown};
use siegel_tests::vectors::{derived, root, wire};

/// The names of the files in a folder of vectors: their paths below it, without ending.
fn committed(folder: &str) -> BTreeSet<String> {
    let top = root().join(folder);
    let mut found = BTreeSet::new();
    let mut open = vec![top.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of vectors") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                let below = path.strip_prefix(&top).expect("below").with_extension("");
                found.insert(below.to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(root().join(path));
    let text = text.unwrap_or_else(|error| panic!("{path}: {error}; see docs/protocol/vectors.md"));
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn every_wire_vector_is_read_as_meant_and_written_the_same() {
    let descriptors = Descriptors::default();
    let mut left = committed("proto/vectors");
    for case in wire::all() {
        let file = read(&format!("proto/vectors/{}.json", case.name));
        let hex = file["hex"].as_str().expect("bytes");
        let bytes = data_encoding::HEXLOWER
            .decode(hex.as_bytes())
            .expect("hexadecimal");
        match case.read(&bytes) {
            Ok(again) => assert_eq!(again, bytes, "{} is written differently", case.name),
            Err(error) => panic!("{} {error}", case.name),
        }
        let says = descriptors
            .read(case.message, &bytes)
            .expect("a message of the sources");
        assert_eq!(
            file["says"],
            meaning(&says),
            "{} says something else",
            case.name
        );
        assert_eq!(file["message"], case.message);
        left.remove(&case.name);
    }
    assert_eq!(left, BTreeSet::new(), "vectors that nothing reads");
}

#[test]
fn nothing_of_the_wire_is_without_a_vector() {
    let descriptors = Descriptors::default();
    let mut seen = BTreeSet::new();
    for path in committed("proto/vectors") {
        let file = read(&format!("proto/vectors/{path}.json"));
        let message = file["message"].as_str().expect("a message");
        let bytes = file["hex"].as_str().expect("bytes").as_bytes();
        let bytes = data_encoding::HEXLOWER.decode(bytes).expect("hexadecimal");
        uses(
            &descriptors.read(message, &bytes).expect("reads"),
            &mut seen,
        );
    }
    let everything = descriptors.everything();
    let missing: Vec<&String> = everything.difference(&seen).collect();
    assert!(
        missing.is_empty(),
        "no vector shows {missing:?}; see docs/protocol/vectors.md"
    );
    assert!(everything.contains("Append.epoch") && everything.len() > 200);
}

#[test]
fn keys_hashes_words_and_sizes_are_what_they_were() {
    let mut left = committed("client-core/vectors");
    for (name, value) in derived::all() {
        let file = read(&format!("client-core/vectors/{name}.json"));
        assert_eq!(file, value, "{name} has changed");
        left.remove(&name);
    }
    left.retain(|name| !name.starts_with("vault/"));
    assert_eq!(left, BTreeSet::new(), "vectors that nothing reads");
}

#[test]
fn every_vault_ever_stored_opens_and_shows_what_is_in_it() {
    let mut vaults = committed("client-core/vectors");
    vaults.retain(|name| name.starts_with("vault/"));
    assert!(vaults.len() >= 3, "{vaults:?}");
    for name in vaults {
        let text = std::fs::read_to_string(root().join(format!("client-core/vectors/{name}.json")));
        let stored = Stored::parse(&text.expect("reads")).expect("a vault");
        let shows = if name.ends_with("_bare") {
            stored.open_bare().expect("opens")
        } else {
            shown(&stored.open().expect("opens"))
        };
        assert_eq!(shows, stored.shows, "{name}");
    }
}
