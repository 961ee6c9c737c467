//! Fields of forms.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, Update};
use siegel_web_texts::{Language, Texts};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::icon::{Icon, icon};
use crate::browser;

/// A labelled field for one line.
pub(crate) struct Field {
    /// Unique in the document.
    pub(crate) id: &'static str,
    pub(crate) label: String,
    /// Below the label; may be empty.
    pub(crate) hint: String,
    pub(crate) value: RwSignal<String>,
    /// `off` where browsers should not fill in.
    pub(crate) autocomplete: &'static str,
}

impl Field {
    /// For one line of text.
    pub(crate) fn line(self) -> AnyView {
        let (value, hint_id) = (self.value, format!("{}-hint", self.id));
        let input = el::input()
            .attr("type", "text")
            .id(self.id)
            .class("input")
            .attr("autocomplete", self.autocomplete)
            .aria_describedby(hint_id.clone())
            .prop("value", move || value.get())
            .on(ev::input, move |event| value.set(browser::value(&event)));
        framed(self.id, self.label, self.hint, hint_id, input.into_any())
    }

    /// For several lines.
    pub(crate) fn lines(self) -> AnyView {
        let (value, hint_id) = (self.value, format!("{}-hint", self.id));
        let input = el::textarea()
            .id(self.id)
            .class("input")
            .attr("dir", "auto")
            .aria_describedby(hint_id.clone())
            .prop("value", move || value.get())
            .on(ev::input, move |event| value.set(browser::value(&event)));
        framed(self.id, self.label, self.hint, hint_id, input.into_any())
    }

    /// For a number.
    pub(crate) fn number(self) -> AnyView {
        let (value, hint_id) = (self.value, format!("{}-hint", self.id));
        let input = el::input()
            .attr("type", "text")
            .attr("inputmode", "numeric")
            .id(self.id)
            .class("input")
            .attr("autocomplete", "off")
            .aria_describedby(hint_id.clone())
            .prop("value", move || value.get())
            .on(ev::input, move |event| value.set(browser::value(&event)));
        framed(self.id, self.label, self.hint, hint_id, input.into_any())
    }

    /// For a passphrase or PIN, with a button that shows it.
    pub(crate) fn secret(self, texts: Texts, digits: bool) -> AnyView {
        let (value, hint_id) = (self.value, format!("{}-hint", self.id));
        let shown = RwSignal::new(false);
        let input = el::input()
            .attr(
                "type",
                move || if shown.get() { "text" } else { "password" },
            )
            .attr("inputmode", if digits { "numeric" } else { "text" })
            .id(self.id)
            .class("input")
            .attr("dir", "ltr")
            .attr("autocomplete", self.autocomplete)
            .attr("autocapitalize", "off")
            .attr("spellcheck", "false")
            .aria_describedby(hint_id.clone())
            .prop("value", move || value.get())
            .on(ev::input, move |event| value.set(browser::value(&event)));
        let toggle = el::button()
            .attr("type", "button")
            .class("icon-button")
            .aria_label(move || {
                if shown.get() {
                    texts.passphrase_hide()
                } else {
                    texts.passphrase_show()
                }
            })
            .on(ev::click, move |_| shown.update(|shown| *shown = !*shown))
            .child(icon(Icon::Eye));
        let both = el::div().class("with-toggle").child((input, toggle));
        framed(self.id, self.label, self.hint, hint_id, both.into_any())
    }
}

/// A box to tick.
pub(crate) fn choice(label: impl Into<String>, on: RwSignal<bool>) -> AnyView {
    el::label()
        .class("choice")
        .child((
            el::input()
                .attr("type", "checkbox")
                .prop("checked", move || on.get())
                .on(ev::change, move |event| on.set(browser::is_checked(&event))),
            el::span().child(label.into()),
        ))
        .into_any()
}

/// A list to choose one of: values with their words.
pub(crate) fn choose(value: RwSignal<String>, options: Vec<(String, String)>) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(name, words)| {
            let own = name.clone();
            el::option()
                .attr("value", name)
                .prop("selected", move || value.get() == own)
                .child(words)
                .into_any()
        })
        .collect();
    el::select()
        .class("input")
        .on(ev::change, move |event| value.set(browser::value(&event)))
        .child(options)
        .into_any()
}

/// A list of languages, each named in itself; the value is a code.
pub(crate) fn choose_language(value: RwSignal<String>, among: &[Language]) -> AnyView {
    let options = among.iter();
    let options = options.map(|one| (one.code().to_owned(), one.own_name().to_owned()));
    choose(value, options.collect())
}

/// What went wrong, read out when it appears.
pub(crate) fn alert(error: RwSignal<Option<String>>) -> AnyView {
    el::div()
        .role("alert")
        .child(move || {
            error.get().map(|sentence| {
                el::p()
                    .class("message error")
                    .child((icon(Icon::Warning), el::span().child(sentence)))
            })
        })
        .into_any()
}

fn framed(
    id: &'static str,
    label: String,
    hint: String,
    hint_id: String,
    input: AnyView,
) -> AnyView {
    el::div()
        .class("field")
        .child((
            el::label().attr("for", id).child(label),
            el::span().id(hint_id).class("hint").child(hint),
            input,
        ))
        .into_any()
}
