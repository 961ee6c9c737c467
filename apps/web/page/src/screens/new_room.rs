//! A new room with colleagues.

use std::collections::BTreeSet;

use reactive_graph::computed::Memo;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With};
use siegel_web_bridge::{Ask, Reply};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::people::add::{boxes, colleagues};
use super::shell::page;
use crate::app::{App, Place};
use crate::browser::spawn;
use crate::ui::{Field, alert};
use crate::{trouble, worker};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let title = RwSignal::new(String::new());
    let chosen = RwSignal::new(BTreeSet::new());
    let error = RwSignal::new(None);
    let people = colleagues(app, None);
    let known = Memo::new(move |_| people.with(Option::is_some));
    let make = move || {
        let named = title.get_untracked().trim().to_owned();
        if named.is_empty() {
            error.set(Some(app.texts_now().room_title_missing().to_owned()));
            return;
        }
        spawn(async move {
            let create = Ask::CreateRoom {
                title: named,
                with: chosen.get_untracked().into_iter().collect(),
            };
            match worker::ask(create).await {
                Ok(Reply::Made(room)) => app.go_on(Place::Room(room)),
                Ok(_) => {}
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        });
    };
    let form = el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            make();
        })
        .child((
            Field {
                id: "new-room-title",
                label: texts.room_title().into(),
                hint: texts.room_title_hint().into(),
                value: title,
                autocomplete: "off",
            }
            .line(),
            // Only with the list above it, or the button would move away under the finger.
            move || {
                known.get().then(|| {
                    (
                        boxes(texts, people, chosen),
                        alert(error),
                        el::button()
                            .attr("type", "submit")
                            .class("button primary")
                            .child(texts.create_room()),
                    )
                })
            },
        ));
    page(app, texts, texts.new_room(), form)
}
