//! The one task of a relay that writes. It takes what is waiting, decides it by the rules
//! of [`crate::delivery`] on its picture of the rooms, writes all of it in one transaction,
//! and only after COMMIT, which the database answers when the data is synced, lets answers
//! and deliveries out. A failed commit is never retried into an answer.
//!
//! Where other relays write to the same database the picture is fetched in each
//! transaction, of rooms that are locked until it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use siegel_proto::frame::Reply;
use siegel_proto::ids::{MessageId, RoomId, SeatHash};
use siegel_proto::{ErrorCode, Refusal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::batch::{After, Batch};
use super::db::{Db, Reads, query};
use super::decide::full;
use super::failure::{Failure, error_code, failure};
use super::job::Job;
use super::postgres::{self, Server};
use super::rooms::{Cached, Look, RoomCache, write_rooms, write_seats};
use super::space::Ballast;
use super::{Shared, entries, tell};
use crate::backlog::Backlog;
use crate::clock::Clock;
use crate::hub::{Hub, Published};
use crate::metrics::StorageError;

/// Jobs one transaction takes at most.
const BATCH: usize = 2_048;
/// How long acknowledgements wait for an append to ride along with.
const ACK_DELAY: Duration = Duration::from_millis(50);
/// How often what every seat has is dropped.
const DROP_EVERY: Duration = Duration::from_millis(250);
/// How long the writer must be idle before it empties the log of deleted bytes.
const TIDY_AFTER: Duration = Duration::from_secs(5);
/// How long after a full disk the next append is tried.
const RETRY_FULL: Duration = Duration::from_secs(1);
/// How long after a lost database the next connection is tried.
const RECONNECT: Duration = Duration::from_millis(250);

/// What the writer is told at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For days of expiry.
    pub clock: Clock,
    /// Bytes kept free to delete with when the disk is full.
    pub ballast_bytes: u64,
}

/// Acknowledgements that are not written yet: the highest of each seat.
pub(super) type Acks = BTreeMap<RoomId, BTreeMap<SeatHash, u64>>;

/// See the module.
pub(super) struct Writer {
    pub db: Db,
    /// Where the database is found again; nothing if it is a file.
    server: Option<Server>,
    /// The connection is broken: nothing can be stored until there is a new one.
    lost: bool,
    queue: mpsc::Receiver<Job>,
    hub: Arc<Hub>,
    backlog: Backlog,
    pub shared: Arc<Shared>,
    pub clock: Clock,
    pub cache: RoomCache,
    ballast: Ballast,
    pub number: u64,
    pub pending: Acks,
    /// Rooms in which something may have been acknowledged by all.
    pub drained: BTreeSet<RoomId>,
    flush_at: Option<Instant>,
    dropped_at: Instant,
    /// When deleted bytes are to leave the write-ahead log, if nothing else is to be done.
    tidy_at: Option<Instant>,
    stopping: bool,
    try_again: Option<Instant>,
}

/// What a batch of jobs needs to know.
struct Wanted {
    is_sweep: bool,
    writes: bool,
    changed: Vec<RoomId>,
    read: Vec<RoomId>,
    messages: Vec<(RoomId, MessageId)>,
}

impl Wanted {
    fn by(jobs: &[Job]) -> Self {
        let attaching = |job: &&Job| matches!(job, Job::Attach(_));
        Self {
            is_sweep: matches!(jobs, [Job::Sweep(_)]),
            writes: jobs.iter().any(Job::writes),
            changed: (jobs.iter().filter(|job| !attaching(job)))
                .flat_map(Job::rooms)
                .collect(),
            read: jobs.iter().filter(attaching).flat_map(Job::rooms).collect(),
            messages: jobs.iter().filter_map(Job::message).collect(),
        }
    }
}

/// What the writer works with.
pub(super) struct Parts {
    pub db: Db,
    pub server: Option<Server>,
    pub reads: Reads,
    pub queue: mpsc::Receiver<Job>,
    pub hub: Arc<Hub>,
    pub shared: Arc<Shared>,
}

