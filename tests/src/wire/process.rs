//! A relay in a process of its own, to be measured, frozen or killed.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use siegel_proto::organisation::SetUpToken;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;

use super::{Connection, Error};

/// What is started: the relay's own program, or one that becomes it after a few words.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// What comes before the relay's own arguments.
    pub words: Vec<OsString>,
    /// Variables, the relay's settings among them.
    pub variables: Vec<(OsString, OsString)>,
}

impl Program {
    /// A program that takes the relay's arguments.
    pub fn new(path: &Path, words: &[&str]) -> Self {
        Self {
            path: path.to_path_buf(),
            words: words.iter().map(OsString::from).collect(),
            variables: Vec::new(),
        }
    }

    /// The same with a variable; a setting is `SIEGEL_LIMITS__SEAT__BURST`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The same on one core only.
    #[must_use]
    pub fn on_core(self, core: usize) -> Self {
        let mut words = vec!["-c".into(), core.to_string().into(), self.path.into()];
        words.extend(self.words);
        Self {
            path: "taskset".into(),
            words,
            variables: self.variables,
        }
    }
}

/// Becomes `siegel-server` with these arguments: the same code from its first line on. A
/// program of this package is always as new as the relay it links, which another package's
/// program in the target folder need not be.
pub fn become_relay(arguments: &[OsString]) -> ExitCode {
    let name = OsString::from("siegel-server");
    siegel_server::command::main(std::iter::once(name).chain(arguments.iter().cloned()))
}

/// A running relay. It is killed if it is dropped.
pub struct RelayProcess {
    child: Child,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
    ready_after: Duration,
}

impl RelayProcess {
    /// Starts a relay on this data, on a free port, and waits until it has said hello to a
    /// connection.
    ///
    /// # Errors
    /// It ended instead, or never answered.
    pub async fn start(program: &Program, data: &Path) -> Result<Self, Error> {
        Self::start_with(program, data, None).await
    }

    /// The same for a relay that serves TLS.
    ///
    /// # Errors
    /// As [`Self::start`]; or its certificate is not trusted.
    pub async fn start_with(
        program: &Program,
        data: &Path,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, Error> {
        let started = Instant::now();
        let mut child = Command::new(&program.path)
            .args(&program.words)
            .args(["run", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .envs(program.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::Process)?;
        let output = child.stdout.take().map(BufReader::new);
        let mut output = output.ok_or_else(|| Error::Greeting(String::new()))?;
        let line = next_line(&mut output).await?;
        let address = listening(&line).ok_or(Error::Greeting(line))?;
        drop(match tls {
            Some(tls) => Connection::open_tls(address, tls.clone()).await?,
            None => Connection::open(address).await?,
        });
        Ok(Self {
            child,
            output,
            address,
            ready_after: started.elapsed(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From its start to the first hello.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        // It is known until the end was waited for, which consumes the relay.
        self.child.id().unwrap_or_default()
    }

    /// A connection.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub async fn connect(&self) -> Result<Connection, Error> {
        Connection::open(self.address).await
    }

    /// The token a relay prints that nobody has set up. Ask once.
    ///
    /// # Errors
    /// [`Error::Greeting`] if it prints something else.
    pub async fn set_up_token(&mut self) -> Result<SetUpToken, Error> {
        next_line(&mut self.output).await?;
        let link = next_line(&mut self.output).await?;
        let payload = link
            .trim()
            .split_once("#setup.")
            .map(|(_, payload)| payload);
        payload
            .and_then(|payload| {
                (data_encoding::BASE64URL_NOPAD)
                    .decode(payload.as_bytes())
                    .ok()
            })
            .and_then(|token| SetUpToken::from_slice(&token).ok())
            .ok_or(Error::Greeting(link))
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// It has ended already.
    pub fn signal(&self, signal: Signal) -> Result<(), Error> {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        let id = id.ok_or_else(|| Error::Gone("the relay has ended".into()))?;
        kill_process(id, signal).map_err(|error| Error::Process(error.into()))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// The system does not tell.
    pub async fn ended(mut self) -> Result<ExitStatus, Error> {
        self.child.wait().await.map_err(Error::Process)
    }
}

async fn next_line(output: &mut BufReader<ChildStdout>) -> Result<String, Error> {
    let mut line = String::new();
    output.read_line(&mut line).await.map_err(Error::Process)?;
    Ok(line)
}

/// Reads `Siegel relay at … (listening on 127.0.0.1:8460)`.
fn listening(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listening on ")?;
    rest.trim().trim_end_matches(')').parse().ok()
}
