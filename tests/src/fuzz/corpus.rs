//! What targets start from: the committed files and the vectors of the wire.

use std::path::PathBuf;

use crate::vectors::{root, wire};

/// The folder of a target's files.
pub fn folder(target: &str) -> PathBuf {
    root().join("tests/fuzz/corpus").join(target)
}

/// The committed files of a target, in the order of their names.
pub fn files(target: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder(target)) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the corpus").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).expect("a file of the corpus"))
        .collect()
}

/// The vectors of a message of the `.proto` sources.
pub fn vectors(message: &str) -> Vec<Vec<u8>> {
    let cases = wire::all().into_iter();
    cases
        .filter(|case| case.message == message)
        .map(|case| case.bytes)
        .collect()
}
