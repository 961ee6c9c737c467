//! The channel between the workers of one browser.

use js_sys::{Object, Reflect, Uint8Array};
use siegel_web_bridge::{decode, encode};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BroadcastChannel, MessageEvent};
use zeroize::Zeroizing;

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
            wipe(&packed);
        }
    }
}

/// `{ message: Uint8Array, blob?: Blob }`, as on the bridge.
pub fn pack<T: serde::Serialize>(message: &T, blob: Option<&Blob>) -> Option<JsValue> {
    let plain = Zeroizing::new(encode(message).ok()?);
    let packed = Object::new();
    let bytes = Uint8Array::from(plain.as_slice());
    Reflect::set(&packed, &MESSAGE.into(), &bytes).ok()?;
    if let Some(blob) = blob {
        Reflect::set(&packed, &BLOB.into(), blob).ok()?;
    }
    Some(packed.into())
}

/// Reads what [`pack`] wrote, and leaves nothing of it.
pub fn unpack<T: serde::de::DeserializeOwned>(data: &JsValue) -> Option<(T, Option<Blob>)> {
    let plain = Zeroizing::new(bytes(data)?.to_vec());
    wipe(data);
    let message = decode(&plain).ok()?;
    let blob = Reflect::get(data, &BLOB.into()).ok()?.dyn_into().ok();
    Some((message, blob))
}

/// Whoever is told has a copy of their own; this one may hold what opens the vault.
fn wipe(packed: &JsValue) {
    if let Some(bytes) = bytes(packed) {
        bytes.fill(0, 0, bytes.length());
    }
}

fn bytes(packed: &JsValue) -> Option<Uint8Array> {
    Reflect::get(packed, &MESSAGE.into()).ok()?.dyn_into().ok()
}
