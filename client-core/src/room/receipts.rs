//! Receipts: what has arrived where, and who has read it.
//!
//! Staff devices say so, clients' devices do not: nobody learns when a client looked at
//! the phone. What a client says shows what it had received before, and that counts.
//! Word that something has arrived is held back for a moment of random length, so that it
//! is no sensor, and one word serves for everything until then.

use std::collections::btree_map::{BTreeMap, Entry};

use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::ids::{PersonId, RoomId};
use siegel_proto::limits;

use super::outbox::{self, Item, Work};
use super::{Room, Stage, message_id, timeline};
use crate::client::{Client, Cx};
use crate::device::Device;
use crate::error::Error;
use crate::moment::Timestamp;
use crate::step::Output;

/// Word that something has arrived is held back between one and so many seconds.
const JITTER_SECONDS: u8 = 5;

/// How far an own message got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// People beside oneself who are in the room and were when it was said.
    pub people: usize,
    /// How many of them have it.
    pub delivered: usize,
    /// How many of them would tell that they have read it: clients do not.
    pub tell: usize,
    /// Who has read it, as far as they tell.
    pub read_by: Vec<PersonId>,
}

impl Reach {
    /// Everybody has it.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        self.people > 0 && self.delivered == self.people
    }
}

/// What the members of a room have received and read.
#[derive(Clone, Debug, Default)]
pub struct Receipts(Vec<MemberReceipt>);

#[derive(Clone, Copy, Debug)]
struct MemberReceipt {
    person: PersonId,
    since: u64,
    delivered: u64,
    read: u64,
    tells: bool,
}

impl Receipts {
    /// How far the own message at this place of the log got.
    #[must_use]
    pub fn reach(&self, seq: u64) -> Reach {
        let there = self.0.iter().filter(|member| member.since < seq);
        let there: Vec<&MemberReceipt> = there.collect();
        let read = there.iter().filter(|member| member.read >= seq);
        Reach {
            people: there.len(),
            delivered: there.iter().filter(|m| m.delivered >= seq).count(),
            tell: there.iter().filter(|member| member.tells).count(),
            read_by: read.map(|member| member.person).collect(),
        }
    }
}

impl Room {
    /// A person's device has processed the log up to here.
    pub(super) fn note_delivered(&mut self, person: PersonId, up_to: u64) {
        let delivered = self.delivered.entry(person).or_default();
        *delivered = (*delivered).max(up_to);
    }

    /// A person has read up to here.
    pub(super) fn note_read(&mut self, person: PersonId, up_to: u64) {
        let read = self.receipts.entry(person).or_default();
        *read = (*read).max(up_to);
        self.note_delivered(person, up_to);
    }
}

impl Client {
    /// What the members of a room have received and read, to ask for many own messages.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such room.
    pub fn receipts(&self, id: RoomId) -> Result<Receipts, Error> {
        let room = Room::load(&self.vault, id)?;
        if room.stage == Stage::Removed {
            return Ok(Receipts::default());
        }
        let members = self.members(id)?.into_iter();
        let others = members.filter(|member| !member.own && !member.provisional);
        let of = |map: &BTreeMap<PersonId, u64>, person| map.get(&person).copied().unwrap_or(0);
        Ok(Receipts(
            others
                .map(|member| MemberReceipt {
                    person: member.person,
                    since: of(&room.since, member.person),
                    delivered: of(&room.delivered, member.person),
                    read: of(&room.receipts, member.person),
                    tells: member.role != PersonRole::Guest,
                })
                .collect(),
        ))
    }

    pub(crate) fn mark_read(&mut self, cx: &mut Cx, id: RoomId, up_to: u64) -> Result<(), Error> {
        let mut room = Room::load(&self.vault, id)?;
        if up_to <= room.read_up_to || up_to > room.cursor.unwrap_or(0) {
            return Ok(());
        }
        room.read_up_to = up_to;
        let device = Device::load(&self.vault)?;
        let tells = device.is_staff() && room.stage == Stage::Active;
        let span = (room.told_read, up_to);
        // A receipt is an entry, too: only what somebody said is worth one.
        let news =
            tells && timeline::said_by_others(&self.vault, id, device.keys.person, span, 1)? > 0;
        if news {
            room.told_read = up_to;
            room.told_delivered = room.told_delivered.max(up_to);
        }
        room.save(&self.vault)?;
        if news {
            self.queue_receipt(cx, id, true, up_to)?;
            self.pump(cx, id)?;
        }
        Ok(())
    }

    /// Has word sent soon that everything up to the last message has arrived.
    pub(super) fn plan_receipt(&mut self, cx: &mut Cx, room: &Room) -> Result<(), Error> {
        let told = room.heard_up_to <= room.told_delivered;
        if told || !Device::load(&self.vault)?.is_staff() {
            return Ok(());
        }
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        if let Entry::Vacant(entry) = connection.receipts.entry(room.room) {
            let [chance] = cx.rng.bytes::<1>();
            let due = cx.now.plus(i64::from(1 + chance % JITTER_SECONDS));
            entry.insert(due);
            cx.output(Output::WakeAt(due));
        }
        Ok(())
    }

    /// Queues the receipts whose moment has come.
    pub(crate) fn send_receipts(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        let is_due = |due: &Timestamp| *due <= cx.now;
        let due: Vec<RoomId> = connection
            .receipts
            .iter()
            .filter(|(_, at)| is_due(at))
            .map(|(room, _)| *room)
            .collect();
        connection.receipts.retain(|_, at| !is_due(at));
        for id in due {
            let Some(mut room) = Room::find(&self.vault, id)? else {
                continue;
            };
            if room.stage != Stage::Active || room.heard_up_to <= room.told_delivered {
                continue;
            }
            room.told_delivered = room.heard_up_to;
            room.save(&self.vault)?;
            if self.members(id)?.len() <= limits::RECEIPT_PEOPLE {
                self.queue_receipt(cx, id, false, room.heard_up_to)?;
            }
        }
        Ok(())
    }

    /// A receipt that has not left yet says the newer thing instead.
    fn queue_receipt(
        &mut self,
        cx: &mut Cx,
        id: RoomId,
        read: bool,
        up_to: u64,
    ) -> Result<(), Error> {
        let receipt = Kind::Receipt { read, up_to };
        for (number, mut item) in outbox::all(&self.vault, id)? {
            let waits = item.is_open() && item.content.is_none() && item.sent.is_none();
            let same = matches!(&item.work, Work::Say(Kind::Receipt { read: r, .. }) if *r == read);
            if waits && same {
                item.work = Work::Say(receipt);
                return outbox::put(&self.vault, id, number, &item);
            }
        }
        let item = Item::new(message_id(&mut cx.rng), Work::Say(receipt));
        outbox::push(&self.vault, id, &item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_later_neither_has_nor_lacks_a_message() {
        let member = |n: u8, since, delivered, read| MemberReceipt {
            person: PersonId::new([n; 16]),
            since,
            delivered,
            read,
            tells: n != 2,
        };
        let receipts = Receipts(vec![
            member(1, 0, 9, 9),
            member(2, 0, 7, 0),
            member(3, 8, 9, 9),
        ]);
        let reach = receipts.reach(7);
        assert_eq!((reach.people, reach.delivered, reach.tell), (2, 2, 1));
        assert!(reach.is_delivered());
        assert_eq!(reach.read_by, [PersonId::new([1; 16])]);
        assert!(!receipts.reach(9).is_delivered());
        assert!(!Receipts::default().reach(1).is_delivered());
    }
}
