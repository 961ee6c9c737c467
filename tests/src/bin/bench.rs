//! Measures the relay under load, beside a bare one; `docs/performance.md` says how to read it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its terminal"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use siegel_tests::bench::{self, Counter, Peer, Scenario, Subject, Table};
use tokio::task::LocalSet;

/// Measures the relay under load, beside a bare one.
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything if nothing is named.
    scenarios: Vec<Scenario>,
    /// How long what goes on for a time is measured.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// How often everything is measured, alternately; the medians count.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Every run's figures, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The relay; else the `siegel-server` beside this program.
    #[arg(long, value_name = "PROGRAM")]
    relay: Option<PathBuf>,
    /// A second relay to compare with, instead of the bare one: another build, say.
    #[arg(long, value_name = "PROGRAM")]
    against: Option<PathBuf>,
    /// Under `pairs` also ejabberd, Prosody, mosquitto and NATS JetStream, if Debian's packages
    /// of them are installed.
    #[arg(long)]
    peers: bool,
    /// Also the relay on a PostgreSQL that shares its core, if one is installed.
    #[arg(long)]
    postgres: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The bare relay; started by this program.
    #[command(hide = true)]
    Bare {
        #[command(subcommand)]
        run: Run,
    },
}

#[derive(Subcommand)]
enum Run {
    Run {
        #[arg(long)]
        listen: String,
        #[arg(long)]
        data_dir: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.part {
        Some(Part::Bare {
            run: Run::Run { listen, data_dir },
        }) => serve_bare(listen, data_dir),
        None => measure(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {}", siegel_tests::chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn serve_bare(listen: &str, data: &Path) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    Ok(runtime.block_on(bench::bare::serve(listen, data))?)
}

fn measure(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    bench::allow_many_files()?;
    bench::stay_on_core()?;
    let own = std::env::current_exe()?;
    let relay = match &arguments.relay {
        Some(relay) => relay.clone(),
        None => own.with_file_name("siegel-server"),
    };
    if !relay.is_file() {
        return Err(format!(
            "{} is not there: `cargo xtask bench` builds it",
            relay.display()
        )
        .into());
    }
    let other = match &arguments.against {
        Some(other) => Subject::new("against", other, &[])?,
        None => Subject::new("bare", &own, &["bare"])?,
    };
    let mut subjects = vec![Subject::new("siegel", &relay, &[])?, other];
    if arguments.postgres {
        subjects.push(Subject::new("postgresql", &relay, &[])?.on_postgres());
    }
    let scenarios = match &arguments.scenarios[..] {
        [] => &Scenario::ALL,
        named => named,
    };
    let peers: &[Peer] = if arguments.peers { &Peer::ALL } else { &[] };
    let counter = Counter::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let table = LocalSet::new().block_on(&runtime, async {
        let mut all = Table::default();
        for scenario in scenarios {
            let mut table = Table::default();
            for run in 1..=arguments.runs {
                let progress = |name| {
                    let (scenario, runs) = (scenario.name(), arguments.runs);
                    eprintln!("{scenario} {run}/{runs}: {name}");
                };
                for subject in &subjects {
                    if subject.name == "bare" && !scenario.suits_the_bare() {
                        continue;
                    }
                    progress(subject.name);
                    let figures = scenario.measure(subject, arguments.seconds).await?;
                    table.add(*scenario, subject.name, figures);
                }
                if *scenario == Scenario::Pairs {
                    for peer in peers {
                        progress(peer.name());
                        let figures = peer.measure(&counter, arguments.seconds).await?;
                        table.add(*scenario, peer.name(), figures);
                    }
                }
            }
            print!("{table}");
            all.merge(table);
        }
        Ok::<_, bench::Error>(all)
    })?;
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_vec_pretty(&table)?)?;
    }
    Ok(())
}
