//! Accounts of staff and their devices: random ids and public keys.

use siegel_proto::account::Challenge;
use siegel_proto::certificate::VerifiedChain;
use siegel_proto::ids::{DeviceId, PersonId, PublicKey, Signature};
use siegel_proto::{ErrorCode, Refusal};

use super::db::query;
use super::key_packages;
use super::rooms::decode;
use super::{Store, uint};

/// A device that proved itself.
#[derive(Debug, Clone, Copy)]
pub struct Enrolled {
    /// Its account.
    pub account: PersonId,
    /// The device.
    pub device: DeviceId,
    /// One-time key packages left.
    pub key_packages: u32,
}

impl Store {
    /// Registers the device of a verified chain. `then` opens the session in the order of
    /// commits, so that a revocation committed later ends it.
    ///
    /// # Errors
    /// Revoked, also a further device of an account that had one revoked; already exists
    /// with another identity or key; denied if the enrolment has
    /// run out or the account has too many devices.
    pub async fn enrol(
        &self,
        chain: VerifiedChain,
        now: i64,
        then: impl FnOnce(&Enrolled) + Send + 'static,
    ) -> Result<Enrolled, Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    let Some((device, auth_key)) = (chain.device.as_ref())
                        .and_then(|device| Some((device.device, device.auth_key?)))
                    else {
                        return Ok(Err(Refusal::new(ErrorCode::Malformed)));
                    };
                    let account =
                        query("SELECT identity_key, revoked FROM accounts WHERE account_id = $1")
                            .bind(chain.person.as_bytes())
                            .optional(db)
                            .await?;
                    if let Some(row) = &account {
                        if row.int(1)? != 0 {
                            return Ok(Err(Refusal::new(ErrorCode::Revoked)));
                        }
                        if row.bytes(0)? != chain.identity_key.as_bytes() {
                            return Ok(Err(Refusal::new(ErrorCode::AlreadyExists)));
                        }
                    } else if chain.not_after != 0 && now > chain.not_after {
                        return Ok(Err(Refusal::new(ErrorCode::Denied)));
                    }
                    let known = query(
                        "SELECT account_id, auth_key, revoked FROM devices WHERE device_id = $1",
                    )
                    .bind(device.as_bytes())
                    .optional(db)
                    .await?;
                    if let Some(row) = known {
                        if row.int(2)? != 0 {
                            return Ok(Err(Refusal::new(ErrorCode::Revoked)));
                        }
                        let same = row.bytes(0)? == chain.person.as_bytes()
                            && row.bytes(1)? == auth_key.as_bytes();
                        if !same {
                            return Ok(Err(Refusal::new(ErrorCode::AlreadyExists)));
                        }
                    } else {
                        // Who has a revoked device has the identity key that lies on it,
                        // and could certify one device after the other.
                        let revoked = query(
                            "SELECT count(*) FROM devices WHERE account_id = $1 AND revoked <> 0",
                        )
                        .bind(chain.person.as_bytes())
                        .one(db)
                        .await?
                        .int(0)?;
                        if revoked > 0 {
                            return Ok(Err(Refusal::new(ErrorCode::Revoked)));
                        }
                        let devices = query("SELECT count(*) FROM devices WHERE account_id = $1")
                            .bind(chain.person.as_bytes())
                            .one(db)
                            .await?
                            .int(0)?;
                        if uint(devices) >= DEVICES_PER_ACCOUNT {
                            return Ok(Err(Refusal::new(ErrorCode::QuotaExceeded)));
                        }
                        if account.is_none() {
                            query(
                                "INSERT INTO accounts (account_id, identity_key) VALUES ($1, $2)",
                            )
                            .bind(chain.person.as_bytes())
                            .bind(chain.identity_key.as_bytes())
                            .execute(db)
                            .await?;
                        }
                        query(
                            "INSERT INTO devices (device_id, account_id, auth_key) \
                             VALUES ($1, $2, $3)",
                        )
                        .bind(device.as_bytes())
                        .bind(chain.person.as_bytes())
                        .bind(auth_key.as_bytes())
                        .execute(db)
                        .await?;
                    }
                    let key_packages = key_packages::count(db, device).await?;
                    Ok(Ok(Enrolled {
                        account: chain.person,
                        device,
                        key_packages,
                    }))
                })
            },
            then,
        )
        .await
    }

    /// Checks a device's answer to its challenge; `then` as in [`Store::enrol`].
    ///
    /// # Errors
    /// Denied for unknown devices and wrong answers alike; revoked only to the holder of
    /// the device's key.
    pub async fn authenticate(
        &self,
        device: DeviceId,
        challenge: Challenge,
        answer: Signature,
        then: impl FnOnce(&Enrolled) + Send + 'static,
    ) -> Result<Enrolled, Refusal> {
        self.look(
            move |db| {
                Box::pin(async move {
                    let row = query(
                        "SELECT d.account_id, d.auth_key, d.revoked + a.revoked FROM devices d \
                         JOIN accounts a ON a.account_id = d.account_id WHERE d.device_id = $1",
                    )
                    .bind(device.as_bytes())
                    .optional(db)
                    .await?;
                    let Some(row) = row else {
                        return Ok(Err(Refusal::new(ErrorCode::Denied)));
                    };
                    let key = PublicKey::from_slice(row.bytes(1)?).map_err(decode)?;
                    if challenge.check(&key, device, &answer).is_err() {
                        return Ok(Err(Refusal::new(ErrorCode::Denied)));
                    }
                    if row.int(2)? != 0 {
                        return Ok(Err(Refusal::new(ErrorCode::Revoked)));
                    }
                    let account = PersonId::from_slice(row.bytes(0)?).map_err(decode)?;
                    let key_packages = key_packages::count(db, device).await?;
                    Ok(Ok(Enrolled {
                        account,
                        device,
                        key_packages,
                    }))
                })
            },
            then,
        )
        .await
    }
}

/// Devices one account may ever have, revoked ones among them.
const DEVICES_PER_ACCOUNT: u64 = 64;
