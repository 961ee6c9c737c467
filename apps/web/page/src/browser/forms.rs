//! Half-filled forms. What stands in them is nowhere else, so a tab that has one keeps a
//! lock, and no tab has all of them loaded anew meanwhile.

use std::cell::RefCell;

use js_sys::{Function, Promise};
use siegel_web_port::locks::{self, Wish};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlInputElement, HtmlTextAreaElement};

use super::clock::{self, Later};

const LOCK: &str = "siegel-forms";
/// Fields whose text is kept elsewhere, or is of no worth.
const LOOSE: &[&str] = &["composer", "search"];

thread_local! {
    /// What was typed into and stands on the page.
    static TYPED: RefCell<Vec<Field>> = const { RefCell::new(Vec::new()) };
    /// Lets go of the lock.
    static HELD: RefCell<Option<Function>> = const { RefCell::new(None) };
    static LOOK: RefCell<Option<Later>> = const { RefCell::new(None) };
}

#[derive(Clone, PartialEq)]
enum Field {
    Line(HtmlInputElement),
    Lines(HtmlTextAreaElement),
}

/// Watches every field of the page from now on.
pub(crate) fn watch() {
    super::listen("input", |event: Event| {
        let Some(field) = Field::of(&event) else {
            return;
        };
        TYPED.with_borrow_mut(|typed| {
            if !typed.contains(&field) {
                typed.push(field);
            }
        });
        look();
        hold();
    });
}

/// Looks again once the page is drawn: forms may be gone.
pub(crate) fn look_soon() {
    LOOK.set(clock::later(0, look));
}

/// Whether a form is half filled, here or in another tab.
pub(crate) async fn are_open() -> bool {
    look();
    let (free, told) = futures_channel::oneshot::channel();
    let granted = Closure::once_into_js(move |lock: JsValue| {
        // Whoever asked has gone otherwise.
        free.send(!lock.is_null()).ok();
    });
    // Where there are no locks there is one tab at most.
    if locks::request(LOCK, Wish::AloneIfFree, &granted).is_none() {
        return TYPED.with_borrow(|typed| !typed.is_empty());
    }
    !told.await.unwrap_or(true)
}

/// Forgets fields that are empty or gone, and lets go when none is left.
fn look() {
    let none = TYPED.with_borrow_mut(|typed| {
        typed.retain(Field::is_half_filled);
        typed.is_empty()
    });
    if none && let Some(release) = HELD.take() {
        release.call0(&JsValue::UNDEFINED).ok();
    }
}

fn hold() {
    let needless = TYPED.with_borrow(Vec::is_empty) || HELD.with_borrow(Option::is_some);
    if needless {
        return;
    }
    let until = Promise::new(&mut |done, _| HELD.set(Some(done)));
    let granted = Closure::once_into_js(move |_lock: JsValue| -> JsValue { until.into() });
    locks::request(LOCK, Wish::Shared, &granted);
}

impl Field {
    fn of(event: &Event) -> Option<Self> {
        let target = event.target()?;
        let field = match target.dyn_into::<HtmlTextAreaElement>() {
            Ok(lines) => Self::Lines(lines),
            Err(target) => Self::Line(target.dyn_into().ok()?),
        };
        let (id, kind) = match &field {
            Self::Line(line) => (line.id(), line.type_()),
            Self::Lines(lines) => (lines.id(), lines.type_()),
        };
        // What is ticked or picked is done again in a moment.
        let is_text = matches!(kind.as_str(), "text" | "password" | "textarea" | "date");
        (is_text && !LOOSE.contains(&id.as_str())).then_some(field)
    }

    fn is_half_filled(&self) -> bool {
        match self {
            Self::Line(line) => line.is_connected() && !line.value().is_empty(),
            Self::Lines(lines) => lines.is_connected() && !lines.value().is_empty(),
        }
    }
}
