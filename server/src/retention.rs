//! Deletes what must not stay: at start, every half hour, and when the clock is moved.

use std::collections::HashSet;
use std::time::Duration;

use siegel_proto::Refusal;
use siegel_proto::ids::BlobId;

use crate::blobs::BlobError;
use crate::state::{AppState, stopped};
use crate::store::upgrade;

/// Sweeps until the relay stops.
pub async fn run(state: AppState) {
    let every = Duration::from_secs(60 * u64::from(state.config.retention.sweep_minutes));
    let mut stopping = state.stopping.subscribe();
    let mut moved = state.clock.moved();
    loop {
        if sweep(&state).await.is_err() {
            tracing::warn!(code = "sweep_failed");
        }
        tokio::select! {
            () = stopped(&mut stopping) => return,
            _ = tokio::time::sleep(every) => {}
            Ok(()) = moved.changed() => {}
        }
    }
}

/// Deletes what has expired, blobs' bytes after their rows, and empties the write-ahead log.
///
/// # Errors
/// Storing failed; the next sweep goes on where this one ended.
pub async fn sweep(state: &AppState) -> Result<u64, Refusal> {
    let clock = &state.clock;
    let expired = (state.store)
        .expire(clock.today(), clock.hour(), clock.minute())
        .await?;
    delete(state, expired.blobs).await;
    match left_behind(state).await {
        Some(blobs) => delete(state, blobs).await,
        None => tracing::warn!(code = "orphans_unknown"),
    }
    if let Err(error) = upgrade::forget_copies(&state.config.data_dir, clock.now()) {
        tracing::warn!(code = "copy_before_upgrade_stays", kind = ?error.kind());
    }
    state.store.tidy().await?;
    if expired.rows > 0 {
        tracing::info!(code = "expired", rows = expired.rows);
    }
    Ok(expired.rows)
}

/// Blobs whose bytes lie here and whose row is gone; nothing if one of the two cannot be read.
async fn left_behind(state: &AppState) -> Option<Vec<BlobId>> {
    // In this order: a blob that is announced in between is in neither.
    let all = state.blobs.all().await.ok()?;
    let known: HashSet<BlobId> = state.store.blob_ids().await.ok()?.into_iter().collect();
    Some(all.difference(&known).copied().collect())
}

/// What stays is found again as left behind.
async fn delete(state: &AppState, blobs: Vec<BlobId>) {
    for blob in blobs {
        match state.blobs.delete(blob).await {
            Ok(()) => {}
            Err(BlobError::File(error)) => {
                tracing::warn!(code = "blob_stays", kind = ?error.kind());
            }
            Err(BlobError::Store(fault)) => {
                tracing::warn!(code = "blobs_stay", kind = fault.code());
                return;
            }
        }
    }
}
