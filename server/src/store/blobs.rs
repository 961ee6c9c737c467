//! Blobs' rows. Where their bytes lie: [`crate::blobs`].

use siegel_proto::blob::CreateBlob;
use siegel_proto::ids::{BlobId, ContentHash, Generation, TokenHash};
use siegel_proto::{ErrorCode, Refusal};

use super::db::{Reads, Row, query};
use super::rooms::decode;
use super::{Store, StoreError, int, uint};

/// What is known of a blob.
#[derive(Debug, Clone, Copy)]
pub struct BlobRow {
    /// Bytes of ciphertext.
    pub size: u64,
    /// BLAKE3 of the ciphertext.
    pub hash: ContentHash,
    /// Whether it is all there and can be read.
    pub complete: bool,
}

/// What a database says of attachments, for who carries their bytes elsewhere.
#[derive(Debug)]
pub struct Inventory {
    /// This life of the data.
    pub generation: Generation,
    /// All that are complete.
    pub blobs: Vec<(BlobId, BlobRow)>,
}

/// Takes stock; nothing of a database that no relay has ever run on.
///
/// # Errors
/// A statement failed.
pub async fn inventory(reads: &Reads) -> Result<Option<Inventory>, StoreError> {
    let mut db = reads.take().await?;
    let row = query("SELECT generation FROM organisation")
        .optional(&mut db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let generation = Generation::from_slice(row.bytes(0)?).map_err(decode)?;
    let rows = query("SELECT size, content_hash, complete, blob_id FROM blobs WHERE complete = 1")
        .all(&mut db)
        .await?;
    let blobs = rows.iter().map(|row| {
        let blob = BlobId::from_slice(row.bytes(3)?).map_err(decode)?;
        Ok::<_, sqlx::Error>((blob, blob_row(row)?))
    });
    let blobs = blobs.collect::<Result<_, _>>()?;
    Ok(Some(Inventory { generation, blobs }))
}

fn blob_row(row: &Row) -> Result<BlobRow, sqlx::Error> {
    Ok(BlobRow {
        size: uint(row.int(0)?),
        hash: ContentHash::from_slice(row.bytes(1)?).map_err(decode)?,
        complete: row.int(2)? != 0,
    })
}

impl Store {
    /// Announces a blob. The same announcement again is no error.
    ///
    /// # Errors
    /// Already exists with other values, quota exceeded.
    pub async fn create_blob(
        &self,
        create: CreateBlob,
        today: u32,
        quota: u64,
    ) -> Result<(), Refusal> {
        let expires = today + create.expires_in_days.min(self.shared.retention_days());
        self.write(
            move |db| {
                Box::pin(async move {
                    let known = query(
                        "SELECT secret_hash, content_hash, size FROM blobs WHERE blob_id = $1",
                    )
                    .bind(create.blob.as_bytes())
                    .optional(db)
                    .await?;
                    if let Some(row) = known {
                        let same = row.bytes(0)? == create.secret_hash.as_bytes()
                            && row.bytes(1)? == create.hash.as_bytes()
                            && uint(row.int(2)?) == create.size;
                        return Ok(if same {
                            Ok(())
                        } else {
                            Err(Refusal::new(ErrorCode::AlreadyExists))
                        });
                    }
                    let held = query("SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM blobs")
                        .one(db)
                        .await?
                        .int(0)?;
                    if uint(held).saturating_add(create.size) > quota {
                        return Ok(Err(Refusal::new(ErrorCode::QuotaExceeded)));
                    }
                    query(
                        "INSERT INTO blobs (blob_id, secret_hash, content_hash, size, expires_day) \
                         VALUES ($1, $2, $3, $4, $5)",
                    )
                    .bind(create.blob.as_bytes())
                    .bind(create.secret_hash.as_bytes())
                    .bind(create.hash.as_bytes())
                    .bind(int(create.size))
                    .bind(i64::from(expires))
                    .execute(db)
                    .await?;
                    Ok(Ok(()))
                })
            },
            |()| {},
        )
        .await
    }

    /// The blob this secret opens.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn blob(
        &self,
        blob: BlobId,
        secret: TokenHash,
    ) -> Result<Option<BlobRow>, StoreError> {
        self.read(move |db| {
            Box::pin(async move {
                let row = query(
                    "SELECT size, content_hash, complete FROM blobs \
                 WHERE blob_id = $1 AND secret_hash = $2",
                )
                .bind(blob.as_bytes())
                .bind(secret.as_bytes())
                .optional(db)
                .await?;
                row.map(|row| blob_row(&row)).transpose()
            })
        })
        .await
    }

    /// All bytes are stored and have the declared hash.
    ///
    /// # Errors
    /// Denied if the blob was deleted meanwhile.
    pub async fn complete_blob(&self, blob: BlobId) -> Result<(), Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    let updated = query("UPDATE blobs SET complete = 1 WHERE blob_id = $1")
                        .bind(blob.as_bytes())
                        .execute(db)
                        .await?;
                    Ok(if updated == 1 {
                        Ok(())
                    } else {
                        Err(Refusal::new(ErrorCode::Denied))
                    })
                })
            },
            |()| {},
        )
        .await
    }

    /// Forgets a blob; its bytes go next.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn delete_blob(&self, blob: BlobId) -> Result<(), Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    query("DELETE FROM blobs WHERE blob_id = $1")
                        .bind(blob.as_bytes())
                        .execute(db)
                        .await?;
                    Ok(Ok(()))
                })
            },
            |()| {},
        )
        .await
    }

    /// Declared bytes of all blobs.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn blob_bytes(&self) -> Result<u64, StoreError> {
        self.read(move |db| {
            Box::pin(async move {
                let held = query("SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM blobs")
                    .one(db)
                    .await?
                    .int(0)?;
                Ok(uint(held))
            })
        })
        .await
    }

    /// Every known blob, for the sweep of bytes that were left behind.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn blob_ids(&self) -> Result<Vec<BlobId>, StoreError> {
        self.read(move |db| {
            Box::pin(async move {
                let rows = query("SELECT blob_id FROM blobs").all(db).await?;
                (rows.iter())
                    .map(|row| BlobId::from_slice(row.bytes(0)?).map_err(decode))
                    .collect()
            })
        })
        .await
    }
}
