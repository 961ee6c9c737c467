//! The worker of the web app: owns the client core, the vault in IndexedDB and the
//! connection, and answers the page.
//!
//! Everything that happens, whether it comes from the page, another tab, the relay or the
//! clock, stands in one line (`queue`) and is taken in its order by the desk (`desk`). The
//! desk gives the open client its inputs through the device (`device`), which stores every
//! step before anything of it leaves.

mod desk;
mod device;
mod moment;
mod net;
mod queue;
mod store;
mod tabs;
mod transfer;
mod trouble;
mod view;
mod week;

use siegel_web_bridge::ToWorker;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, MessageEvent};

use queue::{Happening, Queue};

/// Called by the browser when the worker starts.
#[wasm_bindgen(start)]
pub fn start() {
    let queue = Queue::default();
    let pages = queue.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        // A page of another build was told by the answer to its greeting.
        if let Some((message, blob)) = tabs::unpack::<ToWorker>(&event.data()) {
            pages.push(Happening::Page(message, blob));
        }
    });
    moment::scope().set_onmessage(Some(listener.into_js_value().unchecked_ref()));
    let network = queue.clone();
    let online = Closure::<dyn FnMut(Event)>::new(move |_| network.push(Happening::NetworkBack));
    moment::worker().set_ononline(Some(online.into_js_value().unchecked_ref()));
    spawn_local(desk::run(queue));
}
