//! Taking a merged commit back.
//!
//! The relay can void its latest commit. Devices that had already merged it go back to
//! the rows they kept from before. Until the copy is dropped, the secrets of the epoch
//! before are still there: drop it with the first entry that confirms the commit.

use siegel_proto::ids::RoomId;

use super::storage::MLS;
use crate::vault::{Scope, Table, Vault};

const UNDO: Table = Table::new("mls undo");
const ASIDE: Table = Table::new("mls aside");

/// Keeps a copy of the room's MLS rows as they are now; replaces an earlier copy.
pub fn snapshot_group(vault: &Vault, room: RoomId) {
    copy(vault, room, MLS, UNDO);
}

/// Lets the copy and the rows change places, to read with the epoch before what only that
/// opens; a second time, they are where they were. The group in memory is worthless after
/// either.
pub fn swap_group(vault: &Vault, room: RoomId) {
    copy(vault, room, MLS, ASIDE);
    copy(vault, room, UNDO, MLS);
    copy(vault, room, ASIDE, UNDO);
    clear(vault, room, ASIDE);
}

/// Puts the copy back and drops it. `false` if there is none; nothing is changed then.
/// The group in memory is worthless afterwards: load it again.
#[must_use]
pub fn restore_group(vault: &Vault, room: RoomId) -> bool {
    let there = !vault.keys(Scope::Room(room), UNDO, b"").is_empty();
    if there {
        copy(vault, room, UNDO, MLS);
        drop_snapshot(vault, room);
    }
    there
}

/// Forgets the copy.
pub fn drop_snapshot(vault: &Vault, room: RoomId) {
    clear(vault, room, UNDO);
}

fn copy(vault: &Vault, room: RoomId, from: Table, to: Table) {
    let scope = Scope::Room(room);
    clear(vault, room, to);
    for key in vault.keys(scope, from, b"") {
        if let Some(value) = vault.get_bytes(scope, from, &key) {
            vault.put_bytes(scope, to, &key, value);
        }
    }
}

fn clear(vault: &Vault, room: RoomId, table: Table) {
    for key in vault.keys(Scope::Room(room), table, b"") {
        vault.delete(Scope::Room(room), table, &key);
    }
}
