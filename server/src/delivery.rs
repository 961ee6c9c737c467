//! The rules of a room: which append, void and acknowledgement is accepted, and what it
//! changes. Knows no HTTP, no SQL and no clock, so the simulation runs these very rules.
//!
//! | entry   | epoch asked for | seat                            | the room afterwards |
//! | ------- | --------------- | ------------------------------- | ------------------- |
//! | message | the room's      | any                             | same epoch |
//! | commit  | the room's      | staff if it changes other seats | epoch + 1, can be voided |
//! | refusal | the room's - 1  | any, while the commit stands    | same epoch |
//! | void    | none            | staff                           | epoch - 1, the commit's seat changes undone |
//! | reset   | any, the room's is told beside | staff, with `exact` seats | epoch = asked + 1, cannot be voided |
//! | welcome | none            | a staff session, inbox only     | same epoch |

use std::collections::{BTreeMap, BTreeSet};

use siegel_proto::ids::SeatHash;
use siegel_proto::limits;
use siegel_proto::room::{AppendKind, CommitEffects, EntryKind, RoomKind, SeatChanges};
use siegel_proto::seat::SeatClass;
use siegel_proto::{ErrorCode, Refusal};

/// A room as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Conversation or inbox.
    pub kind: RoomKind,
    /// The epoch the next entry must be encrypted in.
    pub epoch: u64,
    /// The number the next entry gets; numbers count from 1.
    pub next_seq: u64,
    /// The latest commit while it can still be voided, else 0.
    pub commit_seq: u64,
    /// Entries up to here were acknowledged by every seat and are gone.
    pub acked_up_to: u64,
    /// The highest entry that was dropped by age.
    pub expired_up_to: u64,
    /// All seats, those the latest commit removed among them.
    pub seats: BTreeMap<SeatHash, Seat>,
}

/// One device's place in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seat {
    /// Everything up to here is stored at the device.
    pub cursor: u64,
    /// The commit that added the seat while it can be voided, else 0: how a seat came into
    /// its room would tell colleagues from clients.
    pub added_seq: u64,
    /// The commit that removed the seat; 0 for a seat that counts.
    pub removed_seq: u64,
}

impl Seat {
    /// Whether the seat may attach, append and hold entries back from deletion.
    pub const fn is_active(&self) -> bool {
        self.removed_seq == 0
    }
}

/// Who asks: a seat, attached with this class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seated {
    /// The seat.
    pub seat: SeatHash,
    /// How it was attached.
    pub class: SeatClass,
}

/// An accepted entry and everything it changes. [`Room::apply`] carries it out in
/// memory, the store writes the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The entry's number.
    pub seq: u64,
    /// The entry's kind.
    pub kind: EntryKind,
    /// The epoch that stands with the entry.
    pub entry_epoch: u64,
    /// Kind void: the voided commit; else 0.
    pub target: u64,
    /// The room's epoch afterwards.
    pub epoch: u64,
    /// The commit that can be voided afterwards, 0 for none.
    pub commit_seq: u64,
    /// In this order.
    pub changes: Vec<SeatChange>,
    /// The appending seat's old and new hash, if the entry replaced it.
    pub replaced: Option<(SeatHash, SeatHash)>,
}

/// One change to a room's seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatChange {
    /// The row goes for good.
    Purge(SeatHash),
    /// A new active seat.
    Add(SeatHash, Seat),
    /// Stays as a row until the next commit, so that a void can bring it back.
    Remove(SeatHash),
    /// Counts again.
    Restore(SeatHash),
    /// The commit that added it can no longer be voided.
    Settle(SeatHash),
}

impl Room {
    /// An empty log at epoch 0; its numbers begin behind `after`.
    ///
    /// # Errors
    /// Malformed without seats, with the same seat twice, or an inbox with two.
    pub fn create(kind: RoomKind, seats: &[SeatHash], after: u64) -> Result<Self, Refusal> {
        if seats.len() > limits::SEATS_PER_ROOM {
            return Err(Refusal::new(ErrorCode::QuotaExceeded));
        }
        let distinct: BTreeMap<_, _> = seats.iter().map(|s| (*s, Seat::default())).collect();
        let fits = after < limits::ENTRY_NUMBER
            && match kind {
                RoomKind::Room => !seats.is_empty(),
                RoomKind::Inbox => seats.len() == 1,
                RoomKind::Unspecified => false,
            };
        if !fits || distinct.len() != seats.len() {
            return Err(Refusal::new(ErrorCode::Malformed));
        }
        Ok(Self {
            kind,
            epoch: 0,
            next_seq: after + 1,
            commit_seq: 0,
            acked_up_to: after,
            expired_up_to: 0,
            seats: distinct,
        })
    }

