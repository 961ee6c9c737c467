//! No type that holds a secret prints itself.

use crate::report;
use crate::tree::{self, File};

/// A type whose name ends like this is taken for a secret…
const SECRET: &[&str] = &[
    "Secret",
    "Token",
    "Key",
    "Seed",
    "Passphrase",
    "Entropy",
    "PrivateKeys",
];

/// …unless its name says that it is for everybody.
const PUBLIC: &[&str] = &["Public", "Verifying"];

/// Types that are named like a secret and are none, with the reason.
const HARMLESS: &[(&str, &str)] = &[
    ("NoEntropy", "an error"),
    (
        "Entropy",
        "of the relay: all it holds is the seed of a test",
    ),
];

#[test]
fn secrets_do_not_derive_debug() {
    let files = tree::files("rs");
    let shipped = files.iter().filter(|file| !file.is_test());
    let problems: Vec<String> = shipped.flat_map(printing_secrets).collect();
    report(
        "secrets that print themselves (write `Debug` by hand, without the bytes)",
        &problems,
    );
}

fn printing_secrets(file: &File) -> Vec<String> {
    let secret_module = file.path.ends_with("/secret.rs") || file.path.contains("/secret/");
    deriving_debug(file.code())
        .into_iter()
        .filter(|name| secret_module || sounds_secret(name))
        .filter(|name| !HARMLESS.iter().any(|(harmless, _)| harmless == name))
        .map(|name| format!("{}: {name}", file.path))
        .collect()
}

fn sounds_secret(name: &str) -> bool {
    SECRET.iter().any(|ending| name.ends_with(ending))
        && !PUBLIC.iter().any(|word| name.contains(word))
}

/// Names of the types in this code that derive `Debug`.
fn deriving_debug(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[derive(") {
        rest = &rest[at + "#[derive(".len()..];
        let (list, after) = rest.split_once(")]").unwrap_or((rest, ""));
        rest = after;
        let derives_debug = list.split(',').any(|name| name.trim().ends_with("Debug"));
        // Other attributes and comments may stand between.
        let item = after
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("//"));
        let name = item.and_then(|line| {
            let mut words = line.split([' ', '(', '<', '{', ';']);
            words.find(|word| matches!(*word, "struct" | "enum"))?;
            words.find(|word| !word.is_empty())
        });
        // Around a `Secret…` of ours, which this check sees by itself, `Debug` may be derived.
        let wraps_secret = item.is_some_and(|line| line.contains("(Secret"));
        if let Some(name) = name.filter(|_| derives_debug && !wraps_secret) {
            names.push(name.to_owned());
        }
    }
    names
}

#[test]
fn the_check_finds_derived_debug() {
    let text = "
        #[derive(Clone, Debug)]
        pub struct SeatToken([u8; 32]);
        #[derive(Debug)]
        pub struct WelcomeKey(Secret32);
        #[derive(Debug)]
        pub struct RootPublicKey([u8; 32]);
        #[derive(Clone)]
        pub struct BlobSecret([u8; 32]);
        /// Random.
        #[derive(
            Debug,
        )]
        #[repr(transparent)]
        pub(crate) struct LinkSecret { bytes: [u8; 32] }
    ";
    let file = |path: &str| File {
        path: path.into(),
        text: text.into(),
    };
    let found = printing_secrets(&file("proto/src/seat.rs"));
    assert_eq!(
        found,
        [
            "proto/src/seat.rs: SeatToken",
            "proto/src/seat.rs: LinkSecret"
        ]
    );
    assert_eq!(
        printing_secrets(&file("client-core/src/secret.rs")).len(),
        3
    );
}
