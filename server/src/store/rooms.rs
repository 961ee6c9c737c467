//! Rooms and seats in the database, and the writer's picture of those in use.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use siegel_proto::ids::{RoomId, SeatHash};
use siegel_proto::room::RoomKind;

use super::db::{Db, Row, Value, query};
use super::rows::Column::{Bytes, Int};
use super::rows::Rows;
use super::{int, uint};
use crate::delivery::{Room, Seat};

/// Rooms the writer keeps in memory before it forgets those not just used.
const CACHED: usize = 20_000;

/// A room as the writer holds it: the truth between two commits where it is the only
/// writer, and within one transaction where other relays write too.
#[derive(Debug)]
pub struct Cached {
    /// The upper half of its entries' row ids.
    pub slot: i64,
    /// Its state.
    pub room: Room,
    /// Counts what was written to the room and its seats, by whichever relay.
    pub version: u64,
    /// The batch that used it last.
    pub used: u64,
}

/// Rooms in use, written through.
#[derive(Debug, Default)]
pub struct RoomCache {
    rooms: HashMap<RoomId, Cached>,
    /// Set where other relays write too: only what this batch has looked up counts.
    batch: Option<u64>,
}

/// How rooms are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// To be read only.
    Read,
    /// To be written: nobody else writes to them until this transaction ends.
    Write,
}

impl RoomCache {
    pub fn get_mut(&mut self, room: &RoomId) -> Option<&mut Cached> {
        let batch = self.batch;
        (self.rooms.get_mut(room)).filter(|cached| batch.is_none_or(|batch| cached.used == batch))
    }

    pub fn get(&self, room: &RoomId) -> Option<&Cached> {
        let batch = self.batch;
        (self.rooms.get(room)).filter(|cached| batch.is_none_or(|batch| cached.used == batch))
    }

    pub fn insert(&mut self, id: RoomId, cached: Cached) {
        self.rooms.insert(id, cached);
    }

    /// Forgets everything: the database is the truth again.
    pub fn clear(&mut self) {
        self.rooms.clear();
    }

    /// Makes space; only when all is written.
    pub fn shrink(&mut self, batch: u64) {
        if self.rooms.len() > CACHED {
            self.rooms.retain(|_, cached| cached.used == batch);
        }
    }

