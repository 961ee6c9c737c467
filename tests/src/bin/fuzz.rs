//! Feeds hostile bytes to everything that reads bytes, for as long as it is told.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use peak_alloc::PeakAlloc;
use siegel_tests::fuzz::{self, Budget, Finding, Meter, Target, corpus};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const METER: Meter = Meter {
    reset: || {
        ALLOCATOR.reset_peak_usage();
        ALLOCATOR.current_usage()
    },
    peak: || ALLOCATOR.peak_usage(),
};

/// Feeds hostile bytes to everything that reads bytes.
#[derive(Parser)]
struct Arguments {
    /// How long, for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Repeats the inputs of an earlier run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times longer than usual an input may take: for a slow or busy machine.
    #[arg(long, default_value_t = 4)]
    slack: u32,
    /// Only these targets.
    targets: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let known: Vec<&str> = fuzz::targets().iter().map(|target| target.name).collect();
    let wanted = |target: &Target| {
        arguments.targets.is_empty() || arguments.targets.iter().any(|name| name == target.name)
    };
    if let Some(name) = (arguments.targets.iter()).find(|name| !known.contains(&name.as_str())) {
        eprintln!(
            "fuzz: there is no target {name}; there are {}",
            known.join(", ")
        );
        return ExitCode::FAILURE;
    }
    let time = Budget::Time(Duration::from_secs(arguments.seconds));
    let mut sound = true;
    for target in fuzz::targets().into_iter().filter(wanted) {
        match fuzz::run(&target, time, arguments.seed, arguments.slack, METER) {
            Ok(report) => println!("{:<20}{report}", target.name),
            Err(finding) => {
                sound = false;
                eprintln!("{:<20}{finding}", target.name);
                keep(&target, &finding);
            }
        }
    }
    if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Puts the input where every later run begins with it.
fn keep(target: &Target, finding: &Finding) {
    let name = blake3::hash(&finding.input).to_hex();
    let file = corpus::folder(target.name).join(&name[..16]);
    let folder = std::fs::create_dir_all(corpus::folder(target.name));
    match folder.and_then(|()| std::fs::write(&file, &finding.input)) {
        Ok(()) => eprintln!("the input is in {}", file.display()),
        Err(error) => eprintln!("the input cannot be kept: {error}"),
    }
}
