//! The service worker: keeps the app's files for starting without a network, and brings new
//! versions.
//!
//! A new version waits until the page says [`take_over`], which it does when a person
//! agrees and everything half typed is kept; then every tab is loaded anew.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::trusted_url;

const PATH: &str = "/service-worker.js";

/// Registers it. `found` is called when a new version waits. Browsers without service
/// workers, and pages without a secure address, have neither.
pub fn register(found: impl Fn() + 'static) {
    let Some(container) = container() else {
        return;
    };
    reload_when_taken_over(&container);
    let registered = trusted_url(PATH)
        .and_then(|url| method(&container, "register")?.call1(&container, &url).ok());
    let Some(Ok(registered)) = registered.map(JsCast::dyn_into::<Promise>) else {
        return;
    };
    let found = std::rc::Rc::new(found);
    let watch = Closure::once_into_js(move |registration: JsValue| {
        if waits(&registration) {
            found();
        }
        let registered = registration.clone();
        let arrives = Closure::<dyn FnMut()>::new(move || {
            let found = found.clone();
            let registration = registered.clone();
            let Some(installing) = property(&registration, "installing") else {
                return;
            };
            let changes = Closure::<dyn FnMut()>::new(move || {
                if waits(&registration) {
                    found();
                }
            });
            listen(&installing, "statechange", &changes.into_js_value());
        });
        listen(&registration, "updatefound", &arrives.into_js_value());
    });
    if let Some(then) = method(&registered, "then") {
        // Where it cannot be registered the app works as before, but only online.
        let ignore = Closure::once_into_js(|_: JsValue| ());
        then.call2(&registered, &watch, &ignore).ok();
    }
}

/// Lets the waiting version take over; every tab is loaded anew.
pub fn take_over() {
    let Some(container) = container() else {
        return;
    };
    let ready = property(&container, "ready").and_then(|ready| ready.dyn_into::<Promise>().ok());
    let Some(ready) = ready else {
        return;
    };
    let order = Closure::once_into_js(|registration: JsValue| {
        if let Some(waiting) = property(&registration, "waiting")
            && let Some(post) = method(&waiting, "postMessage")
        {
            post.call1(&waiting, &"take over".into()).ok();
        }
    });
    if let Some(then) = method(&ready, "then") {
        then.call1(&ready, &order).ok();
    }
}

/// Only a version that replaces another is new; the first one is no news.
fn waits(registration: &JsValue) -> bool {
    let replaces = container().and_then(|container| property(&container, "controller"));
    replaces.is_some() && property(registration, "waiting").is_some()
}

/// The first visit is taken over as well, by the first version: nothing to load anew then.
fn reload_when_taken_over(container: &JsValue) {
    if property(container, "controller").is_none() {
        return;
    }
    let reload = Closure::once_into_js(|_: JsValue| {
        if let Some(location) = property(&js_sys::global(), "location")
            && let Some(reload) = method(&location, "reload")
        {
            reload.call0(&location).ok();
        }
    });
    listen(container, "controllerchange", &reload);
}

fn container() -> Option<JsValue> {
    let navigator = property(&js_sys::global(), "navigator")?;
    property(&navigator, "serviceWorker")
}

fn listen(target: &JsValue, event: &str, listener: &JsValue) {
    if let Some(add) = method(target, "addEventListener") {
        add.call2(target, &event.into(), listener).ok();
    }
}

fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &name.into()).ok()?;
    (!value.is_null() && !value.is_undefined()).then_some(value)
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    property(of, name)?.dyn_into().ok()
}
