//! A client arrives: language, notice, consent, an optional PIN, and the room.

mod agree;
mod language;
mod pin;

pub(super) use pin::form as pin_form;

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, WithUntracked};
use siegel_web_bridge::view::{Body, Link, Notice, PendingWhat, RoomCard, Standing};
use siegel_web_bridge::{Ask, MessageId, Protection, Reply, RoomId, Secret, Trouble, Window};
use siegel_web_texts::{Language, Texts};
use tachys::prelude::*;

use super::solo::{seal, solo};
use crate::app::{App, Place};
use crate::browser::{clock, history, spawn};
use crate::ui::{Icon, button, text, title, working};
use crate::{trouble, worker};

/// Lines looked through for the notice: it stands at the room's beginning.
const FIRST_LINES: u32 = 200;
/// How long the first lines are waited for, before the person is told to try again.
const MOST_SECONDS: i64 = 45;
/// They are looked for without news as well, now and then.
const LOOK_MILLISECONDS: i32 = 1_000;

/// The steps of arriving.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Nobody has come to this screen yet.
    Before,
    Language,
    Opening,
    Failed(Trouble),
    Agree(Found),
    Declined(Found),
    Pin,
}

/// A notice in a room, in the client's language where there is one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    room: RoomId,
    message: MessageId,
    notice: Notice,
}

/// How far the arrival is. Outlives the drawing of its screens, so that a change of language
/// opens nothing twice.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    step: RwSignal<Step>,
    /// The room may be shown.
    pub(super) done: RwSignal<bool>,
}

impl Arrival {
    pub(super) fn new(app: App) -> Self {
        let arrival = Self {
            step: RwSignal::new(Step::Before),
            done: RwSignal::new(false),
        };
        let Self { step, done } = arrival;
        Effect::new(move |_| {
            if step.get() == Step::Opening {
                spawn(async move {
                    match open(app).await {
                        Ok(Some(found)) => step.set(Step::Agree(found)),
                        Ok(None) => finish(app, done),
                        Err(trouble) => step.set(Step::Failed(trouble)),
                    }
                });
            }
        });
        arrival
    }
}

pub(super) fn view(app: App, texts: Texts, arrival: Arrival) -> AnyView {
    let Arrival { step, done } = arrival;
    if step.get_untracked() == Step::Before {
        step.set(match app.language_chosen.get_untracked() {
            true => Step::Opening,
            false => Step::Language,
        });
    }
    (move || match step.get() {
        Step::Language => language::view(app, texts, step),
        Step::Before | Step::Opening => {
            let content = (
                seal(Icon::Bubble, false),
                title(texts.guest_welcome()),
                working(texts.guest_opening()),
            );
            solo(app, texts, content)
        }
        Step::Failed(trouble) => {
            let content = (
                seal(Icon::Warning, true),
                title(texts.guest_welcome()),
                text(trouble::sentence(texts, &trouble)),
                button(texts.again(), "primary wide", move || {
                    step.set(Step::Opening);
                }),
            );
            solo(app, texts, content)
        }
        Step::Agree(found) => agree::view(app, texts, step, done, found),
        Step::Declined(found) => {
            let content = (
                seal(Icon::Check, false),
                title(texts.declined_title()),
                text(texts.declined_text()),
                button(texts.back(), "wide", move || {
                    step.set(Step::Agree(found.clone()));
                }),
            );
            solo(app, texts, content)
        }
        Step::Pin => pin::view(app, texts, move || finish(app, done)),
    })
    .into_any()
}

