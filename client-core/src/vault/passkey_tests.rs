//! The wrapping under a passkey, against a store that changes, swaps and brings it back.

use super::*;
use crate::moment::Entropy;

const PASSPHRASE: &[u8] = b"correct horse";
const COST: PassphraseCost = PassphraseCost::TRIVIAL;
const TABLE: Table = Table::new("test");

/// A vault and what its driver keeps.
struct Device {
    vault: Vault,
    header: Vec<u8>,
    rows: BTreeMap<RowId, SealedRow>,
    rng: StepRng,
}

impl Device {
    fn new(seed: u8) -> Self {
        let mut rng = StepRng::new(Entropy([seed; 32]));
        let vault = Vault::create(PASSPHRASE, COST, &mut rng).unwrap();
        vault.put(Scope::Device, TABLE, b"a", "text").unwrap();
        let mut device = Self {
            vault,
            header: Vec::new(),
            rows: BTreeMap::new(),
            rng,
        };
        device.commit();
        device
    }

    fn commit(&mut self) {
        let batch = self.vault.commit(&mut self.rng).unwrap();
        if let Some(header) = batch.header {
            self.header = header;
        }
        self.rows
            .extend(batch.puts.into_iter().map(|row| (row.id, row)));
        for id in batch.deletes {
            self.rows.remove(&id);
        }
    }

    fn adds(&mut self, passkey: &Passkey) -> Vec<u8> {
        let wrapping = self.vault.add_passkey(PASSPHRASE, passkey, &mut self.rng);
        self.commit();
        wrapping.unwrap()
    }

    fn opens(&self, wrapping: &[u8], secret: u8) -> Result<Vault, VaultError> {
        let secret = Secret32::new([secret; 32]);
        let rows = self.rows.values().cloned().collect();
        Vault::open_by_passkey(&self.header, wrapping, &secret, rows)
    }

    fn opens_by_passphrase(&self, passphrase: &[u8]) -> Result<Vault, VaultError> {
        Vault::open(&self.header, passphrase, self.rows.values().cloned())
    }
}

fn passkey(number: u8) -> Passkey {
    Passkey {
        credential: vec![number; 16],
        salt: [0x5a; 32],
        secret: Secret32::new([number; 32]),
    }
}

const UNFIT: Option<VaultError> = Some(VaultError::PasskeyUnfit);

#[test]
fn a_passkey_opens_the_vault_beside_the_passphrase() {
    let mut device = Device::new(1);
    let wrapping = device.adds(&passkey(1));
    let opened = device.opens(&wrapping, 1).unwrap();
    let text: Option<String> = opened.get(Scope::Device, TABLE, b"a").unwrap();
    assert_eq!(text.as_deref(), Some("text"));
    assert!(device.opens_by_passphrase(PASSPHRASE).is_ok());
    assert_eq!(device.opens(&wrapping, 2).err(), UNFIT);
    let read = PasskeyWrapping::decode(&wrapping).unwrap();
    assert_eq!(
        (read.credential(), read.salt()),
        (&[1; 16][..], &[0x5a; 32])
    );
}

#[test]
fn only_who_knows_the_passphrase_adds_a_passkey() {
    let mut device = Device::new(1);
    let refused = device
        .vault
        .add_passkey(b"guess", &passkey(1), &mut device.rng);
    assert_eq!(refused.err(), Some(VaultError::WrongPassphrase));
    assert!(!device.vault.has_passkey());
}

#[test]
fn another_passphrase_leaves_the_passkey_as_it_was() {
    let mut device = Device::new(1);
    let wrapping = device.adds(&passkey(1));
    device
        .vault
        .change_passphrase(PASSPHRASE, b"new", COST, &mut device.rng)
        .unwrap();
    device.commit();
    assert!(device.opens(&wrapping, 1).is_ok());
    assert!(device.opens_by_passphrase(b"new").is_ok());
}

#[test]
fn attack_31_a_changed_or_shortened_wrapping_opens_nothing() {
    let mut device = Device::new(1);
    let wrapping = device.adds(&passkey(1));
    for place in 0..wrapping.len() {
        let mut flipped = wrapping.clone();
        flipped[place] ^= 0x80;
        assert_eq!(device.opens(&flipped, 1).err(), UNFIT, "byte {place}");
        assert_eq!(device.opens(&wrapping[..place], 1).err(), UNFIT);
    }
    assert!(device.opens_by_passphrase(PASSPHRASE).is_ok());
}

