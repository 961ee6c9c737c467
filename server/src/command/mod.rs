//! The commands of the operator: the whole of `siegel-server`, so that a test's own program
//! can be one too.

mod backup;
mod shell;

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use figment::value::{Dict, Value};

use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::{Relay, doctor, logging, store};

/// The relay of Siegel: stores and delivers what it cannot read.
#[derive(Debug, Parser)]
#[command(name = "siegel-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the relay (the default).
    Run,
    /// Check the configuration, print every problem, and start nothing.
    CheckConfig,
    /// Look at configuration, data and machine; say what is wrong and what to do.
    Doctor,
    /// Bring the database to this version's schema, and start nothing.
    Migrate,
    /// Move the data from SQLite to the PostgreSQL of `database`, while no relay runs.
    MigrateStore,
    /// Carry the attachments from the folder into the bucket of `blob_store`, while no relay
    /// runs, and make the bucket this data's own.
    MigrateBlobs {
        /// Also if the bucket belongs to other data, or to these before a restore.
        #[arg(long)]
        take_over: bool,
    },
    /// Make an encrypted backup beside the running relay.
    Backup,
    /// Make a key for backups: the secret half into a file, the public half to print.
    BackupKey {
        /// The file to make.
        file: PathBuf,
    },
    /// Read a backup to its end and say whether it is sound.
    Verify(backup::Opened),
    /// Put a backup back as a new data directory. Devices notice and reconcile.
    Restore {
        #[command(flatten)]
        backup: backup::Opened,
        /// The data directory to make; must not exist.
        #[arg(long)]
        to: PathBuf,
    },
    /// Restore the newest backup beside the running relay, start a relay on it, and report.
    Drill {
        /// The file with the secret key.
        #[arg(long)]
        identity: PathBuf,
    },
    /// Print the reference of all settings, as a table in Markdown.
    Settings,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a directory.
    Man {
        /// The directory.
        directory: PathBuf,
    },
}

/// Settings that are often given by hand; all others stand in the file.
#[derive(Debug, Args)]
struct Flags {
    /// TOML file with the configuration.
    #[arg(long, global = true, env = "SIEGEL_CONFIG")]
    config: Option<PathBuf>,
    /// Where the data lies.
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    /// Address and port, or `unix:` and the path of a socket, to listen on.
    #[arg(long, global = true)]
    listen: Option<String>,
    /// How people reach the relay: `https://chat.example.org`
    #[arg(long, global = true)]
    public_url: Option<String>,
}

impl Flags {
    fn load(&self) -> Result<Config, Box<dyn Error>> {
        let mut given = Dict::new();
        if let Some(path) = &self.data_dir {
            let text = path.to_str().ok_or("--data-dir is not valid UTF-8")?;
            given.insert("data_dir".to_owned(), Value::from(text));
        }
        for (key, value) in [("listen", &self.listen), ("public_url", &self.public_url)] {
            if let Some(value) = value {
                given.insert(key.to_owned(), Value::from(value.as_str()));
            }
        }
        Ok(Config::load(self.config.as_deref(), given)?)
    }
}

/// Parses the arguments, the program's name first, runs the chosen command and prints what
/// went wrong with its causes. Ends the process itself where there is only something to
/// read: help, the version, or what is wrong with the arguments.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    run(Arguments::parse_from(arguments))
}

fn run(arguments: Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let flags = arguments.settings;
    let result = match arguments.command.unwrap_or(Command::Run) {
        Command::Run => runtime.block_on(serve(&flags)),
        Command::CheckConfig => flags.load().map(|_| {
            say("The configuration is in order.");
            ExitCode::SUCCESS
        }),
        Command::Doctor => runtime.block_on(examine(&flags)),
        Command::Migrate => runtime.block_on(migrate(&flags)),
        Command::MigrateStore => runtime.block_on(migrate_store(&flags)),
        Command::MigrateBlobs { take_over } => runtime.block_on(migrate_blobs(&flags, take_over)),
        Command::Backup => runtime.block_on(backup::make(&flags)),
        Command::BackupKey { file } => backup::new_key(&file),
        Command::Verify(opened) => runtime.block_on(backup::verify(&opened)),
        Command::Restore { backup, to } => runtime.block_on(backup::restore(&backup, &to)),
        Command::Drill { identity } => runtime.block_on(backup::drill(&flags, &identity)),
        Command::Settings => shell::settings(),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { directory } => shell::manual(&directory),
    };
    result.unwrap_or_else(|error| failed(&*error))
}

