//! Rooms: what may be asked of a log.

use bytes::Bytes;

use crate::error::{ErrorCode, Malformed, Refusal};
use crate::ids::{MessageId, RoomId, SeatHash};
use crate::seat::SeatToken;
use crate::{limits, padding, wire};

pub use wire::{EntryKind, RoomKind};

/// Makes an empty log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreateRoom {
    /// Random, chosen by the client.
    pub room: RoomId,
    /// Conversation or inbox.
    pub kind: RoomKind,
    /// The first seats; an inbox has exactly one.
    pub seats: Vec<SeatHash>,
    /// The relay has lost the room: numbers begin behind this one. Else 0.
    pub after: u64,
}

/// Takes a seat on this connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attach {
    /// The room or inbox.
    pub room: RoomId,
    /// What only the seat's device knows.
    pub token: SeatToken,
}

/// Where the log stands when a seat is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attached {
    /// The room's epoch.
    pub epoch: u64,
    /// The number of the next entry.
    pub next_seq: u64,
    /// What the seat has acknowledged.
    pub cursor: u64,
    /// What is gone from the log.
    pub expired_up_to: u64,
}

/// Appends one entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    /// The room.
    pub room: RoomId,
    /// The epoch the payload was encrypted in.
    pub epoch: u64,
    /// The key under which this is idempotent.
    pub message: MessageId,
    /// Opaque, a bucket long.
    pub payload: Bytes,
    /// Days until the relay drops it, at the latest.
    pub expires_in_days: u32,
    /// What kind of entry, with what belongs to the kind.
    pub kind: AppendKind,
}

/// What may be appended to a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AppendKind {
    /// An application message.
    Message,
    /// A commit: moves the epoch by one.
    Commit(CommitEffects),
    /// "I cannot process the latest commit."
    Refusal,
    /// The room takes over the epoch of the group that is ahead of it.
    Reset {
        /// What the relay does with it.
        effects: CommitEffects,
        /// The room's epoch as the author was told it.
        from_epoch: u64,
        /// Numbers go on behind this one at least.
        after: u64,
    },
}

/// What the relay does together with a commit or reset, in one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CommitEffects {
    /// Changes of seats by staff.
    pub seats: SeatChanges,
    /// A new hash for the appending seat.
    pub replace_own: Option<SeatHash>,
    /// Welcomes for inboxes.
    pub welcomes: Vec<InboxWelcome>,
}

/// How the seats of a room change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SeatChanges {
    /// These come, these go.
    Delta {
        /// New seats; their cursor stands at the commit.
        add: Vec<SeatHash>,
        /// Seats that go.
        remove: Vec<SeatHash>,
    },
    /// Afterwards there are exactly these; the cursor of those that were there stays.
    Exact(Vec<SeatHash>),
}

impl Default for SeatChanges {
    fn default() -> Self {
        Self::Delta {
            add: Vec::new(),
            remove: Vec::new(),
        }
    }
}

impl SeatChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Delta { add, remove } if add.is_empty() && remove.is_empty())
    }
}

/// A Welcome for one inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboxWelcome {
    /// The inbox.
    pub inbox: RoomId,
    /// Opaque, a bucket long.
    pub payload: Bytes,
}

/// The place an entry got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub message: MessageId,
    /// Its number.
    pub seq: u64,
}

/// One entry of a log on its way to a seat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deliver {
    /// The room.
    pub room: RoomId,
    /// The entry's number.
    pub seq: u64,
    /// Its kind.
    pub kind: EntryKind,
    /// The epoch it was encrypted in.
    pub epoch: u64,
    /// Opaque.
    pub payload: Bytes,
    /// Kind `Void`: the voided commit. Kind `Reset` without a payload: the last entry of
    /// the backup that was put back. Else 0.
    pub target: u64,
}

impl Deliver {
    /// Whether this is where a backup was put back.
    pub fn is_put_back(&self) -> bool {
        self.kind == EntryKind::Reset && self.payload.is_empty()
    }
}

/// Stored at the client up to and including this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ack {
    /// The room.
    pub room: RoomId,
    /// The number.
    pub up_to: u64,
}

/// Takes back the latest commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VoidCommit {
    /// The room.
    pub room: RoomId,
    /// The commit, which must be the latest.
    pub seq: u64,
    /// The key under which this is idempotent.
    pub message: MessageId,
}

/// Appends to somebody's inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppendInbox {
    /// The inbox.
    pub inbox: RoomId,
    /// The key under which this is idempotent.
    pub message: MessageId,
    /// Opaque, a bucket long.
    pub payload: Bytes,
    /// Days until the relay drops it, at the latest.
    pub expires_in_days: u32,
}

