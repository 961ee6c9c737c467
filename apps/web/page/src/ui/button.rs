//! Buttons with words and buttons with a picture.

use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::icon::{Icon, icon};

/// A button. `look` is a class of the style sheet: `""`, `primary`, `quiet`, `danger`, …
pub(crate) fn button(
    label: impl Into<String>,
    look: &str,
    mut press: impl FnMut() + 'static,
) -> AnyView {
    el::button()
        .attr("type", "button")
        .class(format!("button {look}"))
        .on(ev::click, move |_| press())
        .child(label.into())
        .into_any()
}

/// A button with a picture; the label is for screen readers and as a hint.
pub(crate) struct IconButton {
    pub(crate) label: String,
    pub(crate) picture: Icon,
    pub(crate) look: &'static str,
}

/// A button that shows a picture.
pub(crate) fn icon_button(
    label: impl Into<String>,
    picture: Icon,
    press: impl FnMut() + 'static,
) -> AnyView {
    IconButton {
        label: label.into(),
        picture,
        look: "",
    }
    .view(press)
}

impl IconButton {
    pub(crate) fn view(self, mut press: impl FnMut() + 'static) -> AnyView {
        el::button()
            .attr("type", "button")
            .class(format!("icon-button {}", self.look))
            .aria_label(self.label.clone())
            .title(self.label)
            .on(ev::click, move |_| press())
            .child(icon(self.picture))
            .into_any()
    }
}
