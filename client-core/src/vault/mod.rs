//! The encrypted store of a device, held open in memory.
//!
//! | step | what happens |
//! | --- | --- |
//! | [`Vault::open`], [`Vault::open_by_passkey`] | every row is opened and held against its scope's head |
//! | `put`, `delete` | staged; the same step already reads what it wrote |
//! | [`Vault::commit`] | what really changed is sealed into one [`Batch`] |
//! | [`Vault::discard`] | the staged writes are forgotten |
//!
//! The driver stores a batch in one transaction. If it cannot, it drops the vault and
//! opens it again from the store: memory is never ahead of the disk for long.
//!
//! Writing takes `&self`, because the MLS library's storage trait does.

mod attempts;
pub(crate) mod codec;
mod error;
mod export;
mod head;
mod header;
mod key;
mod passkey;
#[cfg(test)]
mod passkey_tests;
mod rows;
mod seal;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;

use zeroize::Zeroizing;

pub use attempts::Attempts;
pub use error::VaultError;
pub use header::PassphraseCost;
pub use key::{Scope, Table};
pub use passkey::{Passkey, PasskeyWrapping};
pub use seal::{RowId, SealedRow};

use crate::moment::StepRng;
use crate::secret::Secret32;
use head::Head;
use header::Header;
use key::{HEAD, LogicalKey};
use seal::RowKeys;

/// Ties header and wrapping to the rows, so that an old one cannot be put back alone.
const VAULT: Table = Table::new("vault");
const HEADER_HASH: &[u8] = b"header";

/// What a step changes in the store, all in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Rows to insert or replace, by id.
    pub puts: Vec<SealedRow>,
    /// Rows to delete, by id.
    pub deletes: Vec<RowId>,
    /// The new header, if it changed.
    pub header: Option<Vec<u8>>,
}

impl Batch {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty() && self.header.is_none()
    }
}

type Value = Zeroizing<Vec<u8>>;

/// Writes of a step up to a point within it.
pub(crate) struct Staged(BTreeMap<LogicalKey, Option<Value>>);

/// Rows of one table that commits have changed.
struct Watch {
    table: Table,
    changed: Vec<(Scope, Vec<u8>)>,
}

struct Row {
    version: u64,
    value: Value,
}

/// An unlocked vault: all rows in memory, and the writes of the step under way.
pub struct Vault {
    vault_key: Secret32,
    row_keys: RowKeys,
    header: Option<Header>,
    /// Staged as rows are, until the next batch carries it out.
    new_header: Option<Header>,
    rows: BTreeMap<LogicalKey, Row>,
    heads: BTreeMap<Scope, Head>,
    watch: Option<Watch>,
    staged: RefCell<BTreeMap<LogicalKey, Option<Value>>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// Makes an empty vault with a random key under a passphrase. It exists once the
    /// batch of the first commit is stored.
    ///
    /// # Errors
    /// [`VaultError::Parameters`] if the cost is out of bounds.
    pub fn create(
        passphrase: &[u8],
        cost: PassphraseCost,
        rng: &mut StepRng,
    ) -> Result<Self, VaultError> {
        let mut vault = Self::unprotected(rng)?;
        vault.protect(passphrase, cost, rng)?;
        Ok(vault)
    }

    /// Makes an empty vault that lives in memory only: it can be exported, never
    /// committed. For a guest whose vault travels in a capsule.
    ///
    /// # Errors
    /// None in practice: the key derivation's output fits.
    pub fn unprotected(rng: &mut StepRng) -> Result<Self, VaultError> {
        Self::empty(Secret32::random(rng), None)
    }

    fn empty(vault_key: Secret32, header: Option<Header>) -> Result<Self, VaultError> {
        Ok(Self {
            row_keys: RowKeys::derive(&vault_key)?,
            vault_key,
            header,
            new_header: None,
            rows: BTreeMap::new(),
            heads: BTreeMap::new(),
            watch: None,
            staged: RefCell::default(),
        })
    }

    /// Opens a stored vault: header and every row, exactly as batches handed them out.
    ///
    /// # Errors
    /// Any [`VaultError`]: rows that are damaged, moved, missing, of another time or of
    /// another vault are all refused.
    pub fn open(
        header: &[u8],
        passphrase: &[u8],
        rows: impl IntoIterator<Item = SealedRow>,
    ) -> Result<Self, VaultError> {
        let decoded = Header::decode(header)?;
        let vault_key = decoded.unwrap_key(passphrase)?;
        Self::resume(header, vault_key, rows)
    }