fn payload(bytes: Bytes) -> Result<Bytes, Refusal> {
    if bytes.len() > limits::PAYLOAD_BYTES {
        return Err(Refusal::new(ErrorCode::TooLarge));
    }
    if !padding::is_bucket(bytes.len()) {
        return Err(Refusal::new(ErrorCode::NotPadded));
    }
    Ok(bytes)
}

pub(crate) fn expiry(days: u32) -> Result<u32, Malformed> {
    if (1..=limits::EXPIRY_DAYS).contains(&days) {
        Ok(days)
    } else {
        Err(Malformed("expires_in_days"))
    }
}

fn seats(wire: &[Bytes], most: usize) -> Result<Vec<SeatHash>, Refusal> {
    if wire.len() > most {
        return Err(Refusal::new(ErrorCode::QuotaExceeded));
    }
    Ok(wire
        .iter()
        .map(|hash| SeatHash::from_slice(hash))
        .collect::<Result<_, _>>()?)
}

fn to_wire(seats: &[SeatHash]) -> Vec<Bytes> {
    seats.iter().map(|seat| seat.to_wire()).collect()
}

impl TryFrom<wire::CreateRoom> for CreateRoom {
    type Error = Refusal;

    fn try_from(wire: wire::CreateRoom) -> Result<Self, Refusal> {
        let kind = wire.kind();
        let seats = seats(&wire.seats, limits::SEATS_PER_COMMIT)?;
        let fits = match kind {
            RoomKind::Unspecified => false,
            RoomKind::Room => !seats.is_empty(),
            RoomKind::Inbox => seats.len() == 1,
        };
        if !fits {
            return Err(Malformed("room").into());
        }
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            kind,
            seats,
            after: entry_number(wire.after)?,
        })
    }
}

impl From<CreateRoom> for wire::CreateRoom {
    fn from(create: CreateRoom) -> Self {
        Self {
            room_id: create.room.to_wire(),
            kind: create.kind.into(),
            seats: to_wire(&create.seats),
            after: create.after,
        }
    }
}

impl TryFrom<wire::Attach> for Attach {
    type Error = Malformed;

    fn try_from(wire: wire::Attach) -> Result<Self, Malformed> {
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            token: SeatToken::from_slice(&wire.seat_token)?,
        })
    }
}

impl From<&Attach> for wire::Attach {
    fn from(attach: &Attach) -> Self {
        Self {
            room_id: attach.room.to_wire(),
            seat_token: Bytes::copy_from_slice(attach.token.as_bytes()),
        }
    }
}

/// A number of an entry, so that counting on from it cannot overflow.
fn entry_number(seq: u64) -> Result<u64, Malformed> {
    if seq <= limits::ENTRY_NUMBER {
        Ok(seq)
    } else {
        Err(Malformed("entry number"))
    }
}

impl TryFrom<wire::Attached> for Attached {
    type Error = Malformed;

    fn try_from(wire: wire::Attached) -> Result<Self, Malformed> {
        Ok(Self {
            epoch: wire.epoch,
            next_seq: entry_number(wire.next_seq)?,
            cursor: entry_number(wire.cursor)?,
            expired_up_to: entry_number(wire.expired_up_to)?,
        })
    }
}

impl From<Attached> for wire::Attached {
    fn from(attached: Attached) -> Self {
        Self {
            epoch: attached.epoch,
            next_seq: attached.next_seq,
            cursor: attached.cursor,
            expired_up_to: attached.expired_up_to,
        }
    }
}

impl TryFrom<wire::Append> for Append {
    type Error = Refusal;

    fn try_from(wire: wire::Append) -> Result<Self, Refusal> {
        let kind = wire.kind();
        let has_effects = wire.seats.is_some() || !wire.welcomes.is_empty();
        let kind = match kind {
            EntryKind::Message if !has_effects => AppendKind::Message,
            EntryKind::Refusal if !has_effects => AppendKind::Refusal,
            EntryKind::Commit => AppendKind::Commit(effects(wire.seats, wire.welcomes)?),
            EntryKind::Reset => {
                let effects = effects(wire.seats, wire.welcomes)?;
                if !matches!(effects.seats, SeatChanges::Exact(_)) {
                    return Err(Malformed("reset without exact seats").into());
                }
                AppendKind::Reset {
                    effects,
                    from_epoch: wire.from_epoch,
                    after: entry_number(wire.after)?,
                }
            }
            _ => return Err(Malformed("entry kind").into()),
        };
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            epoch: wire.epoch,
            message: MessageId::from_slice(&wire.message_id)?,
            payload: payload(wire.payload)?,
            expires_in_days: expiry(wire.expires_in_days)?,
            kind,
        })
    }
}

