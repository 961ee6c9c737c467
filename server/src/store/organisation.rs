//! The organisation's one row and its revocations.

use bytes::Bytes;
use siegel_proto::ids::{Generation, PublicKey, TokenHash};
use siegel_proto::organisation::{Policy, Revocation, Revoked, SetUp, Signed};
use siegel_proto::{ErrorCode, Refusal};

use super::db::{Db, query};
use super::rooms::decode;
use super::{Store, StoreError, int, uint};

/// What every connection is told and checked against.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Changes with a restore.
    pub generation: Generation,
    /// The root and its policy, once set up.
    pub root: Option<Root>,
}

/// An organisation that is set up.
#[derive(Debug, Clone)]
pub struct Root {
    /// Signs staff, policy and revocations.
    pub key: PublicKey,
    /// The signed policy as it was put.
    pub policy: Signed<Policy>,
    /// The longest life of an entry or blob, days.
    pub retention_days: u32,
}

/// Absent is empty, never NULL.
const NOTHING: &[u8] = &[];

const ORGANISATION: &str = "SELECT generation, root_public_key, retention_days, policy_body, \
     policy_signature FROM organisation WHERE single = 1";

impl Store {
    /// The organisation's row; made by [`Store::begin_life`].
    ///
    /// # Errors
    /// A statement failed.
    pub async fn organisation(&self) -> Result<Organisation, StoreError> {
        self.read(move |db| {
            Box::pin(async move {
                let row = query(ORGANISATION).optional(db).await?;
                let Some(row) = row else {
                    return Ok(Organisation {
                        generation: Generation::new([0; 16]),
                        root: None,
                    });
                };
                let key = row.bytes(1)?;
                let root = if key.is_empty() {
                    None
                } else {
                    let body = Bytes::copy_from_slice(row.bytes(3)?);
                    Some(Root {
                        key: PublicKey::from_slice(key).map_err(decode)?,
                        retention_days: u32::try_from(row.int(2)?).unwrap_or(u32::MAX),
                        policy: Signed::parse(body, row.bytes(4)?).map_err(decode)?,
                    })
                };
                Ok(Organisation {
                    generation: Generation::from_slice(row.bytes(0)?).map_err(decode)?,
                    root,
                })
            })
        })
        .await
    }

    /// Makes the row at the first start; until set-up stores the hash of the newest token.
    /// Says whether set-up is still open.
    ///
    /// # Errors
    /// Storing failed.
    pub async fn begin_life(
        &self,
        generation: Generation,
        token: TokenHash,
    ) -> Result<bool, Refusal> {
        self.write(
            move |db| {
                Box::pin(async move {
                    query(
                        "INSERT INTO organisation (single, generation) VALUES (1, $1) \
                         ON CONFLICT (single) DO NOTHING",
                    )
                    .bind(generation.as_bytes())
                    .execute(db)
                    .await?;
                    let open = query(
                        "UPDATE organisation SET set_up_hash = $1 \
                         WHERE single = 1 AND length(root_public_key) = 0",
                    )
                    .bind(token.as_bytes())
                    .execute(db)
                    .await?;
                    Ok(Ok(open == 1))
                })
            },
            |_| {},
        )
        .await
    }

    /// Makes the organisation, once.
    ///
    /// # Errors
    /// Already set up, denied for a wrong token, bad signature.
    pub async fn set_up(&self, set_up: SetUp) -> Result<(), Refusal> {
        let policy = (set_up.policy.verify(&set_up.root))
            .map_err(|_| Refusal::new(ErrorCode::BadSignature))?
            .clone();
        let news = self.news();
        self.write_news(move |db| {
            Box::pin(async move {
                let row =
                    query("SELECT set_up_hash, root_public_key FROM organisation WHERE single = 1")
                        .one(db)
                        .await?;
                if !row.bytes(1)?.is_empty() {
                    return Ok(Err(Refusal::new(ErrorCode::AlreadySetUp)));
                }
                let token = TokenHash::of(set_up.token.as_bytes());
                if row.bytes(0)? != token.as_bytes() {
                    return Ok(Err(Refusal::new(ErrorCode::Denied)));
                }
                query(
                    "UPDATE organisation SET set_up_hash = $2, root_public_key = $1 \
                     WHERE single = 1",
                )
                .bind(set_up.root.as_bytes())
                .bind(NOTHING)
                .execute(db)
                .await?;
                write_policy(db, &policy, &set_up.policy).await?;
                news.unheard(db).await.map(Ok)
            })
        })
        .await
    }

