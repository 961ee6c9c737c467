//! A second way into the vault: its key, wrapped under what a passkey gives.
//!
//! A passkey with the extension `prf` turns a salt into 32 bytes that nobody else can make.
//! A key derived from them wraps the vault key. The wrapping is kept by the driver beside
//! the header and apart from it: whatever happens to it, the passphrase still opens the
//! vault. A row of the vault holds its hash, so that one that was removed, replaced or
//! damaged opens nothing.

use serde::{Deserialize, Serialize};
use siegel_proto::label;

use super::codec;
use super::error::VaultError;
use super::key::{HEAD, LogicalKey, Scope};
use super::seal::{RowId, SealedRow};
use super::{VAULT, Vault};
use crate::moment::StepRng;
use crate::sealed;
use crate::secret::Secret32;

const MAGIC: &[u8] = b"siegel passkey";
const FORMAT: u16 = 1;
const CHECKSUM_BYTES: usize = 32;
/// In the table of the header's hash.
pub(super) const WRAPPING_HASH: &[u8] = b"passkey";

/// A passkey that somebody has just made or used, with what it made of the salt.
#[derive(Clone)]
pub struct Passkey {
    /// How the authenticator calls it.
    pub credential: Vec<u8>,
    /// What it was given.
    pub salt: [u8; 32],
    /// What it made of that.
    pub secret: Secret32,
}

/// The vault key under a passkey, as the driver keeps it. Readable while the vault is
/// locked: whoever asks the passkey needs its name and the salt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyWrapping {
    credential: Vec<u8>,
    salt: [u8; 32],
    /// The row that every store of this vault has and no other has: its device's head.
    vault: RowId,
    wrapped_key: Vec<u8>,
}

impl PasskeyWrapping {
    fn wrap(
        vault_key: &Secret32,
        vault: RowId,
        passkey: &Passkey,
        rng: &mut StepRng,
    ) -> Result<Self, VaultError> {
        let mut wrapping = Self {
            credential: passkey.credential.clone(),
            salt: passkey.salt,
            vault,
            wrapped_key: Vec::new(),
        };
        let key = wrapping.key(&passkey.secret);
        let parts = wrapping.parts();
        wrapping.wrapped_key =
            sealed::seal(&key, label::PASSKEY_WRAP, &parts, vault_key.expose(), rng)
                .map_err(|_| VaultError::Encoding)?;
        Ok(wrapping)
    }

    pub(super) fn unwrap_key(&self, secret: &Secret32) -> Result<Secret32, VaultError> {
        let key = self.key(secret);
        let opened = sealed::open(&key, label::PASSKEY_WRAP, &self.parts(), &self.wrapped_key);
        let opened = opened.map_err(|_| VaultError::PasskeyUnfit)?;
        Secret32::try_from(&opened[..]).map_err(|_| VaultError::PasskeyUnfit)
    }

    fn key(&self, secret: &Secret32) -> Secret32 {
        sealed::derive_for(secret, label::PASSKEY_KEY, &self.parts())
    }

    fn parts(&self) -> [&[u8]; 3] {
        [&self.credential, &self.salt, &self.vault]
    }

    /// How the authenticator calls the passkey.
    #[must_use]
    pub fn credential(&self) -> &[u8] {
        &self.credential
    }

    /// What the passkey is to be given.
    #[must_use]
    pub const fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// For the store.
    ///
    /// # Errors
    /// None in practice: these fields have a form.
    pub fn encode(&self) -> Result<Vec<u8>, VaultError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&codec::encode(self)?);
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        Ok(bytes)
    }

    /// Reads what [`PasskeyWrapping::encode`] wrote.
    ///
    /// # Errors
    /// [`VaultError::PasskeyUnfit`] for anything else, a later format among it.
    pub fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let body = || {
            let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
            let (format, body) = content.strip_prefix(MAGIC)?.split_first_chunk::<2>()?;
            let sound = blake3::hash(content) == *checksum && *format == FORMAT.to_be_bytes();
            sound.then_some(body)
        };
        let body = body().ok_or(VaultError::PasskeyUnfit)?;
        codec::decode(body).map_err(|_| VaultError::PasskeyUnfit)
    }
}

impl Vault {
    /// Opens a stored vault with what its passkey made of the wrapping's salt.
    ///
    /// # Errors
    /// [`VaultError::PasskeyUnfit`] if the wrapping is damaged, of another vault or another
    /// passkey, or no longer the one this vault knows. Otherwise as [`Vault::open`].
    pub fn open_by_passkey(
        header: &[u8],
        wrapping: &[u8],
        secret: &Secret32,
        rows: Vec<SealedRow>,
    ) -> Result<Self, VaultError> {
        let decoded = PasskeyWrapping::decode(wrapping)?;
        // A wrapping of another vault would give a key under which no row opens, and that
        // looks like damage.
        if rows.iter().all(|row| row.id != decoded.vault) {
            return Err(VaultError::PasskeyUnfit);
        }
        let vault_key = decoded.unwrap_key(secret)?;
        let vault = Self::resume(header, vault_key, rows)?;
        match vault.knows_wrapping(wrapping)? {
            true => Ok(vault),
            false => Err(VaultError::PasskeyUnfit),
        }
    }

    /// Wraps the vault key under a passkey as well, instead of an earlier one. The passphrase
    /// is asked for again: who finds a device unlocked must not leave a door of their own.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] if `passphrase` does not open the vault.
    pub fn add_passkey(
        &mut self,
        passphrase: &[u8],
        passkey: &Passkey,
        rng: &mut StepRng,
    ) -> Result<Vec<u8>, VaultError> {
        let header = self.new_header.as_ref().or(self.header.as_ref());
        header
            .ok_or(VaultError::Unprotected)?
            .unwrap_key(passphrase)?;
        let head = LogicalKey::new(Scope::Device, HEAD, &[]);
        let vault = self.row_keys.row_id(&head);
        let wrapping = PasskeyWrapping::wrap(&self.vault_key, vault, passkey, rng)?.encode()?;
        let hash = blake3::hash(&wrapping);
        self.put(Scope::Device, VAULT, WRAPPING_HASH, hash.as_bytes())?;
        Ok(wrapping)
    }

    /// Lets no passkey open the vault any more. The driver deletes the wrapping.
    pub fn remove_passkey(&mut self) {
        self.delete(Scope::Device, VAULT, WRAPPING_HASH);
    }

    /// Whether a passkey was set up and not removed.
    #[must_use]
    pub fn has_passkey(&self) -> bool {
        self.contains(Scope::Device, VAULT, WRAPPING_HASH)
    }

    /// Whether this is the wrapping that was set up last and not removed.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if the row cannot be read.
    pub fn knows_wrapping(&self, wrapping: &[u8]) -> Result<bool, VaultError> {
        let hash: Option<[u8; 32]> = self.get(Scope::Device, VAULT, WRAPPING_HASH)?;
        Ok(hash == Some(*blake3::hash(wrapping).as_bytes()))
    }
}
