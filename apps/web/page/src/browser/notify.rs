//! Notifications of the system. They say that something is new, never what or from whom.

use web_sys::{Notification, NotificationOptions, NotificationPermission, VisibilityState};

use super::document;

const TAG: &str = "siegel";

/// What the person and the browser allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Yes,
    NotAsked,
    No,
}

pub(crate) fn allowed() -> Allowed {
    let known = js_sys::Reflect::has(&super::window(), &"Notification".into());
    if !known.unwrap_or(false) {
        return Allowed::No;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Allowed::Yes,
        NotificationPermission::Default => Allowed::NotAsked,
        _ => Allowed::No,
    }
}

/// Asks the person.
pub(crate) async fn ask() -> Allowed {
    if let Ok(promise) = Notification::request_permission() {
        wasm_bindgen_futures::JsFuture::from(promise).await.ok();
    }
    allowed()
}

/// Shows one if nobody looks at the page; the next one replaces it.
pub(crate) fn show(text: &str) {
    if allowed() != Allowed::Yes || document().visibility_state() == VisibilityState::Visible {
        return;
    }
    let options = NotificationOptions::new();
    options.set_tag(TAG);
    // On some phones only a service worker may notify: the unread count remains.
    Notification::new_with_options(text, &options).ok();
}