    /// Opens a stored vault with the key of one that was open before, see [`Vault::key`].
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn resume(
        header: &[u8],
        vault_key: Secret32,
        rows: impl IntoIterator<Item = SealedRow>,
    ) -> Result<Self, VaultError> {
        let mut vault = Self::empty(vault_key, Some(Header::decode(header)?))?;
        for sealed in rows {
            vault.load(&sealed)?;
        }
        vault.check()?;
        let hash: Option<[u8; 32]> = vault.get(Scope::Device, VAULT, HEADER_HASH)?;
        if hash != Some(*blake3::hash(header).as_bytes()) {
            return Err(VaultError::RolledBack {
                scope: Scope::Device,
            });
        }
        Ok(vault)
    }

    /// What opens this vault without the passphrase. Only for handing the vault from one
    /// driver of this device to the next, in memory; never to be stored.
    #[must_use]
    pub fn key(&self) -> Secret32 {
        self.vault_key.clone()
    }

    fn load(&mut self, sealed: &SealedRow) -> Result<(), VaultError> {
        let (key, value) = self.row_keys.open(sealed)?;
        let (scope, version) = (key.scope(), sealed.version);
        let known = if key.is_head() {
            let head: Head = codec::decode(&value)?;
            if head.generation != version {
                return Err(VaultError::RowDamaged);
            }
            self.heads.insert(scope, head).is_some()
        } else {
            self.rows.insert(key, Row { version, value }).is_some()
        };
        if known {
            Err(VaultError::RolledBack { scope })
        } else {
            Ok(())
        }
    }

    fn check(&self) -> Result<(), VaultError> {
        let mut found: BTreeMap<Scope, Head> = BTreeMap::new();
        for (key, row) in &self.rows {
            let mark = self.mark(key, row.version);
            found.entry(key.scope()).or_default().add(&mark);
        }
        for (scope, head) in &self.heads {
            if *scope != Scope::Device {
                let mark = self.mark(&LogicalKey::new(*scope, HEAD, &[]), head.generation);
                found.entry(Scope::Device).or_default().add(&mark);
            }
        }
        // The device's scope is never empty: it holds the header's hash.
        found.entry(Scope::Device).or_default();
        for scope in self.heads.keys() {
            found.entry(*scope).or_default();
        }
        for (scope, found) in &found {
            let missing = VaultError::RowMissing { scope: *scope };
            self.heads.get(scope).ok_or(missing)?.check(found, *scope)?;
        }
        Ok(())
    }

    fn mark(&self, key: &LogicalKey, version: u64) -> [u8; 32] {
        self.row_keys.mark(&self.row_keys.row_id(key), version)
    }

    /// Puts the vault key under a new passphrase. The rows stay as they are.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] if `current` does not open the vault.
    pub fn change_passphrase(
        &mut self,
        current: &[u8],
        new: &[u8],
        cost: PassphraseCost,
        rng: &mut StepRng,
    ) -> Result<(), VaultError> {
        let header = self.new_header.as_ref().or(self.header.as_ref());
        header.ok_or(VaultError::Unprotected)?.unwrap_key(current)?;
        self.protect(new, cost, rng)
    }

    fn protect(
        &mut self,
        passphrase: &[u8],
        cost: PassphraseCost,
        rng: &mut StepRng,
    ) -> Result<(), VaultError> {
        let header = Header::wrap(&self.vault_key, passphrase, cost, rng)?;
        let hash = blake3::hash(&header.encode()?);
        self.put(Scope::Device, VAULT, HEADER_HASH, hash.as_bytes())?;
        self.new_header = Some(header);
        Ok(())
    }