impl Writer {
    pub(super) fn new(parts: Parts, settings: Settings, data_dir: &Path) -> Self {
        // Space on this machine is no help to a database on another.
        let ballast_bytes = if parts.db.is_shared() {
            0
        } else {
            settings.ballast_bytes
        };
        Self {
            db: parts.db,
            server: parts.server,
            lost: false,
            queue: parts.queue,
            backlog: Backlog::new(parts.hub.clone(), parts.reads),
            hub: parts.hub,
            shared: parts.shared,
            clock: settings.clock,
            cache: RoomCache::default(),
            ballast: Ballast::new(data_dir, ballast_bytes),
            number: 0,
            pending: Acks::new(),
            drained: BTreeSet::new(),
            flush_at: None,
            dropped_at: Instant::now(),
            tidy_at: None,
            stopping: false,
            try_again: None,
        }
    }

    pub(super) async fn run(mut self) {
        self.ballast.restore();
        let mut jobs = Vec::with_capacity(64);
        let mut stop = None;
        while stop.is_none() {
            let due = self.due();
            let received = match due {
                None => self.queue.recv_many(&mut jobs, BATCH).await,
                Some(at) => {
                    let receiving = self.queue.recv_many(&mut jobs, BATCH);
                    match tokio::time::timeout_at(at, receiving).await {
                        Ok(received) => received,
                        Err(_) => {
                            self.idle(&mut jobs).await;
                            usize::MAX
                        }
                    }
                }
            };
            if received == 0 {
                break;
            }
            let last = jobs.iter().position(|job| matches!(job, Job::Stop(_)));
            if let Some(at) = last
                && let Job::Stop(done) = jobs.swap_remove(at)
            {
                self.queue.close();
                while let Ok(job) = self.queue.try_recv() {
                    jobs.push(job);
                }
                self.flush_at = Some(Instant::now());
                self.stopping = true;
                stop = Some(done);
            }
            if !self.batches(&mut jobs).await {
                self.shared.failed.send_replace(true);
                return;
            }
        }
        if let Err(error) = self.checkpoint().await {
            tracing::error!(code = "checkpoint_failed", error = %error_code(&error));
        }
        if self.db.close().await.is_err() && !self.lost {
            tracing::error!(code = "close_failed");
        }
        drop(stop);
    }

    /// When something is to be done though nobody asks.
    fn due(&self) -> Option<Instant> {
        let timers = [self.try_again, self.flush_at, self.tidy_at];
        // Without a database there is one thing to do.
        let timers = if self.lost { &timers[..1] } else { &timers[..] };
        timers.iter().flatten().min().copied()
    }

    /// Nothing is waiting: the time for what can be put off.
    async fn idle(&mut self, jobs: &mut Vec<Job>) {
        let now = Instant::now();
        if self.tidy_at.is_some_and(|at| at <= now) {
            self.tidy_at = None;
            let (unheard, _) = oneshot::channel();
            jobs.push(Job::Tidy(unheard));
        }
        if self.try_again.is_some_and(|at| at <= now) && !self.lost {
            self.look_for_space().await;
        }
    }

    /// Nobody appends to a relay that is not ready: it finds out by itself when it is.
    async fn look_for_space(&mut self) {
        let in_database = self.try_to_fill().await.is_ok();
        // What failed has been rolled back already, or is now.
        let rolled_back = query("ROLLBACK").execute(&mut self.db).await.is_ok();
        if in_database && rolled_back && self.ballast.restore() {
            self.has_space();
        } else {
            self.try_again = Some(Instant::now() + RETRY_FULL);
        }
    }

    async fn try_to_fill(&mut self) -> Result<(), sqlx::Error> {
        begin(&mut self.db, &mut false).await?;
        query(
            "INSERT INTO entries (entry_id, kind, epoch, expires_day, message_id, payload) \
             VALUES (-1, 0, 0, 0, $1, $2)",
        )
        .bind(&[0_u8; 16])
        .bind(&[0_u8; 256 * 1024])
        .execute(&mut self.db)
        .await?;
        Ok(())
    }

