//! A PostgreSQL for one relay, on the relay's core.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::subject::RELAY_CORE;
use super::{Counter, Error, meter};

/// PostgreSQL refuses to run as root. Its last word is the server itself.
const SCRIPT: &str = r#"
set -e
for bin in /usr/lib/postgresql/*/bin; do PATH="$bin:$PATH"; done
cd "$1"
if [ "$(id -u)" = 0 ]; then
    chown postgres .
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
$as initdb -D data -U relay -A trust -E UTF8 --locale=C --no-sync >/dev/null
export LD_PRELOAD="$2"
exec $as taskset -c "$3" postgres -D data -k "$1" -c listen_addresses= -c shared_buffers=256MB
"#;

/// Initialising takes seconds on a slow disk.
const LONGEST_START: Duration = Duration::from_secs(60);

/// A server with everything in a folder that goes with it.
pub struct Postgres {
    process: Child,
    folder: TempDir,
}

impl Postgres {
    /// Starts it and waits until it takes connections.
    ///
    /// # Errors
    /// It is not installed, or does not start.
    pub async fn start(counter: &Counter) -> Result<Self, Error> {
        let folder = TempDir::new()?;
        let process = Command::new("sh")
            .args(["-c", SCRIPT, "postgres"])
            .arg(folder.path())
            .arg(counter.library())
            .arg(RELAY_CORE.to_string())
            .env("BENCH_FLUSHES", counter.counts())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut postgres = Self { process, folder };
        let latest = Instant::now() + LONGEST_START;
        let said = postgres.folder.path().join("data/postmaster.pid");
        let is_ready = || fs::read_to_string(&said).is_ok_and(|said| said.contains("ready"));
        while !is_ready() {
            let ended = postgres.process.try_wait()?.is_some();
            if ended || Instant::now() > latest {
                return Err(Error::Peer {
                    name: "PostgreSQL",
                    packages: "postgresql",
                });
            }
            tokio::task::yield_now().await;
        }
        Ok(postgres)
    }

    /// The relay's setting.
    pub fn address(&self) -> String {
        let host = self.folder.path().to_string_lossy().replace('/', "%2F");
        format!("postgres://relay@{host}/postgres")
    }

    /// Time on the processor of all its processes.
    ///
    /// # Errors
    /// It has ended.
    pub fn cpu(&self) -> Result<Duration, Error> {
        let first = self.process.id().unwrap_or_default();
        Ok(meter::cpu(first)? + meter::children_cpu(first)?)
    }

    /// What its tables weigh, without the write-ahead log, which is made in advance.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn bytes(&self) -> Result<u64, Error> {
        Ok(weigh(&self.folder.path().join("data/base"))?)
    }
}

fn weigh(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        let file = file?;
        let about = file.metadata()?;
        bytes += if about.is_dir() {
            weigh(&file.path())?
        } else {
            about.len()
        };
    }
    Ok(bytes)
}
