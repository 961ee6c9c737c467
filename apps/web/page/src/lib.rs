//! The page of the web app: everything people see, and nothing that knows a key.
//!
//! It draws what the worker tells it and asks the worker for what people want, over the
//! types of `siegel-web-bridge`. Text reaches the document as text nodes and attributes
//! only: views are built with the functions of `tachys::html`, never with the `view!`
//! macro, whose static parts go through `innerHTML` (see the decision page).

mod app;
mod browser;
mod screens;
mod trouble;
mod ui;
mod worker;

use reactive_graph::owner::Owner;
use tachys::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the app when the page has loaded.
#[wasm_bindgen(start)]
pub fn start() {
    // Where, and not with what: a console is copied into reports.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        web_sys::console::error_1(&place.unwrap_or_default().into());
    }));
    // The only failure is that an executor is there already.
    any_spawner::Executor::init_wasm_bindgen().ok();
    let owner = Owner::new();
    let mounted = owner.with(|| {
        let app = app::App::start();
        let mut view = screens::root(app).build();
        view.mount(&tachys::dom::body(), None);
        view
    });
    // Both live as long as the page.
    std::mem::forget(mounted);
    std::mem::forget(owner);
}
