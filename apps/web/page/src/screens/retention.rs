//! How long messages live in a room.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{GetUntracked, Set, WithUntracked};
use siegel_web_bridge::{Ask, RoomId};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::dialog::{buttons, heading};
use crate::app::App;
use crate::browser::spawn;
use crate::ui::{Field, alert, soft};
use crate::{trouble, worker};

/// The dialog, with the days that hold so far.
pub(super) fn view(app: App, texts: Texts, room: RoomId, current: u32) -> AnyView {
    let most = app
        .profile
        .with_untracked(|profile| profile.as_ref().map(|one| one.policy.retention_days))
        .unwrap_or(current);
    let days = RwSignal::new(current.min(most).to_string());
    let error = RwSignal::new(None);
    let save = move || {
        let texts = app.texts_now();
        let wished = days.get_untracked().trim().parse::<u32>().ok();
        let Some(wished) = wished.filter(|wished| (1..=most).contains(wished)) else {
            return error.set(Some(texts.policy_range("1", &most.to_string())));
        };
        let room = room.clone();
        spawn(async move {
            match worker::ask(Ask::SetRetention { room, days: wished }).await {
                Ok(_) => {
                    app.dialog.set(None);
                    app.say(app.texts_now().retention_saved());
                }
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        });
    };
    el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            save();
        })
        .child((
            heading(texts.retention()),
            soft(texts.retention_text(&most.to_string())),
            Field {
                id: "retention-days",
                label: texts.retention_days().into(),
                hint: String::new(),
                value: days,
                autocomplete: "off",
            }
            .number(),
            alert(error),
            buttons(
                app,
                texts,
                el::button()
                    .attr("type", "submit")
                    .class("button primary")
                    .child(texts.save())
                    .into_any(),
            ),
        ))
        .into_any()
}
