//! `cargo xtask run`: build web app and relay and start it on SQLite in `./data`.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::shell::{self, Outcome};
use crate::web;

/// What `cargo xtask help` says about this task.
pub const USAGE: &str = "  run [--release] [-- RELAY OPTIONS]
      Build everything and start the relay on SQLite in ./data. Prints its address and,
      once, the set-up link. A later start keeps the data. The default build has
      optimised ciphers and a relay with assertions; --release is what you would deploy.
";

/// Builds, then becomes the relay: signals reach it directly and its exit code is ours.
pub fn run(args: &[String]) -> Outcome {
    let mut release = false;
    let mut args = args.iter();
    let mut relay_args: Vec<&String> = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--release" => release = true,
            "--" => relay_args.extend(args.by_ref()),
            other => return Err(format!("unknown option `{other}`\n\n{USAGE}")),
        }
    }

    let profile = if release { "release" } else { "dev" };
    let words = ["build", "--locked", "--profile", profile];
    let packages = [
        "--package",
        "siegel-server",
        "--package",
        "siegel-cli",
        "--bins",
    ];
    web::bundle()?;
    shell::execute(shell::cargo(&words).args(packages))?;

    let folder = shell::target()?.join(if release { "release" } else { "debug" });
    println!("The command line is {}", folder.join("siegel").display());
    let data = shell::root().join("data");
    let mut relay = Command::new(folder.join("siegel-server"));
    relay
        .arg("run")
        .arg("--data-dir")
        .arg(&data)
        .args(relay_args);
    Err(format!("could not start the relay: {}", relay.exec()))
}
