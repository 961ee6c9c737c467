//! A vault as one string of plaintext, to be sealed into a capsule and opened once.

use zeroize::Zeroizing;

use super::key::LogicalKey;
use super::passkey::WRAPPING_HASH;
use super::{HEADER_HASH, PassphraseCost, Scope, VAULT, Vault, VaultError};
use crate::moment::StepRng;
use crate::secret::WipingBuffer;

const FORMAT: u8 = 1;

impl Vault {
    /// Copies every row out, staged writes included, unsealed. The copy must be used
    /// once and this vault never again: two devices with one MLS state lose messages.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if a row is beyond 4 GiB.
    pub fn export(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let own = of_the_device();
        let mut out = WipingBuffer::default();
        out.extend(&[FORMAT]);
        for key in self.logical_keys(|_| true, &LogicalKey::first_of(Scope::Device)) {
            if !own.contains(&key) {
                append(&mut out, key.as_bytes())?;
                self.with_value(&key, |value| append(&mut out, value.unwrap_or_default()))?;
            }
        }
        Ok(out.into_inner())
    }

    /// Makes a vault of its own, under a new key, from an exported one.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if the bytes are not what [`Vault::export`] made.
    pub fn import(
        bytes: &[u8],
        passphrase: &[u8],
        cost: PassphraseCost,
        rng: &mut StepRng,
    ) -> Result<Self, VaultError> {
        let vault = Self::create(passphrase, cost, rng)?;
        vault.absorb(bytes)?;
        Ok(vault)
    }

    /// Stages every row of an exported vault in this one.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if the bytes are not what [`Vault::export`] made.
    pub fn absorb(&self, bytes: &[u8]) -> Result<(), VaultError> {
        let own = of_the_device();
        let (format, mut rest) = bytes.split_first().ok_or(VaultError::Encoding)?;
        if *format != FORMAT {
            return Err(VaultError::Encoding);
        }
        while !rest.is_empty() {
            let key = LogicalKey::parse(take(&mut rest)?).ok_or(VaultError::Encoding)?;
            let value = take(&mut rest)?;
            if key.is_head() || own.contains(&key) {
                return Err(VaultError::Encoding);
            }
            self.stage(key, Some(Zeroizing::new(value.to_vec())));
        }
        Ok(())
    }
}

/// What ties a vault to what opens it: of no use in another one.
fn of_the_device() -> [LogicalKey; 2] {
    [HEADER_HASH, WRAPPING_HASH].map(|key| LogicalKey::new(Scope::Device, VAULT, key))
}

fn append(out: &mut WipingBuffer, bytes: &[u8]) -> Result<(), VaultError> {
    let length = u32::try_from(bytes.len()).map_err(|_| VaultError::Encoding)?;
    out.extend(&length.to_be_bytes());
    out.extend(bytes);
    Ok(())
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], VaultError> {
    let (length, after) = rest.split_first_chunk::<4>().ok_or(VaultError::Encoding)?;
    let length = u32::from_be_bytes(*length) as usize;
    let (bytes, after) = after.split_at_checked(length).ok_or(VaultError::Encoding)?;
    *rest = after;
    Ok(bytes)
}
