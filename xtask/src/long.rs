//! The assurance programs: every `tests/src/bin/<name>.rs` is the task `<name>`.

use std::path::PathBuf;

use crate::shell::{self, Outcome};
use crate::web;

/// A program of the test package that can be started by name.
pub struct Program {
    /// File name without its ending; also the task's name.
    pub name: String,
    /// First line of the file's module documentation.
    pub summary: String,
}

/// Every program there is, by name.
pub fn list() -> Vec<Program> {
    let Ok(files) = std::fs::read_dir(folder()) else {
        return Vec::new();
    };
    let mut programs: Vec<Program> = files
        .filter_map(|file| {
            let path = file.ok()?.path();
            if path.extension()? != "rs" {
                return None;
            }
            let name = path.file_stem()?.to_str()?.to_owned();
            let source = std::fs::read_to_string(&path).ok()?;
            let summary = source
                .lines()
                .next()?
                .trim_start_matches("//!")
                .trim()
                .to_owned();
            Some(Program { name, summary })
        })
        .collect();
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    programs
}

/// The program that measures: its relay is the one that would be deployed.
const MEASURES: &str = "bench";
/// The program that takes pictures of the web app, which its relay has to hold.
const SHOWS: &str = "screenshots";

/// Builds the program with optimisation and assertions (profile `long`), or for a
/// measurement as a release together with the relay it measures; then runs it. Pictures
/// need neither.
pub fn run(name: &str, args: &[String]) -> Outcome {
    if !list().iter().any(|program| program.name == name) {
        return Err(format!(
            "there is no task `{name}`; `cargo xtask help` lists them"
        ));
    }
    if name == SHOWS {
        web::bundle()?;
    }
    let profile = match name {
        MEASURES => "release",
        SHOWS => "dev",
        _ => "long",
    };
    let build = [
        "--locked",
        "--profile",
        profile,
        "--package",
        "siegel-tests",
    ];
    if name == MEASURES {
        let relay = [
            "--package",
            "siegel-server",
            "--bin",
            "siegel-server",
            "--bin",
            name,
        ];
        shell::execute(shell::cargo(&["build"]).args(build).args(relay))?;
    }
    let mut run = shell::cargo(&["run"]);
    shell::execute(run.args(build).args(["--bin", name, "--"]).args(args))
}

fn folder() -> PathBuf {
    shell::root().join("tests/src/bin")
}
