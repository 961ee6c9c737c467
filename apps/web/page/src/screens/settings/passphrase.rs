//! Another passphrase for this device.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::{Ask, Protection, Secret};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use crate::app::App;
use crate::browser::spawn;
use crate::screens::arrival::{PASSPHRASE_CHARACTERS, strength};
use crate::screens::dialog::{buttons, heading};
use crate::ui::{Field, alert, working};
use crate::{trouble, worker};

pub(in crate::screens) fn view(app: App, texts: Texts) -> AnyView {
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let error = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let submit = move || {
        let least = app.least_characters(PASSPHRASE_CHARACTERS);
        if new.get_untracked().chars().count() < least {
            error.set(Some(app.texts_now().passphrase_short(&least.to_string())));
            return;
        }
        if new.get_untracked() != again.get_untracked() {
            error.set(Some(app.texts_now().passphrase_differs().to_owned()));
            return;
        }
        busy.set(true);
        spawn(async move {
            let protect = Ask::Protect {
                current: Some(Secret(current.get_untracked())),
                new: Protection::Passphrase(Secret(new.get_untracked())),
            };
            let answer = worker::ask(protect).await;
            busy.set(false);
            match answer {
                Ok(_) => {
                    app.dialog.set(None);
                    app.say(app.texts_now().passphrase_changed());
                }
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        });
    };
    let field = |id, label: &str, value, autocomplete| {
        Field {
            id,
            label: label.into(),
            hint: String::new(),
            value,
            autocomplete,
        }
        .secret(texts, false)
    };
    el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            submit();
        })
        .child((
            heading(texts.change_passphrase()),
            field(
                "current",
                texts.passphrase_current(),
                current,
                "current-password",
            ),
            field("new", texts.passphrase_new(), new, "new-password"),
            strength(texts, new),
            field("again", texts.passphrase_repeat(), again, "new-password"),
            alert(error),
            move || match busy.get() {
                true => working(texts.loading()),
                false => buttons(
                    app,
                    texts,
                    el::button()
                        .attr("type", "submit")
                        .class("button primary")
                        .child(texts.save())
                        .into_any(),
                ),
            },
        ))
        .into_any()
}
