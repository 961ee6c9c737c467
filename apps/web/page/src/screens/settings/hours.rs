//! When this person reads: told to their clients, and silent outside.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, WithUntracked};
use siegel_web_bridge::Ask;
use siegel_web_bridge::view::Hours;
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::week::Week;
use crate::app::App;
use crate::browser::{self, dates, spawn};
use crate::ui::{Field, alert, soft};
use crate::{trouble, worker};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let told = app.profile.with_untracked(|profile| {
        let profile = profile.as_ref();
        profile
            .map(|profile| profile.hours.clone())
            .unwrap_or_default()
    });
    let week = Week::of(&told.spans);
    let note = RwSignal::new(told.note.clone());
    let away = RwSignal::new(dates::input_day(told.away_until));
    let error = RwSignal::new(None);
    let save = move || {
        let Some(spans) = week.spans() else {
            return error.set(Some(app.texts_now().hours_wrong().to_owned()));
        };
        let hours = Hours {
            spans,
            time_zone: dates::own_zone(),
            note: note.get_untracked(),
            // The organisation's numbers are told with it.
            emergency: Vec::new(),
            away_until: dates::end_of_input_day(&away.get_untracked()),
        };
        spawn(async move {
            match worker::ask(Ask::SetHours(hours)).await {
                Ok(_) => {
                    error.set(None);
                    app.say(app.texts_now().hours_saved());
                }
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        });
    };
    el::section()
        .id("hours")
        .child((
            el::h2().child(texts.hours()),
            soft(texts.hours_text()),
            el::form()
                .class("stack")
                .on(ev::submit, move |event| {
                    event.prevent_default();
                    save();
                })
                .child((
                    week.view(texts),
                    Field {
                        id: "hours-note",
                        label: texts.hours_note().into(),
                        hint: texts.hours_note_hint().into(),
                        value: note,
                        autocomplete: "off",
                    }
                    .line(),
                    el::label().class("field").child((
                        el::span().class("field-label").child(texts.hours_away()),
                        el::input()
                            .attr("type", "date")
                            .id("away")
                            .class("input")
                            .prop("value", move || away.get())
                            .on(ev::input, move |event| away.set(browser::value(&event))),
                    )),
                    alert(error),
                    el::button()
                        .attr("type", "submit")
                        .class("button")
                        .child(texts.hours_save()),
                )),
        ))
        .into_any()
}
