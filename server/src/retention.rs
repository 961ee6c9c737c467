//! Deletes what must not stay: at start, every half hour, and when the clock is moved.

use std::time::Duration;

use siegel_proto::Refusal;

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

/// Deletes what has expired, files after their rows, and empties the write-ahead log.
///
/// # Errors
/// Storing failed; the next sweep goes on where this one ended.
pub async fn sweep(state: &AppState) -> Result<u64, Refusal> {
    let clock = &state.clock;
    let expired = (state.store)
        .expire(clock.today(), clock.hour(), clock.minute())
        .await?;
    for blob in &expired.blobs {
        if let Err(error) = state.blobs.delete(*blob).await {
            tracing::warn!(code = "blob_stays", kind = ?error.kind());
        }
    }
    match state.store.blob_ids().await {
        Ok(known) => {
            if let Err(error) = state.blobs.sweep(known).await {
                tracing::warn!(code = "orphans_stay", kind = ?error.kind());
            }
        }
        Err(_) => tracing::warn!(code = "orphans_unknown"),
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