    /// Decides an append by an attached seat of an entry encrypted in `epoch`.
    ///
    /// # Errors
    /// Denied, stale epoch with the room's, quota exceeded, already exists.
    pub fn decide_append(
        &self,
        by: Seated,
        epoch: u64,
        kind: &AppendKind,
    ) -> Result<Accepted, Refusal> {
        self.must_sit(by.seat)?;
        if self.kind != RoomKind::Room {
            return Err(denied());
        }
        if by.class != SeatClass::Staff && needs_staff(kind) {
            return Err(denied());
        }
        self.must_have_space()?;
        match kind {
            AppendKind::Message => {
                self.must_be_at(epoch)?;
                Ok(self.accept(EntryKind::Message, epoch))
            }
            AppendKind::Refusal => {
                let stands = self.commit_seq != 0 && epoch.checked_add(1) == Some(self.epoch);
                if !stands {
                    return Err(self.stale());
                }
                Ok(self.accept(EntryKind::Refusal, epoch))
            }
            AppendKind::Commit(effects) => {
                self.must_be_at(epoch)?;
                let mut accepted = self.accept(EntryKind::Commit, epoch);
                accepted.epoch = next_epoch(epoch)?;
                accepted.commit_seq = accepted.seq;
                accepted.changes = self.plan_seats(by.seat, effects, accepted.seq)?;
                accepted.replaced = effects.replace_own.map(|new| (by.seat, new));
                Ok(accepted)
            }
            AppendKind::Reset {
                effects,
                from_epoch,
                after,
            } => {
                self.must_be_at(*from_epoch)?;
                if *after >= limits::ENTRY_NUMBER {
                    return Err(Refusal::new(ErrorCode::Malformed));
                }
                let mut accepted = self.accept(EntryKind::Reset, epoch);
                accepted.seq = self.next_seq.max(after + 1);
                accepted.epoch = next_epoch(epoch)?;
                accepted.commit_seq = 0;
                accepted.changes = self.plan_seats(by.seat, effects, accepted.seq)?;
                accepted.replaced = effects.replace_own.map(|new| (by.seat, new));
                for change in &mut accepted.changes {
                    match change {
                        // A reset is not voided: what it removes is gone at once.
                        SeatChange::Remove(seat) => *change = SeatChange::Purge(*seat),
                        // A seat the backup did not know reads all there is, the reset too.
                        SeatChange::Add(hash, seat) if Some(*hash) != effects.replace_own => {
                            seat.cursor = 0;
                        }
                        _ => {}
                    }
                }
                Ok(accepted)
            }
        }
    }

    /// A backup in which the room stands like this is put back. Devices may have gone on
    /// since: numbers that were given once are left out, and the entry says where.
    pub fn put_back(&self) -> Accepted {
        let kept = self.next_seq - 1;
        let mut accepted = self.accept(EntryKind::Reset, self.epoch);
        accepted.seq = kept + limits::PUT_BACK_LEAP;
        accepted.target = kept;
        accepted
    }

    /// Decides taking back the latest commit.
    ///
    /// # Errors
    /// Denied, or version conflict with the commit that can be voided (0 for none).
    pub fn decide_void(&self, by: Seated, seq: u64) -> Result<Accepted, Refusal> {
        self.must_sit(by.seat)?;
        if by.class != SeatClass::Staff || self.kind != RoomKind::Room {
            return Err(denied());
        }
        if self.commit_seq == 0 || seq != self.commit_seq {
            return Err(Refusal::with_current(
                ErrorCode::VersionConflict,
                self.commit_seq,
            ));
        }
        self.must_have_space()?;
        let epoch = self.epoch.saturating_sub(1);
        let mut accepted = self.accept(EntryKind::Void, epoch);
        accepted.target = seq;
        accepted.epoch = epoch;
        accepted.commit_seq = 0;
        for (hash, seat) in &self.seats {
            if seat.removed_seq == seq {
                accepted.changes.push(SeatChange::Restore(*hash));
            } else if seat.added_seq == seq {
                accepted.changes.push(SeatChange::Purge(*hash));
            }
        }
        Ok(accepted)
    }