    /// Replaces the policy by its next version and tells everybody who is connected.
    ///
    /// # Errors
    /// Not set up, bad signature, version conflict with the version that stands.
    pub async fn put_policy(&self, signed: Signed<Policy>) -> Result<(), Refusal> {
        let news = self.news();
        self.write_news(move |db| {
            Box::pin(async move {
                let Some(root) = root_key(db).await? else {
                    return Ok(Err(Refusal::new(ErrorCode::NotSetUp)));
                };
                let Ok(policy) = signed.verify(&root).cloned() else {
                    return Ok(Err(Refusal::new(ErrorCode::BadSignature)));
                };
                let standing = query("SELECT policy_version FROM organisation WHERE single = 1")
                    .one(db)
                    .await?
                    .int(0)?;
                if policy.version != uint(standing) + 1 {
                    let current = uint(standing);
                    return Ok(Err(Refusal::with_current(
                        ErrorCode::VersionConflict,
                        current,
                    )));
                }
                write_policy(db, &policy, &signed).await?;
                news.unheard(db).await.map(Ok)
            })
        })
        .await
    }

    /// Stores a revocation, drops the key packages it concerns, ends the sessions it
    /// concerns before anything that was committed later can open new ones, and tells
    /// everybody else.
    ///
    /// # Errors
    /// Not set up, bad signature, version conflict with the latest number.
    pub async fn put_revocation(&self, signed: Signed<Revocation>) -> Result<(), Refusal> {
        let news = self.news();
        self.write_news(move |db| {
            Box::pin(async move {
                let Some(root) = root_key(db).await? else {
                    return Ok(Err(Refusal::new(ErrorCode::NotSetUp)));
                };
                let Ok(revocation) = signed.verify(&root).copied() else {
                    return Ok(Err(Refusal::new(ErrorCode::BadSignature)));
                };
                let latest = query("SELECT coalesce(max(number), 0) FROM revocations")
                    .one(db)
                    .await?
                    .int(0)?;
                if revocation.number != uint(latest) + 1 {
                    let current = uint(latest);
                    return Ok(Err(Refusal::with_current(
                        ErrorCode::VersionConflict,
                        current,
                    )));
                }
                query("INSERT INTO revocations (number, body, signature) VALUES ($1, $2, $3)")
                    .bind(int(revocation.number))
                    .bind(&**signed.body())
                    .bind(signed.signature().as_bytes())
                    .execute(db)
                    .await?;
                revoke(db, revocation.revoked).await?;
                news.unheard(db).await.map(Ok)
            })
        })
        .await
    }

    /// Revocations with a higher number, in order.
    ///
    /// # Errors
    /// A statement failed.
    pub async fn revocations_after(
        &self,
        after: u64,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        self.read(move |db| Box::pin(revocations_after(db, after)))
            .await
    }
}

/// Revocations with a higher number, in order.
pub async fn revocations_after(
    db: &mut Db,
    after: u64,
) -> Result<Vec<Signed<Revocation>>, sqlx::Error> {
    let rows = query("SELECT body, signature FROM revocations WHERE number > $1 ORDER BY number")
        .bind(int(after))
        .all(db)
        .await?;
    (rows.iter())
        .map(|row| {
            let body = Bytes::copy_from_slice(row.bytes(0)?);
            Signed::parse(body, row.bytes(1)?).map_err(decode)
        })
        .collect()
}

/// The root's public key, once set up.
pub async fn root_key(db: &mut Db) -> Result<Option<PublicKey>, sqlx::Error> {
    let row = query("SELECT root_public_key FROM organisation WHERE single = 1")
        .optional(db)
        .await?;
    // The row is made at the first start.
    let Some(row) = row else {
        return Ok(None);
    };
    let key = row.bytes(0)?;
    if key.is_empty() {
        return Ok(None);
    }
    PublicKey::from_slice(key).map(Some).map_err(decode)
}

async fn write_policy(
    db: &mut Db,
    policy: &Policy,
    signed: &Signed<Policy>,
) -> Result<(), sqlx::Error> {
    query(
        "UPDATE organisation SET policy_version = $1, retention_days = $2, policy_body = $3, \
         policy_signature = $4 WHERE single = 1",
    )
    .bind(int(policy.version))
    .bind(i64::from(policy.retention_days))
    .bind(&**signed.body())
    .bind(signed.signature().as_bytes())
    .execute(db)
    .await?;
    Ok(())
}

async fn revoke(db: &mut Db, revoked: Revoked) -> Result<(), sqlx::Error> {
    let statements: &[&'static str] = match revoked {
        Revoked::Person(_) => &[
            "UPDATE accounts SET revoked = 1 WHERE account_id = $1",
            "UPDATE devices SET revoked = 1 WHERE account_id = $1",
            "DELETE FROM key_packages WHERE device_id IN \
             (SELECT device_id FROM devices WHERE account_id = $1)",
        ],
        Revoked::Device(_) => &[
            "UPDATE devices SET revoked = 1 WHERE device_id = $1",
            "DELETE FROM key_packages WHERE device_id = $1",
        ],
    };
    let id = match revoked {
        Revoked::Person(person) => *person.as_bytes(),
        Revoked::Device(device) => *device.as_bytes(),
    };
    for statement in statements {
        query(statement).bind(&id).execute(db).await?;
    }
    Ok(())
}
