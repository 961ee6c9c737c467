//! Every command that the pages for operators tell is one that the programs take.

use std::path::PathBuf;
use std::process::Command;

use clap::CommandFactory as _;
use siegel_cli::args::Arguments;

use crate::{output, root, said, text};

fn pages() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("docs/operate")).unwrap();
    let mut pages: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

/// The words of every command line of our programs in the fenced blocks for a shell, the
/// program's name first.
fn commands(page: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for block in page.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap().replace("\\\n", " ");
        for line in block.lines() {
            for part in words(line).split(|word| matches!(word.as_str(), "|" | "&&" | ";")) {
                let part: Vec<&str> = part.iter().map(String::as_str).collect();
                let command = match part.as_slice() {
                    ["sudo", "-u", "siegel", rest @ ..] | ["sudo", rest @ ..] => rest,
                    // What is executed in a container, or what its image is told.
                    ["podman", "exec" | "run", rest @ ..] => {
                        let ours = rest.iter().position(|&word| word == "siegel-server");
                        rest.get(ours.unwrap_or(rest.len())..).unwrap_or_default()
                    }
                    all => all,
                };
                let command = command
                    .split(|&word| word == "<")
                    .next()
                    .unwrap_or_default();
                if let Some(&("siegel" | "siegel-server")) = command.first() {
                    commands.push(command.iter().map(|&word| word.to_owned()).collect());
                }
            }
        }
    }
    commands
}

/// A line as a shell cuts it: quotes hold together, a mark begins a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '#') if words.last().is_some_and(String::is_empty) => break,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, c) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_of_the_pages_is_one() {
    let (mut of_relay, mut of_staff) = (0, 0);
    for page in pages() {
        for command in commands(&text(&page)) {
            let told = format!("{}: {}", page.display(), command.join(" "));
            // Asking for help behind everything else reads the rest and does nothing.
            let asked = command.iter().skip(1).map(String::as_str).chain(["--help"]);
            if command[0] == "siegel-server" {
                of_relay += 1;
                let mut relay = Command::new(env!("CARGO_BIN_EXE_kill"));
                let output = output(relay.arg("relay").args(asked));
                assert!(output.status.success(), "{told}\n{}", said(&output));
            } else {
                of_staff += 1;
                let words = std::iter::once("siegel").chain(asked);
                let answer = Arguments::command().try_get_matches_from(words);
                let kind = answer.expect_err("help is no command").kind();
                assert_eq!(kind, clap::error::ErrorKind::DisplayHelp, "{told}");
            }
        }
    }
    assert!(
        of_relay > 5 && of_staff > 5,
        "{of_relay}, {of_staff}: the pages are not read"
    );
}

#[test]
fn a_command_that_is_none_would_be_found() {
    let page = "```sh\nsudo -u siegel siegel-server doktor --config x   # no such\n\
                siegel invite \\\n  staff 'Bo K.' --admin\nsystemctl start siegel-server\n\
                podman exec -i relay siegel-server drill --identity /dev/stdin < key\n```\n";
    let found = commands(page);
    assert_eq!(found[0], ["siegel-server", "doktor", "--config", "x"]);
    assert_eq!(found[1], ["siegel", "invite", "staff", "Bo K.", "--admin"]);
    assert_eq!(
        found[2].join(" "),
        "siegel-server drill --identity /dev/stdin"
    );
    assert_eq!(found.len(), 3);
    let mut relay = Command::new(env!("CARGO_BIN_EXE_kill"));
    let answer = output(relay.args(["relay", "doktor", "--config", "x", "--help"]));
    assert!(!answer.status.success());
}
