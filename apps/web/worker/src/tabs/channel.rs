//! The channel between the workers of one browser.

use js_sys::{Object, Reflect, Uint8Array};
use siegel_web_bridge::{decode, encode};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BroadcastChannel, MessageEvent};

use super::TabMessage;
use crate::queue::{Happening, Queue};

const NAME: &str = "siegel";
const MESSAGE: &str = "message";
const BLOB: &str = "blob";

/// Reaches the workers of all other tabs.
pub struct Channel {
    channel: BroadcastChannel,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Opens it; `None` if the browser has none.
    pub fn open(queue: Queue) -> Option<Self> {
        let channel = BroadcastChannel::new(NAME).ok()?;
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // A tab of another build is told by its `Holder`; what it says else is not ours.
            if let Some((message, blob)) = unpack(&event.data()) {
                queue.push(Happening::Tab(message, blob));
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            _listener: listener,
        })
    }

    /// Says something to all other tabs, with a file if one goes along.
    pub fn say(&self, message: &TabMessage, blob: Option<&Blob>) {
        if let Some(packed) = pack(message, blob) {
            // Fails only for what cannot be cloned; bytes and blobs can.
            self.channel.post_message(&packed).ok();
        }
    }
}

/// `{ message: Uint8Array, blob?: Blob }`, as on the bridge.
pub fn pack<T: serde::Serialize>(message: &T, blob: Option<&Blob>) -> Option<JsValue> {
    let bytes = Uint8Array::from(encode(message).ok()?.as_slice());
    let packed = Object::new();
    Reflect::set(&packed, &MESSAGE.into(), &bytes).ok()?;
    if let Some(blob) = blob {
        Reflect::set(&packed, &BLOB.into(), blob).ok()?;
    }
    Some(packed.into())
}

/// Reads what [`pack`] wrote.
pub fn unpack<T: serde::de::DeserializeOwned>(data: &JsValue) -> Option<(T, Option<Blob>)> {
    let bytes: Uint8Array = Reflect::get(data, &MESSAGE.into()).ok()?.dyn_into().ok()?;
    let message = decode(&bytes.to_vec()).ok()?;
    let blob = Reflect::get(data, &BLOB.into()).ok()?.dyn_into().ok();
    Some((message, blob))
}