    /// Decides a Welcome for an inbox. Who may ask is the session's business.
    ///
    /// # Errors
    /// Denied if this is no inbox, quota exceeded.
    pub fn decide_welcome(&self) -> Result<Accepted, Refusal> {
        if self.kind != RoomKind::Inbox {
            return Err(denied());
        }
        self.must_have_space()?;
        Ok(self.accept(EntryKind::Welcome, 0))
    }

    /// Carries out what was accepted.
    pub fn apply(&mut self, accepted: &Accepted) {
        self.next_seq = accepted.seq + 1;
        self.epoch = accepted.epoch;
        self.commit_seq = accepted.commit_seq;
        for change in &accepted.changes {
            match *change {
                SeatChange::Purge(hash) => {
                    self.seats.remove(&hash);
                }
                SeatChange::Add(hash, seat) => {
                    self.seats.insert(hash, seat);
                }
                SeatChange::Remove(hash) => {
                    if let Some(seat) = self.seats.get_mut(&hash) {
                        seat.removed_seq = accepted.seq;
                    }
                }
                SeatChange::Restore(hash) => {
                    if let Some(seat) = self.seats.get_mut(&hash) {
                        seat.removed_seq = 0;
                    }
                }
                SeatChange::Settle(hash) => {
                    if let Some(seat) = self.seats.get_mut(&hash) {
                        seat.added_seq = 0;
                    }
                }
            }
        }
    }

    /// Moves a seat's cursor, never back and never beyond the log. Says whether it moved.
    pub fn acknowledge(&mut self, seat: SeatHash, up_to: u64) -> bool {
        let end = self.next_seq - 1;
        match self.seats.get_mut(&seat) {
            Some(seat) if seat.is_active() && up_to.min(end) > seat.cursor => {
                seat.cursor = up_to.min(end);
                true
            }
            _ => false,
        }
    }

    /// Up to where every active seat has acknowledged.
    pub fn acknowledged_by_all(&self) -> u64 {
        self.seats
            .values()
            .filter(|seat| seat.is_active())
            .map(|seat| seat.cursor)
            .min()
            .unwrap_or(0)
            .max(self.acked_up_to)
    }

    /// The seat if it counts.
    pub fn active(&self, seat: &SeatHash) -> Option<&Seat> {
        self.seats.get(seat).filter(|seat| seat.is_active())
    }

    fn accept(&self, kind: EntryKind, entry_epoch: u64) -> Accepted {
        Accepted {
            seq: self.next_seq,
            kind,
            entry_epoch,
            target: 0,
            epoch: self.epoch,
            commit_seq: self.commit_seq,
            changes: Vec::new(),
            replaced: None,
        }
    }

    fn plan_seats(
        &self,
        own: SeatHash,
        effects: &CommitEffects,
        seq: u64,
    ) -> Result<Vec<SeatChange>, Refusal> {
        // What the commit before removed can no longer come back, what it added no longer go.
        let settled = |(hash, seat): (&SeatHash, &Seat)| match seat.is_active() {
            false => Some(SeatChange::Purge(*hash)),
            true if seat.added_seq != 0 => Some(SeatChange::Settle(*hash)),
            true => None,
        };
        let mut plan: Vec<SeatChange> = self.seats.iter().filter_map(settled).collect();
        let active: BTreeSet<SeatHash> = (self.seats.iter())
            .filter(|(_, seat)| seat.is_active())
            .map(|(hash, _)| *hash)
            .collect();
        let mut after = active.clone();

        let (add, remove) = match &effects.seats {
            SeatChanges::Delta { add, remove } => (add.clone(), remove.clone()),
            SeatChanges::Exact(exact) => {
                let mut exact: BTreeSet<SeatHash> = exact.iter().copied().collect();
                // With a replacement "exactly these" speaks of the new hash.
                if let Some(new) = effects.replace_own
                    && exact.remove(&new)
                {
                    exact.insert(own);
                }
                (
                    exact.difference(&active).copied().collect(),
                    active.difference(&exact).copied().collect(),
                )
            }
        };
        for hash in remove {
            // A seat that is gone already is what the caller wants.
            if after.remove(&hash) {
                plan.push(SeatChange::Remove(hash));
            }
        }
        if let Some(new) = effects.replace_own {
            if active.contains(&new) || !after.remove(&own) {
                return Err(Refusal::new(ErrorCode::AlreadyExists));
            }
            after.insert(new);
            let cursor = self.seats.get(&own).map_or(0, |seat| seat.cursor);
            plan.push(SeatChange::Remove(own));
            plan.push(SeatChange::Add(
                new,
                Seat {
                    cursor,
                    added_seq: seq,
                    removed_seq: 0,
                },
            ));
        }
        for hash in add {
            if active.contains(&hash) || !after.insert(hash) {
                return Err(Refusal::new(ErrorCode::AlreadyExists));
            }
            // A new member starts behind the commit that adds it: its Welcome says the rest.
            plan.push(SeatChange::Add(
                hash,
                Seat {
                    cursor: seq,
                    added_seq: seq,
                    removed_seq: 0,
                },
            ));
        }
        if after.len() > limits::SEATS_PER_ROOM {
            return Err(Refusal::new(ErrorCode::QuotaExceeded));
        }
        if after.is_empty() {
            return Err(Refusal::new(ErrorCode::Malformed));
        }
        Ok(plan)
    }