/// The wrapping with other fields and a checksum that fits.
fn forged(wrapping: &[u8], field: &str, value: ciborium::Value) -> Vec<u8> {
    let head = b"siegel passkey".len() + 2;
    let (content, _) = wrapping.split_last_chunk::<32>().unwrap();
    let mut body: ciborium::Value = ciborium::from_reader(&content[head..]).unwrap();
    for (name, found) in body.as_map_mut().unwrap() {
        if name.as_text() == Some(field) {
            *found = value.clone();
        }
    }
    let mut bytes = content[..head].to_vec();
    ciborium::into_writer(&body, &mut bytes).unwrap();
    let checksum = blake3::hash(&bytes);
    bytes.extend_from_slice(checksum.as_bytes());
    bytes
}

fn numbers(bytes: &[u8]) -> ciborium::Value {
    let numbers = bytes.iter().map(|byte| ciborium::Value::from(*byte));
    ciborium::Value::Array(numbers.collect())
}

#[test]
fn attack_31_credential_salt_and_vault_are_authenticated() {
    let mut device = Device::new(1);
    let wrapping = device.adds(&passkey(1));
    let same = forged(&wrapping, "credential", numbers(&[1; 16]));
    assert_eq!(same, wrapping, "the forger writes what the vault writes");
    // What the vault knows is not asked before the key is unwrapped.
    let unwraps = |wrapping: &[u8]| {
        let decoded = PasskeyWrapping::decode(wrapping).unwrap();
        decoded.unwrap_key(&Secret32::new([1; 32]))
    };
    assert!(unwraps(&wrapping).is_ok());
    for (field, value) in [
        ("credential", numbers(&[2; 16])),
        ("salt", numbers(&[2; 32])),
        ("vault", numbers(&[2; 32])),
        ("wrapped_key", numbers(&[])),
    ] {
        let forged = forged(&wrapping, field, value);
        assert_eq!(unwraps(&forged).err(), UNFIT, "{field}");
        assert_eq!(device.opens(&forged, 1).err(), UNFIT, "{field}");
    }
}

#[test]
fn attack_68_the_wrapping_of_another_vault_or_passkey_opens_nothing() {
    let (mut one, mut other) = (Device::new(1), Device::new(2));
    let wrapping = one.adds(&passkey(1));
    let foreign = other.adds(&passkey(1));
    assert!(other.opens(&foreign, 1).is_ok());
    assert_eq!(one.opens(&foreign, 1).err(), UNFIT);
    let second = one.adds(&passkey(2));
    assert!(one.opens(&second, 2).is_ok());
    assert_eq!(one.opens(&second, 1).err(), UNFIT);
    assert_eq!(one.opens(&wrapping, 1).err(), UNFIT, "it was replaced");
}

#[test]
fn attack_68_a_removed_passkey_put_back_opens_nothing() {
    let mut device = Device::new(1);
    let wrapping = device.adds(&passkey(1));
    device.vault.remove_passkey();
    device.commit();
    assert!(!device.vault.has_passkey());
    assert_eq!(device.opens(&wrapping, 1).err(), UNFIT);
    assert!(device.opens_by_passphrase(PASSPHRASE).is_ok());
}

#[test]
fn a_later_format_of_the_wrapping_leaves_the_passphrase() {
    let mut device = Device::new(1);
    let mut wrapping = device.adds(&passkey(1));
    let content = wrapping.len() - 32;
    wrapping[b"siegel passkey".len() + 1] = 2;
    let checksum = blake3::hash(&wrapping[..content]);
    wrapping[content..].copy_from_slice(checksum.as_bytes());
    assert_eq!(device.opens(&wrapping, 1).err(), UNFIT);
    assert!(device.opens_by_passphrase(PASSPHRASE).is_ok());
}

#[test]
fn a_passkey_does_not_travel_with_an_exported_vault() {
    let mut device = Device::new(1);
    let without = device.vault.export().unwrap();
    device.adds(&passkey(1));
    assert_eq!(*device.vault.export().unwrap(), *without);
}
