//! Several relays on one PostgreSQL database. Each tells the others what it has written,
//! and looks by itself now and then in case that was lost: a wake-up says only where to
//! look, what is delivered comes from the database alone.

mod nats;
mod notify;
mod signal;
mod way;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::hub::Hub;
use crate::state::stopped;
use crate::store::{Job, Reads, Store, Unsaid, Wake, last_numbers};
use signal::Signal;

pub use nats::{NatsError, address, reach};
pub use way::Way;

/// How often a relay looks for what it was not woken for.
const LOOK: Duration = Duration::from_secs(5);
/// How often while wake-ups do not get through.
const LOOK_IN_DOUBT: Duration = Duration::from_millis(500);
/// How long after a failure wake-ups are tried again.
const PAUSE: Duration = Duration::from_millis(250);
/// Signals that wait to be looked at.
const QUEUE: usize = 1_024;

/// Drawn by each relay at its start: tells own signals from others'.
pub type NodeId = [u8; 16];

/// This relay among the others.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name among them.
    pub id: NodeId,
    /// The data.
    pub store: Store,
    /// The connections that read them.
    pub reads: Reads,
    /// Who is attached here.
    pub hub: Arc<Hub>,
    /// Whether wake-ups get through, as far as is known.
    in_doubt: Arc<AtomicBool>,
}

/// What arrives on the way between relays.
enum Heard {
    /// A signal, not checked.
    Signal(Bytes),
    /// Something may have been missed.
    Gap,
}

impl Node {
    /// A relay that has not said or heard anything.
    pub fn new(id: NodeId, store: Store, reads: Reads, hub: Arc<Hub>) -> Self {
        Self {
            id,
            store,
            reads,
            hub,
            in_doubt: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Wakes and is woken until the writer has ended, and says what it wrote last.
    pub async fn run(self, way: Way, mut ended: watch::Receiver<bool>) {
        let (heard, hearing) = mpsc::channel(QUEUE);
        tokio::select! {
            () = stopped(&mut ended) => {}
            () = self.say(&way) => {}
            () = way.hear(&self, heard) => {}
            () = self.mind(hearing) => {}
        }
        if let Some(unsaid) = self.store.shared().wakes().rest() {
            self.send(&way, unsaid).await;
        }
    }

    /// Tells the others what this relay has written, as fast as the way takes it: what
    /// comes meanwhile goes together.
    async fn say(&self, way: &Way) {
        loop {
            let unsaid = self.store.shared().wakes().take().await;
            if !self.send(way, unsaid).await {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn send(&self, way: &Way, unsaid: Unsaid) -> bool {
        for signal in Signal::all(self.id, unsaid) {
            if !way.send(&signal).await {
                // Not repeated: the others look by themselves.
                tracing::warn!(code = "wake_up_not_sent");
                return false;
            }
        }
        true
    }

    /// Acts on what was heard, and looks when it is time.
    async fn mind(&self, mut hearing: mpsc::Receiver<Heard>) {
        let mut look_at = Instant::now() + LOOK;
        loop {
            let heard = tokio::time::timeout_at(look_at, hearing.recv()).await;
            match heard {
                Ok(Some(Heard::Signal(bytes))) => self.heed(bytes).await,
                Ok(Some(Heard::Gap)) | Err(_) => {
                    self.look().await;
                    let every = if self.doubts() { LOOK_IN_DOUBT } else { LOOK };
                    look_at = Instant::now() + every;
                }
                Ok(None) => return,
            }
        }
    }

    async fn heed(&self, bytes: Bytes) {
        let Some(signal) = Signal::parse(bytes) else {
            tracing::warn!(code = "wake_up_malformed");
            return;
        };
        if signal.is_from(self.id) {
            return;
        }
        let organisation = signal.organisation;
        let wake = Job::Wake(Box::new(signal.into_wake()));
        if self.store.submit(wake).await.is_err() {
            return;
        }
        if organisation && self.store.hear().await.is_err() {
            // Looked for again before long.
            tracing::warn!(code = "news_unread");
        }
    }

    /// Looks for everything this relay could have been woken for.
    async fn look(&self) {
        let rooms = self.hub.rooms_attached();
        let found = last_numbers(&self.reads, &rooms).await;
        let (Ok(moved), Ok(())) = (found, self.store.hear().await) else {
            tracing::warn!(code = "look_failed");
            self.in_doubt.store(true, Ordering::Relaxed);
            return;
        };
        let wake = Wake {
            moved,
            taken: Vec::new(),
        };
        if self.store.submit(Job::Wake(Box::new(wake))).await.is_err() {
            tracing::debug!(code = "stopping");
        }
        if self.store.lost_its_safety().await {
            tracing::error!(code = "database_unsafe");
        }
    }

    fn doubts(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed)
    }

    fn is_in_doubt(&self, in_doubt: bool) {
        if self.in_doubt.swap(in_doubt, Ordering::Relaxed) != in_doubt {
            if in_doubt {
                tracing::warn!(code = "wake_ups_lost");
            } else {
                tracing::info!(code = "wake_ups_heard");
            }
        }
    }
}
