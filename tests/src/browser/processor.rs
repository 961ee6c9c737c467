//! A slow processor: the whole browser, its workers too, stands still most of the time.
//!
//! What the browser itself offers for this slows the page down and leaves the worker, in
//! which all of the cryptography runs, as quick as it is.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// So long it runs at a time.
const TURN: Duration = Duration::from_millis(4);

/// Slows a browser down until it is dropped.
pub struct SlowProcessor {
    over: Option<Sender<()>>,
    turns: Option<JoinHandle<()>>,
}

impl SlowProcessor {
    /// Lets a group of processes run for one part in so many.
    pub fn of(group: Pid, times: u32) -> Self {
        let (over, is_over) = mpsc::channel::<()>();
        let turns = std::thread::spawn(move || {
            let goes_on = |pause| is_over.recv_timeout(pause) == Err(RecvTimeoutError::Timeout);
            // A browser that is gone needs no more turns.
            let tell = |signal| kill_process_group(group, signal).is_ok();
            while tell(Signal::CONT) && goes_on(TURN) && tell(Signal::STOP) {
                if !goes_on(TURN * (times - 1)) {
                    break;
                }
            }
            tell(Signal::CONT);
        });
        Self {
            over: Some(over),
            turns: Some(turns),
        }
    }
}

impl Drop for SlowProcessor {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(turns) = self.turns.take() {
            turns.join().expect("the turns end");
        }
    }
}
