//! What is on the relay's disk, and every guess that is made from it.
//!
//! Each [`Attack`] is a way to say how alike two seats of different rooms look; the thief
//! names for every seat the one that looks most alike. The truth is not used here.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;
use siegel_proto::ids::{RoomId, SeatHash};

/// Everything the files hold, put in order.
pub struct Loot {
    /// Rooms; inboxes are told by their kind and left out.
    pub rooms: Vec<Room>,
    /// Every file as it lies there: database, write-ahead log, whatever else.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A room as the thief finds it.
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// Where its rows lie.
    pub slot: i64,
    /// Commits that count.
    pub epoch: i64,
    /// The number of the next entry.
    pub next_seq: i64,
    /// Those that count.
    pub seats: Vec<Seat>,
    /// Number and day of expiry of what not everybody has read.
    pub unread: Vec<(i64, i64)>,
}

/// A seat as the thief finds it.
#[derive(Clone, Copy)]
pub struct Seat {
    /// Which.
    pub hash: SeatHash,
    /// Read up to here.
    pub cursor: i64,
    /// The commit that brought it, as far as it still stands there.
    pub added: i64,
}

/// How alike two seats of different rooms look; the higher the more.
pub type Attack = fn((&Room, &Seat), (&Room, &Seat)) -> f64;

/// Every way that was thought of.
pub const ATTACKS: &[(&str, Attack)] = &[
    ("the hashes are near each other", near_hashes),
    ("the rooms lie near each other", near_slots),
    ("both have not read since the same day", absent_since),
    ("both are as far behind", as_far_behind),
    ("the rooms are busy on the same days", busy_days),
    ("both came by a commit of one number", came_alike),
    ("the rooms are of one shape", one_shape),
    ("all of it together", together),
];

impl Loot {
    /// Reads a copy of the relay's folder. Opening the database replays its log of writes,
    /// as any thief's SQLite would.
    pub fn take(folder: &Path) -> Self {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).expect("reads").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                files.push((name, std::fs::read(entry.path()).expect("reads")));
            }
        }
        let database = Connection::open(folder.join("siegel.db")).expect("opens");
        let query = "SELECT room_id, slot, epoch, next_seq FROM rooms WHERE kind = 1";
        let mut rooms = database.prepare(query).expect("prepares");
        let rooms = rooms.query_map([], |row| {
            Ok(Room {
                id: RoomId::from_slice(&row.get::<_, Vec<u8>>(0)?).expect("an id"),
                slot: row.get(1)?,
                epoch: row.get(2)?,
                next_seq: row.get(3)?,
                seats: Vec::new(),
                unread: Vec::new(),
            })
        });
        let mut rooms: Vec<Room> = rooms.expect("reads").map(|r| r.expect("a room")).collect();
        for room in &mut rooms {
            room.seats = seats(&database, room.slot);
            room.unread = unread(&database, room.slot);
        }
        Self { rooms, files }
    }

    /// Every seat with its room.
    pub fn seats(&self) -> Vec<(&Room, &Seat)> {
        let rooms = self.rooms.iter();
        rooms
            .flat_map(|room| room.seats.iter().map(move |seat| (room, seat)))
            .collect()
    }
}

fn seats(database: &Connection, slot: i64) -> Vec<Seat> {
    let query =
        "SELECT seat_hash, cursor, added_seq FROM seats WHERE slot = ?1 AND removed_seq = 0";
    let mut seats = database.prepare(query).expect("prepares");
    let seats = seats.query_map([slot], |row| {
        Ok(Seat {
            hash: SeatHash::from_slice(&row.get::<_, Vec<u8>>(0)?).expect("a hash"),
            cursor: row.get(1)?,
            added: row.get(2)?,
        })
    });
    seats.expect("reads").map(|s| s.expect("a seat")).collect()
}

fn unread(database: &Connection, slot: i64) -> Vec<(i64, i64)> {
    let query = "SELECT entry_id & 4294967295, expires_day FROM entries \
                 WHERE entry_id >> 32 = ?1 ORDER BY entry_id";
    let mut entries = database.prepare(query).expect("prepares");
    let entries = entries.query_map([slot], |row| Ok((row.get(0)?, row.get(1)?)));
    entries
        .expect("reads")
        .map(|e| e.expect("an entry"))
        .collect()
}

