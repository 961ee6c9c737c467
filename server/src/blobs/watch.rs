//! Looks at the bucket now and then, so that an operator need not wait for somebody's
//! attachment to learn that it is away, or back.

use std::time::Duration;

use tokio::sync::watch::Receiver;

use super::bucket::Bucket;
use crate::state::stopped;

const EVERY: Duration = Duration::from_secs(60);

/// Looks until the relay stops. What is found is in the log and in [`Bucket::health`].
pub async fn watch(bucket: Bucket, mut stopping: Receiver<bool>) {
    let looking = async {
        loop {
            tokio::time::sleep(EVERY).await;
            drop(bucket.look().await);
        }
    };
    tokio::select! {
        () = stopped(&mut stopping) => {}
        () = looking => {}
    }
}
