//! Kills the relay under load at random moments and looks for every acknowledged entry.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use siegel_tests::kill::{Plan, run};
use siegel_tests::wire::{Program, process};

/// Kills the relay under load at random moments and looks for every acknowledged entry.
#[derive(Parser)]
struct Arguments {
    /// How often the relay is stopped and started again.
    #[arg(long, default_value_t = 200)]
    stops: u32,
    /// People who write.
    #[arg(long, default_value_t = 32)]
    writers: u32,
    /// Rooms they share.
    #[arg(long, default_value_t = 4)]
    rooms: u32,
    /// How long a relay is frozen, milliseconds.
    #[arg(long, default_value_t = 500)]
    freeze: u64,
    /// Repeats the moments of an earlier run, as far as the machine does.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Another relay than the one this program was built with: a path to `siegel-server`.
    #[arg(long)]
    relay: Option<std::path::PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The relay; started by this program or the test.
    #[command(hide = true)]
    Relay {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Part::Relay { arguments }) = &arguments.part {
        return process::become_relay(arguments);
    }
    match kill(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kill: {}", siegel_tests::chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn kill(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let program = match &arguments.relay {
        Some(path) => Program::new(path, &[]),
        None => Program::new(&std::env::current_exe()?, &["relay"]),
    };
    let plan = Plan {
        stops: arguments.stops,
        writers: arguments.writers,
        rooms: arguments.rooms,
        freeze: Duration::from_millis(arguments.freeze),
        seed: arguments.seed,
        ..Plan::default()
    };
    let runtime = tokio::runtime::Runtime::new()?;
    println!("{}", runtime.block_on(run(&program, plan))?);
    Ok(())
}
