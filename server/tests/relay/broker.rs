//! A NATS broker of this program's own, on a port of loopback, with the configuration of
//! `deploy/nats.conf`.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use siegel_server::secret::Secret;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;

use crate::keeper::Keeper;
use crate::support::*;

const KEEPER: &str = r#"
command -v nats-server >/dev/null || exit 1
nats-server -a 127.0.0.1 -p "$1" -c "$2" >/dev/null 2>&1 &
echo ready
cat >/dev/null
kill -KILL $!
wait $! 2>/dev/null
"#;

const CONFIGURATION: &str = include_str!("../../../deploy/nats.conf");
const PASSWORD: &str = "password: \"canary@/:\"\n";

/// Brokers this program has started.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// One broker.
pub struct Broker {
    port: u16,
    keeper: Option<Keeper>,
    _folder: TempDir,
}

impl Broker {
    /// Starts one and waits until it speaks.
    pub async fn start() -> Self {
        // Below those the system gives out: whoever asks such a port of a broker that is
        // away may be given it, and be connected with itself.
        let first = 21_000 + u16::try_from(std::process::id() % 10_000).expect("small");
        let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = (first + next..32_000).find(free).expect("a free port");
        Self::on(port).await
    }

    async fn on(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (settings, secrets) = (
            folder.path().join("etc/nats"),
            folder.path().join("run/secrets"),
        );
        fs::create_dir_all(&settings).expect("a folder");
        fs::create_dir_all(&secrets).expect("a folder");
        let settings = settings.join("nats.conf");
        fs::write(&settings, CONFIGURATION).expect("a file");
        fs::write(secrets.join("broker-password"), PASSWORD).expect("a file");
        let words = [&*port.to_string(), &settings.to_string_lossy()];
        let keeper = Keeper::start(&mut Command::new("sh"), KEEPER, &words, "nats-server");
        let broker = Self {
            port,
            keeper: Some(keeper),
            _folder: folder,
        };
        let mut pace = Pace::begin();
        while !broker.speaks().await {
            pace.tick("the broker does not speak").await;
        }
        broker
    }

    /// The setting that names it.
    pub fn setting(&self) -> Secret {
        Secret::new(format!(
            "nats://relay:canary%40%2F%3A@127.0.0.1:{}",
            self.port
        ))
    }

    /// Kills it; it is gone afterwards.
    pub fn kill(&mut self) {
        self.keeper = None;
    }

    /// Another one where the killed one was.
    pub async fn start_again(&mut self) {
        *self = Self::on(self.port).await;
    }

    /// A broker speaks first.
    async fn speaks(&self) -> bool {
        let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await else {
            return false;
        };
        let mut said = String::new();
        let mut stream = BufReader::new(stream);
        let read = tokio::time::timeout(PATIENCE, stream.read_line(&mut said)).await;
        matches!(read, Ok(Ok(_))) && said.starts_with("INFO ")
    }
}