/// The seat of another room that looks most like this one.
pub fn most_alike<'l>(
    attack: Attack,
    own: (&Room, &Seat),
    all: &[(&'l Room, &'l Seat)],
) -> Option<(&'l Room, &'l Seat)> {
    let others = all.iter().filter(|(room, _)| room.id != own.0.id);
    // Of equals the hash decides, which is to say chance.
    let better = |a: &&(&Room, &Seat), b: &&(&Room, &Seat)| {
        let of = |other: &(&Room, &Seat)| attack(own, *other);
        of(a).total_cmp(&of(b)).then(a.1.hash.cmp(&b.1.hash))
    };
    others.max_by(better).copied()
}

fn near_hashes((_, a): (&Room, &Seat), (_, b): (&Room, &Seat)) -> f64 {
    let (a, b) = (a.hash.as_bytes(), b.hash.as_bytes());
    let differing: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
    -f64::from(differing)
}

fn near_slots((a, _): (&Room, &Seat), (b, _): (&Room, &Seat)) -> f64 {
    -((a.slot - b.slot).abs() as f64)
}

/// The day of the first entry a seat has not read: since then its device was away.
fn away_since(room: &Room, seat: &Seat) -> Option<i64> {
    let first = room.unread.iter().find(|(seq, _)| *seq > seat.cursor);
    first.map(|(_, day)| *day)
}

fn absent_since(a: (&Room, &Seat), b: (&Room, &Seat)) -> f64 {
    match (away_since(a.0, a.1), away_since(b.0, b.1)) {
        (Some(a), Some(b)) => -((a - b).abs() as f64),
        (None, None) => -0.5,
        _ => -100.0,
    }
}

fn as_far_behind(a: (&Room, &Seat), b: (&Room, &Seat)) -> f64 {
    let behind = |(room, seat): (&Room, &Seat)| room.next_seq - seat.cursor;
    -((behind(a) - behind(b)).abs() as f64)
}

fn busy_days((a, _): (&Room, &Seat), (b, _): (&Room, &Seat)) -> f64 {
    let days = |room: &Room| {
        room.unread
            .iter()
            .map(|(_, day)| *day)
            .collect::<BTreeSet<_>>()
    };
    let (a, b) = (days(a), days(b));
    let both = a.intersection(&b).count() as f64;
    let any = a.union(&b).count().max(1) as f64;
    both / any
}

fn came_alike((_, a): (&Room, &Seat), (_, b): (&Room, &Seat)) -> f64 {
    -((a.added - b.added).abs() as f64)
}

fn one_shape((a, _): (&Room, &Seat), (b, _): (&Room, &Seat)) -> f64 {
    let shape = |room: &Room| (room.seats.len() as i64, room.epoch, room.next_seq);
    let (a, b) = (shape(a), shape(b));
    let differing = 10 * (a.0 - b.0).abs() + 3 * (a.1 - b.1).abs() + (a.2 - b.2).abs();
    -(differing as f64)
}

fn together(a: (&Room, &Seat), b: (&Room, &Seat)) -> f64 {
    3.0 * absent_since(a, b) + 2.0 * busy_days(a, b) + 0.5 * as_far_behind(a, b)
}

/// Which seat of a room is the client's, if one is: a way to guess.
pub type Pick = fn(&Room) -> Option<SeatHash>;

/// Every way that was thought of.
pub const PICKS: &[(&str, Pick)] = &[
    ("the one that came last", |room| {
        let last = room.seats.iter().max_by_key(|seat| seat.added)?;
        Some(last.hash)
    }),
    ("the one that has read least", |room| {
        let least = room.seats.iter().min_by_key(|seat| seat.cursor)?;
        Some(least.hash)
    }),
    ("the one that has read most", |room| {
        let most = room.seats.iter().max_by_key(|seat| seat.cursor)?;
        Some(most.hash)
    }),
    ("the first in the table", |room| {
        room.seats.first().map(|seat| seat.hash)
    }),
];
