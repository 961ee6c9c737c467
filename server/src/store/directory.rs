//! The directory: one sealed entry per account. `changed` counts the writes of all, so that
//! a device asks only for what it has not seen.

use bytes::Bytes;
use siegel_proto::directory::{Directory, DirectoryEntry, PutDirectoryEntry};
use siegel_proto::ids::PersonId;
use siegel_proto::limits::DIRECTORY_PAGE_BYTES;
use siegel_proto::{ErrorCode, Refusal};

use super::db::query;
use super::rooms::decode;
use super::{Store, StoreError, int, uint};

/// Entries a page has at most.
const PAGE: usize = 512;

impl Store {
    /// Writes an account's entry as the next version.
    ///
    /// # Errors
    /// Version conflict with the version that stands.
    pub async fn put_directory_entry(
        &self,
        account: PersonId,
        entry: PutDirectoryEntry,
    ) -> Result<(), Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    let standing = query(
                        "SELECT coalesce(max(version), 0) FROM directory WHERE account_id = $1",
                    )
                    .bind(account.as_bytes())
                    .one(db)
                    .await?
                    .int(0)?;
                    let standing = uint(standing);
                    if entry.version != standing + 1 {
                        return Ok(Err(Refusal::with_current(
                            ErrorCode::VersionConflict,
                            standing,
                        )));
                    }
                    query(
                        "INSERT INTO directory (account_id, version, sealed, changed) \
                         VALUES ($1, $2, $3, (SELECT coalesce(max(changed), 0) + 1 FROM directory)) \
                         ON CONFLICT (account_id) DO UPDATE SET version = excluded.version, \
                         sealed = excluded.sealed, changed = excluded.changed",
                    )
                    .bind(account.as_bytes())
                    .bind(int(entry.version))
                    .bind(&*entry.sealed)
                    .execute(db)
                    .await?;
                    Ok(Ok(()))
                })
            },
            |()| {},
        )
        .await
    }

    /// A page of what was written after a change.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn directory_after(&self, after: u64) -> Result<Directory, StoreError> {
        self.read(move |db| {
            Box::pin(async move {
                let rows = query(
                    "SELECT changed, account_id, version, sealed FROM directory \
                     WHERE changed > $1 ORDER BY changed LIMIT $2",
                )
                .bind(int(after))
                .bind(PAGE as i64)
                .all(db)
                .await?;
                let mut page = Directory {
                    entries: Vec::with_capacity(rows.len()),
                    up_to: after,
                    more: rows.len() == PAGE,
                };
                let mut bytes = 0;
                for row in &rows {
                    let sealed = Bytes::copy_from_slice(row.bytes(3)?);
                    bytes += sealed.len();
                    if bytes > DIRECTORY_PAGE_BYTES {
                        page.more = true;
                        break;
                    }
                    page.up_to = uint(row.int(0)?);
                    page.entries.push(DirectoryEntry {
                        person: PersonId::from_slice(row.bytes(1)?).map_err(decode)?,
                        version: uint(row.int(2)?),
                        sealed,
                    });
                }
                Ok(page)
            })
        })
        .await
    }
}
