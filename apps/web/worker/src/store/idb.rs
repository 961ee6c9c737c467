//! IndexedDB as futures.
//!
//! A future that continues from a request's success runs in the microtask of that event,
//! while the transaction is still open, so requests may follow each other.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventTarget, IdbDatabase, IdbFactory, IdbRequest, IdbTransaction};

use super::error::StoreError;
use crate::moment;

type Outcome = Result<(), StoreError>;

/// Opens a database and makes the stores that are missing.
pub async fn open(name: &str, stores: &'static [&'static str]) -> Result<IdbDatabase, StoreError> {
    let request = factory()?
        .open_with_u32(name, 1)
        .map_err(|thrown| StoreError::of(&thrown))?;
    let made = request.clone();
    let upgrade = Closure::<dyn FnMut()>::new(move || {
        let Ok(database) = made.result().and_then(JsCast::dyn_into::<IdbDatabase>) else {
            return;
        };
        for store in stores {
            // Fails only if it is there already.
            database.create_object_store(store).ok();
        }
    });
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    let database = answer(&request).await?;
    database.dyn_into().map_err(|_| StoreError::Broken)
}

/// Deletes a database.
pub async fn delete(name: &str) -> Result<(), StoreError> {
    let request = factory()?
        .delete_database(name)
        .map_err(|thrown| StoreError::of(&thrown))?;
    answer(&request).await.map(drop)
}

/// Begins a transaction that is on the disk when it says so.
pub fn begin(
    database: &IdbDatabase,
    stores: &[&str],
    write: bool,
) -> Result<IdbTransaction, StoreError> {
    let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
    let mode = JsValue::from_str(if write { "readwrite" } else { "readonly" });
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &"strict".into())
        .map_err(|_| StoreError::Broken)?;
    let transaction = Reflect::get(database, &"transaction".into())
        .and_then(JsCast::dyn_into::<js_sys::Function>)
        .and_then(|begin| begin.call3(database, &names, &mode, &options))
        .map_err(|thrown| StoreError::of(&thrown))?;
    transaction.dyn_into().map_err(|_| StoreError::Broken)
}

/// The answer to one request.
pub async fn answer(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let failed = request.clone();
    let error = move || match failed.error() {
        Ok(Some(exception)) => StoreError::of(&exception),
        _ => StoreError::Broken,
    };
    heard(request, "success", &["error"], error).await?;
    request.result().map_err(|thrown| StoreError::of(&thrown))
}

/// Waits until the transaction is stored for good.
pub async fn complete(transaction: &IdbTransaction) -> Outcome {
    let aborted = transaction.clone();
    let error = move || match aborted.error() {
        Some(exception) => StoreError::of(&exception),
        None => StoreError::Broken,
    };
    heard(transaction, "complete", &["abort", "error"], error).await
}

/// Waits for an event, or for one of those that mean failure.
async fn heard(
    target: &EventTarget,
    good: &'static str,
    bad: &[&'static str],
    error: impl Fn() -> StoreError + 'static,
) -> Outcome {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let outcome = if event.type_() == good {
            Ok(())
        } else {
            Err(error())
        };
        if let Some(sender) = sender.borrow_mut().take() {
            // The waiting future may be gone.
            sender.send(outcome).ok();
        }
    });
    let function = listener.as_ref().unchecked_ref();
    for name in bad.iter().chain([&good]) {
        target
            .add_event_listener_with_callback(name, function)
            .map_err(|thrown| StoreError::of(&thrown))?;
    }
    let outcome = receiver.await.unwrap_or(Err(StoreError::Broken));
    for name in bad.iter().chain([&good]) {
        target
            .remove_event_listener_with_callback(name, function)
            .ok();
    }
    outcome
}

fn factory() -> Result<IdbFactory, StoreError> {
    Reflect::get(&moment::worker(), &"indexedDB".into())
        .ok()
        .and_then(|factory| factory.dyn_into().ok())
        .ok_or(StoreError::Broken)
}
