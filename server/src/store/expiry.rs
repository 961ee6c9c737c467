//! Deleting what must not stay.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use futures_util::future::BoxFuture;
use siegel_proto::ids::BlobId;
use siegel_proto::{ErrorCode, Refusal};
use tokio::sync::oneshot;

use super::db::{Db, Value, query};
use super::rooms::decode;
use super::rows::Column::Int;
use super::rows::Rows;
use super::{Finish, Job, Store, Task, postgres, tell};

/// Rows one transaction deletes at most, so that nobody waits long behind it.
const CHUNK: i64 = 2_000;

/// What was deleted.
#[derive(Debug, Default, Clone)]
pub struct Expired {
    /// Rows of any table.
    pub rows: u64,
    /// Blobs whose files go next.
    pub blobs: Vec<BlobId>,
}

impl Store {
    /// Deletes everything whose day has passed; returns the blobs whose files are to go.
    /// Nothing where another relay is at it.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn expire(&self, today: u32, hour: i64, minute: i64) -> Result<Expired, Refusal> {
        let mut all = Expired::default();
        loop {
            let (answer, answered) = oneshot::channel();
            let task: Task = Box::new(move |db| {
                Box::pin(async move {
                    let expired = chunk(db, today, hour, minute).await?;
                    let finish: Finish =
                        Box::new(move |committed| tell(answer, committed.map(|()| expired)));
                    Ok(finish)
                }) as BoxFuture<'_, _>
            });
            self.submit(Job::Sweep(task)).await?;
            let chunk = answered
                .await
                .unwrap_or(Err(Refusal::new(ErrorCode::Unavailable)))?;
            all.blobs.extend(chunk.blobs);
            if chunk.rows == 0 {
                return Ok(all);
            }
            all.rows += chunk.rows;
        }
    }

    /// Gives freed pages back to the file system and empties the write-ahead log, in which
    /// deleted bytes would otherwise stay readable. PostgreSQL does both by itself.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn tidy(&self) -> Result<(), Refusal> {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::Tidy(answer)).await?;
        (answered.await).map_err(|_| Refusal::new(ErrorCode::Unavailable))
    }
}

async fn chunk(db: &mut Db, today: u32, hour: i64, minute: i64) -> Result<Expired, sqlx::Error> {
    if db.is_shared() && !postgres::may_sweep(db).await? {
        return Ok(Expired::default());
    }
    let today = i64::from(today);
    let expired = ids(query(EXPIRED_ENTRIES)
        .bind(today)
        .bind(CHUNK)
        .all(db)
        .await?)?;
    let acknowledged = ids(query(ACKNOWLEDGED_ENTRIES).bind(CHUNK).all(db).await?)?;
    let mut slots: BTreeMap<i64, i64> = BTreeMap::new();
    for id in &acknowledged {
        slots.entry(id >> 32).or_default();
    }
    for id in &expired {
        let highest = slots.entry(id >> 32).or_default();
        *highest = (*highest).max(id & 0xffff_ffff);
    }
    if db.is_shared() {
        let slots: Vec<[Value<'_>; 1]> = slots.keys().map(|slot| [(*slot).into()]).collect();
        LOCK_SLOTS.all(db, &slots).await?;
        postgres::lock_tasks(db).await?;
    }
    let highest: Vec<[Value<'_>; 2]> = (slots.iter())
        .filter(|(_, seq)| **seq > 0)
        .map(|(slot, seq)| [(*slot).into(), (*seq).into()])
        .collect();
    EXPIRE_ROOMS.execute(db, &highest).await?;
    let gone: Vec<[Value<'_>; 1]> = (expired.iter().chain(&acknowledged))
        .map(|id| [(*id).into()])
        .collect();
    let mut rows = DROP_ENTRIES.execute(db, &gone).await?;
    rows += query(
        "DELETE FROM capsules WHERE expires_hour <= $1 \
         OR (claimed_until <> 0 AND claimed_until <= $2)",
    )
    .bind(hour)
    .bind(minute)
    .execute(db)
    .await?;
    rows += query("DELETE FROM key_packages WHERE expires_day < $1")
        .bind(today)
        .execute(db)
        .await?;
    let blobs = query("DELETE FROM blobs WHERE expires_day < $1 RETURNING blob_id")
        .bind(today)
        .all(db)
        .await?;
    rows += blobs.len() as u64;
    let blobs = (blobs.iter())
        .map(|row| BlobId::from_slice(row.bytes(0)?).map_err(decode))
        .collect::<Result<_, _>>()?;
    Ok(Expired { rows, blobs })
}

fn ids(rows: Vec<super::db::Row>) -> Result<Vec<i64>, sqlx::Error> {
    rows.iter().map(|row| row.int(0)).collect()
}

const EXPIRED_ENTRIES: &str =
    "SELECT entry_id FROM entries WHERE expires_day < $1 ORDER BY expires_day LIMIT $2";

/// What every seat has but a crash left behind: otherwise the writer drops it itself.
const ACKNOWLEDGED_ENTRIES: &str = "SELECT e.entry_id FROM rooms r CROSS JOIN entries e \
     WHERE e.entry_id > (r.slot << 32) AND e.entry_id <= (r.slot << 32) + r.acked_up_to LIMIT $1";

/// In the order of every other transaction that writes to rooms.
static LOCK_SLOTS: LazyLock<Rows<1>> = LazyLock::new(|| {
    Rows::new(
        "SELECT slot FROM rooms WHERE slot IN ({rows}) ORDER BY slot FOR NO KEY UPDATE",
        [Int],
    )
});

static EXPIRE_ROOMS: LazyLock<Rows<2>> = LazyLock::new(|| {
    Rows::new(
        "WITH gone (slot, seq) AS ({rows}) UPDATE rooms SET expired_up_to = gone.seq, \
         version = version + 1 FROM gone \
         WHERE rooms.slot = gone.slot AND rooms.expired_up_to < gone.seq",
        [Int, Int],
    )
});

static DROP_ENTRIES: LazyLock<Rows<1>> =
    LazyLock::new(|| Rows::new("DELETE FROM entries WHERE entry_id IN ({rows})", [Int]));
