//! The frame of screens that stand alone: a way out at the top, one thing in the middle.

use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use crate::app::App;
use crate::ui::{Icon, button, icon, working};

/// One thing in the middle of the screen.
pub(crate) fn solo(app: App, texts: Texts, content: impl RenderHtml + 'static) -> AnyView {
    framed(app, texts, "solo-main", content.into_any())
}

/// The same with more width, for texts and choices.
pub(crate) fn solo_wide(app: App, texts: Texts, content: impl RenderHtml + 'static) -> AnyView {
    framed(app, texts, "solo-main wide", content.into_any())
}

/// Before anything is known.
pub(crate) fn loading(texts: Texts) -> AnyView {
    el::main()
        .class("solo")
        .child((
            el::div(),
            el::div().class("solo-main").child(working(texts.loading())),
        ))
        .into_any()
}

/// The sign of the app, or of trouble.
pub(crate) fn seal(picture: Icon, trouble: bool) -> AnyView {
    el::div()
        .class(if trouble { "seal trouble" } else { "seal" })
        .child(icon(picture))
        .into_any()
}

/// Leaves the page at once.
pub(crate) fn quick_exit(app: App, texts: Texts) -> AnyView {
    el::span()
        .title(texts.quick_exit_hint())
        .child(button(texts.quick_exit(), "quick-exit", move || {
            app.quick_exit();
        }))
        .into_any()
}

fn framed(app: App, texts: Texts, class: &'static str, content: AnyView) -> AnyView {
    el::div()
        .class("solo")
        .child((
            el::header().class("solo-top").child((
                el::span().class("soft small").child(texts.app_name()),
                quick_exit(app, texts),
            )),
            el::main().class(class).child(content),
        ))
        .into_any()
}
