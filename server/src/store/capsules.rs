//! Capsules: claimed by one, deleted when that one has confirmed.

use bytes::Bytes;
use siegel_proto::capsule::{ClaimCapsule, ConfirmCapsule, CreateCapsule, WithdrawCapsule};
use siegel_proto::ids::CapsuleId;
use siegel_proto::{ErrorCode, Refusal, limits};

use super::db::query;
use super::{Store, uint};

/// Capsules one relay holds: bounds what staff can make it store.
const CAPSULES: u64 = 10_000;

impl Store {
    /// Stores a capsule.
    ///
    /// # Errors
    /// Already exists, quota exceeded.
    pub async fn create_capsule(&self, create: CreateCapsule, hour: i64) -> Result<(), Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    let held = query("SELECT count(*) FROM capsules")
                        .one(db)
                        .await?
                        .int(0)?;
                    if uint(held) >= CAPSULES {
                        return Ok(Err(Refusal::new(ErrorCode::QuotaExceeded)));
                    }
                    let stored = query(
                        "INSERT INTO capsules (capsule_id, claim_hash, expires_hour, sealed) \
                         VALUES ($1, $2, $3, $4) ON CONFLICT (capsule_id) DO NOTHING",
                    )
                    .bind(create.capsule.as_bytes())
                    .bind(create.claim_hash.as_bytes())
                    .bind(hour + i64::from(create.expires_in_hours))
                    .bind(&*create.sealed)
                    .execute(db)
                    .await?;
                    if stored == 1 {
                        Ok(Ok(()))
                    } else {
                        Ok(Err(Refusal::new(ErrorCode::AlreadyExists)))
                    }
                })
            },
            |()| {},
        )
        .await
    }

    /// Takes a capsule back; says nothing about whether it was there.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn withdraw_capsule(&self, withdraw: WithdrawCapsule) -> Result<(), Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    query("DELETE FROM capsules WHERE capsule_id = $1 AND claim_hash = $2")
                        .bind(withdraw.capsule.as_bytes())
                        .bind(withdraw.claim_hash.as_bytes())
                        .execute(db)
                        .await?;
                    Ok(Ok(()))
                })
            },
            |()| {},
        )
        .await
    }

    /// Binds a capsule to its first claimant, who may ask again for fifteen minutes.
    ///
    /// # Errors
    /// Capsule unavailable, whatever the reason.
    pub async fn claim_capsule(
        &self,
        capsule: CapsuleId,
        claim: ClaimCapsule,
        minute: i64,
    ) -> Result<Bytes, Refusal> {
        let (claim_hash, claimant) = (claim.token.hash(), claim.claimant.hash());
        self.write(
            move |db| {
                Box::pin(async move {
                    let row = query(
                        "UPDATE capsules SET claimant_hash = $3, claimed_until = \
                         CASE WHEN length(claimant_hash) = 0 THEN $4 ELSE claimed_until END \
                         WHERE capsule_id = $1 AND claim_hash = $2 AND expires_hour * 60 > $5 \
                         AND (length(claimant_hash) = 0 OR \
                              (claimant_hash = $3 AND claimed_until > $5)) \
                         RETURNING sealed",
                    )
                    .bind(capsule.as_bytes())
                    .bind(claim_hash.as_bytes())
                    .bind(claimant.as_bytes())
                    .bind(minute + i64::from(limits::CLAIM_MINUTES))
                    .bind(minute)
                    .optional(db)
                    .await?;
                    Ok(match row {
                        Some(row) => Ok(Bytes::copy_from_slice(row.bytes(0)?)),
                        None => Err(Refusal::new(ErrorCode::CapsuleUnavailable)),
                    })
                })
            },
            |_| {},
        )
        .await
    }

    /// The claimant has stored what was in it: the capsule goes.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn confirm_capsule(
        &self,
        capsule: CapsuleId,
        confirm: ConfirmCapsule,
    ) -> Result<(), Refusal> {
        let claimant = confirm.claimant.hash();
        self.write(
            move |db| {
                Box::pin(async move {
                    query("DELETE FROM capsules WHERE capsule_id = $1 AND claimant_hash = $2")
                        .bind(capsule.as_bytes())
                        .bind(claimant.as_bytes())
                        .execute(db)
                        .await?;
                    Ok(Ok(()))
                })
            },
            |()| {},
        )
        .await
    }
}
