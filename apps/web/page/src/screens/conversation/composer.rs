//! The field to write in, with drafts, answers and edits.

use reactive_graph::computed::Memo;
use reactive_graph::owner::{LocalStorage, StoredValue, on_cleanup};
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, GetValue, Set, SetValue, With};
use siegel_web_bridge::{Ask, Compose};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::line::author;
use super::mentions::{self, Mentions};
use super::{Talk, attach, card, voice};
use crate::browser::{self, clock};
use crate::screens::dialog::Dialog;
use crate::ui::{Icon, IconButton, icon_button};
use crate::worker;

const DRAFT_MILLISECONDS: i32 = 700;
/// Others see “… is writing” for a little longer than this.
const TYPING_SECONDS: i64 = 5;

pub(super) fn view(talk: Talk) -> AnyView {
    let texts = talk.texts;
    on_cleanup(move || keep_what_is_typed(talk));
    let recording = RwSignal::new(false);
    let mentions = Mentions::new(talk);
    // Memos, so that news do not draw the field anew under somebody's hands.
    let writable = Memo::new(move |_| {
        talk.info
            .with(|info| info.as_ref().is_none_or(|info| info.writable))
    });
    let empty = Memo::new(move |_| talk.text.with(|text| text.trim().is_empty()));
    (move || {
        if !writable.get() {
            return None;
        }
        if recording.get() {
            return Some(
                el::div()
                    .class("composer")
                    .child(voice::view(talk, recording))
                    .into_any(),
            );
        }
        Some(
            el::form()
                .class("composer")
                .on(ev::submit, move |event| {
                    event.prevent_default();
                    send(talk);
                })
                .child((
                    context(talk),
                    attach::under_way(talk),
                    (!talk.app.is_client()).then(|| card::hint(talk)),
                    mentions.list(),
                    el::div().class("composer-row").child((
                        attach::chooser(talk),
                        (!talk.app.is_client()).then(|| {
                            icon_button(texts.data_card(), Icon::Card, move || {
                                talk.app.dialog.set(Some(Dialog::Card(talk, Vec::new())));
                            })
                        }),
                        field(talk, mentions),
                        move || match empty.get() {
                            true => {
                                icon_button(texts.record_voice(), Icon::Microphone, move || {
                                    recording.set(true);
                                })
                            }
                            false => IconButton {
                                label: texts.send().into(),
                                picture: Icon::Send,
                                look: "primary",
                            }
                            .view(move || send(talk)),
                        },
                    )),
                ))
                .into_any(),
        )
    })
    .into_any()
}

fn field(talk: Talk, mentions: Mentions) -> AnyView {
    let pause = StoredValue::new_local(None);
    let told = StoredValue::new_local(0_i64);
    let typed = move |event: web_sys::Event| {
        let text = browser::value(&event);
        talk.text.set(text.clone());
        mentions.typed(&text, browser::caret(&event));
        // What is typed over an own message is no draft.
        if talk.editing.get_untracked().is_some() {
            return;
        }
        tell_typing(talk, told, !text.is_empty());
        let unkept = (talk.room_now(), text.clone());
        talk.app.unkept.set(Some(unkept));
        let keep = move || {
            // What was sent in the meantime is no draft any more.
            if talk.text.try_get_untracked().as_ref() == Some(&text) {
                keep_draft(talk, text.clone());
            }
        };
        pause.set_value(clock::later(DRAFT_MILLISECONDS, keep));
    };
    let pressed = move |event: web_sys::KeyboardEvent| {
        if !event.is_composing() && mentions.pressed(&event.key()) {
            event.prevent_default();
            event.stop_propagation();
            return;
        }
        let sends = browser::matches("(pointer: fine)") && !event.shift_key();
        if event.key() == "Enter" && sends && !event.is_composing() {
            event.prevent_default();
            send(talk);
        }
        if event.key() == "Escape" {
            cancel(talk);
        }
    };
    el::textarea()
        .id("composer")
        .attr("rows", "1")
        .attr("dir", "auto")
        .aria_label(talk.texts.write_message())
        .attr("placeholder", talk.texts.write_message())
        .attr("aria-controls", move || {
            mentions.active().map(|_| mentions::LIST)
        })
        .attr("aria-activedescendant", move || mentions.active())
        .prop("value", move || talk.text.get())
        .on(ev::input, typed)
        .on(ev::keydown, pressed)
        .on(ev::paste, move |event: web_sys::ClipboardEvent| {
            let file = event
                .clipboard_data()
                .and_then(|data| attach::first(data.files()));
            if let Some(file) = file {
                event.prevent_default();
                attach::stage(talk, file);
            }
        })
        .into_any()
}

