//! The vault against its driver: a store that may lose, mix and bring back rows.

use proptest::prelude::*;
use siegel_proto::ids::RoomId;

use super::*;
use crate::moment::Entropy;

const TABLE: Table = Table::new("test");
const OTHER: Table = Table::new("other");
const ROOM: Scope = Scope::Room(RoomId::new([7; 16]));
const PASSPHRASE: &[u8] = b"correct horse";

/// What a driver keeps.
#[derive(Clone, Default)]
struct Store {
    header: Vec<u8>,
    rows: BTreeMap<RowId, SealedRow>,
}

impl Store {
    fn apply(&mut self, batch: Batch) {
        self.header = batch.header.unwrap_or(std::mem::take(&mut self.header));
        for row in batch.puts {
            self.rows.insert(row.id, row);
        }
        for id in batch.deletes {
            assert!(
                self.rows.remove(&id).is_some(),
                "only stored rows are deleted"
            );
        }
    }

    fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.header, PASSPHRASE, self.rows.values().cloned())
    }
}

struct Device {
    vault: Vault,
    store: Store,
    rng: StepRng,
}

impl Device {
    fn new(seed: u8) -> Self {
        let mut rng = StepRng::new(Entropy([seed; 32]));
        let vault = Vault::create(PASSPHRASE, PassphraseCost::TRIVIAL, &mut rng).unwrap();
        let mut device = Self {
            vault,
            store: Store::default(),
            rng,
        };
        device.commit();
        device
    }

    fn put(&self, scope: Scope, key: &str, value: &str) {
        self.vault.put(scope, TABLE, key.as_bytes(), value).unwrap();
    }

    fn get(&self, scope: Scope, key: &str) -> Option<String> {
        self.vault.get(scope, TABLE, key.as_bytes()).unwrap()
    }

    fn commit(&mut self) -> Batch {
        let batch = self.vault.commit(&mut self.rng).unwrap();
        self.store.apply(batch.clone());
        batch
    }

    fn reopen(&mut self) {
        self.vault = self.store.open().unwrap();
    }
}

/// Two rooms and the device with three rows each, written over a few commits.
fn furnished() -> Device {
    let mut device = Device::new(1);
    for scope in [Scope::Device, ROOM, Scope::Room(RoomId::new([8; 16]))] {
        for key in ["a", "b", "c"] {
            device.put(scope, key, "first");
        }
        device.commit();
    }
    device
}

#[test]
fn a_step_reads_its_own_writes_and_can_forget_them() {
    let mut device = furnished();
    device.put(ROOM, "a", "second");
    device.vault.delete(ROOM, TABLE, b"b");
    device.put(ROOM, "d", "new");
    assert_eq!(device.get(ROOM, "a").as_deref(), Some("second"));
    assert_eq!(device.vault.keys(ROOM, TABLE, b""), [b"a", b"c", b"d"]);
    device.vault.discard();
    assert_eq!(device.get(ROOM, "a").as_deref(), Some("first"));
    assert_eq!(device.vault.keys(ROOM, TABLE, b""), [b"a", b"b", b"c"]);
    assert!(device.commit().is_empty());
}

#[test]
fn what_is_committed_is_there_after_reopening() {
    let mut device = furnished();
    device.put(ROOM, "a", "second");
    device.vault.delete(ROOM, TABLE, b"b");
    device.commit();
    device.reopen();
    assert_eq!(device.get(ROOM, "a").as_deref(), Some("second"));
    assert_eq!(device.get(ROOM, "b"), None);
    assert_eq!(device.get(Scope::Device, "b").as_deref(), Some("first"));
}

#[test]
fn only_what_changed_is_sealed() {
    let mut device = furnished();
    device.put(ROOM, "a", "first");
    device.vault.delete(ROOM, TABLE, b"never there");
    assert!(device.commit().is_empty());
    device.put(ROOM, "a", "second");
    let batch = device.commit();
    // The row, the room's head and the device's.
    assert_eq!((batch.puts.len(), batch.deletes.len()), (3, 0));
}

