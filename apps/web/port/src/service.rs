//! The service worker: keeps the app's files for starting without a network, and brings new
//! versions.
//!
//! A new version waits until a page says [`take_over`], which it does when a person agrees;
//! then every tab is told, keeps what is half typed in it, and is loaded anew.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::trusted_url;

const PATH: &str = "/service-worker.js";

/// Registers it. `found` is called when a new version waits, `taken` when one took over and
/// the page is to be loaded anew. Browsers without service workers, and pages without a
/// secure address, have neither.
pub fn register(found: impl Fn() + 'static, taken: impl FnOnce() + 'static) {
    let Some(container) = container() else {
        return;
    };
    tell_when_taken_over(&container, taken);
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

/// Whether this page came from files that the browser keeps.
fn is_kept() -> bool {
    container().is_some_and(|container| property(&container, "controller").is_some())
}

/// Lets the waiting version take over.
pub fn take_over() {
    when_registered(|registration| {
        if let Some(waiting) = property(registration, "waiting")
            && let Some(post) = method(&waiting, "postMessage")
        {
            post.call1(&waiting, &"take over".into()).ok();
        }
    });
}

/// Looks whether the relay has a newer version.
pub fn look() {
    when_registered(|registration| {
        let looks = method(registration, "update")
            .and_then(|update| update.call0(registration).ok()?.dyn_into::<Promise>().ok());
        if let Some(looks) = looks {
            // A relay that is away again has nothing new; the next look finds it.
            let ignore = Closure::once_into_js(|_: JsValue| ());
            if let Some(then) = method(&looks, "then") {
                then.call2(&looks, &JsValue::UNDEFINED, &ignore).ok();
            }
        }
    });
}

fn when_registered(then: impl FnOnce(&JsValue) + 'static) {
    let ready =
        container().and_then(|container| property(&container, "ready")?.dyn_into::<Promise>().ok());
    if let Some(ready) = ready
        && let Some(chain) = method(&ready, "then")
    {
        let then = Closure::once_into_js(move |registration: JsValue| then(&registration));
        chain.call1(&ready, &then).ok();
    }
}

/// Only a version that replaces another is new; the first one is no news.
fn waits(registration: &JsValue) -> bool {
    is_kept() && property(registration, "waiting").is_some()
}

fn tell_when_taken_over(container: &JsValue, taken: impl FnOnce() + 'static) {
    // The first visit is taken over as well, by the first version: nothing to load anew then.
    let mut is_first = !is_kept();
    let mut taken = Some(taken);
    let changed = Closure::<dyn FnMut()>::new(move || {
        if std::mem::take(&mut is_first) {
            return;
        }
        // A version that follows at once finds the page on its way already.
        if let Some(taken) = taken.take() {
            taken();
        }
    });
    listen(container, "controllerchange", &changed.into_js_value());
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