async fn serve(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let config = flags.load()?;
    logging::start(&config.log);
    let relay = Relay::start(config, Clock::system(), Entropy::system()).await?;
    // Whoever has read where it listens may stop it in order.
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    say(&format!(
        "Siegel relay at {} (listening on {})",
        relay.origin(),
        relay.listens_on()
    ));
    if let Some(link) = relay.set_up_link() {
        say(&format!("Set up the organisation, once, with:\n  {link}"));
    }
    let code = tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            ExitCode::SUCCESS
        }
        _ = terminate.recv() => ExitCode::SUCCESS,
        // Not retried: what cannot be synced must not be acknowledged.
        () = relay.failed() => ExitCode::FAILURE,
    };
    tracing::info!(code = "stopping");
    relay.stop().await;
    Ok(code)
}

async fn examine(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let findings = doctor::examine(&flags.load()?).await;
    for finding in &findings {
        say(&finding.to_string());
    }
    let sound = !findings.iter().any(doctor::Finding::is_bad);
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn migrate(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let config = flags.load()?;
    let _lock = crate::take_data_dir(&config.data_dir)?;
    drop(store::open(&config).await?);
    say(&format!(
        "The database has schema {}.",
        store::SCHEMA_VERSION
    ));
    Ok(ExitCode::SUCCESS)
}

async fn migrate_store(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let config = flags.load()?;
    let moved = crate::migrate_store::migrate_store(&config).await?;
    for (table, digest) in &moved.tables {
        say(&format!("{table}: {digest}"));
    }
    say(if moved.before {
        "PostgreSQL held exactly this already."
    } else {
        "Moved to PostgreSQL, read back, and the same as in SQLite."
    });
    if moved.blobs_missing > 0 && config.blob_store.is_set() {
        say(&format!(
            "{} attachments are not in the bucket: siegel-server migrate-blobs carries them there",
            moved.blobs_missing
        ));
    } else if moved.blobs_missing > 0 {
        say(&format!(
            "{} attachments are not in {}: copy the folder `blobs` of the data directory there \
             before a relay starts",
            moved.blobs_missing,
            config.blobs().display()
        ));
    }
    say("The file siegel.db is as it was. Start the relay; move the file away when it runs.");
    Ok(ExitCode::SUCCESS)
}

async fn migrate_blobs(flags: &Flags, take_over: bool) -> Result<ExitCode, Box<dyn Error>> {
    let config = flags.load()?;
    let carried = crate::migrate_blobs::migrate_blobs(&config, take_over).await?;
    say(&format!(
        "{} attachments were carried into the bucket, read back, and are as they were; {} were \
         there already.",
        carried.carried, carried.before
    ));
    if carried.missing > 0 {
        say(&format!(
            "{} attachments are neither there nor, whole and undamaged, in {}: look for another \
             copy of that folder and run this again, or start without them.",
            carried.missing,
            config.blobs().display()
        ));
        return Ok(ExitCode::FAILURE);
    }
    say("Start the relay. The folder is as it was; delete it when you no longer need it.");
    Ok(ExitCode::SUCCESS)
}

fn failed(error: &(dyn Error + 'static)) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    #[expect(clippy::print_stderr, reason = "the operator reads it here")]
    {
        eprintln!("siegel-server: {text}");
    }
    ExitCode::FAILURE
}

#[expect(clippy::print_stdout, reason = "the operator reads it here")]
fn say(text: &str) {
    println!("{text}");
}
