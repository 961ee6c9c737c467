//! What the page uses of the browser.

pub(crate) mod clock;
pub(crate) mod dates;
pub(crate) mod files;
pub(crate) mod forms;
pub(crate) mod history;
pub(crate) mod memory;
pub(crate) mod notify;
pub(crate) mod passkey;
pub(crate) mod recorder;
pub(crate) mod speech;
mod turns;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Document, Element, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement, Window,
};

pub(crate) use turns::Turns;

/// The window. There is none only outside a browser, where nothing of this runs.
pub(crate) fn window() -> Window {
    tachys::dom::window()
}

/// The document.
pub(crate) fn document() -> Document {
    tachys::dom::document()
}

/// Runs a task until it ends by itself.
pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(task);
}

/// What stands in the field an event came from.
pub(crate) fn value(event: &Event) -> String {
    let target = event.target();
    if let Some(field) = target
        .as_ref()
        .and_then(|t| t.dyn_ref::<HtmlInputElement>())
    {
        return field.value();
    }
    // Text areas and lists have one as well.
    target
        .and_then(|field| js_sys::Reflect::get(&field, &"value".into()).ok())
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

/// Where the caret stands in the text field an event came from, in UTF-16.
pub(crate) fn caret(event: &Event) -> usize {
    let field = event
        .target()
        .and_then(|t| t.dyn_into::<HtmlTextAreaElement>().ok());
    let place = field.and_then(|field| field.selection_end().ok().flatten());
    place
        .and_then(|place| usize::try_from(place).ok())
        .unwrap_or(0)
}

/// Puts the caret of a text field somewhere, in UTF-16.
pub(crate) fn place_caret(id: &str, place: usize) {
    let field = by_id(id).and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok());
    if let (Some(field), Ok(place)) = (field, u32::try_from(place)) {
        // Refused only by fields that have no caret.
        field.set_selection_range(place, place).ok();
        field.focus().ok();
    }
}

/// Whether a box is ticked.
pub(crate) fn is_checked(event: &Event) -> bool {
    event
        .target()
        .and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
        .is_some_and(|field| field.checked())
}

/// What a `<meta name>` of the page says.
pub(crate) fn meta(name: &str) -> Option<String> {
    let selector = format!("meta[name=\"{name}\"]");
    let element = document().query_selector(&selector).ok()??;
    element.get_attribute("content")
}

/// An element by its id.
pub(crate) fn by_id(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// Moves the keyboard to an element, if it is there.
pub(crate) fn focus(id: &str) {
    if let Some(element) = by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot have the focus leaves it where it is.
        element.focus().ok();
    }
}

/// Calls once before the next frame is painted.
pub(crate) fn before_paint(then: impl FnOnce() + 'static) {
    let then = wasm_bindgen::closure::Closure::once_into_js(then);
    window().request_animation_frame(then.unchecked_ref()).ok();
}

/// Whether a media query holds.
pub(crate) fn matches(query: &str) -> bool {
    window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}

/// Puts a text into the clipboard; tells whether it is there.
pub(crate) async fn copy(text: &str) -> bool {
    let promise = window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok()
}

/// Asks the browser to keep what is stored.
pub(crate) fn keep_storage() {
    let storage = window().navigator().storage();
    if let Ok(promise) = storage.persist() {
        spawn(async move {
            // A refusal changes nothing for the page: the worker watches for losses.
            wasm_bindgen_futures::JsFuture::from(promise).await.ok();
        });
    }
}

/// Listens on the window for as long as the page lives.
pub(crate) fn listen<E: JsCast + 'static>(name: &str, mut then: impl FnMut(E) + 'static) {
    let hear = wasm_bindgen::closure::Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        then(event.unchecked_into());
    });
    window()
        .add_event_listener_with_callback(name, hear.into_js_value().unchecked_ref())
        .ok();
}
