//! The header: the vault's random key, wrapped under the passphrase.
//!
//! The one row that is not sealed. It begins with a name and a format number and ends
//! with a BLAKE3 checksum over everything before, in this and every later format, so that
//! damage, a newer format and a wrong passphrase can be told apart.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use siegel_proto::{label, signing};
use zeroize::Zeroizing;

use super::codec;
use super::error::VaultError;
use crate::moment::StepRng;
use crate::secret::Secret32;

const MAGIC: &[u8] = b"siegel vault";
const FORMAT: u16 = 1;
const CHECKSUM_BYTES: usize = 32;

/// What a guess of the passphrase costs: Argon2id with one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassphraseCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl PassphraseCost {
    /// 64 MiB and three passes: about 0.15 s on an office laptop, in the browser too.
    pub const STANDARD: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
    };

    /// Next to no protection against guessing: for tests, which open thousands of vaults.
    pub const TRIVIAL: Self = Self {
        memory_kib: 256,
        passes: 1,
    };

    /// A forged header must not exhaust the device.
    const MOST: Self = Self {
        memory_kib: 1024 * 1024,
        passes: 16,
    };

    fn stretch(self, passphrase: &[u8], salt: &[u8; 32]) -> Result<Secret32, VaultError> {
        let bounds_hold = (Self::TRIVIAL.memory_kib..=Self::MOST.memory_kib)
            .contains(&self.memory_kib)
            && (Self::TRIVIAL.passes..=Self::MOST.passes).contains(&self.passes);
        if !bounds_hold {
            return Err(VaultError::Parameters);
        }
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32))
            .map_err(|_| VaultError::Parameters)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase, salt, &mut *key)
            .map_err(|_| VaultError::Parameters)?;
        Ok(Secret32::new(*key))
    }
}

/// The wrapped vault key. Formats to come may wrap it more than once; each wrapping alone
/// opens the vault. A passkey's wrapping is kept apart, see `passkey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    wrappings: Vec<Wrapping>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Wrapping {
    Passphrase(PassphraseWrapping),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PassphraseWrapping {
    cost: PassphraseCost,
    salt: [u8; 32],
    nonce: [u8; 24],
    wrapped_key: Vec<u8>,
}

impl Header {
    pub(super) fn wrap(
        vault_key: &Secret32,
        passphrase: &[u8],
        cost: PassphraseCost,
        rng: &mut StepRng,
    ) -> Result<Self, VaultError> {
        let salt = rng.bytes();
        let nonce = rng.bytes();
        let key = cost.stretch(passphrase, &salt)?;
        let wrapped_key = XChaCha20Poly1305::new(key.expose().into())
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: vault_key.expose(),
                    aad: &associated_data(cost, &salt),
                },
            )
            .map_err(|_| VaultError::Encoding)?;
        let wrapping = PassphraseWrapping {
            cost,
            salt,
            nonce,
            wrapped_key,
        };
        Ok(Self {
            wrappings: vec![Wrapping::Passphrase(wrapping)],
        })
    }

    pub(super) fn unwrap_key(&self, passphrase: &[u8]) -> Result<Secret32, VaultError> {
        for Wrapping::Passphrase(wrapping) in &self.wrappings {
            let key = wrapping.cost.stretch(passphrase, &wrapping.salt)?;
            let opened = XChaCha20Poly1305::new(key.expose().into()).decrypt(
                XNonce::from_slice(&wrapping.nonce),
                Payload {
                    msg: &wrapping.wrapped_key,
                    aad: &associated_data(wrapping.cost, &wrapping.salt),
                },
            );
            if let Ok(opened) = opened.map(Zeroizing::new) {
                return Secret32::try_from(&opened[..]).map_err(|_| VaultError::Damaged);
            }
        }
        Err(VaultError::WrongPassphrase)
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, VaultError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&codec::encode(self)?);
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        Ok(bytes)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let (content, checksum) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or(VaultError::Damaged)?;
        if blake3::hash(content) != *checksum {
            return Err(VaultError::Damaged);
        }
        let (format, body) = content
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk::<2>())
            .ok_or(VaultError::Damaged)?;
        let found = u16::from_be_bytes(*format);
        if found > FORMAT {
            return Err(VaultError::NewerFormat {
                found,
                known: FORMAT,
            });
        }
        codec::decode(body).map_err(|_| VaultError::Damaged)
    }
}

