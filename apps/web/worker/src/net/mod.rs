//! The network of a browser: one WebSocket, and HTTP for capsules and blobs. All of it to
//! the origin the app came from, which is the relay.

pub mod blob;
pub mod exchange;
mod http;
pub mod socket;

use crate::moment;

/// Milliseconds to wait before attempt `failures + 1`: they double up to a minute, and each
/// is drawn from its upper half, so that devices do not all knock at once.
fn pause(failures: u32) -> f64 {
    let doubled = 500.0 * 2_f64.powi(i32::try_from(failures.min(16)).unwrap_or(16) - 1);
    let half = doubled.min(60_000.0) / 2.0;
    half + half * moment::chance()
}

/// Waits before attempt `failures + 1`.
async fn rest(failures: u32) {
    moment::sleep(pause(failures)).await;
}
