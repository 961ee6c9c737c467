//! Who may depend on whom.

use std::collections::BTreeSet;
use std::process::Command;

use crate::{report, tree};

/// A package, and names (or beginnings of names, with `*`) that must not be linked into it.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "siegel-server",
        &[
            "siegel-client-core",
            "siegel-cli",
            "siegel-web-*",
            "openmls*",
            "mls-rs*",
            "hpke*",
            "siegel-tests",
        ],
        "the relay links no code that could decrypt",
    ),
    (
        "siegel-proto",
        &["siegel-*"],
        "proto depends on nothing of ours",
    ),
    (
        "siegel-client-core",
        &[
            "siegel-server",
            "siegel-cli",
            "siegel-tests",
            "tokio",
            "mio",
            "socket2",
            "hyper",
            "rusqlite",
            "sqlx*",
        ],
        "the core is a state machine without network, store or threads",
    ),
    (
        "siegel-cli",
        &["siegel-server", "siegel-tests"],
        "apps know the relay by its protocol",
    ),
    (
        "siegel-web-bridge",
        &["siegel-*"],
        "the bridge is types, the same on both sides",
    ),
    (
        "siegel-web-page",
        &[
            "siegel-client-core",
            "siegel-proto",
            "siegel-web-worker",
            "openmls*",
            "chacha20poly1305",
        ],
        "the page never touches keys",
    ),
    (
        "siegel-web-worker",
        &["siegel-server", "siegel-cli", "siegel-tests", "tokio"],
        "apps know the relay by its protocol",
    ),
    (
        "xtask",
        &["*"],
        "xtask is what a fresh machine waits for first",
    ),
];

#[test]
fn every_package_links_only_what_it_may() {
    let mut problems = Vec::new();
    for (package, forbidden, why) in FORBIDDEN {
        for name in linked(package) {
            if name != *package && forbidden.iter().any(|pattern| matches(pattern, &name)) {
                problems.push(format!("{package} links {name}, but {why}"));
            }
        }
    }
    report("forbidden dependencies", &problems);
}

#[test]
fn the_check_sees_the_dependencies_of_the_core() {
    let linked = linked("siegel-client-core");
    assert!(
        linked.contains("siegel-proto") && linked.len() > 20,
        "{linked:?}"
    );
}

/// Names of everything that is built into the package, itself included.
fn linked(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p}", "--package", package])
        .current_dir(tree::root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}
