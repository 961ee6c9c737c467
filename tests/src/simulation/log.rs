//! One room's or inbox's log in memory, under the relay's real rules.

use std::collections::BTreeMap;

use bytes::Bytes;
use siegel_proto::ids::{MessageId, RoomId, SeatHash};
use siegel_proto::room::{Attached, Deliver, EntryKind};
use siegel_server::delivery::{Accepted, Room, SeatChange};

/// A log and the rules' view of it.
#[derive(Clone, Debug)]
pub struct Log {
    /// What the rules decide on.
    pub room: Room,
    /// What is stored, by number.
    pub entries: BTreeMap<u64, Entry>,
    /// The place each message got.
    pub messages: BTreeMap<MessageId, u64>,
}

/// A stored entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the rules made of it.
    pub kind: EntryKind,
    /// The epoch it was encrypted in.
    pub epoch: u64,
    /// The voided commit, else 0.
    pub target: u64,
    /// Under which it is idempotent.
    pub message: MessageId,
    /// Opaque.
    pub payload: Bytes,
}

impl Log {
    /// An empty log.
    pub fn new(room: Room) -> Self {
        Self {
            room,
            entries: BTreeMap::new(),
            messages: BTreeMap::new(),
        }
    }

    /// Carries out what the rules accepted. Returns the seats that are gone.
    pub fn store(
        &mut self,
        accepted: &Accepted,
        message: MessageId,
        payload: Bytes,
    ) -> Vec<SeatHash> {
        self.room.apply(accepted);
        let entry = Entry {
            kind: accepted.kind,
            epoch: accepted.entry_epoch,
            target: accepted.target,
            message,
            payload,
        };
        self.entries.insert(accepted.seq, entry);
        self.messages.insert(message, accepted.seq);
        let gone = accepted.changes.iter().filter_map(|change| match change {
            SeatChange::Remove(seat) | SeatChange::Purge(seat) => Some(*seat),
            SeatChange::Add(..) | SeatChange::Restore(_) | SeatChange::Settle(_) => None,
        });
        let replaced = accepted.replaced.map(|(old, _)| old);
        gone.filter(|seat| Some(*seat) != replaced).collect()
    }

    /// Drops what every seat has acknowledged, as early as the real relay may.
    pub fn drop_acknowledged(&mut self) {
        let up_to = self.room.acknowledged_by_all();
        if up_to <= self.room.acked_up_to {
            return;
        }
        self.room.acked_up_to = up_to;
        let kept = self.entries.split_off(&(up_to + 1));
        for entry in std::mem::replace(&mut self.entries, kept).into_values() {
            self.messages.remove(&entry.message);
        }
    }

    /// The days of all entries up to a number have come.
    pub fn expire(&mut self, up_to: u64) {
        let kept = self.entries.split_off(&(up_to + 1));
        for (seq, entry) in std::mem::replace(&mut self.entries, kept) {
            self.messages.remove(&entry.message);
            self.room.expired_up_to = self.room.expired_up_to.max(seq);
        }
    }

    /// What a seat is told when it is taken.
    pub fn attached(&self, cursor: u64) -> Attached {
        Attached {
            epoch: self.room.epoch,
            next_seq: self.room.next_seq,
            cursor,
            expired_up_to: self.room.expired_up_to,
        }
    }

    /// Entries behind a cursor.
    pub fn after(&self, id: RoomId, cursor: u64) -> Vec<Deliver> {
        let later = self.entries.range(cursor + 1..);
        later.map(|(seq, entry)| deliver(id, *seq, entry)).collect()
    }
}

/// An entry on its way to a seat.
pub fn deliver(room: RoomId, seq: u64, entry: &Entry) -> Deliver {
    Deliver {
        room,
        seq,
        kind: entry.kind,
        epoch: entry.epoch,
        payload: entry.payload.clone(),
        target: entry.target,
    }
}
