//! What the store keeps, refuses and leaves behind.

use std::os::unix::fs::PermissionsExt;

use super::*;

fn row(tag: u8, version: u64, sealed: &[u8]) -> SealedRow {
    SealedRow {
        id: [tag; 32],
        scope: [tag; 16],
        version,
        sealed: sealed.to_vec(),
    }
}

fn first_batch() -> Batch {
    Batch {
        puts: vec![row(2, 1, b"two"), row(1, u64::MAX, b"one")],
        deletes: Vec::new(),
        header: Some(b"header".to_vec()),
    }
}

fn filled() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = Store::create(directory.path()).unwrap();
    store.store(&first_batch()).unwrap();
    (directory, store)
}

#[test]
fn what_was_stored_is_there_after_the_process_died() {
    let (directory, mut store) = filled();
    let second = Batch {
        puts: vec![row(2, 2, b"zwei")],
        deletes: vec![[1; 32]],
        header: None,
    };
    store.store(&second).unwrap();
    drop(store);

    let loaded = Store::open(directory.path()).unwrap().load_all().unwrap();
    assert_eq!(loaded.header, b"header");
    assert_eq!(loaded.rows, vec![row(2, 2, b"zwei")]);
}

#[test]
fn versions_use_all_their_bits() {
    let (_directory, store) = filled();
    assert_eq!(store.load_all().unwrap().rows[0].version, u64::MAX);
}

#[test]
fn a_missing_vault_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(
        Store::open(directory.path()),
        Err(StoreError::Missing(_))
    ));
}

#[test]
fn an_emptied_file_is_an_error_and_never_an_empty_vault() {
    let (directory, store) = filled();
    store.close().unwrap();
    std::fs::write(directory.path().join(NAME), b"").unwrap();
    assert!(matches!(
        Store::open(directory.path()),
        Err(StoreError::NotAVault(_))
    ));
}

#[test]
fn a_cut_off_set_up_can_be_repeated_and_a_finished_one_cannot() {
    let directory = tempfile::tempdir().unwrap();
    drop(Store::create(directory.path()).unwrap());
    assert!(matches!(
        Store::open(directory.path()).unwrap().load_all(),
        Err(StoreError::Missing(_))
    ));
    Store::create(directory.path())
        .unwrap()
        .store(&first_batch())
        .unwrap();
    assert!(matches!(
        Store::create(directory.path()),
        Err(StoreError::Exists(_))
    ));
}

#[test]
fn somebody_elses_file_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(NAME);
    std::fs::write(&path, b"dear diary").unwrap();
    assert!(matches!(
        Store::open(directory.path()),
        Err(StoreError::NotAVault(_))
    ));
    assert!(matches!(
        Store::create(directory.path()),
        Err(StoreError::NotAVault(_))
    ));
    assert_eq!(std::fs::read(&path).unwrap(), b"dear diary");
}

#[test]
fn attack_70_a_newer_vault_is_refused_untouched() {
    let (directory, store) = filled();
    store
        .connection
        .pragma_update(None, "user_version", 2)
        .unwrap();
    store.close().unwrap();
    let path = directory.path().join(NAME);
    let before = std::fs::read(&path).unwrap();

    let refused = Store::open(directory.path());
    assert!(matches!(
        refused,
        Err(StoreError::Newer { found: 2, known: 1 })
    ));
    assert!(matches!(
        Store::create(directory.path()),
        Err(StoreError::Newer { .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn attack_67_every_file_of_the_vault_is_its_owners_alone() {
    let (directory, _store) = filled();
    let path = directory.path().join(NAME);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    drop(_store);
    let mut store = Store::open(directory.path()).unwrap();
    store.store(&first_batch()).unwrap();

    let modes: Vec<u32> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert!(modes.len() >= 2, "the file and its log");
    assert!(modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
}

#[test]
fn attack_69_deleted_bytes_leave_the_disk() {
    let (directory, mut store) = filled();
    let secret = b"0123456789abcdef-only-once";
    store
        .store(&Batch {
            puts: vec![row(9, 1, secret)],
            ..Batch::default()
        })
        .unwrap();
    store
        .store(&Batch {
            deletes: vec![[9; 32]],
            ..Batch::default()
        })
        .unwrap();
    store.close().unwrap();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn a_batch_is_kept_whole_or_not_at_all() {
    let (directory, mut store) = filled();
    store.set_fault(Fault::Before(2));
    let second = Batch {
        puts: vec![row(3, 1, b"three")],
        ..Batch::default()
    };
    assert!(matches!(store.store(&second), Err(StoreError::Scripted)));
    drop(store);
    let mut store = Store::open(directory.path()).unwrap();
    assert_eq!(store.load_all().unwrap().rows.len(), 2);

    store.set_fault(Fault::After(1));
    assert!(matches!(store.store(&second), Err(StoreError::Scripted)));
    drop(store);
    assert_eq!(
        Store::open(directory.path())
            .unwrap()
            .load_all()
            .unwrap()
            .rows
            .len(),
        3
    );
}

#[test]
fn a_bad_row_takes_the_whole_batch_with_it() {
    let (_directory, mut store) = filled();
    store
        .connection
        .execute_batch(
            "CREATE TEMP TRIGGER full BEFORE DELETE ON rows BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .unwrap();
    let batch = Batch {
        puts: vec![row(7, 1, b"x")],
        deletes: vec![[1; 32]],
        header: None,
    };
    assert!(matches!(store.store(&batch), Err(StoreError::Sqlite(_))));
    assert_eq!(store.load_all().unwrap().rows.len(), 2);
}

#[test]
fn attack_45_a_damaged_vault_is_an_error() {
    let (directory, store) = filled();
    store.close().unwrap();
    let path = directory.path().join(NAME);
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[8192..] {
        *byte = 0xff;
    }
    std::fs::write(&path, bytes).unwrap();
    let outcome = Store::open(directory.path()).and_then(|store| store.load_all());
    assert!(matches!(outcome, Err(StoreError::Sqlite(_))));
}
