//! The time, and waiting for it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::window;

/// Seconds since 1970, by this device's clock.
pub(crate) fn now() -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "far below 2^53 until the year 200000"
    )]
    let seconds = (js_sys::Date::now() / 1000.0) as i64;
    seconds
}

/// Days since 1970 in UTC.
pub(crate) fn utc_day() -> u32 {
    u32::try_from(now() / 86_400).unwrap_or(0)
}

/// The year, by this device's clock.
pub(crate) fn year() -> i64 {
    i64::from(js_sys::Date::new_0().get_full_year())
}

/// A call that waits; dropped, it does not come.
pub(crate) struct Later {
    handle: i32,
    _call: Closure<dyn FnMut()>,
}

/// Calls after so many milliseconds.
pub(crate) fn later(milliseconds: i32, then: impl FnMut() + 'static) -> Option<Later> {
    let call = Closure::<dyn FnMut()>::new(then);
    let handle = window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(
            call.as_ref().unchecked_ref(),
            milliseconds,
        )
        .ok()?;
    Some(Later {
        handle,
        _call: call,
    })
}

impl Drop for Later {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.handle);
    }
}

/// Waits.
pub(crate) async fn pause(milliseconds: i32) {
    pause_or(milliseconds, drop).await;
}

/// Waits, or until the function that `keep` gets is called.
pub(crate) async fn pause_or(milliseconds: i32, keep: impl Fn(js_sys::Function)) {
    let over = js_sys::Promise::new(&mut |done, _| {
        window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds)
            .ok();
        keep(done);
    });
    wasm_bindgen_futures::JsFuture::from(over).await.ok();
}
