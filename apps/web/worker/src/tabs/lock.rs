//! The Web Lock that makes one worker of a browser the vault's holder.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::moment;
use crate::queue::{Happening, Queue};

const NAME: &str = "siegel-vault";

/// Queues up for the lock. It is kept until this worker ends. `None` if the browser has no
/// locks: then nothing may be opened, because nothing would keep two tabs apart.
pub fn await_lock(queue: Queue) -> Option<()> {
    let locks = Reflect::get(&moment::worker().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let (granted, lost) = (queue.clone(), queue);
    let hold = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        granted.push(Happening::Held);
        Promise::new(&mut |_, _| {}).into()
    });
    let outcome = request.call2(&locks, &NAME.into(), &hold).ok()?;
    // Ends only if another tab took the lock by force or the browser withdrew it.
    let ended = Closure::once_into_js(move |_: JsValue| lost.push(Happening::Gone));
    let catch: Function = Reflect::get(&outcome, &"catch".into())
        .ok()?
        .dyn_into()
        .ok()?;
    catch.call1(&outcome, &ended).ok()?;
    Some(())
}