    fn has_space(&mut self) {
        self.try_again = None;
        self.ballast.restore();
        if self.shared.full.swap(false, Ordering::Relaxed) {
            tracing::info!(code = "storage_has_space");
        }
    }

    /// Runs the jobs. A sweep changes rooms behind the writer's picture of them, so it has
    /// a transaction of its own. False if the data can no longer be trusted to be stored.
    async fn batches(&mut self, jobs: &mut Vec<Job>) -> bool {
        if self.lost && !self.find_again().await {
            for job in jobs.drain(..) {
                match job {
                    Job::Ack(room, seat, up_to) => self.ack(room, seat, up_to),
                    job => job.refuse(Refusal::new(ErrorCode::Unavailable)),
                }
            }
            return !*self.shared.failed.borrow();
        }
        while let Some(at) = first_sweep(jobs) {
            let rest = jobs.split_off(at + usize::from(at == 0));
            let sound = self.batch(jobs).await;
            *jobs = rest;
            if !sound {
                for job in jobs.drain(..) {
                    job.refuse(Refusal::new(ErrorCode::Unavailable));
                }
                return false;
            }
        }
        self.batch(jobs).await
    }

    /// Connects again. Whatever was under way was refused, so nothing is in doubt here:
    /// who asked asks again, and finds what was stored all the same.
    async fn find_again(&mut self) -> bool {
        let Some(server) = &self.server else {
            return false;
        };
        if self.try_again.is_some_and(|at| Instant::now() < at) {
            return false;
        }
        match server.connect().await {
            Ok(connection) => {
                self.db = Db::Postgres(Box::new(connection));
                self.lost = false;
                self.try_again = None;
                tracing::info!(code = "database_found");
                true
            }
            Err(error) => {
                if error.is_unsafe() {
                    tracing::error!(code = "database_unsafe");
                    self.shared.failed.send_replace(true);
                }
                self.try_again = Some(Instant::now() + RECONNECT);
                false
            }
        }
    }

    /// Runs one transaction. False if the data can no longer be trusted to be stored.
    async fn batch(&mut self, jobs: &mut Vec<Job>) -> bool {
        self.number += 1;
        let mut batch = Batch::default();
        let (taken_at, size) = (Instant::now(), jobs.len());
        match self.write(jobs, &mut batch).await {
            Ok(()) => {
                if batch.begun {
                    self.hub.counts().committed(taken_at.elapsed(), size);
                }
                batch.permits.clear();
                self.release(batch.after, batch.now);
                if !batch.tidy.is_empty()
                    && let Err(error) = self.tidy(batch.tidy).await
                {
                    self.tidy_at = Some(Instant::now() + TIDY_AFTER);
                    return self.roll_back(&error, Batch::default(), jobs).await;
                }
                if self.drained.is_empty() && self.pending.is_empty() {
                    self.cache.shrink(self.number);
                }
                true
            }
            Err(error) => self.roll_back(&error, batch, jobs).await,
        }
    }

