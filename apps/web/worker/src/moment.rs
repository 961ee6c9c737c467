//! The one place that asks the browser for time, randomness and pauses.

use siegel_client_core::moment::{Entropy, Moment, Timestamp};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, WorkerGlobalScope};

/// The browser gives no randomness: stop.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the browser gives no randomness")]
pub struct NoRandomness;

/// This worker.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// The worker's general side: network, storage, timers.
pub fn worker() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds since 1970, as the device's clock tells them.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Now.
pub fn now() -> Timestamp {
    let seconds = (now_ms() / 1000.0) as i64;
    Timestamp::from_seconds(seconds)
}

/// Now, with fresh randomness for one step.
///
/// # Errors
/// [`NoRandomness`]: nothing may go on.
pub fn moment() -> Result<Moment, NoRandomness> {
    Ok(Moment {
        now: now(),
        entropy: Entropy(random()?),
    })
}

/// Fresh random bytes.
///
/// # Errors
/// [`NoRandomness`]: nothing may go on.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    let crypto = worker().crypto().map_err(|_| NoRandomness)?;
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// From 0 to 1, for spreading waits; no secret depends on it.
pub fn chance() -> f64 {
    js_sys::Math::random()
}

/// Comes back after so many milliseconds, or later.
pub async fn sleep(milliseconds: f64) {
    // A timer takes 31 bits; who waits longer looks again after that.
    let pause = milliseconds.clamp(0.0, f64::from(i32::MAX)) as i32;
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        worker()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, pause)
            .ok();
    });
    // A promise that only a timer resolves is never rejected.
    JsFuture::from(promise).await.ok();
}