fn effects(
    changes: Option<wire::SeatChanges>,
    welcomes: Vec<wire::InboxWelcome>,
) -> Result<CommitEffects, Refusal> {
    let changes = changes.unwrap_or_default();
    let add = seats(&changes.add, limits::SEATS_PER_COMMIT)?;
    let remove = seats(&changes.remove, limits::SEATS_PER_COMMIT)?;
    let exact = seats(&changes.exact, limits::SEATS_PER_ROOM)?;
    let seats = match (exact.is_empty(), add.is_empty() && remove.is_empty()) {
        (true, _) => SeatChanges::Delta { add, remove },
        (false, true) => SeatChanges::Exact(exact),
        (false, false) => return Err(Malformed("seat changes").into()),
    };
    let replace_own = match changes.replace_own.is_empty() {
        true => None,
        false => Some(SeatHash::from_slice(&changes.replace_own)?),
    };
    if welcomes.len() > limits::WELCOMES_PER_COMMIT {
        return Err(Refusal::new(ErrorCode::QuotaExceeded));
    }
    let welcomes = welcomes
        .into_iter()
        .map(|welcome| {
            Ok(InboxWelcome {
                inbox: RoomId::from_slice(&welcome.inbox_id)?,
                payload: payload(welcome.payload)?,
            })
        })
        .collect::<Result<_, Refusal>>()?;
    Ok(CommitEffects {
        seats,
        replace_own,
        welcomes,
    })
}

impl From<Append> for wire::Append {
    fn from(append: Append) -> Self {
        let (from_epoch, after) = match append.kind {
            AppendKind::Reset {
                from_epoch, after, ..
            } => (from_epoch, after),
            _ => (0, 0),
        };
        let (kind, effects) = match append.kind {
            AppendKind::Message => (EntryKind::Message, None),
            AppendKind::Refusal => (EntryKind::Refusal, None),
            AppendKind::Commit(effects) => (EntryKind::Commit, Some(effects)),
            AppendKind::Reset { effects, .. } => (EntryKind::Reset, Some(effects)),
        };
        let (seats, welcomes) = effects.map(effects_to_wire).unzip();
        Self {
            room_id: append.room.to_wire(),
            kind: kind.into(),
            epoch: append.epoch,
            message_id: append.message.to_wire(),
            payload: append.payload,
            expires_in_days: append.expires_in_days,
            seats,
            welcomes: welcomes.unwrap_or_default(),
            from_epoch,
            after,
        }
    }
}

fn effects_to_wire(effects: CommitEffects) -> (wire::SeatChanges, Vec<wire::InboxWelcome>) {
    let mut changes = wire::SeatChanges {
        replace_own: effects
            .replace_own
            .map(SeatHash::to_wire)
            .unwrap_or_default(),
        ..Default::default()
    };
    match effects.seats {
        SeatChanges::Delta { add, remove } => {
            changes.add = to_wire(&add);
            changes.remove = to_wire(&remove);
        }
        SeatChanges::Exact(seats) => changes.exact = to_wire(&seats),
    }
    let welcomes = effects
        .welcomes
        .into_iter()
        .map(|welcome| wire::InboxWelcome {
            inbox_id: welcome.inbox.to_wire(),
            payload: welcome.payload,
        })
        .collect();
    (changes, welcomes)
}

impl TryFrom<wire::Appended> for Appended {
    type Error = Malformed;

    fn try_from(wire: wire::Appended) -> Result<Self, Malformed> {
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            message: MessageId::from_slice(&wire.message_id)?,
            seq: entry_number(wire.seq)?,
        })
    }
}

impl From<Appended> for wire::Appended {
    fn from(appended: Appended) -> Self {
        Self {
            room_id: appended.room.to_wire(),
            message_id: appended.message.to_wire(),
            seq: appended.seq,
        }
    }
}

impl TryFrom<wire::Deliver> for Deliver {
    type Error = Malformed;

    fn try_from(wire: wire::Deliver) -> Result<Self, Malformed> {
        let kind = match wire.kind() {
            EntryKind::Unspecified => return Err(Malformed("entry kind")),
            kind => kind,
        };
        if wire.payload.len() > limits::PAYLOAD_BYTES {
            return Err(Malformed("payload"));
        }
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            seq: entry_number(wire.seq)?,
            kind,
            epoch: wire.epoch,
            payload: wire.payload,
            target: wire.target,
        })
    }
}