fn associated_data(cost: PassphraseCost, salt: &[u8; 32]) -> Vec<u8> {
    let (memory, passes) = (cost.memory_kib.to_be_bytes(), cost.passes.to_be_bytes());
    signing::message(label::VAULT_WRAP, &[b"passphrase", &memory, &passes, salt])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Entropy;

    fn header() -> (Secret32, Header) {
        let mut rng = StepRng::new(Entropy([1; 32]));
        let key = Secret32::random(&mut rng);
        let header = Header::wrap(&key, b"right", PassphraseCost::TRIVIAL, &mut rng).unwrap();
        (key, header)
    }

    #[test]
    fn only_the_passphrase_unwraps_the_key() {
        let (key, header) = header();
        let read = Header::decode(&header.encode().unwrap()).unwrap();
        assert_eq!(read.unwrap_key(b"right"), Ok(key));
        assert_eq!(read.unwrap_key(b"wrong"), Err(VaultError::WrongPassphrase));
        assert_eq!(read.unwrap_key(b""), Err(VaultError::WrongPassphrase));
    }

    #[test]
    fn attack_31_damage_is_told_from_a_wrong_passphrase() {
        let bytes = header().1.encode().unwrap();
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 0x80;
            assert_eq!(
                Header::decode(&flipped).err(),
                Some(VaultError::Damaged),
                "byte {place}"
            );
        }
        for length in 0..bytes.len() {
            assert_eq!(
                Header::decode(&bytes[..length]).err(),
                Some(VaultError::Damaged)
            );
        }
    }

    #[test]
    fn attack_31_a_forged_header_unwraps_nothing() {
        let forge = |change: fn(&mut PassphraseWrapping)| {
            let (_, mut header) = header();
            let Wrapping::Passphrase(wrapping) = &mut header.wrappings[0];
            change(wrapping);
            let bytes = header.encode().unwrap();
            Header::decode(&bytes)
                .and_then(|header| header.unwrap_key(b"right"))
                .err()
        };
        assert_eq!(forge(|w| w.salt[0] ^= 1), Some(VaultError::WrongPassphrase));
        assert_eq!(
            forge(|w| w.nonce[0] ^= 1),
            Some(VaultError::WrongPassphrase)
        );
        assert_eq!(
            forge(|w| w.wrapped_key[0] ^= 1),
            Some(VaultError::WrongPassphrase)
        );
        assert_eq!(
            forge(|w| w.wrapped_key.clear()),
            Some(VaultError::WrongPassphrase)
        );
        assert_eq!(
            forge(|w| w.cost.passes = 2),
            Some(VaultError::WrongPassphrase)
        );
        assert_eq!(
            forge(|w| w.cost.memory_kib = 8),
            Some(VaultError::Parameters)
        );
        assert_eq!(
            forge(|w| w.cost.memory_kib = u32::MAX),
            Some(VaultError::Parameters)
        );
        assert_eq!(
            forge(|w| w.cost.passes = 1_000_000),
            Some(VaultError::Parameters)
        );
    }

    #[test]
    fn attack_70_a_newer_format_is_left_alone() {
        let mut bytes = header().1.encode().unwrap();
        let content = bytes.len() - CHECKSUM_BYTES;
        bytes[MAGIC.len() + 1] = 2;
        let checksum = blake3::hash(&bytes[..content]);
        bytes[content..].copy_from_slice(checksum.as_bytes());
        assert_eq!(
            Header::decode(&bytes).err(),
            Some(VaultError::NewerFormat { found: 2, known: 1 })
        );
    }
}
