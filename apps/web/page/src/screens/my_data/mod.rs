//! A client's own page: what is stored, download, consent, PIN, leaving.

mod report;

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, With};
use siegel_web_bridge::view::{Body, Standing};
use siegel_web_bridge::{Ask, MessageId, Reply, RoomId, Window};
use siegel_web_texts::{Language, Texts};
use tachys::html::element as el;
use tachys::prelude::*;

use super::conversation;
use super::dialog::Dialog;
use super::passkey;
use super::settings::look;
use super::shell::page;
use crate::app::App;
use crate::browser::{self, files, spawn};
use crate::ui::{button, soft, text};
use crate::worker;

const FIRST_LINES: u32 = 200;

/// A notice that this person decided about.
#[derive(Clone, PartialEq)]
struct Decision {
    room: RoomId,
    notice: MessageId,
    granted: bool,
}

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let protected = app.standing.with(|standing| {
        matches!(
            standing,
            Some(Standing::Open {
                protected: true,
                ..
            })
        )
    });
    let content = (
        el::section().child((
            text(texts.my_data_text()),
            soft(texts.who_can_read()),
            home_screen(texts),
        )),
        conversation::reading::emergency(texts, &app.emergency())
            .map(|numbers| el::section().class("card").child(numbers)),
        el::section().class("card").child((
            el::h2().child(texts.download_data()),
            text(texts.download_data_text()),
            button(texts.download_data(), "wide", move || download(app)),
        )),
        consents(app, texts),
        (!protected).then(|| {
            el::section().class("card").child((
                el::h2().child(texts.pin()),
                text(texts.pin_text()),
                button(texts.set_pin(), "wide", move || {
                    app.dialog.set(Some(Dialog::Pin));
                }),
            ))
        }),
        passkey::section(app, texts),
        protected.then(|| button(texts.lock_now(), "wide", move || app.lock())),
        el::section().class("card").child((
            el::h2().child(texts.leave_delete()),
            text(texts.leave_delete_text()),
            button(texts.leave_delete(), "danger wide", move || leave(app)),
        )),
        look(app, texts, &Language::ALL),
    );
    page(app, texts, texts.my_data(), content)
}

/// Browsers of phones delete what a page keeps that is not on the home screen.
fn home_screen(texts: Texts) -> Option<AnyView> {
    let in_browser = browser::matches("(display-mode: browser) and (pointer: coarse)");
    in_browser.then(|| {
        el::p()
            .class("message warning")
            .child(texts.home_screen_hint())
            .into_any()
    })
}

fn download(app: App) {
    spawn(async move {
        match worker::ask(Ask::MyData).await {
            Ok(Reply::MyData(data)) => {
                let written = report::write(app.texts_now(), &data);
                if let Some(file) = files::text(&written, "text/plain;charset=utf-8") {
                    files::save(&file, report::NAME);
                }
            }
            Ok(_) => {}
            Err(trouble) => app.complain(&trouble),
        }
    });
}

/// The decisions this person made, each with one button to change it.
fn consents(app: App, texts: Texts) -> AnyView {
    let decisions: RwSignal<Vec<Decision>> = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        app.lines.get();
        spawn(async move {
            let mut found = Vec::new();
            if let Ok(Reply::Rooms(rooms)) = worker::ask(Ask::Rooms).await {
                for card in rooms {
                    found.extend(decision(card.room).await);
                }
            }
            decisions.set(found);
        });
    });
    (move || {
        let cards: Vec<AnyView> = decisions
            .get()
            .into_iter()
            .map(|decision| consent(app, texts, decision))
            .collect();
        cards
    })
    .into_any()
}

/// The last decision of this person in a room.
async fn decision(room: RoomId) -> Option<Decision> {
    let Ok(Reply::Consents(consents)) = worker::ask(Ask::Consents(room.clone())).await else {
        return None;
    };
    let last = consents.into_iter().rfind(|consent| consent.person.own)?;
    let first = Ask::Lines {
        room: room.clone(),
        window: Window::After(0),
        most: FIRST_LINES,
    };
    let Ok(Reply::Lines(lines)) = worker::ask(first).await else {
        return None;
    };
    let fits = |body: &Body| {
        matches!(body, Body::Notice(notice) if notice.version == last.notice_version
            && notice.language == last.language)
    };
    let line = lines.lines.into_iter().find(|line| fits(&line.body))?;
    Some(Decision {
        room,
        notice: line.message?,
        granted: last.granted,
    })
}

fn consent(app: App, texts: Texts, decision: Decision) -> AnyView {
    let granted = decision.granted;
    let decide = move || {
        app.order(Ask::Consent {
            room: decision.room.clone(),
            notice: decision.notice.clone(),
            granted: !granted,
        });
    };
    let (sentence, label, look) = if granted {
        (
            texts.withdraw_consent_text(),
            texts.withdraw_consent(),
            "wide",
        )
    } else {
        (
            texts.consent_withdrawn(),
            texts.give_consent(),
            "wide primary",
        )
    };
    el::section()
        .class("card")
        .child((
            el::h2().child(texts.withdraw_consent()),
            text(sentence),
            button(label, look, decide),
        ))
        .into_any()
}

/// Says goodbye in every room, then deletes everything here, also when offline.
fn leave(app: App) {
    let texts = app.texts_now();
    app.confirm(texts.leave_delete_sure(), texts.leave_delete(), move || {
        spawn(async move {
            if let Ok(Reply::Rooms(rooms)) = worker::ask(Ask::Rooms).await {
                for card in rooms {
                    // Without a connection the room learns it by the device's silence.
                    worker::ask(Ask::Leave(card.room)).await.ok();
                }
            }
            app.wipe();
        });
    });
}
