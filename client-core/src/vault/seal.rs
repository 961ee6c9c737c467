//! Sealing single rows: XChaCha20-Poly1305 with a random nonce, bound to the row's place
//! and version.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use siegel_proto::{label, signing};
use zeroize::Zeroizing;

use super::error::VaultError;
use super::key::{LogicalKey, Scope, scope_bytes};
use crate::moment::StepRng;
use crate::secret::{Secret32, WipingBuffer};

const NONCE_BYTES: usize = 24;

/// Names a row without telling what it is: keyed BLAKE3 of its logical key.
pub type RowId = [u8; 32];

/// A row as the driver stores it. Nothing in it tells a room, a table or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// Primary key.
    pub id: RowId,
    /// Equal for all rows of one scope; a keyed hash, so that a stolen store cannot be
    /// matched with a relay's rooms.
    pub scope: [u8; 16],
    /// The number of the commit that wrote the row.
    pub version: u64,
    /// Nonce and ciphertext.
    pub sealed: Vec<u8>,
}

/// The keys derived from the vault key, one per purpose.
pub(super) struct RowKeys {
    seal: Secret32,
    id: Secret32,
    mark: Secret32,
}

impl RowKeys {
    pub(super) fn derive(vault_key: &Secret32) -> Result<Self, VaultError> {
        let derive = |purpose| {
            let mut key = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, vault_key.expose())
                .expand(&signing::message(purpose, &[]), &mut *key)
                .map_err(|_| VaultError::Parameters)?;
            Ok(Secret32::new(*key))
        };
        Ok(Self {
            seal: derive(label::VAULT_ROW)?,
            id: derive(label::VAULT_ROW_ID)?,
            mark: derive(label::VAULT_HEAD)?,
        })
    }

    pub(super) fn row_id(&self, key: &LogicalKey) -> RowId {
        self.hash(label::VAULT_ROW_ID, &[key.as_bytes()])
    }

    fn scope_id(&self, scope: Scope) -> [u8; 16] {
        let hash = self.hash(label::VAULT_HEAD, &[&scope_bytes(scope)]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        id
    }

    fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        *blake3::keyed_hash(self.id.expose(), &signing::message(purpose, parts)).as_bytes()
    }

    /// The row's part in its scope's digest; see `head`.
    pub(super) fn mark(&self, id: &RowId, version: u64) -> [u8; 32] {
        let message = signing::message(label::VAULT_HEAD, &[id, &version.to_be_bytes()]);
        *blake3::keyed_hash(self.mark.expose(), &message).as_bytes()
    }

    pub(super) fn seal(
        &self,
        key: &LogicalKey,
        version: u64,
        value: &[u8],
        rng: &mut StepRng,
    ) -> Result<SealedRow, VaultError> {
        let id = self.row_id(key);
        let scope = self.scope_id(key.scope());
        let nonce: [u8; NONCE_BYTES] = rng.bytes();
        let length = u32::try_from(key.as_bytes().len()).map_err(|_| VaultError::Encoding)?;
        let mut plain = WipingBuffer::with_capacity(4 + key.as_bytes().len() + value.len());
        plain.extend(&length.to_be_bytes());
        plain.extend(key.as_bytes());
        plain.extend(value);
        let ciphertext = self
            .cipher()
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: &plain.into_inner(),
                    aad: &associated_data(&scope, &id, version),
                },
            )
            .map_err(|_| VaultError::Encoding)?;
        let mut sealed = Vec::with_capacity(NONCE_BYTES + ciphertext.len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(SealedRow {
            id,
            scope,
            version,
            sealed,
        })
    }

    /// Opens a row and holds it against the place it was found in.
    pub(super) fn open(
        &self,
        row: &SealedRow,
    ) -> Result<(LogicalKey, Zeroizing<Vec<u8>>), VaultError> {
        let (nonce, ciphertext) = row
            .sealed
            .split_at_checked(NONCE_BYTES)
            .ok_or(VaultError::RowDamaged)?;
        let plain = self
            .cipher()
            .decrypt(
                XNonce::from_slice(nonce),
                Payload {
                    msg: ciphertext,
                    aad: &associated_data(&row.scope, &row.id, row.version),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| VaultError::RowDamaged)?;
        let (key, value) = split(&plain).ok_or(VaultError::RowDamaged)?;
        if self.row_id(&key) != row.id || self.scope_id(key.scope()) != row.scope {
            return Err(VaultError::RowDamaged);
        }
        Ok((key, Zeroizing::new(value.to_vec())))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.seal.expose().into())
    }
}

fn associated_data(scope: &[u8; 16], id: &RowId, version: u64) -> Vec<u8> {
    signing::message(label::VAULT_ROW, &[scope, id, &version.to_be_bytes()])
}

fn split(plain: &[u8]) -> Option<(LogicalKey, &[u8])> {
    let (length, rest) = plain.split_first_chunk::<4>()?;
    let (key, value) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((LogicalKey::parse(key)?, value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siegel_proto::ids::RoomId;

    use super::*;
    use crate::moment::Entropy;
    use crate::vault::key::Table;

    const TABLE: Table = Table::new("test");

    fn keys() -> RowKeys {
        RowKeys::derive(&Secret32::new([3; 32])).unwrap()
    }

    fn sample(room: u8) -> LogicalKey {
        LogicalKey::new(Scope::Room(RoomId::new([room; 16])), TABLE, b"key")
    }

    fn rng() -> StepRng {
        StepRng::new(Entropy([4; 32]))
    }

    #[test]
    fn attack_31_every_byte_of_a_sealed_row_is_authenticated() {
        let keys = keys();
        let row = keys.seal(&sample(1), 9, b"value", &mut rng()).unwrap();
        assert!(keys.open(&row).is_ok());
        for place in 0..row.sealed.len() {
            let mut flipped = row.clone();
            flipped.sealed[place] ^= 1;
            assert_eq!(keys.open(&flipped).err(), Some(VaultError::RowDamaged));
        }
        for length in 0..row.sealed.len() {
            let mut short = row.clone();
            short.sealed.truncate(length);
            assert_eq!(keys.open(&short).err(), Some(VaultError::RowDamaged));
        }
    }

    #[test]
    fn attack_68_a_row_opens_only_in_its_place_and_version() {
        let keys = keys();
        let row = keys.seal(&sample(1), 9, b"value", &mut rng()).unwrap();
        let other = keys.seal(&sample(2), 9, b"value", &mut rng()).unwrap();
        for moved in [
            SealedRow {
                id: other.id,
                ..row.clone()
            },
            SealedRow {
                scope: other.scope,
                ..row.clone()
            },
            SealedRow {
                version: 8,
                ..row.clone()
            },
        ] {
            assert_eq!(keys.open(&moved).err(), Some(VaultError::RowDamaged));
        }
    }

    #[test]
    fn another_vault_opens_nothing() {
        let row = keys().seal(&sample(1), 9, b"value", &mut rng()).unwrap();
        let other = RowKeys::derive(&Secret32::new([5; 32])).unwrap();
        assert!(other.open(&row).is_err());
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_went(key: Vec<u8>, value: Vec<u8>, version: u64) {
            let keys = keys();
            let key = LogicalKey::new(Scope::Device, TABLE, &key);
            let row = keys.seal(&key, version, &value, &mut rng()).unwrap();
            let (read_key, read_value) = keys.open(&row).unwrap();
            prop_assert!(read_key == key);
            prop_assert_eq!(&*read_value, &value);
        }
    }
}
