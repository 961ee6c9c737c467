//! Where a row belongs: scope, table, key.

use siegel_proto::ids::RoomId;

/// The part of a vault that is checked, loaded and forgotten as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The device and its person: identity, contacts, settings.
    Device,
    /// One room: its group, messages and cursor.
    Room(RoomId),
}

/// A kind of row. Each module declares its own tables as constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table(&'static str);

impl Table {
    /// A table by its name, which stands in every row: never rename one that shipped.
    ///
    /// # Panics
    /// At compile time, if the name is empty (reserved) or longer than 255 bytes.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty() && name.len() < 256);
        Self(name)
    }
}

/// The reserved nameless table that holds the scope's head.
pub(super) const HEAD: Table = Table("");

const SCOPE_BYTES: usize = 17;

/// Scope, table and key as one string of bytes: no two rows share one, and rows of one
/// table that begin alike lie side by side.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogicalKey {
    bytes: Vec<u8>,
    scope: Scope,
    key_start: usize,
}

impl LogicalKey {
    pub(super) fn new(scope: Scope, table: Table, key: &[u8]) -> Self {
        let name = table.0.as_bytes();
        let key_start = SCOPE_BYTES + 1 + name.len();
        let mut bytes = Vec::with_capacity(key_start + key.len());
        bytes.extend_from_slice(&scope_bytes(scope));
        // `Table::new` holds names below 256 bytes.
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(key);
        Self {
            bytes,
            scope,
            key_start,
        }
    }

    /// Reads what stood in a row that was opened; `None` if it is none of ours.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (scope, rest) = bytes.split_first_chunk::<SCOPE_BYTES>()?;
        let (tag, id) = scope.split_first()?;
        let scope = match tag {
            0 if id.iter().all(|byte| *byte == 0) => Scope::Device,
            1 => Scope::Room(RoomId::from_slice(id).ok()?),
            _ => return None,
        };
        let (length, rest) = rest.split_first()?;
        let (name, key) = rest.split_at_checked(usize::from(*length))?;
        let reserved = name.is_empty() && !key.is_empty();
        (!reserved).then(|| Self {
            bytes: bytes.to_vec(),
            scope,
            key_start: bytes.len() - key.len(),
        })
    }

    /// Sorts before every row of the scope and the scopes after it.
    pub(super) fn first_of(scope: Scope) -> Self {
        Self::new(scope, HEAD, &[])
    }

    /// Sorts behind every row of the table and before whatever follows it.
    pub(super) fn end_of(scope: Scope, table: Table) -> Self {
        let mut end = Self::new(scope, table, &[]);
        // The last byte of a name is part of UTF-8 and never the highest.
        if let Some(last) = end.bytes.last_mut() {
            *last = last.saturating_add(1);
        }
        end
    }

    /// Whether this is a row of the table, in whatever scope.
    pub(super) fn is_of(&self, table: Table) -> bool {
        self.bytes[SCOPE_BYTES + 1..self.key_start] == *table.0.as_bytes()
    }

    pub(super) fn scope(&self) -> Scope {
        self.scope
    }

    pub(super) fn is_head(&self) -> bool {
        self.key_start == SCOPE_BYTES + 1
    }

    /// Whether this is a row of the table of `prefix` whose key begins with its key.
    pub(super) fn starts_with(&self, prefix: &Self) -> bool {
        self.bytes.starts_with(&prefix.bytes)
    }

    /// What follows the scope and the table's name.
    pub(super) fn key(&self) -> &[u8] {
        &self.bytes[self.key_start..]
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Seventeen bytes, so that no room id can be taken for the device.
pub(super) fn scope_bytes(scope: Scope) -> [u8; SCOPE_BYTES] {
    let mut bytes = [0; SCOPE_BYTES];
    if let Scope::Room(room) = scope {
        bytes[0] = 1;
        bytes[1..].copy_from_slice(room.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: Table = Table::new("table");

    #[test]
    fn a_room_of_zeroes_is_not_the_device() {
        let room = Scope::Room(RoomId::new([0; 16]));
        assert!(LogicalKey::new(room, TABLE, b"k") != LogicalKey::new(Scope::Device, TABLE, b"k"));
    }

    #[test]
    fn a_table_cannot_borrow_the_bytes_of_a_key() {
        let short = LogicalKey::new(Scope::Device, Table::new("ab"), b"c");
        let long = LogicalKey::new(Scope::Device, Table::new("abc"), b"");
        assert!(short != long);
    }

    proptest! {
        #[test]
        fn what_was_written_is_what_is_parsed(id: [u8; 16], key: Vec<u8>) {
            let scope = Scope::Room(RoomId::new(id));
            let written = LogicalKey::new(scope, TABLE, &key);
            let parsed = LogicalKey::parse(written.as_bytes()).unwrap();
            prop_assert_eq!(parsed.scope(), scope);
            prop_assert_eq!(parsed.key(), &key[..]);
            prop_assert!(!parsed.is_head());
        }

        #[test]
        fn garbage_is_parsed_without_a_panic(bytes: Vec<u8>) {
            let parsed = LogicalKey::parse(&bytes);
            prop_assert!(parsed.is_none_or(|key| key.as_bytes() == bytes));
        }
    }
}
