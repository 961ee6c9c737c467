//! The dialog that makes a data card.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Update};
use siegel_web_bridge::view::{CardField, DataCard, FieldKind};
use siegel_web_bridge::{Ask, Compose};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::super::Talk;
use crate::browser::{self, clock, spawn};
use crate::screens::dialog::{buttons, heading};
use crate::ui::{Icon, alert, button, choose, icon_button, soft};
use crate::{trouble, worker};

/// For how many days a field can be kept; 0 as long as the message.
const KEEP: [u32; 5] = [1, 7, 30, 90, 0];
/// What is offered at first, where the room keeps messages that long.
const USUAL: u32 = 30;
const ALWAYS: [FieldKind; 4] = [
    FieldKind::Name,
    FieldKind::BirthDate,
    FieldKind::Address,
    FieldKind::Phone,
];

/// A field as it is being filled in.
#[derive(Clone, Copy, PartialEq)]
struct Row {
    kind: FieldKind,
    label: RwSignal<String>,
    value: RwSignal<String>,
    keep: RwSignal<String>,
}

/// The dialog, with what was found in the message that was being written.
pub(in crate::screens) fn view(
    talk: Talk,
    texts: Texts,
    found: Vec<(FieldKind, String)>,
) -> AnyView {
    let instead = !found.is_empty();
    let retention = talk.info_now().map_or(0, |info| info.retention_days);
    let usual = if USUAL < retention { USUAL } else { 0 };
    let row = move |kind, label: &str, value: String| Row {
        kind,
        label: RwSignal::new(label.to_owned()),
        value: RwSignal::new(value),
        keep: RwSignal::new(usual.to_string()),
    };
    let known = |kind| {
        let known = found.iter().find(|(found, _)| *found == kind);
        known.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let always: Vec<Row> = ALWAYS
        .into_iter()
        .map(|kind| row(kind, "", known(kind)))
        .collect();
    let notes = found
        .iter()
        .filter(|(kind, _)| *kind == FieldKind::Other)
        .map(|(kind, value)| row(*kind, texts.card_note(), value.clone()));
    let others = RwSignal::new(notes.collect::<Vec<Row>>());
    let (error, busy) = (RwSignal::new(None), RwSignal::new(false));
    let fixed = always.clone();
    let send = move || {
        let rows = fixed.iter().copied().chain(others.get_untracked());
        let card = DataCard {
            fields: rows.map(|row| filled(texts, row)).collect(),
        };
        if card.fields.iter().all(|field| field.value.is_empty()) {
            error.set(Some(app_text(talk).card_empty().to_owned()));
            return;
        }
        if !busy.get_untracked() {
            busy.set(true);
            spawn(async move {
                let what = Compose::Card(card);
                let room = talk.room_now();
                match worker::ask(Ask::Say { room, what }).await {
                    Ok(_) => done(talk, instead),
                    Err(trouble) => error.set(Some(trouble::sentence(app_text(talk), &trouble))),
                }
                busy.try_set(false);
            });
        }
    };
    let drawn: Vec<AnyView> = always
        .into_iter()
        .map(|row| row_view(texts, row, retention, None))
        .collect();
    el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            send();
        })
        .child((
            heading(texts.data_card()),
            soft(texts.card_text()),
            drawn,
            move || {
                let rows = others.get();
                rows.into_iter()
                    .map(|row| row_view(texts, row, retention, Some(others)))
                    .collect::<Vec<AnyView>>()
            },
            button(texts.card_add(), "quiet", move || {
                others.update(|rows| rows.push(row(FieldKind::Other, "", String::new())));
            }),
            alert(error),
            buttons(
                talk.app,
                texts,
                el::button()
                    .attr("type", "submit")
                    .class("button primary")
                    .child(texts.card_send())
                    .into_any(),
            ),
        ))
        .into_any()
}

fn app_text(talk: Talk) -> Texts {
    talk.app.texts_now()
}

/// The card is in the outbox; the text it was made of has become it.
fn done(talk: Talk, instead: bool) {
    talk.app.dialog.set(None);
    if instead {
        talk.clear();
    }
    browser::focus("composer");
}

fn filled(texts: Texts, row: Row) -> CardField {
    let keep = row.keep.get_untracked().parse().unwrap_or(0);
    let label = row.label.get_untracked().trim().to_owned();
    let unnamed = row.kind == FieldKind::Other && label.is_empty();
    CardField {
        kind: row.kind,
        label: if unnamed {
            texts.card_note().to_owned()
        } else {
            label
        },
        value: row.value.get_untracked().trim().to_owned(),
        expires_day: match keep {
            0 => 0,
            // The day that has begun counts for nothing.
            days => clock::utc_day() + days + 1,
        },
    }
}

/// `others`: the row can be taken away from these.
fn row_view(texts: Texts, row: Row, retention: u32, others: Option<RwSignal<Vec<Row>>>) -> AnyView {
    let label = match row.kind {
        FieldKind::Name => texts.field_name(),
        FieldKind::BirthDate => texts.field_birth_date(),
        FieldKind::Address => texts.field_address(),
        FieldKind::Phone => texts.field_phone(),
        FieldKind::Other => texts.card_other_value(),
    };
    let (kind, autocapitalize) = match row.kind {
        FieldKind::Phone => ("tel", "off"),
        _ => ("text", "on"),
    };
    let keeps: Vec<(String, String)> = KEEP
        .into_iter()
        .filter(|days| *days < retention)
        .map(|days| {
            let words = match days {
                0 => texts.card_keep_message().to_owned(),
                days => texts.card_keep_days(u64::from(days)),
            };
            (days.to_string(), words)
        })
        .collect();
    let value = el::label().class("field grow").child((
        el::span().class("field-label").child(label),
        line(row.value, kind, autocapitalize),
    ));
    let keep = el::label().class("card-row-keep").child((
        el::span().class("sr-only").child(texts.card_keep()),
        choose(row.keep, keeps),
    ));
    el::div()
        .class("card-row")
        .attr("data-kind", format!("{:?}", row.kind))
        .child((
            others.map(|_| {
                el::label().class("field card-row-label").child((
                    el::span()
                        .class("field-label")
                        .child(texts.card_other_label()),
                    line(row.label, "text", "on"),
                ))
            }),
            value,
            keep,
            others.map(|others| {
                icon_button(texts.delete(), Icon::Close, move || {
                    others.update(|rows| rows.retain(|other| *other != row));
                })
            }),
        ))
        .into_any()
}

fn line(value: RwSignal<String>, kind: &'static str, autocapitalize: &'static str) -> AnyView {
    el::input()
        .attr("type", kind)
        .class("input")
        .attr("dir", "auto")
        .attr("autocomplete", "off")
        .attr("autocapitalize", autocapitalize)
        .prop("value", move || value.get())
        .on(ev::input, move |event| value.set(browser::value(&event)))
        .into_any()
}
