//! One room: its lines, and the field to write in.

mod attach;
pub(super) mod card;
mod composer;
mod file;
pub(super) mod forward;
mod line;
mod lines;
mod mentions;
pub(super) mod reading;
mod system;
mod voice;
mod window;

use std::cell::Cell;

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With, WithUntracked};
use siegel_web_bridge::view::{Line, PersonRef, Room, RoomState};
use siegel_web_bridge::{Ask, MessageId, PersonId, Reply, RoomId};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

pub(super) use attach::staged_view;
pub(super) use line::author;
pub(super) use system::sentence;
use window::Held;

use super::dialog::Dialog;
use super::shell::{back, room_name};
use super::solo;
use crate::app::{App, Place};
use crate::browser::{self, Turns};
use crate::ui::{Icon, button, icon, icon_button};
use crate::worker;

thread_local! {
    /// The line a search wants to see in the room that opens next.
    static AIM: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Shows this line when the next room opens.
pub(super) fn aim(seq: u64) {
    AIM.set(Some(seq));
}

/// What an open room consists of.
#[derive(Clone, Copy)]
pub(crate) struct Talk {
    app: App,
    texts: Texts,
    room: RwSignal<RoomId>,
    info: RwSignal<Option<Room>>,
    held: RwSignal<Held>,
    /// Where reading had stopped when the room was opened.
    read_before: RwSignal<Option<u64>>,
    /// The last line is on the screen.
    at_end: RwSignal<bool>,
    text: RwSignal<String>,
    /// What of it the vault has as a draft.
    kept: RwSignal<String>,
    /// Who was named while it was written, with the name that was put in.
    mentions: RwSignal<Vec<(PersonId, String)>>,
    answering: RwSignal<Option<Line>>,
    editing: RwSignal<Option<MessageId>>,
}

impl Talk {
    /// Which room it is.
    pub(super) fn room_now(self) -> RoomId {
        self.room.get_untracked()
    }

    /// What is known of it.
    pub(super) fn info_now(self) -> Option<Room> {
        self.info.get_untracked()
    }

    /// Begins an answer to a line.
    pub(super) fn answer(self, line: Line) {
        self.editing.set(None);
        self.answering.set(Some(line));
        browser::focus("composer");
    }

    /// Puts an own message back into the field.
    pub(super) fn edit(self, message: MessageId, body: String, mentions: &[PersonRef]) {
        let named = mentions.iter();
        let named = named.map(|person| (person.person.clone(), person.name.clone()));
        self.mentions.set(named.collect());
        self.answering.set(None);
        self.editing.set(Some(message));
        self.text.set(body);
        browser::focus("composer");
    }

    /// Empties the field: what stood there has become something else.
    pub(super) fn clear(self) {
        composer::clear(self);
    }

    /// Says something.
    pub(super) fn say(self, what: siegel_web_bridge::Compose) {
        self.app.order(Ask::Say {
            room: self.room_now(),
            what,
        });
    }

    /// Takes a message that failed out of the outbox.
    pub(super) fn discard(self, message: MessageId) {
        self.app.order(Ask::Discard {
            room: self.room_now(),
            message,
        });
    }
}

pub(super) fn view(app: App, texts: Texts, room: RoomId) -> AnyView {
    let talk = Talk {
        app,
        texts,
        room: RwSignal::new(room),
        info: RwSignal::new(None),
        held: RwSignal::new(Held::default()),
        read_before: RwSignal::new(None),
        at_end: RwSignal::new(AIM.get().is_none()),
        text: RwSignal::new(String::new()),
        kept: RwSignal::new(String::new()),
        mentions: RwSignal::new(Vec::new()),
        answering: RwSignal::new(None),
        editing: RwSignal::new(None),
    };
    let turns = Turns::new();
    Effect::new(move |_| {
        app.lines.get();
        app.people.get();
        turns.take(move || load_info(talk));
    });
    window::keep(talk, AIM.take());
    (
        header(talk),
        state_banner(talk),
        reading::banner(talk),
        lines::view(talk),
        composer::view(talk),
    )
        .into_any()
}

async fn load_info(talk: Talk) {
    let Some(room) = talk.room.try_get_untracked() else {
        return;
    };
    let answer = worker::ask(Ask::Room(room)).await;
    // The room may have been left in the meantime.
    let Some(read_before) = talk.read_before.try_get_untracked() else {
        return;
    };
    match answer {
        Ok(Reply::Room(info)) => {
            if read_before.is_none() {
                talk.read_before.set(Some(info.read_up_to));
                // Who was quicker than the answer has begun something new.
                if talk.text.with_untracked(String::is_empty) {
                    talk.text.set(info.draft.clone());
                }
                talk.kept.set(info.draft.clone());
                if browser::matches("(pointer: fine)") {
                    browser::before_paint(|| browser::focus("composer"));
                }
            }
            talk.info.set(Some(*info));
            // What appears above the lines leaves less room for them.
            if talk.at_end.get_untracked() {
                browser::before_paint(lines::scroll_to_end);
            }
        }
        Ok(_) => {}
        Err(_) => talk.app.place.set(Place::Rooms),
    }
}

fn header(talk: Talk) -> AnyView {
    let Talk { app, texts, .. } = talk;
    let client = app.is_client();
    let name = move || {
        talk.info.with(|info| {
            let title = info.as_ref().map_or("", |info| info.card.title.as_str());
            room_name(texts, title)
        })
    };
    let second = move || {
        talk.info.with(|info| match info {
            None => String::new(),
            Some(info) if client => texts.messages_live(u64::from(info.retention_days)),
            Some(info) => texts.people_count(u64::from(info.card.members)),
        })
    };
    let members = move || app.go(Place::Members(talk.room_now()));
    let one_room = move || client && app.rooms.with(|rooms| rooms.len() <= 1);
    el::header()
        .class("bar")
        .child((
            move || (!one_room()).then(|| el::span().class("only-narrow").child(back(texts))),
            el::div().class("bar-title").child((
                el::h1()
                    .id("title")
                    .tabindex("-1")
                    .child(el::bdi().child(name)),
                el::p().class("small soft").child(second),
            )),
            icon_button(texts.members(), Icon::People, members),
            match client {
                true => (
                    icon_button(texts.my_data(), Icon::Gear, move || app.go(Place::MyData)),
                    solo::quick_exit(app, texts),
                )
                    .into_any(),
                false => icon_button(texts.room_menu(), Icon::More, move || {
                    app.dialog.set(Some(Dialog::Room(talk)));
                }),
            },
        ))
        .into_any()
}

/// What is wrong with the room, and what to do.
fn state_banner(talk: Talk) -> AnyView {
    let Talk { app, texts, .. } = talk;
    (move || {
        let info = talk.info.get()?;
        let room = info.card.room.clone();
        let banner = |said: &'static str, does: Option<AnyView>| {
            Some(
                el::div()
                    .class("banner")
                    .role("status")
                    .child((icon(Icon::Warning), el::span().child(said), does))
                    .into_any(),
            )
        };
        if info.blocked {
            let look = button(texts.verify(), "", move || {
                app.go(Place::Members(room.clone()));
            });
            return banner(texts.blocked(), Some(look));
        }
        match info.card.state {
            RoomState::Active | RoomState::Creating => None,
            RoomState::Settling => banner(texts.room_settling(), None),
            RoomState::Removed | RoomState::Closed => banner(texts.room_closed(), None),
            RoomState::Refused => banner(texts.line_refused(), None),
            RoomState::RolledBack => banner(texts.rolled_back(), None),
            RoomState::SplitView => banner(texts.line_split(), None),
            RoomState::OutOfStep if app.is_client() => banner(texts.out_of_step(), None),
            RoomState::OutOfStep if info.manager => {
                let realign = button(texts.realign(), "", move || {
                    let (texts, room) = (app.texts_now(), room.clone());
                    app.confirm(texts.realign_text(), texts.realign(), move || {
                        app.order(Ask::Repair(room.clone()));
                    });
                });
                banner(texts.out_of_step_manager(), Some(realign))
            }
            RoomState::OutOfStep => banner(texts.out_of_step_staff(), None),
            RoomState::Contested => {
                let repair = info.manager.then(|| {
                    button(texts.repair(), "", move || {
                        let (texts, room) = (app.texts_now(), room.clone());
                        app.confirm(texts.repair_text(), texts.repair(), move || {
                            app.order(Ask::Repair(room.clone()));
                        });
                    })
                });
                banner(texts.contested(), repair)
            }
        }
    })
    .into_any()
}
