//! Reading and writing rows: the step's own writes first, then what is stored.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::key::LogicalKey;
use super::{Scope, Table, Value, Vault, VaultError, codec};

impl Vault {
    /// Stages a row.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if the value has no CBOR form.
    pub fn put<T: Serialize + ?Sized>(
        &self,
        scope: Scope,
        table: Table,
        key: &[u8],
        value: &T,
    ) -> Result<(), VaultError> {
        self.put_bytes(scope, table, key, codec::encode(value)?);
        Ok(())
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if it is there but cannot be read as `T`.
    pub fn get<T: DeserializeOwned>(
        &self,
        scope: Scope,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, VaultError> {
        let key = LogicalKey::new(scope, table, key);
        self.with_value(&key, |value| {
            value.map(|value| codec::decode(value)).transpose()
        })
    }

    /// Whether the row is there.
    #[must_use]
    pub fn contains(&self, scope: Scope, table: Table, key: &[u8]) -> bool {
        self.with_value(&LogicalKey::new(scope, table, key), |value| value.is_some())
    }

    /// Stages the deletion of a row. Deleting what is not there is fine.
    pub fn delete(&self, scope: Scope, table: Table, key: &[u8]) {
        self.stage(LogicalKey::new(scope, table, key), None);
    }

    /// All rows of a table whose key begins with `prefix`, in order of their keys.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] if one cannot be read as `T`.
    pub fn scan<T: DeserializeOwned>(
        &self,
        scope: Scope,
        table: Table,
        prefix: &[u8],
    ) -> Result<Vec<(Vec<u8>, T)>, VaultError> {
        self.keys(scope, table, prefix)
            .into_iter()
            .filter_map(|key| {
                let row = self.get(scope, table, &key).transpose()?;
                Some(row.map(|value| (key, value)))
            })
            .collect()
    }

    /// The keys of all rows of a table that begin with `prefix`, in order.
    #[must_use]
    pub fn keys(&self, scope: Scope, table: Table, prefix: &[u8]) -> Vec<Vec<u8>> {
        let prefix = LogicalKey::new(scope, table, prefix);
        let found = self.logical_keys(|key| key.starts_with(&prefix), &prefix);
        found.iter().map(|key| key.key().to_vec()).collect()
    }

    /// The first keys of a table from `from` on, in order, `most` of them.
    #[must_use]
    pub(crate) fn keys_from(
        &self,
        scope: Scope,
        table: Table,
        from: &[u8],
        most: usize,
    ) -> Vec<Vec<u8>> {
        let range = LogicalKey::new(scope, table, from)..LogicalKey::end_of(scope, table);
        let staged = self.staged.borrow();
        let stored = self.rows.range(range.clone()).map(|(key, _)| key);
        let stored = stored.filter(|key| !staged.contains_key(key)).take(most);
        let new = staged.range(range).filter(|(_, value)| value.is_some());
        let new = new.map(|(key, _)| key).take(most);
        let mut keys: Vec<&LogicalKey> = stored.chain(new).collect();
        keys.sort();
        keys.truncate(most);
        keys.into_iter().map(|key| key.key().to_vec()).collect()
    }

    /// The last keys of a table before `before`, last first, `most` of them.
    #[must_use]
    pub(crate) fn keys_before(
        &self,
        scope: Scope,
        table: Table,
        before: Option<&[u8]>,
        most: usize,
    ) -> Vec<Vec<u8>> {
        let end = match before {
            Some(before) => LogicalKey::new(scope, table, before),
            None => LogicalKey::end_of(scope, table),
        };
        let range = LogicalKey::new(scope, table, &[])..end;
        let staged = self.staged.borrow();
        let stored = self.rows.range(range.clone()).rev().map(|(key, _)| key);
        let stored = stored.filter(|key| !staged.contains_key(key)).take(most);
        let new = staged.range(range).rev();
        let new = new.filter(|(_, value)| value.is_some());
        let new = new.map(|(key, _)| key).take(most);
        let mut keys: Vec<&LogicalKey> = stored.chain(new).collect();
        keys.sort_by(|one, other| other.cmp(one));
        keys.truncate(most);
        keys.into_iter().map(|key| key.key().to_vec()).collect()
    }

    /// Stages the deletion of everything in a scope.
    pub fn delete_scope(&self, scope: Scope) {
        let first = LogicalKey::first_of(scope);
        for key in self.logical_keys(|key| key.scope() == scope, &first) {
            self.stage(key, None);
        }
    }

    pub(crate) fn put_bytes(&self, scope: Scope, table: Table, key: &[u8], value: Value) {
        self.stage(LogicalKey::new(scope, table, key), Some(value));
    }

    pub(crate) fn get_bytes(&self, scope: Scope, table: Table, key: &[u8]) -> Option<Value> {
        let key = LogicalKey::new(scope, table, key);
        self.with_value(&key, |value| {
            value.map(|value| Zeroizing::new(value.to_vec()))
        })
    }

    pub(super) fn stage(&self, key: LogicalKey, value: Option<Value>) {
        self.staged.borrow_mut().insert(key, value);
    }

    /// Every key from `from` on for as long as `belongs` holds.
    pub(super) fn logical_keys(
        &self,
        belongs: impl Fn(&LogicalKey) -> bool,
        from: &LogicalKey,
    ) -> Vec<LogicalKey> {
        let staged = self.staged.borrow();
        let stored = self
            .rows
            .range(from..)
            .map(|(key, _)| key)
            .take_while(|key| belongs(key))
            .filter(|key| !staged.contains_key(key));
        let new = staged
            .range(from..)
            .take_while(|(key, _)| belongs(key))
            .filter(|(_, value)| value.is_some())
            .map(|(key, _)| key);
        let mut keys: Vec<LogicalKey> = stored.chain(new).cloned().collect();
        keys.sort();
        keys
    }

    pub(super) fn with_value<R>(
        &self,
        key: &LogicalKey,
        read: impl FnOnce(Option<&[u8]>) -> R,
    ) -> R {
        let staged = self.staged.borrow();
        let value = match staged.get(key) {
            Some(staged) => staged.as_ref(),
            None => self.rows.get(key).map(|row| &row.value),
        };
        read(value.map(|value| value.as_slice()))
    }
}
