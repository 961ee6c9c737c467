//! A running relay.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use siegel_proto::Refusal;
use siegel_proto::ids::{Generation, TokenHash};
use siegel_proto::limits::{
    CLAIMS_AT_ONCE, CLAIMS_OF_ONE_AT_ONCE, CLAIMS_OF_ONE_PER_HOUR, CLAIMS_PER_HOUR,
};
use siegel_proto::organisation::SetUpToken;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::backlog::Backlog;
use crate::blobs::fault::Fault;
use crate::blobs::{self, BlobError, Blobs};
use crate::clock::{Clock, Entropy, NoEntropy};
use crate::config::{Config, ConfigError};
use crate::hub::Hub;
use crate::listen::{Listen, ListenError};
use crate::metrics::{self, Served};
use crate::nodes::{NatsError, Node, Way};
use crate::rate::{Buckets, Pace};
use crate::source::Connections;
use crate::state::{AppState, CallerLimits, Inner};
use crate::store::{self, OpenError, Settings, Store, StoreError};
use crate::tls::{TlsError, Transport};
use crate::web_files::WebFiles;
use crate::{accept, retention, routes};

/// A relay in this process. Dropping it does not stop it; [`Relay::stop`] does.
#[derive(Debug)]
pub struct Relay {
    listen: Listen,
    metrics: Option<Served>,
    state: AppState,
    set_up: Option<SetUpToken>,
    accepting: JoinHandle<()>,
    sweeping: JoinHandle<()>,
    writing: JoinHandle<()>,
    waking: Option<JoinHandle<()>>,
    looking: Option<JoinHandle<()>>,
    renewing: Option<JoinHandle<()>>,
    written: watch::Sender<bool>,
    _lock: std::fs::File,
}