    async fn write(&mut self, jobs: &mut Vec<Job>, batch: &mut Batch) -> Result<(), sqlx::Error> {
        self.look_up(Wanted::by(jobs), batch).await?;
        let refuse_appends = self.refuses_appends();
        // Taken one by one: what an error leaves behind is still there to be refused.
        jobs.reverse();
        while let Some(job) = jobs.pop() {
            match job {
                Job::Append(job) if refuse_appends => batch.refuse_append(&job, full()),
                Job::Append(job) => self.append(*job, batch),
                Job::Void(job) => self.void(*job, batch),
                Job::Welcome(job) if refuse_appends => {
                    batch.answer(&job.connection, job.request, Reply::Refused(full()));
                }
                Job::Welcome(job) => self.welcome(*job, batch),
                Job::Attach(job) => self.attach(job, batch),
                Job::CreateRoom(create, slot, answer) => {
                    self.create(&create, slot, answer, batch).await?;
                }
                Job::Ack(room, seat, up_to) => self.ack(room, seat, up_to),
                Job::Task(task) => {
                    begin(&mut self.db, &mut batch.begun).await?;
                    if self.db.is_shared() && !std::mem::replace(&mut batch.exclusive, true) {
                        postgres::lock_tasks(&mut self.db).await?;
                    }
                    let finish = task(&mut self.db).await?;
                    batch.after.push(After::Finish(finish));
                }
                Job::Look(task) => {
                    let finish = task(&mut self.db).await?;
                    batch.after.push(After::Finish(finish));
                }
                Job::Sweep(task) => self.sweep(task, batch).await?,
                Job::Wake(wake) => batch.after.push(After::Wake(wake)),
                Job::Tidy(done) => batch.tidy.push(done),
                // Only one stop is ever sent; its sender is held by `run`.
                Job::Stop(_) => {}
            }
        }
        self.flush(batch).await?;
        if batch.begun {
            query("COMMIT").execute(&mut self.db).await?;
        }
        // Reading, and what needs no new page, says nothing about space.
        if batch.stored && self.shared.full.load(Ordering::Relaxed) {
            self.has_space();
        }
        Ok(())
    }

    /// Fetches what the jobs are decided on, and locks what they may change.
    async fn look_up(&mut self, wanted: Wanted, batch: &mut Batch) -> Result<(), sqlx::Error> {
        let now = Instant::now();
        let due = self.flush_at.is_some_and(|at| at <= now);
        batch.flushing = !wanted.is_sweep && (due || wanted.writes);
        batch.dropping = batch.flushing && (self.stopping || now >= self.dropped_at + DROP_EVERY);
        if batch.flushing {
            let mut changed = wanted.changed;
            changed.extend(self.pending.keys().copied());
            if batch.dropping {
                changed.extend(self.drained.iter().copied());
            }
            if self.db.is_shared() && !changed.is_empty() {
                begin(&mut self.db, &mut batch.begun).await?;
            }
            self.load(changed, Look::Write).await?;
        }
        if self.db.is_shared() && !wanted.read.is_empty() {
            batch.now = postgres::now(&mut self.db).await?;
        }
        self.load(wanted.read, Look::Read).await?;
        let messages: Vec<(i64, MessageId)> = (wanted.messages.into_iter())
            .filter_map(|(room, message)| Some((self.cache.get(&room)?.slot, message)))
            .collect();
        batch.appended = entries::find_messages(&mut self.db, &messages).await?;
        Ok(())
    }

    async fn load(&mut self, rooms: Vec<RoomId>, look: Look) -> Result<(), sqlx::Error> {
        let rooms = rooms.into_iter();
        (self.cache.load(&mut self.db, rooms, look, self.number)).await
    }

    async fn sweep(&mut self, task: super::Task, batch: &mut Batch) -> Result<(), sqlx::Error> {
        begin(&mut self.db, &mut batch.begun).await?;
        let finish = task(&mut self.db).await?;
        batch.after.push(After::Finish(finish));
        self.cache.clear();
        Ok(())
    }

    fn ack(&mut self, room: RoomId, seat: SeatHash, up_to: u64) {
        let highest = self.pending.entry(room).or_default().entry(seat);
        let highest = highest.or_default();
        *highest = up_to.max(*highest);
        self.flush_at
            .get_or_insert_with(|| Instant::now() + ACK_DELAY);
    }

