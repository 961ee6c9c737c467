//! Entries: the lines of the logs.

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use siegel_proto::ids::{MessageId, RoomId, SeatHash};
use siegel_proto::room::EntryKind;

use super::db::{Db, Reads, Value, query};
use super::rooms::decode;
use super::rows::Column::{self, Int};
use super::rows::Rows;
use super::{int, uint};

/// An entry to be stored.
#[derive(Debug)]
pub struct NewEntry {
    pub slot: i64,
    pub seq: u64,
    pub kind: EntryKind,
    pub epoch: u64,
    pub target: u64,
    pub expires_day: u32,
    pub message: MessageId,
    pub payload: Bytes,
}

/// A stored entry.
#[derive(Debug)]
pub struct LogEntry {
    /// Its number.
    pub seq: u64,
    /// Its kind.
    pub kind: EntryKind,
    /// The epoch it was encrypted in.
    pub epoch: u64,
    /// Kind void: the voided commit.
    pub target: u64,
    /// The key of its append.
    pub message: MessageId,
    /// Opaque.
    pub payload: Bytes,
}

/// A page of a log.
#[derive(Debug)]
pub struct Page {
    /// In order.
    pub entries: Vec<LogEntry>,
    /// Whether nothing comes after them.
    pub is_last: bool,
    /// The last number the room had given when the page was read: up to here nothing is
    /// to come that is not in the log.
    pub end: u64,
}

const SEQ_MASK: i64 = 0xffff_ffff;

const LENGTHS_BETWEEN: &str = "SELECT CAST(length(payload) AS BIGINT) FROM entries \
     WHERE entry_id > $1 AND entry_id <= $2 ORDER BY entry_id LIMIT $3";

const ENTRIES_BETWEEN: &str = "SELECT entry_id, kind, epoch, target, message_id, payload \
     FROM entries WHERE entry_id > $1 AND entry_id <= $2 ORDER BY entry_id LIMIT $3";

/// A page of a room's log after `after`: at most `most` entries and, beyond the first,
/// `most_bytes`.
///
/// # Errors
/// A statement failed.
pub async fn entries_after(
    reads: &Reads,
    room: RoomId,
    after: u64,
    most: usize,
    most_bytes: usize,
) -> Result<Page, sqlx::Error> {
    let db = &mut reads.take().await?;
    let standing = query("SELECT slot, next_seq FROM rooms WHERE room_id = $1")
        .bind(room.as_bytes())
        .one(db)
        .await?;
    let slot = standing.int(0)?;
    // Read before the entries: all that are missing up to here have gone.
    let end = uint(standing.int(1)?).saturating_sub(1);
    let between = |sql, limit: usize| {
        query(sql)
            .bind((slot << 32) | int(after))
            .bind((slot << 32) | SEQ_MASK)
            .bind(int(limit as u64))
    };
    let lengths = between(LENGTHS_BETWEEN, most).all(db).await?;
    let mut bytes = 0;
    let mut fitting = 0;
    for row in &lengths {
        bytes += uint(row.int(0)?);
        if bytes > most_bytes as u64 {
            break;
        }
        fitting += 1;
    }
    let limit = fitting.max(1);
    let rows = between(ENTRIES_BETWEEN, limit).all(db).await?;
    // Fewer than asked for, or all there were when the lengths were read.
    let is_last = rows.len() < limit || (lengths.len() < most && limit >= lengths.len());
    let entries = (rows.iter())
        .map(|row| {
            let kind = i32::try_from(row.int(1)?).unwrap_or(0);
            Ok(LogEntry {
                seq: uint(row.int(0)? & SEQ_MASK),
                kind: EntryKind::try_from(kind).unwrap_or(EntryKind::Unspecified),
                epoch: uint(row.int(2)?),
                target: uint(row.int(3)?),
                message: MessageId::from_slice(row.bytes(4)?).map_err(decode)?,
                payload: Bytes::copy_from_slice(row.bytes(5)?),
            })
        })
        .collect::<Result<_, sqlx::Error>>()?;
    Ok(Page {
        entries,
        is_last,
        end,
    })
}