#[test]
fn a_table_does_not_reach_into_its_neighbour() {
    let device = furnished();
    device.vault.put(ROOM, OTHER, b"z", "other").unwrap();
    device
        .vault
        .put(ROOM, Table::new("tes"), b"t", "short name")
        .unwrap();
    assert_eq!(device.vault.keys(ROOM, TABLE, b"").len(), 3);
    assert_eq!(
        device.vault.scan::<String>(ROOM, OTHER, b"").unwrap(),
        [(b"z".to_vec(), "other".to_owned())]
    );
}

#[test]
fn a_room_that_is_left_leaves_nothing_behind() {
    let mut device = Device::new(1);
    let before = device.store.rows.len();
    device.put(ROOM, "a", "text");
    device.vault.put(ROOM, OTHER, b"k", "text").unwrap();
    device.commit();
    device.put(ROOM, "staged only", "text");
    device.vault.delete_scope(ROOM);
    device.commit();
    assert_eq!(device.store.rows.len(), before);
    device.reopen();
}

#[test]
fn attack_67_the_store_holds_nothing_readable() {
    let mut device = Device::new(1);
    device
        .vault
        .put(
            ROOM,
            TABLE,
            b"Schluessel-Kanarienvogel",
            "Inhalt-Kanarienvogel",
        )
        .unwrap();
    device.commit();
    for row in device.store.rows.values() {
        for secret in [&b"Kanarienvogel"[..], b"test", &[7; 16]] {
            assert!(!row.sealed.windows(secret.len()).any(|part| part == secret));
        }
        assert_ne!(row.scope, [7; 16]);
    }
}

#[test]
fn attack_68_losing_any_row_is_noticed() {
    let device = furnished();
    for id in device.store.rows.keys() {
        let mut store = device.store.clone();
        store.rows.remove(id);
        assert!(matches!(store.open(), Err(VaultError::RowMissing { .. })));
    }
    let store = Store {
        rows: BTreeMap::new(),
        ..device.store
    };
    assert_eq!(
        store.open().err(),
        Some(VaultError::RowMissing {
            scope: Scope::Device
        })
    );
}

#[test]
fn attack_68_bringing_back_any_old_row_is_noticed() {
    let mut device = furnished();
    let old = device.store.clone();
    for scope in [Scope::Device, ROOM] {
        device.put(scope, "a", "second");
        device.vault.delete(scope, TABLE, b"b");
        device.commit();
    }
    for row in old.rows.values() {
        if device.store.rows.get(&row.id) == Some(row) {
            continue;
        }
        let mut store = device.store.clone();
        store.rows.insert(row.id, row.clone());
        // An old head may also ask for a row that has gone since.
        assert!(matches!(
            store.open(),
            Err(VaultError::RolledBack { .. } | VaultError::RowMissing { .. })
        ));
    }
}

#[test]
fn attack_68_bringing_back_a_whole_room_is_noticed() {
    let mut device = furnished();
    let old = device.store.clone();
    device.put(ROOM, "a", "second");
    device.commit();
    let of_room = device
        .vault
        .row_keys
        .row_id(&LogicalKey::new(ROOM, TABLE, b"a"));
    let scope = device.store.rows[&of_room].scope;
    let mut store = device.store.clone();
    for row in old.rows.values().filter(|row| row.scope == scope) {
        store.rows.insert(row.id, row.clone());
    }
    assert_eq!(
        store.open().err(),
        Some(VaultError::RolledBack {
            scope: Scope::Device
        })
    );
    store.rows.retain(|_, row| row.scope != scope);
    assert_eq!(
        store.open().err(),
        Some(VaultError::RowMissing {
            scope: Scope::Device
        })
    );
}

#[test]
fn attack_68_a_row_deleted_and_written_again_has_another_version() {
    let mut device = furnished();
    let id = device
        .vault
        .row_keys
        .row_id(&LogicalKey::new(ROOM, TABLE, b"a"));
    let old = device.store.rows[&id].clone();
    device.vault.delete(ROOM, TABLE, b"a");
    device.commit();
    device.put(ROOM, "a", "other");
    device.commit();
    device.store.rows.insert(id, old);
    assert_eq!(
        device.store.open().err(),
        Some(VaultError::RolledBack { scope: ROOM })
    );
}

