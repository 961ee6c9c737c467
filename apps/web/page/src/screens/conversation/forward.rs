//! Saying again in another room what was said in this one, with a reason.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, WithUntracked};
use siegel_web_bridge::view::{Body, Forwarded, Line, RoomCard, RoomState};
use siegel_web_bridge::{Ask, MessageId, RoomId};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::Talk;
use crate::browser::{dates, spawn};
use crate::screens::dialog::{buttons, close, heading};
use crate::screens::shell::room_name;
use crate::ui::{Field, Icon, alert, icon, soft};
use crate::{trouble, worker};

/// Whether a line can be said again elsewhere.
pub(in crate::screens) fn can_be(line: &Line) -> bool {
    matches!(line.body, Body::Text { .. } | Body::File(_) | Body::Card(_))
}

/// Where a message comes from, above what it says.
pub(super) fn origin(texts: Texts, forwarded: &Forwarded) -> AnyView {
    let mut first = match forwarded.author.as_str() {
        "" => texts.forwarded().to_owned(),
        name => texts.forwarded_from(name),
    };
    if forwarded.said_at > 0 {
        first = format!("{first} · {}", dates::short(texts, forwarded.said_at));
    }
    let reason = (!forwarded.reason.is_empty())
        .then(|| el::span().child(texts.forwarded_reason(&forwarded.reason)));
    el::p()
        .class("origin")
        .child((
            icon(Icon::Forward),
            el::span()
                .class("stack-none")
                .child((el::span().child(first), reason)),
        ))
        .into_any()
}

/// The dialog: where to, and why.
pub(in crate::screens) fn dialog(talk: Talk, texts: Texts, message: MessageId) -> AnyView {
    let app = talk.app;
    let here = talk.room_now();
    let takes = |card: &RoomCard| {
        card.room != here && !matches!(card.state, RoomState::Removed | RoomState::Closed)
    };
    let rooms: Vec<RoomCard> = app
        .rooms
        .with_untracked(|rooms| rooms.iter().filter(|card| takes(card)).cloned().collect());
    if rooms.is_empty() {
        return el::div()
            .class("stack")
            .child((
                heading(texts.forward()),
                soft(texts.forward_none()),
                close(app, texts),
            ))
            .into_any();
    }
    let to: RwSignal<Option<RoomCard>> = RwSignal::new(None);
    let reason = RwSignal::new(String::new());
    let error = RwSignal::new(None);
    let choices: Vec<AnyView> = rooms
        .into_iter()
        .map(|card| choice(texts, card, to))
        .collect();
    let send = move || {
        let texts = app.texts_now();
        let why = reason.get_untracked().trim().to_owned();
        let Some(room) = to.get_untracked() else {
            return error.set(Some(texts.forward_room_missing().to_owned()));
        };
        if why.is_empty() {
            return error.set(Some(texts.forward_reason_missing().to_owned()));
        }
        order(talk, message.clone(), room.room, why, error);
    };
    el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            send();
        })
        .child((
            heading(texts.forward()),
            el::fieldset()
                .class("stack-tight")
                .child((el::legend().child(texts.forward_to()), choices)),
            el::div().role("status").child(move || {
                let with_client = to.get().is_some_and(|card| card.has_client);
                with_client.then(|| {
                    el::p().class("message warning").child((
                        icon(Icon::Warning),
                        el::span().child(texts.forward_client()),
                    ))
                })
            }),
            Field {
                id: "forward-reason",
                label: texts.forward_reason().into(),
                hint: texts.forward_reason_hint().into(),
                value: reason,
                autocomplete: "off",
            }
            .line(),
            alert(error),
            buttons(
                app,
                texts,
                el::button()
                    .attr("type", "submit")
                    .class("button primary")
                    .child(texts.forward())
                    .into_any(),
            ),
        ))
        .into_any()
}

fn choice(texts: Texts, card: RoomCard, to: RwSignal<Option<RoomCard>>) -> AnyView {
    let name = room_name(texts, &card.title);
    let client = card.has_client;
    el::label()
        .class("choice")
        .child((
            el::input()
                .attr("type", "radio")
                .attr("name", "forward-to")
                .on(ev::change, move |_| to.set(Some(card.clone()))),
            el::span().class("grow").child(el::bdi().child(name)),
            client.then(|| el::span().class("badge client").child(texts.client_room())),
        ))
        .into_any()
}

fn order(
    talk: Talk,
    message: MessageId,
    to: RoomId,
    reason: String,
    error: RwSignal<Option<String>>,
) {
    let app = talk.app;
    let ask = Ask::Forward {
        from: talk.room_now(),
        message,
        to,
        reason,
    };
    spawn(async move {
        match worker::ask(ask).await {
            Ok(_) => {
                app.dialog.set(None);
                app.say(app.texts_now().forwarded_done());
            }
            Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
        }
    });
}
