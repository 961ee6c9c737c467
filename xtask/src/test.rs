//! `cargo xtask test`: everything a change must pass.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::shell::{self, Outcome};
use crate::steps::Steps;
use crate::{advisories, tools, web};

/// What `cargo xtask help` says about this task.
pub const USAGE: &str = "  test [--quick] [--strict]
      Install what the tests need and run everything: format, lints, dependencies, tests,
      documentation. --quick leaves out dependencies, documentation and all tests but the
      crates' own and `tidy`. --strict fails where the advisory database cannot be had.
";

/// Runs every step even if an earlier one failed, then sums up.
pub fn test(args: &[String]) -> Outcome {
    let mut quick = false;
    let mut strict = false;
    for arg in args {
        match arg.as_str() {
            "--quick" => quick = true,
            "--strict" => strict = true,
            other => return Err(format!("unknown option `{other}`\n\n{USAGE}")),
        }
    }

    tools::install_missing()?;

    let mut steps = Steps::new();
    let mut count = Count::default();
    steps.step("format", || plain(&["fmt", "--all", "--check"]));
    if !quick {
        steps.step("dependencies", || {
            plain(&[
                "deny",
                "--locked",
                "check",
                "--hide-inclusion-graph",
                "licenses",
                "bans",
                "sources",
            ])
        });
        steps.step("advisories", || advisories::check(strict));
    }
    steps.step("lints", || {
        let words = [
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        plain(&words)
    });
    if quick {
        steps.step("tests", || {
            tests(
                &[
                    "test",
                    "--locked",
                    "--workspace",
                    "--no-fail-fast",
                    "--lib",
                    "--bins",
                ],
                &mut count,
            )
        });
        steps.step("tidy", || {
            tests(
                &[
                    "test",
                    "--locked",
                    "--package",
                    "siegel-tests",
                    "--test",
                    "tidy",
                ],
                &mut count,
            )
        });
    } else {
        steps.step("web app", web::bundle);
        steps.step("tests", || {
            tests(
                &["test", "--locked", "--workspace", "--no-fail-fast"],
                &mut count,
            )
        });
        steps.step("documentation", || {
            let words = [
                "doc",
                "--locked",
                "--workspace",
                "--no-deps",
                "--document-private-items",
            ];
            shell::execute(shell::cargo(&words).env("RUSTDOCFLAGS", "-D warnings"))?;
            Ok(None)
        });
    }
    let outcome = steps.summary();
    println!(
        "\n{} passed, {} failed, {} skipped",
        count.passed, count.failed, count.ignored
    );
    outcome
}

fn plain(words: &[&str]) -> Result<Option<String>, String> {
    shell::execute(&mut shell::cargo(words)).map(|()| None)
}

/// Sums over all test programs.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// Where the tests' relays and browsers have their files while they run.
const TEMPORARY: &str = "TMPDIR";
/// Linux keeps what lies here in memory.
const MEMORY: &str = "/dev/shm";
/// So much of it the tests never need.
const ENOUGH_KIB: u64 = 8 * 1024 * 1024;

/// The folder in memory, if there is room and nobody chose another. A disk that is still busy
/// with what was compiled lets a browser wait for seconds; what survives a loss of power is
/// tested by a recorder of its own.
fn memory_folder() -> Option<&'static str> {
    if std::env::var_os(TEMPORARY).is_some() {
        return None;
    }
    // Some tests compile a library and load it from there.
    let options = shell::output_of("findmnt", &["--noheadings", "--output=OPTIONS", MEMORY])?;
    if options.trim().split(',').any(|option| option == "noexec") {
        return None;
    }
    let room = shell::output_of("df", &["--output=avail", MEMORY])?;
    let room: u64 = room.lines().last()?.trim().parse().ok()?;
    let memory = std::fs::read_to_string("/proc/meminfo").ok()?;
    let free = memory
        .lines()
        .find(|line| line.starts_with("MemAvailable:"))?;
    let free: u64 = free.split_whitespace().nth(1)?.parse().ok()?;
    (room.min(free) >= ENOUGH_KIB).then_some(MEMORY)
}

/// Runs tests, showing their output as it comes and adding up the closing lines.
fn tests(words: &[&str], count: &mut Count) -> Result<Option<String>, String> {
    let mut command = shell::cargo(words);
    if let Some(folder) = memory_folder() {
        println!("temporary files of the tests lie in memory, in {folder}");
        command.env(TEMPORARY, folder);
    }
    println!("$ {}", shell::describe(&command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not start the tests: {error}"))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            count.add(&line);
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("lost the tests: {error}"))?;
    if !status.success() {
        return Err(format!("`{}` failed ({status})", shell::describe(&command)));
    }
    if count.passed == 0 {
        return Err("no test was run".into());
    }
    Ok(Some(format!("{} passed", count.passed)))
}

impl Count {
    /// Reads `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let result = result
            .split_once(". ")
            .map_or(result, |(_, figures)| figures);
        for figure in result.split("; ") {
            let Some((number, what)) = figure.split_once(' ') else {
                continue;
            };
            let number: usize = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn closing_lines_are_added_up() {
        let mut count = Count::default();
        for line in [
            "test anna_sends ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            count.add(line);
        }
        assert_eq!((count.passed, count.failed, count.ignored), (5, 4, 1));
    }
}
