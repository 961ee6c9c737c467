//! What every request can reach.

use std::sync::Arc;

use siegel_proto::Refusal;
use siegel_proto::ids::{Generation, PersonId, SeatHash};
use tokio::sync::Semaphore;
use tokio::sync::watch;

use crate::backlog::Backlog;
use crate::blobs::Blobs;
use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::hub::Hub;
use crate::rate::Buckets;
use crate::source::{Connections, Source};
use crate::store::Store;
use crate::tls::Transport;
use crate::web_files::WebFiles;

/// Shared by all tasks; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Inner>);

/// See [`AppState`].
#[derive(Debug)]
pub struct Inner {
    /// What the operator set.
    pub config: Config,
    /// The data.
    pub store: Store,
    /// Who is attached.
    pub hub: Arc<Hub>,
    /// Reads for those who are behind.
    pub backlog: Backlog,
    /// Attachments' bytes.
    pub blobs: Blobs,
    /// The time of day.
    pub clock: Clock,
    /// Random bytes.
    pub entropy: Entropy,
    /// This life of the data.
    pub generation: Generation,
    /// How people's connections are protected.
    pub transport: Transport,
    /// The app for the browser.
    pub web: WebFiles,
    /// Scheme, host and port people use.
    pub origin: String,
    /// How often one caller may ask.
    pub limits: CallerLimits,
    /// Connections, counted.
    pub connections: Arc<Connections>,
    /// Kibibytes of payload that may still wait to be stored.
    pub queued: Arc<Semaphore>,
    /// True once the relay is to stop.
    pub stopping: watch::Sender<bool>,
}

/// How often one caller may ask.
#[derive(Debug)]
pub struct CallerLimits {
    /// Entries per seat.
    pub seats: Buckets<SeatHash>,
    /// Requests per staff account.
    pub accounts: Buckets<PersonId>,
    /// Requests per source that proved nothing.
    pub sources: Buckets<Source>,
    /// Claims of key packages per staff account.
    pub claims: Buckets<PersonId>,
    /// The same of one colleague's: by whom, and whose.
    pub claims_of_one: Buckets<(PersonId, PersonId)>,
}

/// Waits until the relay is to stop.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A relay whose state is gone has stopped.
    drop(stopping.wait_for(|stop| *stop).await);
}

impl AppState {
    /// Shares the parts.
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Counts a request of somebody who proved nothing.
    ///
    /// # Errors
    /// Rate limited.
    pub fn count_source(&self, source: Source) -> Result<(), Refusal> {
        self.limits.sources.take(source, 1)
    }
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