    /// Writes what the batch holds, and the acknowledgements that wait.
    async fn flush(&mut self, batch: &mut Batch) -> Result<(), sqlx::Error> {
        if !batch.flushing {
            return Ok(());
        }
        let now = Instant::now();
        let is_shared = self.db.is_shared();
        batch.acks = std::mem::take(&mut self.pending);
        for (room, seats) in &batch.acks {
            let Some(cached) = self.cache.get_mut(room) else {
                continue;
            };
            for (hash, up_to) in seats {
                if cached.room.acknowledge(*hash, *up_to) {
                    let seat = cached.room.seats.get(hash).copied();
                    batch.seats.insert((cached.slot, *hash), seat);
                    self.drained.insert(*room);
                    // The others' pictures of the seats are old now.
                    if is_shared {
                        batch.rooms.insert(*room);
                    }
                }
            }
        }
        let mut drops = Vec::new();
        if batch.dropping {
            self.dropped_at = now;
            batch.drained = std::mem::take(&mut self.drained);
            for room in &batch.drained {
                let Some(cached) = self.cache.get_mut(room) else {
                    continue;
                };
                let (before, after) = (cached.room.acked_up_to, cached.room.acknowledged_by_all());
                if after > before {
                    drops.push((cached.slot, before, after));
                    cached.room.acked_up_to = after;
                    batch.rooms.insert(*room);
                }
            }
        }
        if !drops.is_empty() && !is_shared {
            self.tidy_at = Some(now + TIDY_AFTER);
        }
        self.flush_at = (!self.drained.is_empty()).then(|| self.dropped_at + DROP_EVERY);
        if batch.seats.is_empty() && batch.rooms.is_empty() {
            return Ok(());
        }
        begin(&mut self.db, &mut batch.begun).await?;
        for id in &batch.rooms {
            if let Some(cached) = self.cache.get_mut(id) {
                cached.version += 1;
            }
        }
        let rooms: Vec<(RoomId, &Cached)> = (batch.rooms.iter())
            .filter_map(|id| Some((*id, self.cache.get(id)?)))
            .collect();
        write_rooms(&mut self.db, &rooms).await?;
        write_seats(&mut self.db, &batch.seats).await?;
        entries::insert(&mut self.db, &batch.entries).await?;
        batch.stored |= !batch.entries.is_empty();
        entries::drop_ranges(&mut self.db, &drops).await?;
        Ok(())
    }

    /// Everything is committed and synced: answers and deliveries go out, and the other
    /// relays are woken.
    fn release(&self, after: Vec<After>, now: u64) {
        let mut published = Vec::new();
        let mut behind = Vec::new();
        for after in after {
            // Entries go out together until something must keep its place among them.
            if let After::Publish(entry) = after {
                self.shared.wakes.moved(entry.room, entry.seq);
                published.push(entry);
                continue;
            }
            self.publish(&mut published);
            match after {
                After::Publish(_) => {}
                After::Answer(connection, request, reply) => connection.answer(request, reply),
                After::AnswerAppend(connection, request, room, message, reply) => {
                    connection.answer_append(room, message, request, reply);
                }
                After::Attach(job, by, attached) => {
                    (self.hub).attach(job.room, by, &job.connection, job.request, attached, now);
                    self.shared.wakes.taken(job.room, by.seat, now);
                    if job.connection.is_closed() {
                        self.hub.disconnect(&job.connection);
                    } else if attached.cursor + 1 < attached.next_seq {
                        self.backlog.start(&job.connection);
                    }
                }
                // The caller may have gone; the room is there all the same.
                After::Created(answer) => tell(answer, Ok(())),
                After::Finish(finish) => finish(Ok(())),
                After::Wake(wake) => {
                    for (room, seat, at) in wake.taken {
                        self.hub.taken(room, seat, at);
                    }
                    behind.extend(self.hub.wake(&wake.moved));
                }
            }
        }
        self.publish(&mut published);
        for connection in behind {
            self.backlog.start(&connection);
        }
    }

    fn publish(&self, published: &mut Vec<Published>) {
        if !published.is_empty() {
            self.hub.counts().stored(published.len());
            for connection in self.hub.publish(published) {
                self.backlog.start(&connection);
            }
            published.clear();
        }
    }

