//! The store of a device in the hands of somebody else: header, rows, exported vaults.

use std::time::Duration;

use siegel_client_core::moment::{Entropy, StepRng};
use siegel_client_core::vault::{PassphraseCost, Scope, SealedRow, Table, Vault, VaultError};
use siegel_proto::ids::RoomId;

use super::{Harness, Target};

const TABLE: Table = Table::new("test");
const PASSPHRASE: &[u8] = b"right";
const CHECKSUM_BYTES: usize = 32;
const MAGIC_AND_FORMAT_BYTES: usize = 14;
/// A header may name a dear passphrase; what is allowed is another test's.
const MOST_KIB: u64 = 4_096;

pub fn targets() -> Vec<Target> {
    let dear = Duration::from_millis(200);
    vec![
        Target::new("vault_rows", 500, rows).bounds(8 << 20, dear),
        Target::new("vault_header", 500, header).bounds(8 << 20, dear),
        Target::new("vault_export", 3_000, export),
    ]
}

fn vault() -> (Vault, StepRng) {
    let mut rng = StepRng::new(Entropy([6; 32]));
    let vault = Vault::create(PASSPHRASE, PassphraseCost::TRIVIAL, &mut rng).expect("made");
    let room = Scope::Room(RoomId::new([7; 16]));
    for number in 0..5_u8 {
        let scope = if number < 2 { Scope::Device } else { room };
        vault.put(scope, TABLE, &[number], &"value").expect("put");
    }
    (vault, rng)
}

/// The sealed rows one after the other: none can be changed, dropped, doubled or moved.
fn rows() -> Harness {
    let (mut vault, mut rng) = vault();
    let batch = vault.commit(&mut rng).expect("sealed");
    let header = batch.header.expect("new");
    let sound = pack(&batch.puts);
    let known = sound.clone();
    let read = move |input: &[u8]| {
        let rows = unpack(input);
        let same = sorted(rows.clone()) == sorted(unpack(&known));
        let opened = Vault::open(&header, PASSPHRASE, rows).is_ok();
        assert_eq!(opened, same, "exactly the stored rows open");
        opened
    };
    Harness {
        corpus: vec![sound],
        read: Box::new(read),
    }
}

fn pack(rows: &[SealedRow]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        bytes.extend(row.id);
        bytes.extend(row.scope);
        bytes.extend(row.version.to_be_bytes());
        bytes.extend(
            u16::try_from(row.sealed.len())
                .expect("small")
                .to_be_bytes(),
        );
        bytes.extend(&row.sealed);
    }
    bytes
}

fn unpack(mut bytes: &[u8]) -> Vec<SealedRow> {
    let mut rows = Vec::new();
    while let Some((row, rest)) = first_row(bytes) {
        rows.push(row);
        bytes = rest;
    }
    rows
}

fn first_row(bytes: &[u8]) -> Option<(SealedRow, &[u8])> {
    let (id, bytes) = bytes.split_first_chunk()?;
    let (scope, bytes) = bytes.split_first_chunk()?;
    let (version, bytes) = bytes.split_first_chunk()?;
    let (length, bytes) = bytes.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length)).min(bytes.len());
    let (sealed, bytes) = bytes.split_at(length);
    let row = SealedRow {
        id: *id,
        scope: *scope,
        version: u64::from_be_bytes(*version),
        sealed: sealed.to_vec(),
    };
    Some((row, bytes))
}

fn sorted(mut rows: Vec<SealedRow>) -> Vec<SealedRow> {
    rows.sort_by_key(|row| (row.id, row.version));
    rows
}

/// A header whose checksum fits whatever it says: it opens nothing it did not wrap.
fn header() -> Harness {
    let (mut vault, mut rng) = vault();
    let batch = vault.commit(&mut rng).expect("sealed");
    let (header, rows) = (batch.header.expect("new"), batch.puts);
    let content = header[..header.len() - CHECKSUM_BYTES].to_vec();
    let known = content.clone();
    let read = move |input: &[u8]| {
        if is_dear(input) {
            return false;
        }
        let mut forged = input.to_vec();
        forged.extend_from_slice(blake3::hash(input).as_bytes());
        let opened = Vault::open(&forged, PASSPHRASE, rows.clone());
        if input == known {
            assert!(opened.is_ok());
        } else {
            // Wrapping and rows may hold; the hash of the header in the rows does not.
            assert!(opened.is_err(), "another header opens");
        }
        // Knowing the format, it was read beyond the checksum.
        !matches!(
            opened,
            Err(VaultError::Damaged | VaultError::NewerFormat { .. })
        )
    };
    Harness {
        corpus: vec![content],
        read: Box::new(read),
    }
}

fn is_dear(content: &[u8]) -> bool {
    let body = content.get(MAGIC_AND_FORMAT_BYTES..).unwrap_or_default();
    let Ok(value) = ciborium::from_reader::<ciborium::Value, _>(body) else {
        return false;
    };
    numbers(&value).iter().any(|number| *number > MOST_KIB)
}

fn numbers(value: &ciborium::Value) -> Vec<u64> {
    match value {
        ciborium::Value::Integer(number) => u64::try_from(*number).into_iter().collect(),
        ciborium::Value::Array(items) => items.iter().flat_map(numbers).collect(),
        ciborium::Value::Map(pairs) => pairs.iter().flat_map(|(_, value)| numbers(value)).collect(),
        ciborium::Value::Tag(_, inner) => numbers(inner),
        _ => Vec::new(),
    }
}

/// The plaintext of a capsule, made by whoever invites.
fn export() -> Harness {
    let (vault, _) = vault();
    let exported = vault.export().expect("exported").to_vec();
    let read = |input: &[u8]| {
        let mut rng = StepRng::new(Entropy([9; 32]));
        let vault = Vault::unprotected(&mut rng).expect("made");
        if vault.absorb(input).is_err() {
            return false;
        }
        let again = vault.export().expect("exported");
        let other = Vault::unprotected(&mut rng).expect("made");
        other.absorb(&again).expect("what was exported is taken");
        assert!(*other.export().expect("exported") == *again);
        for (_, value) in vault
            .scan::<String>(Scope::Device, TABLE, &[])
            .unwrap_or_default()
        {
            assert!(value.len() <= input.len());
        }
        true
    };
    Harness {
        corpus: vec![exported],
        read: Box::new(read),
    }
}
