//! A server that ends with the test program that started it, however that went: a shell holds
//! it, whose standard input closes then.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

/// The shell that holds it.
pub struct Keeper(Child);

impl Keeper {
    /// Runs the script in this shell. It starts the server, says `ready`, waits until its
    /// input ends, and ends the server; a server that is not installed it says nothing of.
    pub fn start(shell: &mut Command, script: &str, words: &[&str], server: &str) -> Self {
        // A signal to the whole group ends the script's reading, not the tidying after it.
        let script = format!("trap : HUP INT TERM\nPATH=\"$PATH:/usr/sbin\"\n{script}");
        let mut child = shell
            .args(["-c", &script, "keeper"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut said = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        output.read_line(&mut said).expect("reads");
        if said != "ready\n" {
            output.read_to_string(&mut said).expect("reads");
            panic!(
                "{server} does not start: `cargo xtask test` installs what the tests need\n{said}"
            );
        }
        Self(child)
    }
}

/// The server is gone afterwards.
impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().expect("gone");
    }
}
