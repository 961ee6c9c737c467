//! Would you like a PIN? Going on without one is as easy.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::{Ask, Protection, Secret};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use crate::app::App;
use crate::browser::spawn;
use crate::screens::solo::{seal, solo};
use crate::ui::{Field, Icon, alert, button, text, title, working};
use crate::{trouble, worker};

const PIN_CHARACTERS: usize = 6;

pub(super) fn view(app: App, texts: Texts, done: impl Fn() + Clone + Send + 'static) -> AnyView {
    let skip = done.clone();
    let content = (
        seal(Icon::Lock, false),
        title(texts.pin_title()),
        text(texts.pin_text()),
        form(app, texts, done),
        button(texts.pin_skip(), "quiet large wide", skip),
    );
    solo(app, texts, content)
}

/// The two fields and the button; also used in “My data”.
pub(crate) fn form(app: App, texts: Texts, done: impl Fn() + Clone + Send + 'static) -> AnyView {
    let pin = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let error = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let least = app.least_characters(PIN_CHARACTERS);
    let submit = move || {
        let texts = app.texts_now();
        let complaint = if pin.get_untracked().chars().count() < least {
            Some(texts.pin_short(&least.to_string()))
        } else if pin.get_untracked() != again.get_untracked() {
            Some(texts.pin_differs().to_owned())
        } else {
            None
        };
        let refused = complaint.is_some();
        error.set(complaint);
        if refused {
            return;
        }
        busy.set(true);
        let done = done.clone();
        spawn(async move {
            let protect = Ask::Protect {
                current: None,
                new: Protection::Pin(Secret(pin.get_untracked())),
            };
            let answer = worker::ask(protect).await;
            busy.set(false);
            match answer {
                Ok(_) => done(),
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        });
    };
    let field = |id, label: &str, value| Field {
        id,
        label: label.into(),
        hint: String::new(),
        value,
        autocomplete: "new-password",
    };
    el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            submit();
        })
        .child((
            field("pin", &texts.pin_choose(&least.to_string()), pin).secret(texts, true),
            field("pin-again", texts.pin_repeat(), again).secret(texts, true),
            alert(error),
            move || match busy.get() {
                true => working(texts.loading()),
                false => el::button()
                    .attr("type", "submit")
                    .class("button primary large wide")
                    .child(texts.pin_set())
                    .into_any(),
            },
        ))
        .into_any()
}