impl From<Deliver> for wire::Deliver {
    fn from(deliver: Deliver) -> Self {
        Self {
            room_id: deliver.room.to_wire(),
            seq: deliver.seq,
            kind: deliver.kind.into(),
            epoch: deliver.epoch,
            payload: deliver.payload,
            target: deliver.target,
        }
    }
}

impl TryFrom<wire::Ack> for Ack {
    type Error = Malformed;

    fn try_from(wire: wire::Ack) -> Result<Self, Malformed> {
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            up_to: wire.up_to,
        })
    }
}

impl From<Ack> for wire::Ack {
    fn from(ack: Ack) -> Self {
        Self {
            room_id: ack.room.to_wire(),
            up_to: ack.up_to,
        }
    }
}

impl TryFrom<wire::VoidCommit> for VoidCommit {
    type Error = Malformed;

    fn try_from(wire: wire::VoidCommit) -> Result<Self, Malformed> {
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            seq: wire.seq,
            message: MessageId::from_slice(&wire.message_id)?,
        })
    }
}

impl From<VoidCommit> for wire::VoidCommit {
    fn from(void: VoidCommit) -> Self {
        Self {
            room_id: void.room.to_wire(),
            seq: void.seq,
            message_id: void.message.to_wire(),
        }
    }
}

impl TryFrom<wire::AppendInbox> for AppendInbox {
    type Error = Refusal;

    fn try_from(wire: wire::AppendInbox) -> Result<Self, Refusal> {
        Ok(Self {
            inbox: RoomId::from_slice(&wire.inbox_id)?,
            message: MessageId::from_slice(&wire.message_id)?,
            payload: payload(wire.payload)?,
            expires_in_days: expiry(wire.expires_in_days)?,
        })
    }
}

impl From<AppendInbox> for wire::AppendInbox {
    fn from(append: AppendInbox) -> Self {
        Self {
            inbox_id: append.inbox.to_wire(),
            message_id: append.message.to_wire(),
            payload: append.payload,
            expires_in_days: append.expires_in_days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(kind: AppendKind) -> Append {
        Append {
            room: RoomId::new([1; 16]),
            epoch: 3,
            message: MessageId::new([2; 16]),
            payload: vec![0; 256].into(),
            expires_in_days: 30,
            kind,
        }
    }

    #[test]
    fn every_kind_round_trips() {
        let effects = CommitEffects {
            seats: SeatChanges::Delta {
                add: vec![SeatHash::new([3; 32])],
                remove: vec![SeatHash::new([4; 32])],
            },
            replace_own: Some(SeatHash::new([5; 32])),
            welcomes: vec![InboxWelcome {
                inbox: RoomId::new([6; 16]),
                payload: vec![1; 384].into(),
            }],
        };
        let exact = CommitEffects {
            seats: SeatChanges::Exact(vec![SeatHash::new([7; 32])]),
            ..CommitEffects::default()
        };
        for kind in [
            AppendKind::Message,
            AppendKind::Refusal,
            AppendKind::Commit(effects),
            AppendKind::Reset {
                effects: exact,
                from_epoch: 4,
                after: 70,
            },
        ] {
            let append = append(kind);
            assert_eq!(
                Append::try_from(wire::Append::from(append.clone())),
                Ok(append)
            );
        }
    }

    #[test]
    fn a_payload_off_the_buckets_is_refused_by_name() {
        let mut wire = wire::Append::from(append(AppendKind::Message));
        wire.payload = vec![0; 257].into();
        let refused = Append::try_from(wire.clone()).map_err(|refusal| refusal.code);
        assert_eq!(refused, Err(ErrorCode::NotPadded));
        wire.payload = vec![0; limits::PAYLOAD_BYTES * 2].into();
        let refused = Append::try_from(wire).map_err(|refusal| refusal.code);
        assert_eq!(refused, Err(ErrorCode::TooLarge));
    }

    #[test]
    fn a_message_carries_no_seat_changes() {
        let mut wire = wire::Append::from(append(AppendKind::Message));
        wire.seats = Some(wire::SeatChanges::default());
        assert!(Append::try_from(wire).is_err());
    }

    #[test]
    fn a_reset_names_all_seats() {
        let wire = wire::Append::from(append(AppendKind::Reset {
            effects: CommitEffects::default(),
            from_epoch: 0,
            after: 0,
        }));
        assert!(Append::try_from(wire).is_err());
    }
}