/// Opens the link, if that was not done yet, and finds the notice that waits for an answer.
async fn open(app: App) -> Result<Option<Found>, Trouble> {
    // The language may have been chosen before the worker was there.
    while app.standing.with_untracked(Option::is_none) {
        app.next_news(LOOK_MILLISECONDS).await;
    }
    let standing = app.standing.get_untracked();
    let joined = matches!(standing, Some(Standing::Open { joined: true, .. }));
    if !joined {
        let link = Secret(app.link.get_untracked().unwrap_or_default());
        // One that was cut off is told before a vault is made for it.
        worker::ask(Ask::ReadLink(link.clone())).await?;
        if !matches!(standing, Some(Standing::Open { .. })) {
            worker::ask(Ask::Create(Protection::ThisBrowser)).await?;
        }
        let join = Ask::Join {
            link,
            name: String::new(),
            position: String::new(),
        };
        worker::ask(join).await?;
        history::forget_link();
        app.link.set(None);
    }
    let known = || (app.lines.get_untracked(), app.connection.get_untracked());
    let end = clock::now() + MOST_SECONDS;
    while clock::now() < end {
        let before = known();
        match look(app).await? {
            Notices::Waiting(found) => return Ok(Some(found)),
            Notices::Answered => return Ok(None),
            // The room's first lines are still on their way.
            Notices::None if known() == before => app.next_news(LOOK_MILLISECONDS).await,
            Notices::None => {}
        }
    }
    Err(Trouble::Offline)
}

/// What all rooms say of notices.
async fn look(app: App) -> Result<Notices, Trouble> {
    let Reply::Rooms(rooms) = worker::ask(Ask::Rooms).await? else {
        return Ok(Notices::None);
    };
    let mut answered = 0;
    let count = rooms.len();
    for card in rooms {
        match notice_of(app, card.room, !app.came_by_link.get_untracked()).await? {
            Notices::Waiting(found) => return Ok(Notices::Waiting(found)),
            Notices::Answered => answered += 1,
            Notices::None => {}
        }
    }
    Ok(match count > 0 && answered == count {
        true => Notices::Answered,
        false => Notices::None,
    })
}

/// What a room says of notices.
enum Notices {
    Waiting(Found),
    /// It was answered, or there is nothing to answer.
    Answered,
    /// None has arrived so far.
    None,
}

/// `returning`: the room's beginning was here before; what is missing of it has expired.
async fn notice_of(app: App, room: RoomId, returning: bool) -> Result<Notices, Trouble> {
    if let Reply::Consents(consents) = worker::ask(Ask::Consents(room.clone())).await?
        && consents.iter().any(|consent| consent.person.own)
    {
        return Ok(Notices::Answered);
    }
    let first = Ask::Lines {
        room: room.clone(),
        window: Window::After(0),
        most: FIRST_LINES,
    };
    let Reply::Lines(lines) = worker::ask(first).await? else {
        return Ok(Notices::None);
    };
    let answers = |what: &PendingWhat| matches!(what, PendingWhat::Line(body) if matches!(**body, Body::Consent { .. }));
    if lines.pending.iter().any(|pending| answers(&pending.what)) {
        return Ok(Notices::Answered);
    }
    let notices: Vec<Found> = lines
        .lines
        .into_iter()
        .filter_map(|line| match (line.body, line.message) {
            (Body::Notice(notice), Some(message)) => Some(Found {
                room: room.clone(),
                message,
                notice,
            }),
            _ => None,
        })
        .collect();
    let wanted = app.language.get_untracked();
    let speaks = |found: &&Found| Language::from_code(&found.notice.language) == Some(wanted);
    let complete = returning || app.connection.get_untracked() == Link::Online;
    let spoken = notices.iter().rev().find(speaks);
    // Another language is only offered when the person's own is certainly not among them.
    let chosen = spoken.or(notices.last().filter(|_| complete));
    Ok(match chosen {
        Some(found) => Notices::Waiting(found.clone()),
        None if complete => Notices::Answered,
        None => Notices::None,
    })
}

/// On to the room.
fn finish(app: App, done: RwSignal<bool>) {
    done.set(true);
    let begin = move |rooms: &[RoomCard]| {
        if let [only] = rooms {
            app.begin_at(Place::Room(only.room.clone()));
        }
    };
    let known = app.rooms.get_untracked();
    if !known.is_empty() {
        return begin(&known);
    }
    spawn(async move {
        if let Ok(Reply::Rooms(rooms)) = worker::ask(Ask::Rooms).await {
            begin(&rooms);
        }
    });
}
