//! A relay of its own for every story, and people who type commands.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use siegel_server::Relay;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;

/// How long a command may wait on a machine that stands still now and then.
const PATIENCE_SECONDS: &str = "300";

/// A relay and a directory for everything of one story.
pub struct World {
    pub relay: Relay,
    pub directory: tempfile::TempDir,
}

/// Somebody with a profile of their own.
pub struct Person {
    pub home: PathBuf,
    pub passphrase: PathBuf,
}

/// What a command ended with.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A relay with other settings.
    pub async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(&directory.path().join("relay"), own_loopback());
        set(&mut config);
        Self {
            relay: relay(config).await,
            directory,
        }
    }

    /// Stops the relay and starts it again on the same data and address.
    pub async fn restart_after(self, meanwhile: impl FnOnce()) -> Self {
        let address = self.relay.address();
        self.relay.stop().await;
        meanwhile();
        let relay = relay(config(&self.directory.path().join("relay"), address)).await;
        Self {
            relay,
            directory: self.directory,
        }
    }

    pub fn person(&self, name: &str) -> Person {
        let home = self.directory.path().join("people").join(name);
        std::fs::create_dir_all(&home).unwrap();
        let passphrase = home.join("passphrase");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&passphrase)
            .unwrap();
        writeln!(file, "canary-passphrase of {name}").unwrap();
        Person { home, passphrase }
    }

    /// Anna, who made the organisation.
    pub fn anna(&self) -> Person {
        let anna = self.person("anna");
        let link = self.relay.set_up_link().unwrap();
        anna.json(&["setup", &link, "--name", "Anna Berger"]);
        anna
    }

    /// A colleague Anna invited.
    pub fn colleague(&self, anna: &Person, name: &str) -> Person {
        let link = text(&anna.json(&["invite", "staff", name]), "link");
        let colleague = self.person(name);
        colleague.json(&["join", &link, "--name", name]);
        colleague
    }
}

/// An address of this machine that is nobody else's, with any port: a relay that stops and
/// comes back finds it free, whoever listens elsewhere.
fn own_loopback() -> SocketAddr {
    static WORLDS: AtomicU32 = AtomicU32::new(0);
    let world = WORLDS.fetch_add(1, Ordering::Relaxed);
    let number = std::process::id().wrapping_mul(64).wrapping_add(world);
    let [_, second, third, fourth] = number.to_be_bytes();
    // 127.0 is for everybody, and 127.255 has an address for all at once.
    ([127, second.clamp(1, 254), third, fourth], 0).into()
}

fn config(data: &Path, listen: SocketAddr) -> Config {
    Config {
        data_dir: data.to_owned(),
        listen: listen.into(),
        ..Config::default()
    }
}

async fn relay(config: Config) -> Relay {
    Relay::start(config, Clock::system(), Entropy::system())
        .await
        .unwrap()
}

impl Person {
    /// The command with this person's environment and nobody else's, and with patience
    /// unless it names its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siegel"));
        command
            .env_clear()
            .env("SIEGEL_HOME", self.home.join("siegel"))
            .env("SIEGEL_PASSPHRASE_FILE", &self.passphrase)
            .env("LANG", "C")
            .args(arguments);
        if !arguments.contains(&"--timeout") {
            command.args(["--timeout", PATIENCE_SECONDS]);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(
            self.command(arguments)
                .stdin(Stdio::null())
                .output()
                .unwrap(),
        )
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }

    /// Runs a command that must succeed and print one JSON document.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = self.json_lines(arguments);
        assert_eq!(all.len(), 1, "{arguments:?} printed {all:?}");
        all.remove(0)
    }

    /// Runs a command that must succeed and print JSON lines.
    pub fn json_lines(&self, arguments: &[&str]) -> Vec<Value> {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.out, ran.err);
        ran.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The texts in a room, oldest first.
    pub fn texts(&self, room: &str) -> Vec<String> {
        let lines = self.json_lines(&["read", room]);
        lines
            .iter()
            .filter(|line| line["kind"] == "text")
            .map(|line| text(line, "text"))
            .collect()
    }

    /// Runs a command that must fail with this exit code, and returns what it complained.
    pub fn refused(&self, arguments: &[&str], code: i32) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(!ran.err.is_empty(), "a refusal says why");
        ran.err
    }

    /// Every file of the profile, and every directory.
    pub fn files(&self) -> Vec<(PathBuf, u32)> {
        let mut found = Vec::new();
        let mut open = vec![self.home.join("siegel")];
        while let Some(path) = open.pop() {
            let metadata = path.metadata().unwrap();
            found.push((path.clone(), metadata.permissions().mode() & 0o777));
            if metadata.is_dir() {
                open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        found
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A text field of a document.
pub fn text(document: &Value, field: &str) -> String {
    document[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {document}"))
        .to_owned()
}
