//! Script addresses under the policy `require-trusted-types-for 'script'`.
//!
//! The policy `siegel` lets through addresses of this origin and nothing else. It is made once
//! and never handed out. Before this code is there the page's script starts the worker under
//! a policy that knows its address only (`apps/web/bundle/src/generated.rs`).

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static POLICY: Option<JsValue> = make();
}

/// The address as `new Worker` and `serviceWorker.register` want it: a `TrustedScriptURL`
/// where the browser knows them, else the text. `None` if the address is not a path of
/// this origin.
#[must_use]
pub fn trusted_url(path: &str) -> Option<JsValue> {
    if !path.starts_with('/') || path.starts_with("//") {
        return None;
    }
    POLICY.with(|policy| match policy {
        None => Some(path.into()),
        Some(policy) => {
            let create = method(policy, "createScriptURL")?;
            create.call1(policy, &path.into()).ok()
        }
    })
}

fn make() -> Option<JsValue> {
    let factory = Reflect::get(&js_sys::global(), &"trustedTypes".into()).ok()?;
    if factory.is_undefined() {
        return None;
    }
    // What comes here has passed the check above.
    let pass = Closure::<dyn FnMut(JsValue) -> JsValue>::new(|url: JsValue| url).into_js_value();
    let rules = Object::new();
    Reflect::set(&rules, &"createScriptURL".into(), &pass).ok()?;
    let create = method(&factory, "createPolicy")?;
    create.call2(&factory, &"siegel".into(), &rules).ok()
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}
