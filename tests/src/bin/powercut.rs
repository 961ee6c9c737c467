//! Cuts the power at random points of a recorded run and counts what was lost.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use siegel_tests::powercut::record::Acks;
use siegel_tests::powercut::workload::{self, Synchronous};
use siegel_tests::powercut::{Error, Report, cut_many, relay};
use siegel_tests::wire::process;

/// Cuts the power at random points of a recorded run and counts what was lost.
#[derive(Parser)]
struct Arguments {
    /// How often the power is cut, for each subject.
    #[arg(long, default_value_t = 2000)]
    states: usize,
    /// Repeats the cuts of an earlier run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many commits the recorded run makes.
    #[arg(long, default_value_t = 400)]
    commits: u32,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The recorded program itself; started by this one.
    #[command(hide = true)]
    Workload {
        database: PathBuf,
        synchronous: String,
        commits: u32,
    },
    /// The recorded relay; started by this program or the test.
    #[command(hide = true)]
    Relay {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.part {
        Some(Part::Workload {
            database,
            synchronous,
            commits,
        }) => run_workload(database, synchronous, *commits),
        Some(Part::Relay { arguments }) => return process::become_relay(arguments),
        None => cut_everything(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("powercut: {}", siegel_tests::chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Whether everything was as it has to be, positive controls included.
fn cut_everything(arguments: &Arguments) -> Result<bool, Error> {
    let Arguments {
        states,
        seed,
        commits,
        ..
    } = *arguments;
    let program = std::env::current_exe().map_err(Error::Start)?;
    let control = |setting: Synchronous, fine: fn(&Report) -> bool| -> Result<bool, Error> {
        let recording = workload::record(&program, setting, commits)?;
        let log = recording.finish()?;
        let report = cut_many(&log, recording.data(), &workload::DATABASE, states, seed)?;
        let verdict = if fine(&report) {
            "as expected"
        } else {
            "WRONG"
        };
        println!(
            "SQLite, WAL, synchronous={:<7}{verdict}: {report}",
            setting.name()
        );
        Ok(fine(&report))
    };
    let full = control(Synchronous::Full, |report| {
        report.lossy == 0 && report.corrupt == 0
    })?;
    let normal = control(Synchronous::Normal, |report| report.lossy > 0)?;
    let off = control(Synchronous::Off, |report| {
        report.lossy > 0 && report.corrupt > 0
    })?;
    let recording = relay::record(&program, u64::from(commits.div_ceil(8)))?;
    let log = recording.finish()?;
    let report = cut_many(&log, recording.data(), &relay::DATABASE, states, seed)?;
    let sound = report.lossy == 0 && report.corrupt == 0;
    let verdict = if sound { "as expected" } else { "WRONG" };
    println!(
        "the relay, {} acknowledged  {verdict}: {report}",
        log.acks()
    );
    Ok(full && normal && off && sound)
}

fn run_workload(database: &Path, synchronous: &str, commits: u32) -> Result<bool, Error> {
    let log = std::env::var_os("POWERCUT_LOG").unwrap_or_default();
    workload::run(database, synchronous, commits, Acks::open(Path::new(&log))?)?;
    Ok(true)
}
