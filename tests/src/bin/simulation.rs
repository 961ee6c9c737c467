//! Crashes a story everywhere, then walks a million random steps against the reference model.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "steps per second are measured by the clock on the wall"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use siegel_tests::simulation::crash_points::{self, Share};
use siegel_tests::simulation::walk::Walk;

/// Crashes a story everywhere, then walks a million random steps against the reference model.
#[derive(Parser)]
struct Arguments {
    /// Steps of clients, over all walks.
    #[arg(long, default_value_t = 1_000_000)]
    steps: u64,
    /// The first walk's seed; each next walk has the next number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What people do and what goes wrong, in one walk.
    #[arg(long, default_value_t = 3_000)]
    moves: usize,
    /// Leaves out the story that is crashed at every persist effect.
    #[arg(long)]
    walks_only: bool,
    /// Goes on after a walk that failed, to see how many do.
    #[arg(long)]
    go_on: bool,
}

/// So many steps pass without a word.
const SIGN_OF_LIFE: u64 = 100_000;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let crashed = arguments.walks_only || crash_everywhere(arguments.seed);
    let walked = crashed && walk(&arguments);
    if walked {
        println!("every promise was kept");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether a crash at every single persist effect of the story changed nothing.
fn crash_everywhere(seed: u64) -> bool {
    let report = crash_points::crash(seed, Share { part: 0, of: 1 });
    println!(
        "the story has {} persist effects; crashed: {:?}",
        report.sites(),
        report.crashed
    );
    for difference in &report.differences {
        eprintln!("BROKEN: {difference}");
    }
    let all = report.crashed.values().all(|at| *at == report.sites());
    if !all {
        eprintln!("BROKEN: not every persist effect was crashed");
    }
    all && report.differences.is_empty()
}

/// What all walks did together.
#[derive(Default)]
struct Total {
    steps: u64,
    effects: u64,
    crashes: u64,
    failed: u64,
    counts: BTreeMap<&'static str, u64>,
}

fn walk(arguments: &Arguments) -> bool {
    let started = Instant::now();
    let mut total = Total::default();
    let mut seed = arguments.seed;
    println!("first seed {seed}, {} moves each", arguments.moves);
    let mut told = 0;
    while total.steps < arguments.steps {
        if let Some(broken) = total.walk(seed, arguments.moves) {
            total.failed += 1;
            eprintln!("BROKEN: {broken}");
            eprintln!(
                "  again: cargo xtask simulation --walks-only --seed {seed} --moves {} --steps 1",
                arguments.moves
            );
            if !arguments.go_on {
                break;
            }
        }
        if total.steps / SIGN_OF_LIFE > told {
            told = total.steps / SIGN_OF_LIFE;
            println!("{} steps so far, up to seed {seed}", total.steps);
        }
        seed += 1;
    }
    let seconds = started.elapsed().as_secs_f64().max(0.001);
    total.print(seed - arguments.seed, seconds);
    total.failed == 0
}

impl Total {
    /// Walks once; says what was broken, if anything.
    fn walk(&mut self, seed: u64, moves: usize) -> Option<String> {
        let walked = std::panic::catch_unwind(|| {
            let mut walk = Walk::new(seed);
            let outcome = walk.walk(moves);
            (outcome, walk.counts, walk.world)
        });
        let Ok((outcome, counts, world)) = walked else {
            // What panicked has said so already.
            self.steps += moves as u64;
            return Some(format!("seed {seed} panicked"));
        };
        self.steps += world.steps;
        self.effects += world.batches;
        self.crashes += world.crashes;
        for (what, count) in counts {
            *self.counts.entry(what).or_default() += count;
        }
        outcome.err().map(|failure| failure.to_string())
    }

    fn print(&self, walks: u64, seconds: f64) {
        let Self {
            steps,
            effects,
            crashes,
            failed,
            counts,
        } = self;
        println!("{walks} walks, {steps} steps, {effects} persist effects, {crashes} crashes");
        println!("{:.0} steps per second", *steps as f64 / seconds);
        for (what, count) in counts {
            println!("{count:>10}  {what}");
        }
        if *failed > 0 {
            eprintln!("{failed} walks broke a promise");
        }
    }
}