/// The relay could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Wrong settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory cannot be used.
    #[error("could not use the data directory {path}")]
    DataDir {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another relay runs on the same data.
    #[error("another process uses the data directory {0}: stop it first")]
    InUse(PathBuf),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The data lie in a file that the settings no longer use.
    #[error(
        "the PostgreSQL database is empty, and {0} holds a relay's data: move them over with \
         `siegel-server migrate-store`; or, to begin anew without them, move that file away. \
         Then start again"
    )]
    NotMoved(PathBuf),
    /// The database, after it was opened.
    #[error("could not read the database")]
    Store(#[from] StoreError),
    /// Nothing can be stored.
    #[error("could not write to the database")]
    Write(#[from] Refusal),
    /// The way to other relays.
    #[error(transparent)]
    Broker(#[from] NatsError),
    /// The bucket of the attachments.
    #[error(transparent)]
    Bucket(#[from] Fault),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsErrorSource),
    /// The port is taken or not allowed, or the socket cannot be made.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The operator's port is taken.
    #[error("could not listen on {address}: choose another `metrics.listen`")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be served")]
pub struct TlsErrorSource(#[source] TlsError);

impl Relay {
    /// Opens the data, listens and serves, with the web app it was built with.
    ///
    /// # Errors
    /// [`StartError`] says what to do; nothing runs then.
    pub async fn start(config: Config, clock: Clock, entropy: Entropy) -> Result<Self, StartError> {
        Self::start_with(config, clock, entropy, WebFiles::built_in()).await
    }

    /// The same with this build of the web app.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        config: Config,
        clock: Clock,
        entropy: Entropy,
        web: WebFiles,
    ) -> Result<Self, StartError> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(ConfigError(problems).into());
        }
        let (transport, tls) = Transport::open(&config).map_err(TlsErrorSource)?;
        let lock = take_data_dir(&config.data_dir)?;
        let listener = config.listen.bind().await?;
        let listen = listener.bound().unwrap_or_else(|_| config.listen.clone());

        let opened = store::open(&config).await?;
        let hub = Arc::new(Hub::default());
        let settings = Settings {
            clock: clock.clone(),
            ballast_bytes: config.limits.ballast_bytes,
        };
        let reads = opened.reads();
        let server = opened.server();
        let backlog = Backlog::new(hub.clone(), reads.clone());
        let (store, writing) = (Store::start(opened, hub.clone(), settings, &config.data_dir)
            .await)
            .map_err(not_ours)?;
        refuse_to_leave_behind(&config, &store).await?;
        let token = SetUpToken::new(entropy.draw()?);
        let open = store
            .begin_life(
                Generation::new(entropy.draw()?),
                TokenHash::of(token.as_bytes()),
            )
            .await?;
        let generation = store.organisation().await?.generation;
        let blobs = open_blobs(&config, generation).await?;
        let limits = &config.limits;
        let state = AppState::new(Inner {
            web,
            origin: config.origin(&listen),
            connections: Connections::new(limits.connections, limits.connections_per_source),
            limits: CallerLimits {
                seats: Buckets::new(limits.seat),
                accounts: Buckets::new(limits.account),
                sources: Buckets::new(limits.source),
                claims: Buckets::new(Pace::hourly(CLAIMS_PER_HOUR, CLAIMS_AT_ONCE)),
                claims_of_one: Buckets::new(Pace::hourly(
                    CLAIMS_OF_ONE_PER_HOUR,
                    CLAIMS_OF_ONE_AT_ONCE,
                )),
            },
            queued: Arc::new(Semaphore::new(limits.queued_bytes as usize / 1024)),
            stopping: watch::Sender::new(false),
            config,
            store,
            hub,
            backlog,
            blobs,
            clock,
            entropy,
            generation,
            transport,
        });
        let metrics = metrics::serve(state.config.metrics.listen, state.clone())
            .await
            .map_err(|(address, source)| StartError::Metrics { address, source })?;
        let written = watch::Sender::new(false);
        let waking = match server {
            Some(server) => {
                let (id, store) = (state.entropy.draw()?, state.store.clone());
                let node = Node::new(id, store, reads, state.hub.clone());
                let way = Way::new(&state.config.nats, &server, generation).await?;
                Some(tokio::spawn(node.run(way, written.subscribe())))
            }
            None => None,
        };
        let looking = state.blobs.bucket().map(|bucket| {
            let (bucket, stopping) = (bucket.clone(), state.stopping.subscribe());
            tokio::spawn(blobs::watch(bucket, stopping))
        });
        let accepting = tokio::spawn(accept::serve(
            listener,
            tls,
            routes::app(state.clone()),
            state.connections.clone(),
            state.hub.counts().clone(),
            state.stopping.subscribe(),
        ));
        let renewing = match &state.transport {
            Transport::Ordered(renewal) => {
                let (clock, stopping) = (state.clock.clone(), state.stopping.subscribe());
                Some(tokio::spawn(renewal.clone().run(clock, stopping)))
            }
            Transport::Plain | Transport::Files(_) => None,
        };
        let sweeping = tokio::spawn(retention::run(state.clone()));
        Ok(Self {
            listen,
            metrics,
            set_up: open.then_some(token),
            state,
            accepting,
            sweeping,
            writing,
            waking,
            looking,
            renewing,
            written,
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn listens_on(&self) -> &Listen {
        &self.listen
    }

    /// The TCP address it listens on; of a relay on a Unix socket the unspecified one, which
    /// nobody can connect to.
    pub fn address(&self) -> SocketAddr {
        match self.listen {
            Listen::Tcp(address) => address,
            Listen::Unix(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        }
    }

    /// Where the operator's numbers are served, if they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|served| served.address)
    }

    /// How people reach it: scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.state.origin
    }

    /// The token of this start, until the organisation was set up before it.
    pub fn set_up_token(&self) -> Option<&SetUpToken> {
        self.set_up.as_ref()
    }

    /// The link that sets the organisation up.
    pub fn set_up_link(&self) -> Option<String> {
        let token = self.set_up.as_ref()?;
        let payload = data_encoding::BASE64URL_NOPAD.encode(token.as_bytes());
        Some(format!("{}/#setup.{payload}", self.state.origin))
    }

    /// What it works with; for tests and measurements.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Deletes what has expired, now. The number of rows that went.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn sweep(&self) -> Result<u64, Refusal> {
        retention::sweep(&self.state).await
    }

    /// Ends when storing has failed for good and the process must stop.
    pub async fn failed(&self) {
        let mut failed = self.state.store.failed();
        if failed.wait_for(|failed| *failed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Stops: no new connections, what is queued is stored, sockets close, the log is
    /// checkpointed.
    pub async fn stop(self) {
        self.state.stopping.send_replace(true);
        ended(self.accepting, "accept").await;
        if let Some(served) = self.metrics {
            ended(served.serving, "metrics").await;
        }
        ended(self.sweeping, "retention").await;
        if let Some(looking) = self.looking {
            ended(looking, "blobs").await;
        }
        if let Some(renewing) = self.renewing {
            ended(renewing, "certificate").await;
        }
        self.state.store.stop().await;
        ended(self.writing, "writer").await;
        self.written.send_replace(true);
        if let Some(waking) = self.waking {
            ended(waking, "nodes").await;
        }
    }
}

/// A bucket that is away may come back, and messages go on without it; one that does not let
/// the relay in is a mistake somebody must see now.
async fn open_blobs(config: &Config, generation: Generation) -> Result<Blobs, StartError> {
    let blobs = match Blobs::open(config, generation).await {
        Ok(blobs) => blobs,
        Err(BlobError::Store(fault)) => return Err(fault.into()),
        Err(BlobError::File(source)) => {
            let path = config.blobs();
            return Err(StartError::DataDir { path, source });
        }
    };
    if let Some(bucket) = blobs.bucket() {
        match bucket.look().await {
            Err(fault) if fault.is_lasting() => return Err(fault.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(blobs)
}

async fn ended(task: JoinHandle<()>, what: &'static str) {
    if task.await.is_err() {
        tracing::error!(code = "task_failed", task = what);
    }
}

/// Whoever forgot to move the file must not get a second, empty organisation.
async fn refuse_to_leave_behind(config: &Config, store: &Store) -> Result<(), StartError> {
    let file = config.data_dir.join(store::FILE);
    if config.is_shared() && file.is_file() && store.organisation().await?.root.is_none() {
        return Err(StartError::NotMoved(file));
    }
    Ok(())
}

/// What the root did not sign is damage, wherever it came from.
fn not_ours(error: StoreError) -> StartError {
    match error {
        StoreError::Sql(sqlx::Error::Decode(error)) => OpenError::Damaged(error.to_string()).into(),
        error => error.into(),
    }
}

/// Makes the data directory, for this user alone, and takes it as long as the file is open.
///
/// # Errors
/// It cannot be made, or another process has it.
pub fn take_data_dir(path: &std::path::Path) -> Result<std::fs::File, StartError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let failed = |source| StartError::DataDir {
        path: path.to_owned(),
        source,
    };
    (std::fs::DirBuilder::new().recursive(true).mode(0o700))
        .create(path)
        .map_err(failed)?;
    let lock = std::fs::File::create(path.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}