    /// Nothing of the batch happened, or nobody knows. False if storing has failed for good.
    async fn roll_back(&mut self, error: &sqlx::Error, batch: Batch, jobs: &mut Vec<Job>) -> bool {
        let kind = failure(error, self.db.is_shared());
        self.hub.counts().storage_error(match kind {
            Failure::Full => StorageError::Full,
            Failure::Statement => StorageError::Statement,
            Failure::Lost => StorageError::Lost,
            Failure::Fatal => StorageError::Sync,
        });
        let refusal = match kind {
            Failure::Full => full(),
            Failure::Statement | Failure::Lost | Failure::Fatal => {
                Refusal::new(ErrorCode::Unavailable)
            }
        };
        // Known to all before anybody hears of it.
        if matches!(kind, Failure::Full) {
            self.try_again = Some(Instant::now() + RETRY_FULL);
            if !self.shared.full.swap(true, Ordering::Relaxed) {
                tracing::error!(code = "storage_full");
            }
        }
        let begun = batch.begun;
        for after in batch.after {
            after.refuse(refusal);
        }
        for job in jobs.drain(..) {
            job.refuse(refusal);
        }
        self.cache.clear();
        if matches!(kind, Failure::Lost) {
            // Written with the next connection: the devices do not say it again.
            for (room, seats) in batch.acks {
                for (seat, up_to) in seats {
                    self.ack(room, seat, up_to);
                }
            }
            self.drained.extend(batch.drained);
        } else {
            self.pending.clear();
            self.drained.clear();
            self.flush_at = None;
        }
        // SQLite rolls back by itself on some of these errors; a second time is refused, and so
        // is rolling back what could not begin.
        let rolled_back = query("ROLLBACK").execute(&mut self.db).await.is_ok() || !begun;
        match kind {
            Failure::Full => {
                self.ballast.free();
                true
            }
            Failure::Statement if rolled_back => {
                tracing::error!(code = "batch_refused", error = %error_code(error));
                true
            }
            Failure::Statement | Failure::Lost if self.server.is_some() => {
                tracing::error!(code = "database_lost", error = %error_code(error));
                self.lost = true;
                self.try_again = Some(Instant::now());
                true
            }
            Failure::Statement | Failure::Lost | Failure::Fatal => {
                tracing::error!(code = "storage_failed", error = %error_code(error));
                false
            }
        }
    }

    fn refuses_appends(&self) -> bool {
        self.shared.full.load(Ordering::Relaxed)
            && self.try_again.is_some_and(|at| Instant::now() < at)
    }

    pub(super) fn expiry(&self, days: u32) -> u32 {
        self.clock.today() + days.min(self.shared.retention_days())
    }

    async fn tidy(&mut self, waiting: Vec<oneshot::Sender<()>>) -> Result<(), sqlx::Error> {
        if !self.db.is_shared() {
            query("PRAGMA incremental_vacuum")
                .execute(&mut self.db)
                .await?;
        }
        self.checkpoint().await?;
        // Whoever no longer waits has its log tidied all the same.
        waiting.into_iter().for_each(|done| tell(done, ()));
        Ok(())
    }

    async fn checkpoint(&mut self) -> Result<(), sqlx::Error> {
        if !self.db.is_shared() {
            query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&mut self.db)
                .await?;
        }
        Ok(())
    }
}

fn first_sweep(jobs: &[Job]) -> Option<usize> {
    jobs.iter().position(|job| matches!(job, Job::Sweep(_)))
}

/// Begins the batch's transaction, once.
pub(super) async fn begin(db: &mut Db, begun: &mut bool) -> Result<(), sqlx::Error> {
    if !*begun {
        let begin = if db.is_shared() {
            "BEGIN ISOLATION LEVEL READ COMMITTED"
        } else {
            "BEGIN IMMEDIATE"
        };
        query(begin).execute(db).await?;
        *begun = true;
    }
    Ok(())
}
