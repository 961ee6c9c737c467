//! One message as JavaScript carries it: `{ message: Uint8Array, blob?: Blob }`.

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use siegel_web_bridge::{FromWorker, ToWorker, decode, encode};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;
use zeroize::Zeroizing;

const MESSAGE: &str = "message";
const BLOB: &str = "blob";

pub(crate) fn pack(message: &ToWorker, file: Option<&Blob>) -> Option<Object> {
    let plain = Zeroizing::new(encode(message).ok()?);
    let packed = Object::new();
    let bytes = Uint8Array::from(plain.as_slice());
    Reflect::set(&packed, &MESSAGE.into(), &bytes).ok()?;
    if let Some(file) = file {
        Reflect::set(&packed, &BLOB.into(), file).ok()?;
    }
    Some(packed)
}

/// The worker has a copy of its own; this one may hold what opens the vault.
pub(crate) fn wipe(packed: &Object) {
    if let Some(bytes) = bytes(packed) {
        bytes.fill(0, 0, bytes.length());
    }
}

pub(crate) fn open(data: &JsValue) -> Option<(FromWorker, Option<Blob>)> {
    let message = decode(&bytes(data)?.to_vec()).ok()?;
    let blob = Reflect::get(data, &BLOB.into()).ok()?.dyn_into().ok();
    Some((message, blob))
}

fn bytes(packed: &JsValue) -> Option<Uint8Array> {
    Reflect::get(packed, &MESSAGE.into()).ok()?.dyn_into().ok()
}

/// Calls `then` when the browser's current turn is over.
pub(crate) fn after(promise: &Promise, then: &JsValue) {
    let chain = Reflect::get(promise, &"then".into()).and_then(JsCast::dyn_into::<Function>);
    if let Ok(chain) = chain {
        chain.call1(promise, then).ok();
    }
}
