//! Deletion on time: lines when the room says so, fields of data cards on their own day.
//! Nothing here needs the relay.

use siegel_proto::content::Kind;
use siegel_proto::ids::{MessageId, RoomId};

use super::Room;
use super::outbox::{self, Work};
use super::timeline::{self, Body, Line, TIMELINE};
use crate::error::Error;
use crate::moment::Timestamp;
use crate::vault::{Table, Vault};

/// Days on which fields go, each with the key of its line.
const CARD: Table = Table::new("card");

const DAY_SECONDS: i64 = 86_400;
/// Lines that are looked at in one go.
const PAGE: usize = 256;

/// Deletes lines that are older than so many days. Returns whether any went.
pub(crate) fn expire_lines(
    vault: &Vault,
    room: RoomId,
    days: u32,
    now: Timestamp,
) -> Result<bool, Error> {
    let oldest = now.plus(-i64::from(days) * DAY_SECONDS);
    let mut gone = false;
    loop {
        let keys = vault.keys_from(Room::scope(room), TIMELINE, &[], PAGE);
        for key in &keys {
            let Some(line) = timeline::at(vault, room, key)? else {
                continue;
            };
            // Lines stand in the order they were stored in; the first young one ends it.
            if line.stored_at >= oldest {
                return Ok(gone);
            }
            timeline::delete(vault, room, key, &line);
            gone = true;
        }
        if keys.len() < PAGE {
            return Ok(gone);
        }
    }
}

/// Remembers on which day a card's first field goes.
pub(super) fn note_card(vault: &Vault, room: RoomId, key: &[u8], line: &Line) -> Result<(), Error> {
    let Body::DataCard(card) = &line.body else {
        return Ok(());
    };
    if let Some(day) = card.next_expiry() {
        let index = [&day.to_be_bytes()[..], key].concat();
        vault.put(Room::scope(room), CARD, &index, &())?;
    }
    Ok(())
}

/// Empties the fields whose day has come, also of cards that still wait to be sent.
pub(crate) fn expire_cards(
    vault: &Vault,
    room: RoomId,
    now: Timestamp,
) -> Result<Vec<MessageId>, Error> {
    let (scope, today) = (Room::scope(room), now.day());
    let mut changed = Vec::new();
    for index in vault.keys(scope, CARD, &[]) {
        let Some((day, key)) = index.split_first_chunk::<4>() else {
            continue;
        };
        if u32::from_be_bytes(*day) > today {
            break;
        }
        vault.delete(scope, CARD, &index);
        let Some(mut line) = timeline::at(vault, room, key)? else {
            continue;
        };
        if let Body::DataCard(card) = &mut line.body
            && card.expire(today)
        {
            note_card(vault, room, key, &line)?;
            vault.put(scope, TIMELINE, key, &line)?;
            changed.extend(line.message);
        }
    }
    for (number, mut item) in outbox::all(vault, room)? {
        // What is encrypted already is sent as it is; it is emptied where it arrives.
        if item.sent.is_none()
            && item.content.is_none()
            && let Work::Say(Kind::DataCard(card)) = &mut item.work
            && card.expire(today)
        {
            changed.push(item.entry);
            outbox::put(vault, room, number, &item)?;
        }
    }
    Ok(changed)
}

/// When something goes next.
pub(crate) fn next(vault: &Vault, room: RoomId, days: u32) -> Result<Option<Timestamp>, Error> {
    let scope = Room::scope(room);
    let mut next = None;
    if let Some(key) = vault.keys_from(scope, TIMELINE, &[], 1).first()
        && let Some(line) = timeline::at(vault, room, key)?
    {
        next = Some(line.stored_at.plus(i64::from(days) * DAY_SECONDS + 1));
    }
    if let Some(index) = vault.keys_from(scope, CARD, &[], 1).first()
        && let Some(day) = index.first_chunk::<4>()
    {
        let due = Timestamp::from_seconds(i64::from(u32::from_be_bytes(*day)) * DAY_SECONDS);
        next = Some(next.map_or(due, |next: Timestamp| next.min(due)));
    }
    Ok(next)
}
