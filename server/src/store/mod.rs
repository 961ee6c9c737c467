//! What the relay keeps. One method, one transaction; handlers never see one.
//!
//! Every write goes through the one writer task, which commits in groups; reads have a
//! pool of their own. The data lie in a SQLite file or in a PostgreSQL database that
//! several relays may share. The SQL keeps to what both understand: numbered placeholders,
//! ON CONFLICT, RETURNING, integers for time, bytes for ids.

mod accounts;
mod batch;
mod blobs;
mod capsules;
mod db;
mod decide;
mod directory;
mod entries;
mod expiry;
mod failure;
mod job;
mod key_packages;
pub mod migrations;
mod news;
mod open;
pub mod organisation;
mod postgres;
mod rooms;
mod rows;
mod space;
mod sqlite;
pub mod upgrade;
mod wakes;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::future::BoxFuture;
use siegel_proto::{ErrorCode, Refusal};
use tokio::sync::{mpsc, oneshot, watch};

pub use accounts::Enrolled;
pub use blobs::{BlobRow, Inventory, inventory};
pub use db::{Db, Reads, Row};
pub use entries::{LogEntry, Page, entries_after, seat_ended};
pub use expiry::Expired;
pub use job::{AppendJob, AttachJob, Job, VoidJob, Wake, WelcomeJob};
pub use open::{OpenError, Opened, SCHEMA_VERSION, check, open};
pub use postgres::Server;
pub use sqlite::{FILE, open_to_read};
pub use wakes::{Unsaid, Wakes, last_numbers};
pub use writer::Settings;

use crate::hub::Hub;

/// Jobs that may wait for the writer before callers do.
const QUEUE: usize = 8_192;

/// Handle to the data; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    reads: Reads,
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
    hub: Arc<Hub>,
}

/// What the writer tells everybody else.
#[derive(Debug)]
pub struct Shared {
    /// Set when the data can no longer be trusted to be stored: the process must stop.
    failed: watch::Sender<bool>,
    /// Nothing can be stored until there is space again.
    full: AtomicBool,
    /// The policy's longest life of an entry, days.
    retention_days: AtomicU32,
    /// How far the connections were told of policy and revocations.
    told: news::Told,
    /// What other relays are to be told.
    wakes: Wakes,
}

impl Shared {
    /// What other relays are to be told.
    pub fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    /// The policy's longest life of an entry, days.
    pub fn retention_days(&self) -> u32 {
        self.retention_days.load(Ordering::Relaxed)
    }

    /// A new policy is committed.
    pub fn set_retention_days(&self, days: u32) {
        self.retention_days.store(days, Ordering::Relaxed);
    }
}

/// Something in the database is not as the code expects; the chain says what.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
    /// The writer has stopped.
    #[error("the writer has stopped")]
    Stopped,
}

/// Sends a task's result once its batch is committed, or a refusal if it was not.
type Finish = Box<dyn FnOnce(Result<(), Refusal>) + Send>;
type Task =
    Box<dyn for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<Finish, sqlx::Error>> + Send>;

