//! The vault in IndexedDB: sealed rows as batches hand them out, and beside them the few
//! things that must be readable while it is locked.
//!
//! One step is one transaction with strict durability, and it is carried through only if
//! this worker still holds the vault: every transaction looks at the holder's mark first.
//! A database of its own remembers that a vault was here, so that a deleted one is told
//! from one that never was.

mod beside;
mod error;
mod idb;
mod record;

use js_sys::{Array, Uint8Array};
use siegel_client_core::vault::{Batch, SealedRow};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbObjectStore, IdbTransaction};

use crate::moment;
pub use beside::{Beside, WrappingStep};
pub use error::StoreError;
pub use record::{Asked, Kept, Opener};

const VAULT: &str = "siegel";
const ROWS: &str = "rows";
const META: &str = "meta";
const HEADER: &str = "header";
const KEPT: &str = "kept";
const WRAPPING: &str = "passkey";
const HOLDER: &str = "holder";
const ASKED: &str = "asked";
const LOCKINGS: &str = "lockings";
const WITNESS: &str = "siegel-witness";
const MARKS: &str = "marks";
const USED: &str = "used";

/// The open store of the worker that holds the vault.
pub struct Store {
    database: IdbDatabase,
    /// What this worker wrote as the holder's mark.
    mark: [u8; 16],
}

/// What was found.
pub enum Found {
    /// Nobody was ever here.
    Nothing,
    /// A vault.
    Vault(Kept),
    /// Here was a vault; all or part of it is gone.
    Lost,
}

/// All that is needed to open the vault.
pub struct Loaded {
    /// The header.
    pub header: Vec<u8>,
    /// Every row.
    pub rows: Vec<SealedRow>,
}

impl Store {
    /// Opens the store and marks it as this worker's. Calls `gone` when the browser closes
    /// or deletes the database under it.
    pub async fn take(gone: impl Fn() + 'static) -> Result<Self, StoreError> {
        let database = idb::open(VAULT, &[ROWS, META]).await?;
        let mark = moment::random().map_err(|_| StoreError::Broken)?;
        let store = Self { database, mark };
        let transaction = idb::begin(&store.database, &[META], true)?;
        put(&meta(&transaction)?, &HOLDER.into(), &mark)?;
        idb::complete(&transaction).await?;
        store.on_close(gone);
        Ok(store)
    }