    fn must_sit(&self, seat: SeatHash) -> Result<(), Refusal> {
        self.active(&seat).map(|_| ()).ok_or_else(denied)
    }

    fn must_have_space(&self) -> Result<(), Refusal> {
        if self.next_seq - 1 - self.acked_up_to >= limits::ENTRIES_PER_ROOM
            || self.next_seq >= limits::ENTRY_NUMBER
        {
            return Err(Refusal::new(ErrorCode::QuotaExceeded));
        }
        Ok(())
    }

    fn must_be_at(&self, epoch: u64) -> Result<(), Refusal> {
        if epoch == self.epoch {
            Ok(())
        } else {
            Err(self.stale())
        }
    }

    const fn stale(&self) -> Refusal {
        Refusal::with_current(ErrorCode::StaleEpoch, self.epoch)
    }
}

fn needs_staff(kind: &AppendKind) -> bool {
    match kind {
        AppendKind::Message | AppendKind::Refusal => false,
        AppendKind::Commit(effects) => !effects.seats.is_empty() || !effects.welcomes.is_empty(),
        AppendKind::Reset { .. } => true,
    }
}

/// Epochs are stored as signed 64-bit integers.
fn next_epoch(epoch: u64) -> Result<u64, Refusal> {
    match epoch.checked_add(1) {
        Some(next) if i64::try_from(next).is_ok() => Ok(next),
        _ => Err(Refusal::new(ErrorCode::Malformed)),
    }
}