    /// The number of the last commit. Only ever grows; a driver may mirror it elsewhere
    /// to notice a store that was put back as a whole.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.heads
            .get(&Scope::Device)
            .map_or(0, |head| head.generation)
    }

    /// Remembers from now on which rows of a table commits change.
    pub(crate) fn watch(&mut self, table: Table) {
        let changed = Vec::new();
        self.watch = Some(Watch { table, changed });
    }

    /// The watched rows that commits have changed since this was last asked.
    pub(crate) fn changed(&mut self) -> Vec<(Scope, Vec<u8>)> {
        let watch = self.watch.as_mut();
        watch.map_or(Vec::new(), |watch| std::mem::take(&mut watch.changed))
    }

    /// The writes since the last commit, to come back to if what follows fails.
    pub(crate) fn staged(&self) -> Staged {
        Staged(self.staged.borrow().clone())
    }

    /// Forgets what was written since `staged` was taken.
    pub(crate) fn restore(&self, staged: Staged) {
        self.staged.replace(staged.0);
    }

    /// Forgets the writes since the last commit.
    pub fn discard(&mut self) {
        self.staged.get_mut().clear();
        self.new_header = None;
    }

    /// Seals what changed since the last commit. Whatever was written with the value it
    /// already had costs nothing.
    ///
    /// # Errors
    /// [`VaultError::Unprotected`] for a vault without a passphrase. The vault is
    /// unchanged then, and the writes are still staged.
    pub fn commit(&mut self, rng: &mut StepRng) -> Result<Batch, VaultError> {
        if self.header.is_none() && self.new_header.is_none() {
            return Err(VaultError::Unprotected);
        }
        self.drop_unchanged();
        let staged = self.staged.take();
        let sealed = self.seal(&staged, rng);
        let (batch, heads) = match sealed {
            Ok(sealed) => sealed,
            Err(error) => {
                self.staged.replace(staged);
                return Err(error);
            }
        };
        let version = self.generation() + 1;
        for (key, value) in staged {
            if let Some(watch) = self.watch.as_mut().filter(|watch| key.is_of(watch.table)) {
                watch.changed.push((key.scope(), key.key().to_vec()));
            }
            match value {
                Some(value) => self.rows.insert(key, Row { version, value }),
                None => self.rows.remove(&key),
            };
        }
        for (scope, head) in heads {
            if head.is_empty() {
                self.heads.remove(&scope);
            } else {
                self.heads.insert(scope, head);
            }
        }
        self.header = self.new_header.take().or(self.header.take());
        Ok(batch)
    }

    fn drop_unchanged(&mut self) {
        let rows = &self.rows;
        self.staged.get_mut().retain(|key, value| {
            let old = rows.get(key).map(|row| &row.value);
            old != value.as_ref()
        });
    }

    fn seal(
        &self,
        staged: &BTreeMap<LogicalKey, Option<Value>>,
        rng: &mut StepRng,
    ) -> Result<(Batch, BTreeMap<Scope, Head>), VaultError> {
        let header = self.new_header.as_ref().map(Header::encode).transpose()?;
        let mut batch = Batch {
            header,
            ..Batch::default()
        };
        let mut heads = BTreeMap::new();
        if staged.is_empty() {
            return Ok((batch, heads));
        }
        let version = self.generation() + 1;
        for (key, value) in staged {
            let head = self.head_of(key.scope(), &mut heads);
            if let Some(old) = self.rows.get(key) {
                head.remove(&self.mark(key, old.version));
            }
            if let Some(value) = value {
                head.add(&self.mark(key, version));
                batch
                    .puts
                    .push(self.row_keys.seal(key, version, value, rng)?);
            } else {
                batch.deletes.push(self.row_keys.row_id(key));
            }
        }
        let rooms: Vec<Scope> = heads
            .keys()
            .copied()
            .filter(|s| *s != Scope::Device)
            .collect();
        for scope in rooms {
            let key = LogicalKey::new(scope, HEAD, &[]);
            let head = self.head_of(scope, &mut heads);
            head.generation = version;
            let emptied = head.is_empty();
            if emptied {
                batch.deletes.push(self.row_keys.row_id(&key));
            } else {
                batch.puts.push(
                    self.row_keys
                        .seal(&key, version, &codec::encode(head)?, rng)?,
                );
            }
            let device = self.head_of(Scope::Device, &mut heads);
            if let Some(old) = self.heads.get(&scope) {
                device.remove(&self.mark(&key, old.generation));
            }
            if !emptied {
                device.add(&self.mark(&key, version));
            }
        }
        let device = self.head_of(Scope::Device, &mut heads);
        device.generation = version;
        let key = LogicalKey::new(Scope::Device, HEAD, &[]);
        batch.puts.push(
            self.row_keys
                .seal(&key, version, &codec::encode(device)?, rng)?,
        );
        Ok((batch, heads))
    }

    fn head_of<'a>(&self, scope: Scope, heads: &'a mut BTreeMap<Scope, Head>) -> &'a mut Head {
        heads
            .entry(scope)
            .or_insert_with(|| self.heads.get(&scope).cloned().unwrap_or_default())
    }
}