    /// Fetches rooms that are not in memory, or all where other relays write too. Unknown
    /// ones stay absent.
    pub async fn load(
        &mut self,
        db: &mut Db,
        wanted: impl Iterator<Item = RoomId>,
        look: Look,
        batch: u64,
    ) -> Result<(), sqlx::Error> {
        self.batch = db.is_shared().then_some(batch);
        let mut missing: Vec<RoomId> = Vec::new();
        for room in wanted {
            match self.get_mut(&room) {
                Some(cached) => cached.used = batch,
                None => missing.push(room),
            }
        }
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let ids: Vec<[Value<'_>; 1]> = (missing.iter())
            .map(|room| [room.as_bytes().into()])
            .collect();
        let statement = match look {
            Look::Write if db.is_shared() => &LOCK_ROOMS,
            Look::Read | Look::Write => &LOAD_ROOMS,
        };
        let mut moved: BTreeMap<i64, RoomId> = BTreeMap::new();
        for row in statement.all(db, &ids).await? {
            let id = RoomId::from_slice(row.bytes(0)?).map_err(decode)?;
            let mut fresh = Cached {
                slot: row.int(1)?,
                room: room_of(&row)?,
                version: uint(row.int(8)?),
                used: batch,
            };
            match self.rooms.remove(&id) {
                Some(known) if known.version == fresh.version => {
                    fresh.room.seats = known.room.seats;
                }
                _ => {
                    moved.insert(fresh.slot, id);
                }
            }
            self.rooms.insert(id, fresh);
        }
        let slots: Vec<[Value<'_>; 1]> = moved.keys().map(|slot| [(*slot).into()]).collect();
        for row in LOAD_SEATS.all(db, &slots).await? {
            let hash = SeatHash::from_slice(row.bytes(1)?).map_err(decode)?;
            let seat = Seat {
                cursor: uint(row.int(2)?),
                added_seq: uint(row.int(3)?),
                removed_seq: uint(row.int(4)?),
            };
            let room = (moved.get(&row.int(0)?)).and_then(|id| self.rooms.get_mut(id));
            if let Some(cached) = room {
                cached.room.seats.insert(hash, seat);
            }
        }
        Ok(())
    }
}

fn room_of(row: &Row) -> Result<Room, sqlx::Error> {
    Ok(Room {
        kind: kind_of(row.int(2)?),
        epoch: uint(row.int(3)?),
        next_seq: uint(row.int(4)?),
        commit_seq: uint(row.int(5)?),
        acked_up_to: uint(row.int(6)?),
        expired_up_to: uint(row.int(7)?),
        seats: BTreeMap::new(),
    })
}

fn kind_of(kind: i64) -> RoomKind {
    (i32::try_from(kind).ok())
        .and_then(|kind| RoomKind::try_from(kind).ok())
        .unwrap_or(RoomKind::Unspecified)
}

/// A value in the database does not parse: damage, not something to go on with.
pub fn decode(error: siegel_proto::Malformed) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// A seat's row after a batch; nothing if it goes.
pub type SeatWrite = Option<Seat>;

static LOAD_ROOMS: LazyLock<Rows<1>> = LazyLock::new(|| {
    Rows::new(
        "SELECT room_id, slot, kind, epoch, next_seq, commit_seq, acked_up_to, expired_up_to, \
         version FROM rooms WHERE room_id IN ({rows})",
        [Bytes],
    )
});

/// Always in the same order, so that two relays never wait for each other. The key stays,
/// so seats may refer to the room meanwhile.
static LOCK_ROOMS: LazyLock<Rows<1>> = LazyLock::new(|| {
    Rows::new(
        "SELECT room_id, slot, kind, epoch, next_seq, commit_seq, acked_up_to, expired_up_to, \
         version FROM rooms WHERE room_id IN ({rows}) ORDER BY slot FOR NO KEY UPDATE",
        [Bytes],
    )
});

static LOAD_SEATS: LazyLock<Rows<1>> = LazyLock::new(|| {
    Rows::new(
        "SELECT slot, seat_hash, cursor, added_seq, removed_seq FROM seats \
         WHERE slot IN ({rows})",
        [Int],
    )
});

static WRITE_ROOMS: LazyLock<Rows<9>> = LazyLock::new(|| {
    Rows::new(
        "INSERT INTO rooms (room_id, slot, kind, epoch, next_seq, commit_seq, acked_up_to, \
         expired_up_to, version) {rows} ON CONFLICT (room_id) DO UPDATE SET \
         epoch = excluded.epoch, next_seq = excluded.next_seq, \
         commit_seq = excluded.commit_seq, acked_up_to = excluded.acked_up_to, \
         version = excluded.version",
        [Bytes, Int, Int, Int, Int, Int, Int, Int, Int],
    )
});

static WRITE_SEATS: LazyLock<Rows<5>> = LazyLock::new(|| {
    Rows::new(
        "INSERT INTO seats (slot, seat_hash, cursor, added_seq, removed_seq) {rows} \
         ON CONFLICT (slot, seat_hash) DO UPDATE SET cursor = excluded.cursor, \
         added_seq = excluded.added_seq, removed_seq = excluded.removed_seq",
        [Int, Bytes, Int, Int, Int],
    )
});

static DROP_SEATS: LazyLock<Rows<2>> = LazyLock::new(|| {
    Rows::new(
        "WITH gone (slot, seat_hash) AS ({rows}) DELETE FROM seats \
         WHERE slot IN (SELECT gone.slot FROM gone) AND EXISTS (SELECT 1 FROM gone \
         WHERE gone.slot = seats.slot AND gone.seat_hash = seats.seat_hash)",
        [Int, Bytes],
    )
});

/// Makes a room's row. False if the id or the slot is taken.
pub async fn insert_room(db: &mut Db, id: RoomId, room: &Cached) -> Result<bool, sqlx::Error> {
    let made = query(
        "INSERT INTO rooms (room_id, slot, kind, next_seq, acked_up_to, version) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(id.as_bytes())
    .bind(room.slot)
    .bind(i64::from(i32::from(room.room.kind)))
    .bind(int(room.room.next_seq))
    .bind(int(room.room.acked_up_to))
    .bind(int(room.version))
    .execute(db)
    .await?;
    Ok(made == 1)
}

/// Writes rooms as they stand.
pub async fn write_rooms(db: &mut Db, rooms: &[(RoomId, &Cached)]) -> Result<(), sqlx::Error> {
    let rows: Vec<[Value<'_>; 9]> = (rooms.iter())
        .map(|(id, cached)| {
            let room = &cached.room;
            [
                id.as_bytes().into(),
                cached.slot.into(),
                i64::from(i32::from(room.kind)).into(),
                int(room.epoch).into(),
                int(room.next_seq).into(),
                int(room.commit_seq).into(),
                int(room.acked_up_to).into(),
                int(room.expired_up_to).into(),
                int(cached.version).into(),
            ]
        })
        .collect();
    WRITE_ROOMS.execute(db, &rows).await?;
    Ok(())
}

/// Writes or drops seats as they stand.
pub async fn write_seats(
    db: &mut Db,
    seats: &HashMap<(i64, SeatHash), SeatWrite>,
) -> Result<(), sqlx::Error> {
    let gone: Vec<[Value<'_>; 2]> = (seats.iter())
        .filter(|(_, write)| write.is_none())
        .map(|((slot, hash), _)| [(*slot).into(), hash.as_bytes().into()])
        .collect();
    DROP_SEATS.execute(db, &gone).await?;
    let mut kept: Vec<(&(i64, SeatHash), Seat)> = (seats.iter())
        .filter_map(|(key, write)| write.map(|seat| (key, seat)))
        .collect();
    kept.sort_unstable_by_key(|(key, _)| **key);
    let rows: Vec<[Value<'_>; 5]> = (kept.iter())
        .map(|((slot, hash), seat)| {
            [
                (*slot).into(),
                hash.as_bytes().into(),
                int(seat.cursor).into(),
                int(seat.added_seq).into(),
                int(seat.removed_seq).into(),
            ]
        })
        .collect();
    WRITE_SEATS.execute(db, &rows).await?;
    Ok(())
}
