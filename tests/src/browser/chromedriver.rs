//! The program between a test and its browser.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::PATIENCE;

/// Starts before it has failed.
const ATTEMPTS: usize = 5;

/// A running chromedriver on a port of its own; ends when dropped, and its browser with it.
pub struct Chromedriver {
    port: u16,
    child: Child,
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // A browser outlives a driver that is killed, and goes on working for nobody: a story
        // that fails would slow down all that follow. They are one process group.
        if let Some(group) = self.group() {
            // Gone already is as good.
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

impl Chromedriver {
    /// Starts one. Several that start at once may choose the same free port; the one that
    /// comes too late ends without a word and is started again.
    pub async fn start() -> Self {
        for _ in 0..ATTEMPTS {
            let attempt = tokio::time::timeout(PATIENCE, Self::attempt());
            if let Ok(Some(started)) = attempt.await {
                return started;
            }
        }
        panic!("chromedriver names no port in {ATTEMPTS} attempts");
    }

    async fn attempt() -> Option<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed (cargo xtask test does it)");
        let output = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(output).lines();
        let port = loop {
            let line = lines.next_line().await.expect("chromedriver speaks")?;
            // "ChromeDriver was started successfully on port 38471."
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').parse().expect("a port");
            }
        };
        // Somebody must read what it says, or it stops when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { port, child })
    }

    /// It and its browser; `None` once it has ended.
    pub fn group(&self) -> Option<Pid> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        id.and_then(Pid::from_raw)
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
