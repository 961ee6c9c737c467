//! The canary search finds what is planted, in every disguise and every kind of surface.
//!
//! The disguises are made here a second time, by other means where there are any, so that
//! a mistake in the search does not hide in its own test.
#![expect(clippy::unwrap_used, reason = "a control that cannot be planted fails")]

mod planted;

use std::collections::BTreeSet;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use siegel_tests::scan::{Canary, Hit, Scanner};

fn canary() -> Canary {
    Canary::random("name", &mut ChaCha8Rng::seed_from_u64(7))
}

fn scanner() -> Scanner {
    Scanner::new(&[canary()]).unwrap()
}

/// Bytes before and behind the plant, with nothing to recognise in them.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// Plants each disguise with the given surface and lists the ones that were not found.
fn missed(surface: impl Fn(&Path, &[u8]), skip: &[&str]) -> Vec<&'static str> {
    let scanner = scanner();
    let plants = planted::all(&canary().text);
    let missed = plants
        .into_iter()
        .filter(|(name, _)| !skip.contains(name))
        .filter(|(_, plant)| {
            let folder = tempfile::tempdir().unwrap();
            surface(folder.path(), plant);
            scanner.scan_dir(folder.path()).unwrap().is_empty()
        });
    missed.map(|(name, _)| name).collect()
}

#[test]
fn every_disguise_is_found_in_a_file() {
    let surface = |folder: &Path, plant: &[u8]| std::fs::write(folder.join("file"), plant).unwrap();
    let missed = missed(surface, &[]);
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_disguise_is_found_deep_in_a_folder_amid_noise() {
    let surface = |folder: &Path, plant: &[u8]| {
        let folder = folder.join("a/b/c");
        std::fs::create_dir_all(&folder).unwrap();
        let bytes = [&noise(70_000, 1), plant, &noise(70_000, 2)].concat();
        std::fs::write(folder.join("blob"), bytes).unwrap();
    };
    let missed = missed(surface, planted::WITHOUT_MAGIC);
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_disguise_is_found_in_a_log_line() {
    let surface = |folder: &Path, plant: &[u8]| {
        let line = [
            b"2026-11-01T10:00:00Z INFO stored value=\"",
            plant,
            b"\" took=3ms\n",
        ]
        .concat();
        std::fs::write(folder.join("log"), [vec![b'.'; 5000], line].concat()).unwrap();
    };
    let missed = missed(surface, planted::WITHOUT_MAGIC);
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_disguise_is_found_in_an_http_body() {
    let surface = |folder: &Path, plant: &[u8]| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n\r\n";
        std::fs::write(folder.join("traffic"), [head.as_slice(), plant].concat()).unwrap();
    };
    let missed = missed(surface, &[]);
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_disguise_is_found_in_a_database_and_its_log() {
    for journal in ["DELETE", "WAL"] {
        let surface = |folder: &Path, plant: &[u8]| {
            let source = tempfile::tempdir().unwrap();
            let database = rusqlite::Connection::open(source.path().join("relay.db")).unwrap();
            database
                .pragma_update(None, "journal_mode", journal)
                .unwrap();
            database
                .execute("CREATE TABLE entry (payload BLOB NOT NULL) STRICT", [])
                .unwrap();
            database
                .execute("INSERT INTO entry (payload) VALUES (?1)", [plant])
                .unwrap();
            // Copied while open, so that the log is still there.
            for file in std::fs::read_dir(source.path()).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
            }
        };
        let missed = missed(surface, &[]);
        assert!(missed.is_empty(), "{journal}: {missed:?}");
    }
}

#[test]
fn file_names_are_searched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(canary().text)).unwrap();
    let hits = scanner().scan_dir(folder.path()).unwrap();
    assert!(
        hits.iter().any(|hit| hit.surface.starts_with("name of ")),
        "{hits:?}"
    );
}

#[test]
fn a_text_torn_over_two_pages_is_found_in_the_pieces() {
    let text = canary().text;
    let (head, tail) = text.as_bytes().split_at(text.len() / 2);
    let hits = scanner().scan_bytes("pages", &[head, &noise(4096, 3), tail].concat());
    let encodings: BTreeSet<&str> = hits.iter().map(|hit| hit.encoding.as_str()).collect();
    assert!(
        encodings.contains("piece") && !encodings.contains("utf-8"),
        "{encodings:?}"
    );
}

#[test]
fn a_hit_says_what_was_found_where() {
    let text = canary().text;
    let hits = scanner().scan_bytes("stream", format!("0123456789{text}").as_bytes());
    let expected = Hit {
        surface: "stream".into(),
        field: "name".into(),
        encoding: "utf-8".into(),
        offset: 10,
    };
    assert!(hits.contains(&expected), "{hits:?}");
}

#[test]
fn nothing_is_found_in_noise_and_innocent_text() {
    let hits = scanner().scan_bytes("noise", &noise(8 << 20, 4));
    assert!(hits.is_empty(), "{hits:?}");
    let licence = std::fs::read("../LICENSE").unwrap();
    assert!(scanner().scan_bytes("licence", &licence).is_empty());
    let other = Canary::random("other", &mut ChaCha8Rng::seed_from_u64(8));
    assert!(
        scanner()
            .scan_bytes("other", other.text.as_bytes())
            .is_empty()
    );
}

#[test]
fn there_are_enough_disguises() {
    assert!(planted::all(&canary().text).len() >= 45);
}
