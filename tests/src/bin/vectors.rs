//! Compares the committed vectors with what this build makes; `--write` replaces them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use siegel_tests::vectors::{self, vault};

/// Compares the committed vectors with what this build makes.
#[derive(Parser)]
struct Arguments {
    /// Writes what is missing or differs. A vault that is there is never replaced: it
    /// must open for ever.
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut wanted = vectors::all();
    for (name, value) in vault::all() {
        let path = format!("client-core/vectors/{name}.json");
        if !vectors::root().join(&path).exists() {
            wanted.push((path, vectors::pretty(&value)));
        }
    }
    let mut differing = 0;
    for (path, text) in wanted {
        let file = vectors::root().join(&path);
        if std::fs::read_to_string(&file).is_ok_and(|old| old == text) {
            continue;
        }
        differing += 1;
        println!("{path}");
        if arguments.write
            && let Err(error) = write(&file, &text)
        {
            eprintln!("cannot write {path}: {error}");
            return ExitCode::FAILURE;
        }
    }
    println!("{differing} differ");
    if arguments.write || differing == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text)
}
