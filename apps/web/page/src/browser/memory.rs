//! The few things kept outside the vault: nothing that tells about people.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, Storage};

use super::{document, window};

const USED: &str = "siegel-used";
const USED_SECONDS: u32 = 34_560_000;

/// What was kept under a name.
pub(crate) fn get(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Keeps a value; a browser that keeps nothing shows its defaults next time.
pub(crate) fn set(name: &str, value: &str) {
    if let Some(storage) = storage() {
        storage.set_item(name, value).ok();
    }
}

/// Whether a vault was made in this browser, as two marks beside it say: if one of them
/// is there and the vault is not, the browser has deleted it.
pub(crate) fn was_used() -> bool {
    let cookies = html_document().and_then(|document| document.cookie().ok());
    get(USED).is_some() || cookies.is_some_and(|all| all.contains(USED))
}

/// Sets both marks.
pub(crate) fn mark_used() {
    set(USED, "1");
    set_cookie(USED_SECONDS);
}

/// Takes both marks away.
pub(crate) fn forget_used() {
    if let Some(storage) = storage() {
        storage.remove_item(USED).ok();
    }
    set_cookie(0);
}

fn set_cookie(seconds: u32) {
    let secure = match window().location().protocol().as_deref() {
        Ok("https:") => "; secure",
        _ => "",
    };
    if let Some(document) = html_document() {
        let cookie = format!("{USED}=1; path=/; samesite=strict; max-age={seconds}{secure}");
        document.set_cookie(&cookie).ok();
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

fn html_document() -> Option<HtmlDocument> {
    document().dyn_into().ok()
}