impl Store {
    /// Starts the writer on an open database. The join handle ends when all is written.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn start(
        opened: Opened,
        hub: Arc<Hub>,
        settings: Settings,
        data_dir: &Path,
    ) -> Result<(Self, tokio::task::JoinHandle<()>), StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared {
            failed: watch::Sender::new(false),
            full: AtomicBool::new(false),
            retention_days: AtomicU32::new(siegel_proto::limits::EXPIRY_DAYS),
            told: news::Told::default(),
            wakes: Wakes::new(opened.reads.is_shared()),
        });
        let store = Self {
            reads: opened.reads,
            jobs,
            shared: shared.clone(),
            hub: hub.clone(),
        };
        store.begin_news().await?;
        let parts = writer::Parts {
            db: opened.writer,
            server: opened.server,
            reads: store.reads.clone(),
            queue,
            hub,
            shared,
        };
        let writer = writer::Writer::new(parts, settings, data_dir);
        Ok((store, tokio::spawn(writer.run())))
    }

    /// Hands a room job to the writer; waits while its queue is full.
    ///
    /// # Errors
    /// Unavailable if the relay is stopping.
    pub async fn submit(&self, job: Job) -> Result<(), Refusal> {
        (self.jobs.send(job).await).map_err(|_| Refusal::new(ErrorCode::Unavailable))
    }

    /// Becomes true when storing has failed for good.
    pub fn failed(&self) -> watch::Receiver<bool> {
        self.shared.failed.subscribe()
    }

    /// Whether the relay refuses to store for want of space.
    pub fn is_full(&self) -> bool {
        self.shared.full.load(Ordering::Relaxed)
    }

    /// What the writer tells everybody else.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Jobs that wait for the writer.
    pub fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        let answer = self.read(|db| Box::pin(db::query("SELECT 1").execute(db)));
        answer.await.is_ok()
    }

    /// Whether a shared database has been set up, since it was opened, to lose what is
    /// acknowledged. The process must stop then, and everybody is told.
    pub async fn lost_its_safety(&self) -> bool {
        let unsafe_now = self.read(|db| Box::pin(postgres::is_unsafe(db)));
        let unsafe_now = unsafe_now.await.unwrap_or(false);
        if unsafe_now {
            self.shared.failed.send_replace(true);
        }
        unsafe_now
    }

    /// Finishes what is queued, checkpoints and closes.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.jobs.send(Job::Stop(done)).await.is_ok() {
            // The sender is gone when the writer has ended, which is what is waited for.
            stopped.await.unwrap_or(());
        }
        self.reads.close().await;
    }

    /// Runs one transaction on the writer. `run` decides before it writes; `then` happens
    /// in the order of commits, before the caller is answered.
    async fn write<T, F, A>(&self, run: F, then: A) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<Result<T, Refusal>, sqlx::Error>>
            + Send
            + 'static,
        A: FnOnce(&T) + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::Task(task(run, then, answer))).await?;
        answered
            .await
            .unwrap_or(Err(Refusal::new(ErrorCode::Unavailable)))
    }

    /// As [`Self::write`], for what only reads but must know the order of commits.
    async fn look<T, F, A>(&self, run: F, then: A) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<Result<T, Refusal>, sqlx::Error>>
            + Send
            + 'static,
        A: FnOnce(&T) + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::Look(task(run, then, answer))).await?;
        answered
            .await
            .unwrap_or(Err(Refusal::new(ErrorCode::Unavailable)))
    }

    /// Reads outside the caller's task, so that a request that goes away does not cancel it.
    async fn read<T, F>(&self, run: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + 'static,
    {
        let reads = self.reads.clone();
        let reading = tokio::spawn(async move { run(&mut reads.take().await?).await });
        match reading.await {
            Ok(result) => Ok(result?),
            Err(_) => Err(StoreError::Stopped),
        }
    }
}

fn task<T, F, A>(run: F, then: A, answer: oneshot::Sender<Result<T, Refusal>>) -> Task
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<Result<T, Refusal>, sqlx::Error>>
        + Send
        + 'static,
    A: FnOnce(&T) + Send + 'static,
{
    Box::new(move |db| {
        let running = run(db);
        Box::pin(async move {
            let result = running.await?;
            let finish: Finish = Box::new(move |committed| {
                let result = committed.and(result);
                if let Ok(value) = &result {
                    then(value);
                }
                // The caller may have gone; the work was done all the same.
                tell(answer, result);
            });
            Ok(finish)
        })
    })
}

/// SQLite and PostgreSQL integers are signed; counters here never come near the edge.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Reads back what [`int`] wrote.
pub(crate) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Answers whoever waits. The caller may have gone; what was done stays done.
fn tell<T>(waiting: oneshot::Sender<T>, answer: T) {
    if waiting.send(answer).is_err() {
        tracing::trace!(code = "nobody_waits");
    }
}
