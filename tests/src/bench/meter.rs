//! What the system knows about a running relay.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use super::Error;

const SOURCE: &str = include_str!("../../bench/flushes.c");

/// Counts syncs and written bytes of a program it is loaded into.
pub struct Counter {
    folder: TempDir,
}

impl Counter {
    /// Compiles it.
    ///
    /// # Errors
    /// No C compiler.
    pub fn new() -> Result<Self, Error> {
        // A database's server runs as somebody else.
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let counter = Self { folder };
        let source = counter.folder.path().join("flushes.c");
        fs::write(&source, SOURCE)?;
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
            .arg(counter.library())
            .arg(&source)
            .arg("-ldl")
            .output()?;
        if output.status.success() {
            Ok(counter)
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::Compiler(said.into_owned()))
        }
    }

    /// What is loaded into the program.
    pub fn library(&self) -> PathBuf {
        self.folder.path().join("flushes.so")
    }

    /// Where the counts of one program stand, from 0.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn reset(&self) -> io::Result<PathBuf> {
        let counts = self.counts();
        fs::write(&counts, [0; 16])?;
        fs::set_permissions(&counts, Permissions::from_mode(0o666))?;
        Ok(counts)
    }

    /// Where they stand.
    pub fn counts(&self) -> PathBuf {
        self.folder.path().join("counts")
    }

    fn read(&self) -> io::Result<[u64; 2]> {
        let bytes = fs::read(self.counts())?;
        let number = |at: usize| {
            let bytes = bytes[at..].first_chunk().copied().unwrap_or_default();
            u64::from_ne_bytes(bytes)
        };
        Ok([number(0), number(8)])
    }
}

/// A relay's process at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    at: Instant,
    cpu: Duration,
    syncs: Option<u64>,
    database_cpu: Option<Duration>,
}

/// What a relay's process used between two moments.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// Time that passed.
    pub wall: Duration,
    /// Time on the processor, all threads, kernel included.
    pub cpu: Duration,
    /// Syncs it waited for, where they can be counted.
    pub syncs: Option<u64>,
    /// Time on the processor of a database that is a program of its own.
    pub database_cpu: Option<Duration>,
}

impl Used {
    /// Microseconds of the database for each of so many; not a number where it is the relay's.
    pub fn database_micros_per(self, entries: f64) -> f64 {
        (self.database_cpu).map_or(f64::NAN, |cpu| cpu.as_secs_f64() * 1e6 / entries)
    }

    /// Syncs for each of so many; not a number where they were not counted.
    pub fn syncs_per(self, entries: f64) -> f64 {
        self.syncs.map_or(f64::NAN, |syncs| syncs as f64 / entries)
    }
}

impl Reading {
    /// Reads the counters.
    ///
    /// # Errors
    /// The process has ended.
    pub fn of(process: u32, counter: &Counter) -> io::Result<Self> {
        let [syncs, _] = counter.read()?;
        Ok(Self {
            syncs: Some(syncs),
            ..Self::without_syncs(process)?
        })
    }

    /// Of a program that calls the kernel past the C library, where nothing can be counted.
    ///
    /// # Errors
    /// The process has ended.
    pub fn without_syncs(process: u32) -> io::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            cpu: cpu(process)?,
            syncs: None,
            database_cpu: None,
        })
    }

    /// The same with the time of a database.
    #[must_use]
    pub fn with_database(self, cpu: Duration) -> Self {
        Self {
            database_cpu: Some(cpu),
            ..self
        }
    }

    /// What was used since.
    pub fn until(self, later: Self) -> Used {
        Used {
            wall: later.at - self.at,
            cpu: later.cpu.saturating_sub(self.cpu),
            syncs: (later.syncs.zip(self.syncs)).map(|(later, syncs)| later.saturating_sub(syncs)),
            database_cpu: (later.database_cpu.zip(self.database_cpu))
                .map(|(later, cpu)| later.saturating_sub(cpu)),
        }
    }
}

/// Time on the processor in nanoseconds as the scheduler counts it: `/proc/…/stat` only has
/// hundredths of a second.
pub fn cpu(process: u32) -> io::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end while it is looked at.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
            continue;
        };
        let first = text
            .split(' ')
            .next()
            .and_then(|word| word.parse::<u64>().ok());
        nanos += first.unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos))
}

/// The same for the processes it has started and that still run.
pub fn children_cpu(process: u32) -> io::Result<Duration> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let children = children.split_whitespace().filter_map(|id| id.parse().ok());
    Ok(children.map(|child| cpu(child).unwrap_or_default()).sum())
}

/// Bytes of memory in use that are the process's own or files mapped by it.
pub fn resident(process: u32) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kibibytes
        .map(|kibibytes| kibibytes * 1024)
        .ok_or_else(|| io::Error::other("no VmRSS"))
}

/// Bytes of the database's files.
pub fn database_bytes(data: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for file in fs::read_dir(data)? {
        let file = file?;
        if file.file_name().to_string_lossy().contains(".db") {
            bytes += file.metadata()?.len();
        }
    }
    Ok(bytes)
}
