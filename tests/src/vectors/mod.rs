//! Encoded examples of everything two versions of this program must agree on.
//!
//! | files | what they hold fast |
//! | --- | --- |
//! | `proto/vectors` | every message, field and value of the wire ([`wire`]) |
//! | `client-core/vectors` | links, derived keys, sizes, words, sealed files ([`derived`]) and whole vaults ([`vault`]) |
//!
//! A vector is made once and stays: what is deployed wrote such bytes, so a later version
//! must read them. `cargo xtask vectors --write` writes those that are missing or differ;
//! whoever commits a difference says in the message who can no longer read what.
#![expect(
    clippy::expect_used,
    reason = "the examples are fixed; one that cannot be made is a bug found by the test"
)]

mod contents;
pub mod derived;
pub mod describe;
mod identities;
mod replies;
mod requests;
mod samples;
pub mod vault;
pub mod wire;

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every generated vector: its path below the root, and its text.
pub fn all() -> Vec<(String, String)> {
    let wire = wire::all().into_iter();
    let wire = wire.map(|case| (format!("proto/vectors/{}.json", case.name), case.text()));
    let derived = derived::all().into_iter();
    let derived = derived.map(|(name, value)| {
        let path = format!("client-core/vectors/{name}.json");
        (path, pretty(&value))
    });
    wire.chain(derived).collect()
}

/// JSON as it stands in a file.
pub fn pretty(value: &serde_json::Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("JSON has a text form");
    format!("{text}\n")
}

/// Bytes as they stand in a file.
pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// The root key of every example's organisation.
pub fn root_key() -> siegel_proto::ids::PublicKey {
    siegel_proto::signing::public_key(&samples::root())
}
