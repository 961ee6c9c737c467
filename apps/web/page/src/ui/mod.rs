//! The parts all screens are made of.

mod button;
mod field;
mod icon;
mod qr;

pub(crate) use button::{IconButton, button, icon_button};
pub(crate) use field::{Field, alert, choice, choose, choose_language};
pub(crate) use icon::{Icon, icon};
pub(crate) use qr::qr;

use tachys::html::element as el;
use tachys::prelude::*;

/// A heading of the first order, which also takes the focus when its screen appears.
pub(crate) fn title(text: impl Into<String>) -> AnyView {
    el::h1()
        .id("title")
        .tabindex("-1")
        .child(text.into())
        .into_any()
}

/// A paragraph.
pub(crate) fn text(text: impl Into<String>) -> AnyView {
    el::p().child(text.into()).into_any()
}

/// A paragraph that steps back.
pub(crate) fn soft(text: impl Into<String>) -> AnyView {
    el::p().class("soft").child(text.into()).into_any()
}

/// Something is under way.
pub(crate) fn working(text: impl Into<String>) -> AnyView {
    el::div()
        .class("working")
        .role("status")
        .child((
            el::span().class("spinner").aria_hidden("true"),
            el::span().child(text.into()),
        ))
        .into_any()
}
