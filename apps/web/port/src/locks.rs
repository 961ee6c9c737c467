//! The browser's Web Locks: between the tabs of one origin, let go of when a tab ends.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// How a lock is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Beside others that share it.
    Shared,
    /// Alone, and only if nobody has it: `granted` is called with null otherwise.
    AloneIfFree,
}

/// Asks for a lock. `granted` is called with it; it is held until the promise that `granted`
/// returns is settled. What comes back is settled after that. `None` if the browser has no
/// locks.
pub fn request(name: &str, wish: Wish, granted: &JsValue) -> Option<Promise> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let options = js_sys::Object::new();
    let set = |key: &str, value: JsValue| Reflect::set(&options, &key.into(), &value).ok();
    match wish {
        Wish::Shared => set("mode", "shared".into())?,
        Wish::AloneIfFree => set("ifAvailable", true.into())?,
    };
    request
        .call3(&locks, &name.into(), &options, granted)
        .ok()?
        .dyn_into()
        .ok()
}