/// Since which entry a seat no longer counts; nothing if it does.
///
/// # Errors
/// A statement failed.
pub async fn seat_ended(
    reads: &Reads,
    room: RoomId,
    seat: SeatHash,
) -> Result<Option<u64>, sqlx::Error> {
    let row = query(
        "SELECT coalesce(s.removed_seq, r.next_seq - 1) FROM rooms r LEFT JOIN seats s \
         ON s.slot = r.slot AND s.seat_hash = $2 WHERE r.room_id = $1",
    )
    .bind(room.as_bytes())
    .bind(seat.as_bytes())
    .one(&mut reads.take().await?)
    .await?;
    // A seat that is there counts until an entry removes it.
    Ok(Some(uint(row.int(0)?)).filter(|since| *since > 0))
}

/// Which of these messages are stored already, and under which number.
pub async fn find_messages(
    db: &mut Db,
    wanted: &[(i64, MessageId)],
) -> Result<HashMap<(i64, MessageId), u64>, sqlx::Error> {
    let rows: Vec<[Value<'_>; 2]> = (wanted.iter())
        .map(|(slot, message)| [(*slot).into(), message.as_bytes().into()])
        .collect();
    let mut found = HashMap::new();
    for row in FIND_MESSAGES.all(db, &rows).await? {
        let id = row.int(0)?;
        let message = MessageId::from_slice(row.bytes(1)?).map_err(decode)?;
        found.insert((id >> 32, message), uint(id & SEQ_MASK));
    }
    Ok(found)
}

/// Stores entries.
pub async fn insert(db: &mut Db, entries: &[NewEntry]) -> Result<(), sqlx::Error> {
    let rows: Vec<[Value<'_>; 7]> = (entries.iter())
        .map(|entry| {
            [
                ((entry.slot << 32) | int(entry.seq)).into(),
                i64::from(i32::from(entry.kind)).into(),
                int(entry.epoch).into(),
                int(entry.target).into(),
                i64::from(entry.expires_day).into(),
                entry.message.as_bytes().into(),
                (&*entry.payload).into(),
            ]
        })
        .collect();
    PUT_ENTRIES.execute(db, &rows).await?;
    Ok(())
}

/// Drops what every seat has: `(slot, after, up to)`.
pub async fn drop_ranges(db: &mut Db, ranges: &[(i64, u64, u64)]) -> Result<(), sqlx::Error> {
    let rows: Vec<[Value<'_>; 2]> = (ranges.iter())
        .map(|(slot, after, up_to)| {
            let id = |seq| Value::from((slot << 32) | int(seq));
            [id(*after), id(*up_to)]
        })
        .collect();
    DROP_ENTRIES.execute(db, &rows).await?;
    Ok(())
}

static FIND_MESSAGES: LazyLock<Rows<2>> = LazyLock::new(|| {
    Rows::new(
        "WITH wanted (slot, message_id) AS ({rows}) SELECT e.entry_id, e.message_id \
         FROM wanted CROSS JOIN entries e \
         WHERE (e.entry_id >> 32) = wanted.slot AND e.message_id = wanted.message_id",
        [Int, Column::Bytes],
    )
});

static PUT_ENTRIES: LazyLock<Rows<7>> = LazyLock::new(|| {
    Rows::new(
        "INSERT INTO entries (entry_id, kind, epoch, target, expires_day, message_id, payload) \
         {rows}",
        [Int, Int, Int, Int, Int, Column::Bytes, Column::Bytes],
    )
});

static DROP_ENTRIES: LazyLock<Rows<2>> = LazyLock::new(|| {
    Rows::new(
        "WITH gone (after_id, up_to) AS ({rows}) DELETE FROM entries WHERE entry_id IN \
         (SELECT e.entry_id FROM gone CROSS JOIN entries e \
          WHERE e.entry_id > gone.after_id AND e.entry_id <= gone.up_to)",
        [Int, Int],
    )
});