#[test]
fn attack_31_flipping_any_byte_of_the_store_is_noticed() {
    let device = furnished();
    for (id, row) in &device.store.rows {
        for place in (0..row.sealed.len()).step_by(11) {
            let mut sealed = row.clone();
            sealed.sealed[place] ^= 1;
            assert_eq!(
                device.vault.row_keys.open(&sealed).err(),
                Some(VaultError::RowDamaged)
            );
        }
        let mut store = device.store.clone();
        let row = store.rows.get_mut(id).unwrap();
        *row.sealed.last_mut().unwrap() ^= 1;
        assert_eq!(store.open().err(), Some(VaultError::RowDamaged));
    }
}

#[test]
fn a_row_found_twice_is_refused() {
    let device = furnished();
    let twice = device
        .store
        .rows
        .values()
        .chain(device.store.rows.values())
        .cloned();
    let opened = Vault::open(&device.store.header, PASSPHRASE, twice);
    assert!(matches!(opened, Err(VaultError::RolledBack { .. })));
}

#[test]
fn a_changed_passphrase_replaces_the_old_one() {
    let mut device = furnished();
    let old = device.store.clone();
    let change = |device: &mut Device, current: &[u8]| {
        device
            .vault
            .change_passphrase(current, b"new", PassphraseCost::TRIVIAL, &mut device.rng)
    };
    assert_eq!(
        change(&mut device, b"guess"),
        Err(VaultError::WrongPassphrase)
    );
    change(&mut device, PASSPHRASE).unwrap();
    let batch = device.commit();
    assert!(batch.header.is_some());
    assert_eq!(batch.puts.len(), 2, "the rows stay as they are");
    assert_eq!(device.store.open().err(), Some(VaultError::WrongPassphrase));
    let rows = || device.store.rows.values().cloned();
    assert!(Vault::open(&device.store.header, b"new", rows()).is_ok());
    assert_eq!(
        Vault::open(&old.header, PASSPHRASE, rows()).err(),
        Some(VaultError::RolledBack {
            scope: Scope::Device
        }),
    );
}

#[test]
fn a_discarded_passphrase_was_never_set() {
    let mut device = furnished();
    device
        .vault
        .change_passphrase(PASSPHRASE, b"new", PassphraseCost::TRIVIAL, &mut device.rng)
        .unwrap();
    device.vault.discard();
    assert!(device.commit().is_empty());
    let retried =
        device
            .vault
            .change_passphrase(PASSPHRASE, b"n", PassphraseCost::TRIVIAL, &mut device.rng);
    assert_eq!(retried, Ok(()));
}

#[test]
fn a_guest_vault_travels_as_bytes_and_gets_keys_of_its_own() {
    let mut rng = StepRng::new(Entropy([2; 32]));
    let mut guest = Vault::unprotected(&mut rng).unwrap();
    guest.put(ROOM, TABLE, b"a", "text").unwrap();
    guest.put(Scope::Device, TABLE, b"b", "name").unwrap();
    assert_eq!(guest.commit(&mut rng).err(), Some(VaultError::Unprotected));
    let bytes = guest.export().unwrap();
    let mut vault = Vault::import(&bytes, b"p", PassphraseCost::TRIVIAL, &mut rng).unwrap();
    assert!(vault.vault_key != guest.vault_key);
    let mut store = Store::default();
    store.apply(vault.commit(&mut rng).unwrap());
    let opened = Vault::open(&store.header, b"p", store.rows.into_values()).unwrap();
    assert_eq!(
        opened.get(ROOM, TABLE, b"a").unwrap(),
        Some("text".to_owned())
    );
    assert_eq!(
        opened.get(Scope::Device, TABLE, b"b").unwrap(),
        Some("name".to_owned())
    );
    assert_eq!(*opened.export().unwrap(), *bytes);
}

#[test]
fn the_same_entropy_seals_the_same_bytes() {
    assert_eq!(furnished().store.rows, furnished().store.rows);
}

#[derive(Clone, Debug)]
enum Move {
    Put { room: u8, key: u8, value: u8 },
    Delete { room: u8, key: u8 },
    DeleteRoom { room: u8 },
    Commit,
    Discard,
    Reopen,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..3u8, 0..6u8, 0..4u8).prop_map(|(room, key, value)| Move::Put { room, key, value }),
        3 => (0..3u8, 0..6u8).prop_map(|(room, key)| Move::Delete { room, key }),
        1 => (0..3u8).prop_map(|room| Move::DeleteRoom { room }),
        3 => Just(Move::Commit),
        1 => Just(Move::Discard),
        1 => Just(Move::Reopen),
    ];
    proptest::collection::vec(one, 0..40)
}

