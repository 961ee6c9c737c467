//! Real relays and real devices for stories about people.
//!
//! A [`World`] is one organisation: a relay in this process on a random port with its own
//! database, and [`Person`]s whose devices are the command line's driver with a vault on
//! disk. Nothing sleeps: whoever waits, waits for something to be so.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a story stops at the first broken promise"
)]

mod backup;
mod capture;
mod edition;
mod network;
mod newer_relay;
mod person;
mod slow_line;
mod world;

pub use backup::Backup;
pub use capture::Capture;
pub use network::{Network, Weather};
pub use newer_relay::NewerRelay;
pub use person::{PASSPHRASE, Person};
pub use slow_line::{SlowLine, Speed};
pub use world::{Guest, World, join};

use std::future::Future;
use std::pin::pin;
use std::sync::{PoisonError, RwLock};

use tokio::sync::watch;

use crate::PATIENCE;

/// Whom the processor belongs to: stories of one program, beside each other, or one alone.
static STAGE: RwLock<()> = RwLock::new(());

/// Runs a story on one thread, on which its devices live.
pub fn story(story: impl Future<Output = ()>) {
    let _beside_others = STAGE.read().unwrap_or_else(PoisonError::into_inner);
    play(story);
}

/// The same for one that measures, while no other of this program runs.
pub fn story_alone(story: impl Future<Output = ()>) {
    let _alone = STAGE.write().unwrap_or_else(PoisonError::into_inner);
    play(story);
}

fn play(story: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, story);
}

/// Waits, but not for ever; says what was waited for.
pub(crate) async fn patiently<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, wait).await {
        Ok(done) => done,
        Err(_) => panic!("waited in vain until {what}"),
    }
}

/// Waits for as long as it takes, if only something moves all the while.
pub(crate) async fn patiently_beside<T>(
    what: &str,
    mut moving: watch::Receiver<u64>,
    wait: impl Future<Output = T>,
) -> T {
    let mut wait = pin!(wait);
    loop {
        tokio::select! {
            biased;
            done = &mut wait => return done,
            moved = patiently(what, moving.changed()) => {
                if moved.is_err() {
                    // Nothing moves any more: what is left is short.
                    return patiently(what, wait).await;
                }
            }
        }
    }
}