    fn on_close(&self, gone: impl Fn() + 'static) {
        let database = self.database.clone();
        let listener = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || {
            database.close();
            gone();
        });
        let function = listener.into_js_value().unchecked_into();
        self.database.set_onclose(Some(&function));
        self.database.set_onversionchange(Some(&function));
    }

    /// Looks whether a vault is here. `used_before` is what the page's own marks say.
    pub async fn look(&self, used_before: bool) -> Result<Found, StoreError> {
        let transaction = idb::begin(&self.database, &[ROWS, META], false)?;
        let meta = meta(&transaction)?;
        let header = get(&meta, HEADER).await?;
        let kept = get(&meta, KEPT).await?;
        let rows = idb::answer(
            &rows(&transaction)?
                .count()
                .map_err(|thrown| StoreError::of(&thrown))?,
        )
        .await?;
        let rows = rows.as_f64().unwrap_or(0.0);
        match (header, kept) {
            (Some(_), Some(kept)) if rows > 0.0 => {
                let kept = Kept::decode(&kept).ok_or(StoreError::Form)?;
                Ok(Found::Vault(kept))
            }
            (None, None) if rows == 0.0 && !used_before && !self.was_used().await? => {
                Ok(Found::Nothing)
            }
            _ => Ok(Found::Lost),
        }
    }

    /// Header and every row.
    pub async fn load_all(&self) -> Result<Loaded, StoreError> {
        let transaction = idb::begin(&self.database, &[ROWS, META], false)?;
        let header = get(&meta(&transaction)?, HEADER).await?;
        let header = header.ok_or(StoreError::Form)?;
        let store = rows(&transaction)?;
        let thrown = |thrown: JsValue| StoreError::of(&thrown);
        // Both in the order of the keys.
        let keys = idb::answer(&store.get_all_keys().map_err(thrown)?).await?;
        let values = idb::answer(&store.get_all().map_err(thrown)?).await?;
        let (keys, values): (Array, Array) = (keys.unchecked_into(), values.unchecked_into());
        let rows: Option<Vec<SealedRow>> = keys
            .iter()
            .zip(values.iter())
            .map(|(key, value)| record::row(&Uint8Array::new(&key), value.dyn_ref()?))
            .collect();
        Ok(Loaded {
            header,
            rows: rows.ok_or(StoreError::Form)?,
        })
    }

    /// Which orders of which tabs are carried out.
    pub async fn asked(&self) -> Result<Asked, StoreError> {
        let transaction = idb::begin(&self.database, &[META], false)?;
        let asked = get(&meta(&transaction)?, ASKED).await?;
        Ok(asked.as_deref().and_then(Asked::decode).unwrap_or_default())
    }

    /// How often the vault was locked.
    pub async fn lockings(&self) -> Result<u64, StoreError> {
        let transaction = idb::begin(&self.database, &[META], false)?;
        let count = get(&meta(&transaction)?, LOCKINGS).await?;
        let count = count.map(|count| count.try_into().map(u64::from_be_bytes));
        count.unwrap_or(Ok(0)).map_err(|_| StoreError::Form)
    }

    /// The vault was locked once more.
    pub async fn count_locking(&self, lockings: u64) -> Result<(), StoreError> {
        let transaction = idb::begin(&self.database, &[META], true)?;
        let meta = meta(&transaction)?;
        self.check(&transaction, &meta).await?;
        put(&meta, &LOCKINGS.into(), &lockings.to_be_bytes())?;
        idb::complete(&transaction).await
    }

    /// The vault key under a passkey.
    pub async fn wrapping(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = idb::begin(&self.database, &[META], false)?;
        get(&meta(&transaction)?, WRAPPING).await
    }

    /// Stores a step's batch, and in the same transaction what goes beside it.
    pub async fn store(&self, batch: &Batch, beside: Beside<'_>) -> Result<(), StoreError> {
        let transaction = idb::begin(&self.database, &[ROWS, META], true)?;
        let meta = meta(&transaction)?;
        self.check(&transaction, &meta).await?;
        if let Some(header) = &batch.header {
            put(&meta, &HEADER.into(), header)?;
        }
        if let Some(kept) = beside.kept {
            put(&meta, &KEPT.into(), &kept.encode())?;
        }
        if let Some(asked) = beside.asked {
            put(&meta, &ASKED.into(), &asked.encode())?;
        }
        match beside.wrapping {
            WrappingStep::Stays => {}
            WrappingStep::Set(wrapping) => put(&meta, &WRAPPING.into(), wrapping)?,
            WrappingStep::Delete => delete(&meta, &WRAPPING.into())?,
        }
        let rows = rows(&transaction)?;
        for row in &batch.puts {
            let key = Uint8Array::from(row.id.as_slice());
            put(&rows, &key, &record::bytes(row))?;
        }
        for id in &batch.deletes {
            delete(&rows, &Uint8Array::from(id.as_slice()))?;
        }
        idb::complete(&transaction).await
    }

    /// Remembers, apart from the vault, that one is here.
    pub async fn witness(&self) -> Result<(), StoreError> {
        let database = idb::open(WITNESS, &[MARKS]).await?;
        let transaction = idb::begin(&database, &[MARKS], true)?;
        put(&object_store(&transaction, MARKS)?, &USED.into(), &[1])?;
        let done = idb::complete(&transaction).await;
        database.close();
        done
    }

    async fn was_used(&self) -> Result<bool, StoreError> {
        let database = idb::open(WITNESS, &[MARKS]).await?;
        let transaction = idb::begin(&database, &[MARKS], false)?;
        let mark = get(&object_store(&transaction, MARKS)?, USED).await;
        database.close();
        Ok(mark?.is_some())
    }

    /// Deletes everything, the witness last: a deletion that breaks off is told as a loss.
    pub async fn wipe(&self) -> Result<(), StoreError> {
        self.database.set_onclose(None);
        self.database.set_onversionchange(None);
        let transaction = idb::begin(&self.database, &[ROWS, META], true)?;
        for store in [rows(&transaction)?, meta(&transaction)?] {
            store.clear().map_err(|thrown| StoreError::of(&thrown))?;
        }
        idb::complete(&transaction).await?;
        self.database.close();
        idb::delete(VAULT).await?;
        idb::delete(WITNESS).await
    }

    /// The transaction goes on only if this worker still holds the vault.
    async fn check(
        &self,
        transaction: &IdbTransaction,
        meta: &IdbObjectStore,
    ) -> Result<(), StoreError> {
        if get(meta, HOLDER).await?.as_deref() == Some(&self.mark) {
            return Ok(());
        }
        transaction.abort().ok();
        Err(StoreError::Fenced)
    }
}

fn meta(transaction: &IdbTransaction) -> Result<IdbObjectStore, StoreError> {
    object_store(transaction, META)
}

fn rows(transaction: &IdbTransaction) -> Result<IdbObjectStore, StoreError> {
    object_store(transaction, ROWS)
}

fn object_store(transaction: &IdbTransaction, name: &str) -> Result<IdbObjectStore, StoreError> {
    transaction
        .object_store(name)
        .map_err(|thrown| StoreError::of(&thrown))
}

fn put(store: &IdbObjectStore, key: &JsValue, value: &[u8]) -> Result<(), StoreError> {
    store
        .put_with_key(&Uint8Array::from(value), key)
        .map(drop)
        .map_err(|thrown| StoreError::of(&thrown))
}

fn delete(store: &IdbObjectStore, key: &JsValue) -> Result<(), StoreError> {
    let deleted = store.delete(key);
    deleted.map(drop).map_err(|thrown| StoreError::of(&thrown))
}

async fn get(store: &IdbObjectStore, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let request = store
        .get(&key.into())
        .map_err(|thrown| StoreError::of(&thrown))?;
    let value = idb::answer(&request).await?;
    Ok(value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec))
}
