//! What everybody who is connected must hear of, whichever relay stored it: the policy
//! and revocations. It is told in the order of commits, each once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use siegel_proto::Refusal;
use siegel_proto::frame::{Reply, encode_reply};
use siegel_proto::ids::PublicKey;
use siegel_proto::organisation::{Policy, Revocation, Revoked, RootSigned, Signed};

use super::db::{Db, query};
use super::organisation::{revocations_after, root_key};
use super::rooms::decode;
use super::{Shared, Store, StoreError, int};
use crate::hub::Hub;

/// How far the connections of this relay were told.
#[derive(Debug, Default)]
pub(super) struct Told {
    policy: AtomicU64,
    revocation: AtomicU64,
}

/// Reads what is new and tells it.
#[derive(Debug, Clone)]
pub(super) struct News {
    hub: Arc<Hub>,
    shared: Arc<Shared>,
}

/// What was committed and may not be told yet.
#[derive(Debug, Default)]
pub(super) struct Unheard {
    policy: Option<(Policy, Signed<Policy>)>,
    revocations: Vec<(Revocation, Signed<Revocation>)>,
}

impl Store {
    pub(super) fn news(&self) -> News {
        News {
            hub: self.hub.clone(),
            shared: self.shared.clone(),
        }
    }

    /// Another relay has stored something that concerns all: tells it here.
    ///
    /// # Errors
    /// The database cannot be read now.
    pub async fn hear(&self) -> Result<(), Refusal> {
        let (news, telling) = (self.news(), self.news());
        self.look(
            move |db| Box::pin(async move { news.unheard(db).await.map(Ok) }),
            move |unheard| telling.tell(unheard),
        )
        .await
        .map(drop)
    }

    /// What stands at the start is known to whoever connects.
    pub(super) async fn begin_news(&self) -> Result<(), StoreError> {
        let news = self.news();
        self.read(move |db| {
            Box::pin(async move {
                let unheard = news.unheard(db).await?;
                news.take(&unheard);
                Ok(())
            })
        })
        .await
    }

    /// One transaction that changes what all must hear of.
    pub(super) async fn write_news<F>(&self, run: F) -> Result<(), Refusal>
    where
        F: for<'c> FnOnce(
                &'c mut Db,
            )
                -> BoxFuture<'c, Result<Result<Unheard, Refusal>, sqlx::Error>>
            + Send
            + 'static,
    {
        let news = self.news();
        self.write(run, move |unheard| {
            news.tell(unheard);
            news.shared.wakes().organisation();
        })
        .await
        .map(drop)
    }
}

/// Whom a revocation ends, and what the root signed of it.
type Revoking = (Revoked, Signed<Revocation>);

impl News {
    /// What is committed, or about to be in this transaction, beyond what was told.
    pub async fn unheard(&self, db: &mut Db) -> Result<Unheard, sqlx::Error> {
        let mut unheard = Unheard::default();
        let Some(root) = root_key(db).await? else {
            return Ok(unheard);
        };
        let told = &self.shared.told;
        let row = query(
            "SELECT policy_body, policy_signature FROM organisation \
             WHERE single = 1 AND policy_version > $1",
        )
        .bind(int(told.policy.load(Ordering::Relaxed)))
        .optional(db)
        .await?;
        if let Some(row) = row {
            let body = Bytes::copy_from_slice(row.bytes(0)?);
            let signed: Signed<Policy> = Signed::parse(body, row.bytes(1)?).map_err(decode)?;
            unheard.policy = Some((verified(&signed, &root)?.clone(), signed));
        }
        let number = told.revocation.load(Ordering::Relaxed);
        for signed in revocations_after(db, number).await? {
            (unheard.revocations).push((*verified(&signed, &root)?, signed));
        }
        Ok(unheard)
    }

    /// Tells it, in the writer's order: a session that was opened before is ended, and one
    /// that is opened later is refused.
    pub fn tell(&self, unheard: &Unheard) {
        let (policy, revocations) = self.take(unheard);
        if let Some(policy) = policy {
            self.hub
                .tell_everybody(&encode_reply(0, Reply::Policy(policy)));
        }
        if revocations.is_empty() {
            return;
        }
        let (revoked, signed): (Vec<Revoked>, Vec<_>) = revocations.into_iter().unzip();
        self.hub
            .tell_everybody(&encode_reply(0, Reply::Revocations(signed)));
        self.hub.end_sessions(|account, device| {
            revoked.iter().any(|revoked| match *revoked {
                Revoked::Person(person) => account == person,
                Revoked::Device(gone) => device == gone,
            })
        });
    }

    /// What of it was not told before; from now on it counts as told.
    fn take(&self, unheard: &Unheard) -> (Option<Signed<Policy>>, Vec<Revoking>) {
        let told = &self.shared.told;
        let policy = unheard.policy.as_ref().and_then(|(policy, signed)| {
            let before = told.policy.fetch_max(policy.version, Ordering::Relaxed);
            (before < policy.version).then(|| {
                self.shared.set_retention_days(policy.retention_days);
                signed.clone()
            })
        });
        let revocations = (unheard.revocations.iter())
            .filter(|(revocation, _)| {
                let before = (told.revocation).fetch_max(revocation.number, Ordering::Relaxed);
                before < revocation.number
            })
            .map(|(revocation, signed)| (revocation.revoked, signed.clone()))
            .collect();
        (policy, revocations)
    }
}

/// What the root did not sign has no business in the database: damage.
fn verified<'s, T: RootSigned>(
    signed: &'s Signed<T>,
    root: &PublicKey,
) -> Result<&'s T, sqlx::Error> {
    (signed.verify(root)).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
