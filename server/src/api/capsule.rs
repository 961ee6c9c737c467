//! Capsules: made on the socket, claimed and confirmed over HTTP.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use prost::Message as _;
use siegel_proto::capsule::{ClaimCapsule, ConfirmCapsule, CreateCapsule, WithdrawCapsule};
use siegel_proto::frame::Reply;
use siegel_proto::ids::CapsuleId;
use siegel_proto::{ErrorCode, Malformed, Refusal, wire};

use crate::accept::Peer;
use crate::error::ApiError;
use crate::session::Caller;
use crate::state::AppState;

/// Stores a capsule.
///
/// # Errors
/// Unauthenticated, already exists, quota exceeded.
pub async fn create(caller: &Caller, create: CreateCapsule) -> Result<Reply, Refusal> {
    caller.session()?;
    let hour = caller.state.clock.hour();
    caller.state.store.create_capsule(create, hour).await?;
    Ok(Reply::Done)
}

/// Takes a capsule back; constant answer.
///
/// # Errors
/// Unauthenticated.
pub async fn withdraw(caller: &Caller, withdraw: WithdrawCapsule) -> Result<Reply, Refusal> {
    caller.session()?;
    caller.state.store.withdraw_capsule(withdraw).await?;
    Ok(Reply::Done)
}

/// `POST /v1/capsules/{id}/claim`.
///
/// # Errors
/// Capsule unavailable, whatever the reason; rate limited.
pub async fn claim(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Vec<u8>, ApiError> {
    state.count_source(peer.source)?;
    let capsule = capsule_id(&id)?;
    let claim = wire::ClaimCapsule::decode(body).map_err(|_| Malformed("claim"));
    let claim = claim
        .and_then(ClaimCapsule::try_from)
        .map_err(Refusal::from)?;
    let minute = state.clock.minute();
    let sealed = state.store.claim_capsule(capsule, claim, minute).await?;
    Ok(wire::ClaimedCapsule { sealed }.encode_to_vec())
}

/// `POST /v1/capsules/{id}/confirm`.
///
/// # Errors
/// Malformed; rate limited.
pub async fn confirm(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    state.count_source(peer.source)?;
    let capsule = capsule_id(&id)?;
    let confirm = wire::ConfirmCapsule::decode(body).map_err(|_| Malformed("confirm"));
    let confirm = confirm
        .and_then(ConfirmCapsule::try_from)
        .map_err(Refusal::from)?;
    state.store.confirm_capsule(capsule, confirm).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn capsule_id(text: &str) -> Result<CapsuleId, Refusal> {
    (text.parse()).map_err(|_| Refusal::new(ErrorCode::CapsuleUnavailable))
}