/// What is being answered or edited.
fn context(talk: Talk) -> AnyView {
    let texts = talk.texts;
    (move || {
        let label = if let Some(line) = talk.answering.get() {
            texts.reply_to(&author(texts, &line))
        } else {
            talk.editing.get()?;
            texts.editing().to_owned()
        };
        Some(el::div().class("composer-context").child((
            el::span().class("grow").child(label),
            icon_button(texts.cancel(), Icon::Close, move || cancel(talk)),
        )))
    })
    .into_any()
}

/// Who is writing.
pub(super) fn typing(talk: Talk) -> AnyView {
    let names = move || {
        let room = talk.room.get();
        talk.app.typing.with(|typing| {
            let here = typing.iter().filter(|(known, _)| *known == room);
            here.map(|(_, name)| match name.as_str() {
                "" => talk.texts.contact_person().to_owned(),
                name => name.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(", ")
        })
    };
    el::p()
        .class("typing")
        .child(move || match names() {
            nobody if nobody.is_empty() => String::new(),
            names => talk.texts.is_typing(&names),
        })
        .into_any()
}

fn cancel(talk: Talk) {
    talk.answering.set(None);
    if talk.editing.get_untracked().is_some() {
        talk.editing.set(None);
        talk.text.set(String::new());
    }
}

fn send(talk: Talk) {
    let body = talk.text.get_untracked().trim().to_owned();
    if body.is_empty() {
        return;
    }
    let what = match talk.editing.get_untracked() {
        Some(target) => Compose::Edit {
            target,
            mentions: mentions::named_in(talk, &body),
            body,
        },
        None => Compose::Text {
            mentions: mentions::named_in(talk, &body),
            body,
            reply_to: talk.answering.get_untracked().and_then(|line| line.message),
        },
    };
    clear(talk);
    talk.say(what);
    browser::focus("composer");
}

/// Empties the field and forgets the draft.
pub(super) fn clear(talk: Talk) {
    talk.text.set(String::new());
    talk.mentions.set(Vec::new());
    talk.answering.set(None);
    talk.editing.set(None);
    talk.at_end.set(true);
    keep_draft(talk, String::new());
}

fn keep_draft(talk: Talk, text: String) {
    if let Some(room) = talk.room.try_get_untracked() {
        talk.kept.set(text.clone());
        talk.app.unkept.set(None);
        talk.app.order(Ask::Draft { room, text });
    }
}

/// The field goes before typing has paused: to another room, or drawn in another language.
fn keep_what_is_typed(talk: Talk) {
    let (Some(room), Some(text)) = (talk.room.try_get_untracked(), talk.text.try_get_untracked())
    else {
        return;
    };
    let typed = talk.editing.try_get_untracked() == Some(None);
    if typed && talk.kept.try_get_untracked().as_ref() != Some(&text) {
        talk.app.unkept.set(None);
        browser::spawn(async move {
            // A vault that is locked in this moment takes no draft, and nothing can be done.
            worker::ask(Ask::Draft { room, text }).await.ok();
        });
    }
}

fn tell_typing(talk: Talk, told: StoredValue<i64, LocalStorage>, active: bool) {
    let now = clock::now();
    let last = told.try_get_value().unwrap_or(0);
    if active && now - last < TYPING_SECONDS {
        return;
    }
    told.set_value(if active { now } else { 0 });
    talk.app.order(Ask::Typing {
        room: talk.room_now(),
        active,
    });
}
