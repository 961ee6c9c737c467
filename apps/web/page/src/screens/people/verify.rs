//! Knowing that somebody is who they are: four words, and what happens when it changes.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set};
use siegel_web_bridge::{Ask, PersonId, Reply, RoomId};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use crate::app::App;
use crate::browser::spawn;
use crate::screens::dialog::{close, heading};
use crate::ui::{button, text, working};
use crate::{trouble, worker};

/// What is known of the words.
#[derive(Clone)]
enum Stage {
    Computing,
    Words(Vec<String>),
    Failed(String),
    Differ,
}

/// Four words both people read to each other.
pub(in crate::screens) fn words(
    app: App,
    texts: Texts,
    room: RoomId,
    person: PersonId,
    name: String,
) -> AnyView {
    let stage = RwSignal::new(Stage::Computing);
    let (asked_room, asked_person) = (room.clone(), person.clone());
    spawn(async move {
        let ask = Ask::SafetyWords {
            room: asked_room,
            person: asked_person,
        };
        match worker::ask(ask).await {
            Ok(Reply::Words(words)) => stage.set(Stage::Words(words)),
            Ok(_) => {}
            Err(trouble) => {
                stage.set(Stage::Failed(trouble::sentence(app.texts_now(), &trouble)));
            }
        }
    });
    let body = move || match stage.get() {
        Stage::Computing => working(texts.verify_wait()),
        Stage::Failed(sentence) => el::div()
            .class("stack")
            .child((text(sentence), close(app, texts)))
            .into_any(),
        Stage::Differ => el::div()
            .class("stack")
            .child((
                el::p()
                    .class("message error")
                    .child(texts.verify_different_text()),
                close(app, texts),
            ))
            .into_any(),
        Stage::Words(words) => {
            let items: Vec<AnyView> = words
                .into_iter()
                .map(|word| el::li().child(word).into_any())
                .collect();
            let (room, person) = (room.clone(), person.clone());
            let same = move || {
                app.dialog.set(None);
                app.order(Ask::Verify {
                    room: room.clone(),
                    person: person.clone(),
                });
            };
            el::div()
                .class("stack")
                .child((
                    text(texts.verify_text()),
                    el::ol().class("words").attr("lang", "de").child(items),
                    button(texts.verify_same(), "primary wide", same),
                    button(texts.verify_different(), "danger wide", move || {
                        stage.set(Stage::Differ);
                    }),
                    close(app, texts),
                ))
                .into_any()
        }
    };
    el::div()
        .class("stack")
        .child((heading(texts.verify_title(&name)), body))
        .into_any()
}

/// Nothing is sent until a person has asked.
pub(in crate::screens) fn changed(app: App, texts: Texts, person: PersonId, name: &str) -> AnyView {
    let accept = move || {
        app.dialog.set(None);
        app.order(Ask::AcceptIdentity(person.clone()));
    };
    el::div()
        .class("stack")
        .child((
            heading(texts.changed_title(name)),
            text(texts.changed_text(name)),
            el::div().class("dialog-buttons").child((
                button(texts.changed_accept(), "danger", accept),
                button(texts.changed_wait(), "primary", move || {
                    app.dialog.set(None)
                }),
            )),
        ))
        .into_any()
}
