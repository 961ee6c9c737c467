//! Development tasks: `cargo xtask run`, `cargo xtask test`, `cargo xtask deb`, and the long forms of the
//! assurance tools that live in `tests/src/bin`.
//!
//! This crate has no dependencies, so that the first `cargo xtask` on a fresh machine
//! starts within seconds.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]

mod advisories;
mod deb;
mod long;
mod notices;
mod run;
mod shell;
mod steps;
mod test;
mod tools;
mod web;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_else(|| "help".into());
    let rest: Vec<String> = args.collect();
    let outcome = match task.as_str() {
        "run" => run::run(&rest),
        "test" => test::test(&rest),
        "deb" => deb::deb(&rest),
        "help" | "--help" | "-h" => {
            help();
            Ok(())
        }
        name => long::run(name, &rest),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("Usage: cargo xtask <task> [options]\n");
    println!("{}", run::USAGE);
    println!("{}", test::USAGE);
    println!("{}", deb::USAGE);
    let programs = long::list();
    if !programs.is_empty() {
        println!("Long forms of the tests; options are passed on, --help tells them:");
        for program in programs {
            println!("  {:<22}{}", program.name, program.summary);
        }
    }
}
