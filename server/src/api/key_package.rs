//! Key packages of staff devices.

use siegel_proto::frame::Reply;
use siegel_proto::key_package::{ClaimKeyPackages, PublishKeyPackages};
use siegel_proto::{ErrorCode, Refusal};

use crate::session::{Caller, unreadable};

/// Adds to the pool of the session's device.
///
/// # Errors
/// Unauthenticated, quota exceeded.
pub async fn publish(caller: &Caller, publish: PublishKeyPackages) -> Result<Reply, Refusal> {
    let device = caller.session()?.device;
    let ids = (0..=publish.key_packages.len())
        .map(|_| caller.state.entropy.draw())
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::new(ErrorCode::Unavailable))?;
    let today = caller.state.clock.today();
    (caller.state.store)
        .publish_key_packages(device, publish, ids, today)
        .await?;
    Ok(Reply::Done)
}

/// Takes one of every device of an account.
///
/// # Errors
/// Unauthenticated, rate limited, denied, no key package.
pub async fn claim(caller: &Caller, claim: ClaimKeyPackages) -> Result<Reply, Refusal> {
    let account = caller.session()?.account;
    // A claim uses up what somebody else has made: nobody may empty a colleague's pool.
    let limits = &caller.state.limits;
    limits.claims_of_one.take((account, claim.person), 1)?;
    limits.claims.take(account, 1)?;
    let today = caller.state.clock.today();
    let claimed = (caller.state.store)
        .claim_key_packages(claim.person, today)
        .await?;
    Ok(Reply::ClaimedKeyPackages(claimed))
}

/// How many one-time key packages the session's device has left.
///
/// # Errors
/// Unauthenticated.
pub async fn count(caller: &Caller) -> Result<Reply, Refusal> {
    let device = caller.session()?.device;
    let left = (caller.state.store.count_key_packages(device).await).map_err(unreadable)?;
    Ok(Reply::KeyPackageCount(left))
}
