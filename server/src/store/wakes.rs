//! What this relay has written and others must know, until it is on its way to them; and
//! the look for what they have written, in case a wake-up was lost.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use siegel_proto::ids::{RoomId, SeatHash};
use tokio::sync::Notify;

use super::db::{Reads, Value};
use super::rooms::decode;
use super::rows::Column::Bytes;
use super::rows::Rows;
use super::uint;

/// Rooms one look asks for.
const ROOMS: usize = 1_000;

/// See the module.
#[derive(Debug)]
pub struct Wakes {
    is_shared: bool,
    unsaid: Mutex<Unsaid>,
    ready: Notify,
}

/// What has not been said yet. Bounded by the rooms and seats in use.
#[derive(Debug, Default)]
pub struct Unsaid {
    /// Rooms and the last entry each has.
    pub moved: HashMap<RoomId, u64>,
    /// Seats that were taken here, and when.
    pub taken: HashMap<(RoomId, SeatHash), u64>,
    /// The policy or the revocations have changed.
    pub organisation: bool,
}

impl Wakes {
    /// Collects nothing where no other relay can be.
    pub fn new(is_shared: bool) -> Self {
        Self {
            is_shared,
            unsaid: Mutex::default(),
            ready: Notify::new(),
        }
    }

    /// A room has a new entry.
    pub fn moved(&self, room: RoomId, seq: u64) {
        self.add(|unsaid| {
            let last = unsaid.moved.entry(room).or_default();
            *last = seq.max(*last);
        });
    }

    /// Somebody took a seat here.
    pub fn taken(&self, room: RoomId, seat: SeatHash, at: u64) {
        self.add(|unsaid| {
            unsaid.taken.insert((room, seat), at);
        });
    }

    /// The policy or the revocations have changed.
    pub fn organisation(&self) {
        self.add(|unsaid| unsaid.organisation = true);
    }

    /// Waits until there is something and takes all of it.
    pub async fn take(&self) -> Unsaid {
        loop {
            let unsaid = std::mem::take(&mut *self.unsaid());
            if !unsaid.is_empty() {
                return unsaid;
            }
            self.ready.notified().await;
        }
    }

    /// What nobody waited for any more.
    pub fn rest(&self) -> Option<Unsaid> {
        Some(std::mem::take(&mut *self.unsaid())).filter(|unsaid| !unsaid.is_empty())
    }

    fn add(&self, add: impl FnOnce(&mut Unsaid)) {
        if self.is_shared {
            add(&mut self.unsaid());
            self.ready.notify_one();
        }
    }

    fn unsaid(&self) -> MutexGuard<'_, Unsaid> {
        self.unsaid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unsaid {
    fn is_empty(&self) -> bool {
        self.moved.is_empty() && self.taken.is_empty() && !self.organisation
    }
}

/// The last number each of these rooms has given.
///
/// # Errors
/// A statement failed.
pub async fn last_numbers(
    reads: &Reads,
    rooms: &[RoomId],
) -> Result<Vec<(RoomId, u64)>, sqlx::Error> {
    let mut last = Vec::with_capacity(rooms.len());
    for rooms in rooms.chunks(ROOMS) {
        let ids: Vec<[Value<'_>; 1]> = rooms.iter().map(|room| [room.as_bytes().into()]).collect();
        for row in NEXT_NUMBERS.all(&mut reads.take().await?, &ids).await? {
            let room = RoomId::from_slice(row.bytes(0)?).map_err(decode)?;
            last.push((room, uint(row.int(1)?).saturating_sub(1)));
        }
    }
    Ok(last)
}

static NEXT_NUMBERS: LazyLock<Rows<1>> = LazyLock::new(|| {
    Rows::new(
        "SELECT room_id, next_seq FROM rooms WHERE room_id IN ({rows})",
        [Bytes],
    )
});
