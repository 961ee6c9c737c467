//! The browser's way back, and leaving.

use wasm_bindgen::JsValue;

use super::{meta, window};

/// Notes a step, so that the way back leads to the one before.
pub(crate) fn note(step: u32) {
    if let Ok(history) = window().history() {
        history.push_state(&JsValue::from(step), "").ok();
    }
}

/// Goes back one step.
pub(crate) fn back() {
    if let Ok(history) = window().history() {
        history.back().ok();
    }
}

/// The link that opened the page: address and fragment.
pub(crate) fn link() -> Option<String> {
    let location = window().location();
    let fragment = location.hash().ok().filter(|hash| hash.len() > 1)?;
    Some(format!("{}/{fragment}", location.origin().ok()?))
}

/// Takes the link out of the address, so that nobody finds it there.
pub(crate) fn forget_link() {
    if let Ok(history) = window().history() {
        history
            .replace_state_with_url(&JsValue::from(0), "", Some("/"))
            .ok();
    }
}

/// Loads the page again.
pub(crate) fn reload() {
    window().location().reload().ok();
}

/// Replaces the page by a harmless one of the same server; the way back does not return.
pub(crate) fn leave() {
    let harmless = meta("siegel-neutral").unwrap_or_else(|| "about:blank".into());
    window().location().replace(&harmless).ok();
}
