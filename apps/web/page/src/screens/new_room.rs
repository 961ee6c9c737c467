//! A new room with colleagues.

use std::collections::BTreeSet;

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{GetUntracked, Set};
use siegel_web_bridge::{Ask, Reply};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::people::add::colleagues;
use super::shell::page;
use crate::app::{App, Place};
use crate::browser::spawn;
use crate::ui::{Field, alert};
use crate::{trouble, worker};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let title = RwSignal::new(String::new());
    let chosen = RwSignal::new(BTreeSet::new());
    let error = RwSignal::new(None);
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
                Ok(Reply::Made(room)) => app.go(Place::Room(room)),
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
            colleagues(app, texts, chosen, None),
            alert(error),
            el::button()
                .attr("type", "submit")
                .class("button primary")
                .child(texts.create_room()),
        ));
    page(app, texts, texts.new_room(), form)
}
