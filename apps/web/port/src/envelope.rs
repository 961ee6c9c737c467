//! One message as JavaScript carries it: `{ message: Uint8Array, blob?: Blob }`.

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use siegel_web_bridge::{FromWorker, ToWorker, decode, encode};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

const MESSAGE: &str = "message";
const BLOB: &str = "blob";

pub(crate) fn pack(message: &ToWorker, file: Option<&Blob>) -> Option<Object> {
    let bytes = Uint8Array::from(encode(message).ok()?.as_slice());
    let packed = Object::new();
    Reflect::set(&packed, &MESSAGE.into(), &bytes).ok()?;
    if let Some(file) = file {
        Reflect::set(&packed, &BLOB.into(), file).ok()?;
    }
    Some(packed)
}

pub(crate) fn open(data: &JsValue) -> Option<(FromWorker, Option<Blob>)> {
    let bytes: Uint8Array = Reflect::get(data, &MESSAGE.into()).ok()?.dyn_into().ok()?;
    let message = decode(&bytes.to_vec()).ok()?;
    let blob = Reflect::get(data, &BLOB.into()).ok()?.dyn_into().ok();
    Some((message, blob))
}

/// Calls `then` when the browser's current turn is over.
pub(crate) fn after(promise: &Promise, then: &JsValue) {
    let chain = Reflect::get(promise, &"then".into()).and_then(JsCast::dyn_into::<Function>);
    if let Ok(chain) = chain {
        chain.call1(promise, then).ok();
    }
}
