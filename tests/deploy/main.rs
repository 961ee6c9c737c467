//! What lies in `deploy` is tried with the tools it is written for, as far as they can be had
//! from Debian; the rest is read as they read it, and held against the program.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stopped"
)]

mod commands;
mod configuration;
mod containers;
mod helm;
mod package;
mod proxies;
mod units;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A file of `deploy`.
fn deploy(name: &str) -> PathBuf {
    root().join("deploy").join(name)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs a tool; its output, and what it says if it fails.
fn run(command: &mut Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{command:?}:\n{}", said(&output));
    said(&output)
}

fn output(command: &mut Command) -> Output {
    (command.output())
        .unwrap_or_else(|error| panic!("{command:?}: {error}; cargo xtask test installs it"))
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// Names of the relay's settings as variables, in a text.
fn variables(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    words
        .filter(|word| word.starts_with("SIEGEL_") && word.len() > 7)
        .collect()
}

/// Fails if one of them is no setting.
fn are_settings(path: &Path) {
    let known: Vec<String> = (siegel_server::settings::SETTINGS.iter())
        .map(|(key, _)| siegel_server::settings::variable(key))
        .collect();
    for variable in variables(&text(path)) {
        assert!(
            known.iter().any(|known| known == variable),
            "{}: {variable} is no setting of the relay",
            path.display()
        );
    }
}
