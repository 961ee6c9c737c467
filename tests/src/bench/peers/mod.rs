//! Servers of other makers, as Debian packages them, under the load of
//! [`pairs`].
//!
//! Each is set to keep every message before it passes it on, as far as it can be; what it then
//! promises stands in `docs/performance.md`. The drivers speak just as much of each protocol
//! as the load needs, so that no library's cost is in the figures.

mod jetstream;
mod mqtt;
mod xmpp;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::load::{Sent, Traffic};
use super::meter::Reading;
use super::pairs::{self, IN_FLIGHT, PAIRS};
use super::{Counter, Error, Figure, subject};

/// The domain of the XMPP servers.
const DOMAIN: &str = "bench.invalid";
/// Bytes of a message, as an entry has.
const BYTES: usize = 1024;
/// The Erlang machine takes its time.
const LONGEST_START: Duration = Duration::from_secs(60);

/// A server that can be measured beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// XMPP; its archive in SQLite.
    Ejabberd,
    /// XMPP; its archive in SQLite.
    Prosody,
    /// MQTT with QoS 1 and kept sessions.
    Mosquitto,
    /// NATS with a stream in files.
    JetStream,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Ejabberd,
        Self::Prosody,
        Self::Mosquitto,
        Self::JetStream,
    ];

    /// Its name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ejabberd => "ejabberd",
            Self::Prosody => "prosody",
            Self::Mosquitto => "mosquitto",
            Self::JetStream => "jetstream",
        }
    }

    /// Debian's packages of it.
    fn packages(self) -> &'static str {
        match self {
            Self::Ejabberd => "ejabberd erlang-p1-sqlite3",
            Self::Prosody => "prosody lua-dbi-sqlite3",
            Self::Mosquitto => "mosquitto",
            Self::JetStream => "nats-server",
        }
    }

    /// The command that runs it on this port with everything in this folder.
    fn command(self, folder: &Path, port: u16) -> io::Result<Command> {
        let data = folder.join("data");
        std::fs::create_dir(&data)?;
        // Two of them tell the syntax by the file's name.
        let (name, template, program) = match self {
            Self::Ejabberd => ("ejabberd.yml", include_str!("ejabberd.yml"), "erl"),
            Self::Prosody => {
                let template = include_str!("prosody.cfg.lua");
                ("prosody.cfg.lua", template, "prosody")
            }
            Self::Mosquitto => {
                let template = include_str!("mosquitto.conf");
                ("mosquitto.conf", template, "mosquitto")
            }
            Self::JetStream => {
                let template = include_str!("jetstream.conf");
                ("jetstream.conf", template, "nats-server")
            }
        };
        let settings = folder.join(name);
        let text = template
            .replace("PORT", &port.to_string())
            .replace("FOLDER", &data.to_string_lossy())
            .replace("DOMAIN", DOMAIN);
        std::fs::write(&settings, text)?;
        let mut command = Command::new("taskset");
        command
            .args(["-c", &subject::RELAY_CORE.to_string(), program])
            .current_dir(folder);
        match self {
            // Debian's own script gives up the privileges that root needs in this folder.
            Self::Ejabberd => command
                .args(["-noinput", "-mnesia", "dir"])
                .arg(format!("\"{}\"", data.display()))
                .args(["-s", "ejabberd"])
                .env("ERL_LIBS", "/usr/lib/x86_64-linux-gnu")
                .env("HOME", folder)
                .env("EJABBERD_CONFIG_PATH", &settings)
                .env("EJABBERD_LOG_PATH", folder.join("log")),
            Self::Prosody => command.args(["-F", "--config"]).arg(&settings),
            Self::Mosquitto | Self::JetStream => command.arg("-c").arg(&settings),
        };
        Ok(command)
    }

    /// Starts it and waits until it takes connections.
    async fn start(self, counter: &Counter) -> Result<Running, Error> {
        let folder = TempDir::new()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let process = self
            .command(folder.path(), port)?
            .env("LD_PRELOAD", counter.library())
            .env("BENCH_FLUSHES", counter.reset()?)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut running = Running {
            process,
            address,
            _folder: folder,
        };
        let latest = Instant::now() + LONGEST_START;
        while TcpStream::connect(address).await.is_err() {
            let ended = running.process.try_wait()?.is_some();
            if ended || Instant::now() > latest {
                return Err(Error::Peer {
                    name: self.name(),
                    packages: self.packages(),
                });
            }
            tokio::task::yield_now().await;
        }
        Ok(running)
    }

    /// Measures what [`pairs::closed`] measures.
    ///
    /// # Errors
    /// It is not installed, or could not be spoken to.
    pub async fn measure(self, counter: &Counter, seconds: u64) -> Result<Vec<Figure>, Error> {
        let running = self.start(counter).await?;
        if self == Self::JetStream {
            jetstream::make_stream(running.address).await?;
        }
        let traffic = Rc::new(Traffic::default());
        let mut workers = JoinSet::new();
        for number in 0..PAIRS {
            let pair = Rc::new(Pair::new(traffic.clone()));
            match self {
                Self::Ejabberd | Self::Prosody => {
                    xmpp::start(&mut workers, running.address, pair).await?;
                }
                Self::Mosquitto => {
                    mqtt::start(&mut workers, running.address, number, pair).await?;
                }
                Self::JetStream => {
                    jetstream::start(&mut workers, running.address, number, pair).await?;
                }
            }
        }
        let id = running.process.id().unwrap_or_default();
        let read = || match self {
            Self::JetStream => Ok(Reading::without_syncs(id)?),
            Self::Ejabberd | Self::Prosody | Self::Mosquitto => Ok(Reading::of(id, counter)?),
        };
        pairs::observe(&mut workers, &traffic, seconds, read).await
    }
}

/// A peer's process; killed when dropped.
struct Running {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

/// What the two of a pair know of each other.
struct Pair {
    open: Semaphore,
    sent: Sent,
    traffic: Rc<Traffic>,
}

impl Pair {
    fn new(traffic: Rc<Traffic>) -> Self {
        Self {
            open: Semaphore::new(IN_FLIGHT as usize),
            sent: Sent::default(),
            traffic,
        }
    }

    /// Waits until one more message may be open, and counts it as sent.
    async fn may_send(&self) {
        if let Ok(permit) = self.open.acquire().await {
            permit.forget();
        }
        self.sent.borrow_mut().push_back(Instant::now());
    }

    /// The server answered for a message, or its arrival was the answer.
    fn answered(&self) {
        self.open.add_permits(1);
    }

    /// The oldest message on its way arrived.
    fn arrived(&self) {
        self.traffic.arrived(&self.sent);
    }
}

/// What is written: nothing that a protocol would have to escape.
fn payload() -> String {
    "0123456789abcdef".repeat(BYTES / 16)
}