const fn denied() -> Refusal {
    Refusal::new(ErrorCode::Denied)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: SeatHash = SeatHash::new([1; 32]);
    const BO: SeatHash = SeatHash::new([2; 32]);
    const NEW: SeatHash = SeatHash::new([3; 32]);

    const fn staff(seat: SeatHash) -> Seated {
        Seated {
            seat,
            class: SeatClass::Staff,
        }
    }

    const fn open(seat: SeatHash) -> Seated {
        Seated {
            seat,
            class: SeatClass::Open,
        }
    }

    fn commit(add: &[SeatHash], remove: &[SeatHash]) -> AppendKind {
        AppendKind::Commit(CommitEffects {
            seats: SeatChanges::Delta {
                add: add.to_vec(),
                remove: remove.to_vec(),
            },
            ..CommitEffects::default()
        })
    }

    fn replace(new: SeatHash) -> AppendKind {
        AppendKind::Commit(CommitEffects {
            replace_own: Some(new),
            ..CommitEffects::default()
        })
    }

    fn reset(exact: &[SeatHash], from_epoch: u64) -> AppendKind {
        let effects = CommitEffects {
            seats: SeatChanges::Exact(exact.to_vec()),
            ..CommitEffects::default()
        };
        AppendKind::Reset {
            effects,
            from_epoch,
            after: 0,
        }
    }

    fn room() -> Room {
        Room::create(RoomKind::Room, &[ANNA, BO], 0).expect("fits")
    }

    fn append(room: &mut Room, by: Seated, epoch: u64, kind: &AppendKind) -> u64 {
        let accepted = room.decide_append(by, epoch, kind).expect("accepted");
        room.apply(&accepted);
        accepted.seq
    }

    /// The table at the head of the module: by whom, at which epoch of a room that stands
    /// at 1 after a commit, and what comes of it.
    #[test]
    fn the_table_of_appends_holds() {
        use ErrorCode::{Denied, StaleEpoch};
        let message = AppendKind::Message;
        let refusal = AppendKind::Refusal;
        let table: &[(Seated, u64, AppendKind, Result<u64, ErrorCode>)] = &[
            (open(BO), 1, message.clone(), Ok(1)),
            (staff(ANNA), 1, message.clone(), Ok(1)),
            (open(BO), 0, message.clone(), Err(StaleEpoch)),
            (open(BO), 2, message.clone(), Err(StaleEpoch)),
            (open(NEW), 1, message, Err(Denied)),
            (open(BO), 0, refusal.clone(), Ok(1)),
            (open(BO), 1, refusal.clone(), Err(StaleEpoch)),
            (open(BO), u64::MAX, refusal, Err(StaleEpoch)),
            (open(BO), 1, commit(&[], &[]), Ok(2)),
            (open(BO), 1, replace(NEW), Ok(2)),
            (open(BO), 1, commit(&[NEW], &[]), Err(Denied)),
            (open(BO), 1, commit(&[], &[ANNA]), Err(Denied)),
            (staff(ANNA), 1, commit(&[NEW], &[BO]), Ok(2)),
            (staff(ANNA), 0, commit(&[NEW], &[]), Err(StaleEpoch)),
            (
                staff(ANNA),
                1,
                commit(&[BO], &[]),
                Err(ErrorCode::AlreadyExists),
            ),
            (open(BO), 1, reset(&[ANNA, BO], 1), Err(Denied)),
            (staff(ANNA), 41, reset(&[ANNA, BO], 1), Ok(42)),
            (staff(ANNA), 0, reset(&[ANNA, BO], 1), Ok(1)),
            (staff(ANNA), 41, reset(&[ANNA, BO], 0), Err(StaleEpoch)),
            (
                staff(ANNA),
                u64::MAX,
                reset(&[ANNA], 1),
                Err(ErrorCode::Malformed),
            ),
        ];
        for (by, epoch, kind, expected) in table {
            let mut room = room();
            append(&mut room, staff(ANNA), 0, &commit(&[], &[]));
            let before = room.clone();
            let result = room.decide_append(*by, *epoch, kind);
            assert_eq!(room, before, "deciding changes nothing");
            let after = result.map(|accepted| {
                room.apply(&accepted);
                assert_eq!(accepted.seq, 2);
                room.epoch
            });
            assert_eq!(
                after.map_err(|r| r.code),
                *expected,
                "{by:?} at {epoch}: {kind:?}"
            );
        }
    }

    #[test]
    fn a_void_undoes_the_latest_commit_and_no_other() {
        let mut room = room();
        let before = room.seats.clone();
        let first = append(&mut room, staff(ANNA), 0, &commit(&[NEW], &[BO]));
        assert_eq!(room.active(&BO), None);
        let denied = room.decide_void(open(ANNA), first).map_err(|r| r.code);
        assert_eq!(denied, Err(ErrorCode::Denied));
        append(&mut room, open(NEW), 1, &AppendKind::Message);
        let void = room.decide_void(staff(ANNA), first).expect("stands");
        room.apply(&void);
        assert_eq!((room.epoch, &room.seats), (0, &before));
        let again = room.decide_void(staff(ANNA), first).expect_err("gone");
        assert_eq!((again.code, again.current), (ErrorCode::VersionConflict, 0));
        let refusal = room.decide_append(open(BO), u64::MAX, &AppendKind::Refusal);
        assert!(refusal.is_err(), "nothing to refuse");
    }

    #[test]
    fn the_next_commit_makes_a_removal_final() {
        let mut room = room();
        append(&mut room, staff(ANNA), 0, &commit(&[], &[BO]));
        assert!(room.seats.contains_key(&BO));
        append(&mut room, staff(ANNA), 1, &commit(&[], &[]));
        assert!(!room.seats.contains_key(&BO));
        // And it may be added again.
        append(&mut room, staff(ANNA), 2, &commit(&[BO], &[]));
        assert_eq!(room.active(&BO).map(|seat| seat.cursor), Some(3));
    }

    #[test]
    fn what_all_active_seats_have_may_go() {
        let mut room = room();
        for _ in 0..5 {
            append(&mut room, staff(ANNA), 0, &AppendKind::Message);
        }
        assert!(room.acknowledge(ANNA, 99));
        assert!(!room.acknowledge(ANNA, 2), "never back");
        assert_eq!(
            room.active(&ANNA).map(|seat| seat.cursor),
            Some(5),
            "never beyond"
        );
        assert_eq!(room.acknowledged_by_all(), 0);
        append(&mut room, staff(ANNA), 0, &commit(&[], &[BO]));
        assert_eq!(
            room.acknowledged_by_all(),
            5,
            "a removed seat holds nothing back"
        );
    }

    #[test]
    fn a_reset_leaves_exactly_the_named_seats() {
        let mut room = room();
        room.acknowledge(BO, 0);
        append(&mut room, staff(ANNA), 7, &reset(&[ANNA, NEW], 0));
        let seats: Vec<SeatHash> = room.seats.keys().copied().collect();
        assert_eq!(
            (seats, room.epoch, room.commit_seq),
            (vec![ANNA, NEW], 8, 0)
        );
        assert!(room.decide_void(staff(ANNA), 1).is_err());
        let cursor = room.active(&NEW).map(|seat| seat.cursor);
        assert_eq!(cursor, Some(0), "it is to read the reset itself");
    }

    #[test]
    fn of_two_resets_one_wins() {
        let mut room = room();
        append(&mut room, staff(ANNA), 7, &reset(&[ANNA, BO], 0));
        let second = room.decide_append(staff(BO), 7, &reset(&[ANNA, BO], 0));
        let second = second.expect_err("the room is elsewhere by now");
        assert_eq!((second.code, second.current), (ErrorCode::StaleEpoch, 8));
    }

    #[test]
    fn a_reset_goes_on_behind_the_numbers_that_devices_know() {
        let mut room = room();
        let mut kind = reset(&[ANNA, BO], 0);
        if let AppendKind::Reset { after, .. } = &mut kind {
            *after = 20_000;
        }
        assert_eq!(append(&mut room, staff(ANNA), 7, &kind), 20_001);
        assert_eq!(room.next_seq, 20_002);
        if let AppendKind::Reset {
            after, from_epoch, ..
        } = &mut kind
        {
            (*after, *from_epoch) = (5, 8);
        }
        assert_eq!(
            append(&mut room, staff(ANNA), 8, &kind),
            20_002,
            "never back"
        );
    }

    #[test]
    fn a_room_that_is_put_back_gives_no_number_twice() {
        let mut lived = room();
        append(&mut lived, staff(ANNA), 0, &AppendKind::Message);
        let mut room = lived.clone();
        for _ in 0..9 {
            append(&mut lived, staff(ANNA), 0, &AppendKind::Message);
        }
        let entry = room.put_back();
        assert_eq!((entry.kind, entry.target), (EntryKind::Reset, 1));
        room.apply(&entry);
        assert_eq!((room.epoch, &room.seats), (0, &lived.seats));
        let next = append(&mut room, staff(ANNA), 0, &AppendKind::Message);
        assert!(next > lived.next_seq);
    }

    #[test]
    fn a_room_that_was_lost_is_made_again_behind_its_old_numbers() {
        let mut room = Room::create(RoomKind::Room, &[ANNA], 200_000).expect("fits");
        let first = append(&mut room, staff(ANNA), 0, &AppendKind::Message);
        assert_eq!(first, 200_001);
        let last = Room::create(RoomKind::Room, &[ANNA], limits::ENTRY_NUMBER);
        assert!(last.is_err());
    }

    #[test]
    fn a_full_room_takes_nothing_until_something_goes() {
        let mut room = room();
        room.next_seq = limits::ENTRIES_PER_ROOM + 1;
        let full = room.decide_append(staff(ANNA), 0, &AppendKind::Message);
        assert_eq!(full.map_err(|r| r.code), Err(ErrorCode::QuotaExceeded));
        room.acked_up_to = 1;
        assert!(
            room.decide_append(staff(ANNA), 0, &AppendKind::Message)
                .is_ok()
        );
    }
}
