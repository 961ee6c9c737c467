//! Key packages: a pool per device, each handed out once, and one last resort.

use bytes::Bytes;
use siegel_proto::ids::{DeviceId, PersonId};
use siegel_proto::key_package::{ClaimedKeyPackage, KeyPackage, PublishKeyPackages};
use siegel_proto::{ErrorCode, Refusal, limits};

use super::db::{Db, query};
use super::rooms::decode;
use super::{Store, StoreError, uint};

/// Key package ids are random: their order in the table tells nothing.
pub type PackageId = [u8; 16];

impl Store {
    /// Adds to a device's pool. `ids` are random, one more than there are key packages.
    ///
    /// # Errors
    /// Quota exceeded; malformed for an expiry out of bounds.
    pub async fn publish_key_packages(
        &self,
        device: DeviceId,
        publish: PublishKeyPackages,
        ids: Vec<PackageId>,
        today: u32,
    ) -> Result<(), Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    let pooled = if publish.replace {
                        0
                    } else {
                        count(db, device).await?
                    };
                    let pooled = usize::try_from(pooled).unwrap_or(usize::MAX);
                    if pooled.saturating_add(publish.key_packages.len())
                        > limits::KEY_PACKAGES_PER_DEVICE
                    {
                        return Ok(Err(Refusal::new(ErrorCode::QuotaExceeded)));
                    }
                    let all = (publish.key_packages.iter()).chain(&publish.last_resort);
                    let latest = today + limits::KEY_PACKAGE_DAYS + 1;
                    if (all.clone()).any(|p| p.expires_day < today || p.expires_day > latest) {
                        return Ok(Err(Refusal::new(ErrorCode::Malformed)));
                    }
                    if publish.replace {
                        query("DELETE FROM key_packages WHERE device_id = $1 AND last_resort = 0")
                            .bind(device.as_bytes())
                            .execute(db)
                            .await?;
                    }
                    if publish.last_resort.is_some() {
                        query("DELETE FROM key_packages WHERE device_id = $1 AND last_resort = 1")
                            .bind(device.as_bytes())
                            .execute(db)
                            .await?;
                    }
                    let one_time = publish.key_packages.len();
                    for (number, (package, id)) in all.zip(ids).enumerate() {
                        insert(db, id, device, number >= one_time, package).await?;
                    }
                    Ok(Ok(()))
                })
            },
            |()| {},
        )
        .await
    }

    /// Takes one key package of every device of an account that is not revoked. A claimed
    /// one is gone; a last resort stays.
    ///
    /// # Errors
    /// Denied for an account that is unknown or revoked; no key package if a device has
    /// neither.
    pub async fn claim_key_packages(
        &self,
        account: PersonId,
        today: u32,
    ) -> Result<Vec<ClaimedKeyPackage>, Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    let devices = query(
                        "SELECT d.device_id FROM devices d \
                         JOIN accounts a ON a.account_id = d.account_id \
                         WHERE a.account_id = $1 AND a.revoked = 0 AND d.revoked = 0",
                    )
                    .bind(account.as_bytes())
                    .all(db)
                    .await?;
                    if devices.is_empty() {
                        return Ok(Err(Refusal::new(ErrorCode::Denied)));
                    }
                    let mut chosen = Vec::with_capacity(devices.len());
                    for row in devices {
                        let device = row.bytes(0)?;
                        let row = query(
                            "SELECT package_id, sealed, last_resort FROM key_packages \
                             WHERE device_id = $1 AND expires_day >= $2 \
                             ORDER BY last_resort, package_id LIMIT 1",
                        )
                        .bind(device)
                        .bind(i64::from(today))
                        .optional(db)
                        .await?;
                        let Some(row) = row else {
                            continue;
                        };
                        let last_resort = row.int(2)? != 0;
                        let taken = row.bytes(0)?.to_vec();
                        let claimed = ClaimedKeyPackage {
                            device: DeviceId::from_slice(device).map_err(decode)?,
                            sealed: Bytes::copy_from_slice(row.bytes(1)?),
                            last_resort,
                        };
                        chosen.push((taken, claimed));
                    }
                    if chosen.is_empty() {
                        return Ok(Err(Refusal::new(ErrorCode::NoKeyPackage)));
                    }
                    let mut claimed = Vec::with_capacity(chosen.len());
                    for (id, package) in chosen {
                        if !package.last_resort {
                            query("DELETE FROM key_packages WHERE package_id = $1")
                                .bind(&*id)
                                .execute(db)
                                .await?;
                        }
                        claimed.push(package);
                    }
                    Ok(Ok(claimed))
                })
            },
            |_| {},
        )
        .await
    }

    /// One-time key packages left for a device.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn count_key_packages(&self, device: DeviceId) -> Result<u32, StoreError> {
        self.read(move |db| Box::pin(count(db, device))).await
    }
}

/// One-time key packages of a device.
pub async fn count(db: &mut Db, device: DeviceId) -> Result<u32, sqlx::Error> {
    let left = query("SELECT count(*) FROM key_packages WHERE device_id = $1 AND last_resort = 0")
        .bind(device.as_bytes())
        .one(db)
        .await?
        .int(0)?;
    Ok(u32::try_from(uint(left)).unwrap_or(u32::MAX))
}

async fn insert(
    db: &mut Db,
    id: PackageId,
    device: DeviceId,
    last_resort: bool,
    package: &KeyPackage,
) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO key_packages (package_id, device_id, last_resort, expires_day, sealed) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&id)
    .bind(device.as_bytes())
    .bind(i64::from(last_resort))
    .bind(i64::from(package.expires_day))
    .bind(&*package.sealed)
    .execute(db)
    .await?;
    Ok(())
}
