//! What this device said and the relay has taken, should the relay lose it again.
//!
//! A relay that is put back to a backup no longer has what came after it. Only its author
//! may say it once more, so every device keeps its own contents for as long as a backup is
//! likely to be used, and no longer than the room keeps messages.

use siegel_proto::content::{Content, Kind};
use siegel_proto::ids::{MessageId, RoomId};

use super::Room;
use crate::error::Error;
use crate::moment::Timestamp;
use crate::vault::{Table, Vault};

const OWN_WORDS: Table = Table::new("own words");

/// A month: older backups are put back for want of any other.
const KEPT_DAYS: u32 = 31;
const DAY_SECONDS: i64 = 86_400;

/// Keeps a content that the relay has taken at `seq`. What its author deletes goes here too.
pub(super) fn keep(vault: &Vault, room: RoomId, seq: u64, content: &Content) -> Result<(), Error> {
    if let Kind::Delete { target } = &content.kind {
        forget(vault, room, *target)?;
    }
    Ok(vault.put(Room::scope(room), OWN_WORDS, &seq.to_be_bytes(), content)?)
}

/// Takes out what stood behind `seq`, in its order.
pub(super) fn take_after(vault: &Vault, room: RoomId, seq: u64) -> Result<Vec<Content>, Error> {
    let mut found = Vec::new();
    for (key, content) in vault.scan::<Content>(Room::scope(room), OWN_WORDS, &[])? {
        if key[..] > seq.to_be_bytes()[..] {
            vault.delete(Room::scope(room), OWN_WORDS, &key);
            found.push(content);
        }
    }
    Ok(found)
}

/// Deletes what has had its time, and cards of which a value has.
pub(crate) fn expire(vault: &Vault, room: RoomId, days: u32, now: Timestamp) -> Result<(), Error> {
    let seconds = i64::from(days.min(KEPT_DAYS)) * DAY_SECONDS;
    for (key, content) in vault.scan::<Content>(Room::scope(room), OWN_WORDS, &[])? {
        let old = now.since(Timestamp::from_seconds(content.sent_at)) > seconds;
        let has_run_out = match content.kind {
            Kind::DataCard(mut card) => card.expire(now.day()),
            _ => false,
        };
        if old || has_run_out {
            vault.delete(Room::scope(room), OWN_WORDS, &key);
        }
    }
    Ok(())
}

fn forget(vault: &Vault, room: RoomId, message: MessageId) -> Result<(), Error> {
    for (key, content) in vault.scan::<Content>(Room::scope(room), OWN_WORDS, &[])? {
        if content.message == message {
            vault.delete(Room::scope(room), OWN_WORDS, &key);
        }
    }
    Ok(())
}