fn scope(room: u8) -> Scope {
    match room {
        0 => Scope::Device,
        room => Scope::Room(RoomId::new([room; 16])),
    }
}

proptest! {
    #[test]
    fn the_vault_is_a_map_with_transactions(moves in moves()) {
        let mut device = Device::new(3);
        let mut stored: BTreeMap<(u8, u8), u8> = BTreeMap::new();
        let mut current = stored.clone();
        for step in moves {
            match step {
                Move::Put { room, key, value } => {
                    device.vault.put(scope(room), TABLE, &[key], &value).unwrap();
                    current.insert((room, key), value);
                }
                Move::Delete { room, key } => {
                    device.vault.delete(scope(room), TABLE, &[key]);
                    current.remove(&(room, key));
                }
                Move::DeleteRoom { room: 0 } => {}
                Move::DeleteRoom { room } => {
                    device.vault.delete_scope(scope(room));
                    current.retain(|(other, _), _| *other != room);
                }
                Move::Commit => {
                    device.commit();
                    stored = current.clone();
                }
                Move::Discard => {
                    device.vault.discard();
                    current = stored.clone();
                }
                Move::Reopen => {
                    device.reopen();
                    current = stored.clone();
                }
            }
            for room in 0..3 {
                let read = device.vault.scan::<u8>(scope(room), TABLE, b"").unwrap();
                let expected: Vec<_> = current
                    .iter()
                    .filter(|((other, _), _)| *other == room)
                    .map(|((_, key), value)| (vec![*key], *value))
                    .collect();
                prop_assert_eq!(read, expected);
            }
        }
    }

    #[test]
    fn attack_68_no_mixture_of_two_times_opens(
        early in moves(),
        late in moves(),
        take_old in proptest::collection::vec(any::<bool>(), 64),
    ) {
        let mut device = Device::new(3);
        let run = |device: &mut Device, moves: Vec<Move>| {
            for step in moves {
                match step {
                    Move::Put { room, key, value } => {
                        device.vault.put(scope(room), TABLE, &[key], &value).unwrap();
                    }
                    Move::Delete { room, key } => device.vault.delete(scope(room), TABLE, &[key]),
                    Move::Commit => {
                        device.commit();
                    }
                    _ => {}
                }
            }
            device.commit();
        };
        run(&mut device, early);
        let old = device.store.rows.clone();
        run(&mut device, late);
        let new = device.store.rows.clone();
        let ids: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        let mut mixed = Store { header: device.store.header.clone(), ..Store::default() };
        for (id, from_old) in ids.into_iter().zip(take_old.into_iter().cycle()) {
            let source = if from_old { &old } else { &new };
            if let Some(row) = source.get(&id) {
                mixed.rows.insert(id, row.clone());
            }
        }
        let pure = mixed.rows == old || mixed.rows == new;
        prop_assert_eq!(mixed.open().is_ok(), pure);
    }

    #[test]
    fn garbage_is_imported_without_a_panic(bytes: Vec<u8>) {
        let mut rng = StepRng::new(Entropy([2; 32]));
        let framed = [&[1][..], &bytes].concat();
        let imported = Vault::import(&framed, b"p", PassphraseCost::TRIVIAL, &mut rng);
        prop_assert!(imported.is_err() || imported.is_ok_and(|vault| vault.export().is_ok()));
    }
}

#[test]
fn a_vault_goes_over_to_another_driver_by_its_key() {
    let device = furnished();
    let (store, key) = (&device.store, device.vault.key());
    let rows = || store.rows.values().cloned();
    let resumed = Vault::resume(&store.header, key, rows()).unwrap();
    let value: Option<String> = resumed.get(ROOM, TABLE, b"a").unwrap();
    assert_eq!(value.as_deref(), Some("first"));
    let wrong = Device::new(9).vault.key();
    assert_eq!(
        Vault::resume(&store.header, wrong, rows()).err(),
        Some(VaultError::RowDamaged)
    );
}
