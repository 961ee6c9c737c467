//! Set-up, policy, revocations.

use siegel_proto::frame::Reply;
use siegel_proto::organisation::{Policy, Revocation, SetUp, Signed};
use siegel_proto::{ErrorCode, Refusal};

use crate::session::{Caller, unreadable};

/// Makes the organisation.
///
/// # Errors
/// Already set up, denied, bad signature.
pub async fn set_up(caller: &Caller, set_up: SetUp) -> Result<Reply, Refusal> {
    caller.state.store.set_up(set_up).await?;
    tracing::info!(code = "organisation_set_up");
    Ok(Reply::Done)
}

/// The signed policy; everybody may read it.
///
/// # Errors
/// Not set up.
pub async fn get_policy(caller: &Caller) -> Result<Reply, Refusal> {
    let organisation = caller
        .state
        .store
        .organisation()
        .await
        .map_err(unreadable)?;
    let root = organisation.root.ok_or(Refusal::new(ErrorCode::NotSetUp))?;
    Ok(Reply::Policy(root.policy))
}

/// Replaces the policy and tells everybody who is connected.
///
/// # Errors
/// Unauthenticated, bad signature, version conflict.
pub async fn put_policy(caller: &Caller, policy: Signed<Policy>) -> Result<Reply, Refusal> {
    caller.session()?;
    caller.state.store.put_policy(policy).await?;
    Ok(Reply::Done)
}

/// Stores a revocation, ends the sessions it concerns, tells everybody else.
///
/// # Errors
/// Unauthenticated, bad signature, version conflict.
pub async fn put_revocation(
    caller: &Caller,
    revocation: Signed<Revocation>,
) -> Result<Reply, Refusal> {
    caller.session()?;
    caller.state.store.put_revocation(revocation).await?;
    tracing::info!(code = "revoked");
    Ok(Reply::Done)
}

/// Revocations with a higher number.
///
/// # Errors
/// Unauthenticated.
pub async fn list_revocations(caller: &Caller, after: u64) -> Result<Reply, Refusal> {
    caller.session_or_seat()?;
    let revocations = (caller.state.store.revocations_after(after).await).map_err(unreadable)?;
    Ok(Reply::Revocations(revocations))
}
