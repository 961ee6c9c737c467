//! The list of lines: drawing, scrolling, and what counts as read.

use std::hash::{DefaultHasher, Hash, Hasher};

use reactive_graph::computed::Memo;
use reactive_graph::effect::Effect;
use reactive_graph::owner::Owner;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With, WithUntracked};
use siegel_web_bridge::Ask;
use siegel_web_bridge::view::{Body, Line, Notice, Pending, PendingWhat};
use siegel_web_texts::Language;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;
use tachys::reactive_graph::OwnedView;
use tachys::view::keyed::keyed;

use super::window::{jump_to_end, load_after, load_before};
use super::{Talk, attach, line, system};
use crate::browser::{before_paint, by_id, dates, document};
use crate::ui::{Icon, IconButton};

const LIST: &str = "lines";
/// So near to an edge, in pixels, more is loaded.
const NEAR: i32 = 900;
/// So near to the end counts as being there.
const END: i32 = 60;
/// Messages further apart begin a group of their own.
const GROUP_SECONDS: i64 = 600;

/// A line with what its neighbours make of it.
#[derive(Clone)]
struct Row {
    key: (u64, usize, u64),
    day: Option<i64>,
    new_begins: bool,
    first_of_group: bool,
    what: What,
}

#[derive(Clone)]
enum What {
    Line(Box<Line>),
    Pending(Pending),
}

pub(super) fn view(talk: Talk) -> AnyView {
    let busy = RwSignal::new(false);
    let rows = Memo::new_with_compare(move |_| rows(talk), |_, _| true);
    mark_read(talk);
    let scrolled = move |_| {
        let Some(list) = by_id(LIST) else {
            return;
        };
        let below = list.scroll_height() - list.client_height() - list.scroll_top();
        let whole = talk.held.with_untracked(|held| !held.more_after);
        let at_end = whole && below < END;
        if at_end != talk.at_end.get_untracked() {
            talk.at_end.set(at_end);
        }
        if list.scroll_top() < NEAR {
            load_before(talk, busy);
        }
        if below < NEAR {
            load_after(talk, busy);
        }
    };
    let parent = Owner::current().unwrap_or_default();
    let draw = move |_, row: Row| {
        let owner = parent.with(Owner::new);
        let view = owner.with(|| row_view(talk, row));
        (drop::<usize>, OwnedView::new_with_owner(view, owner))
    };
    let list = move || keyed(rows.get(), |row: &Row| row.key, draw.clone());
    let empty = move || {
        let nothing = talk
            .held
            .with(|held| held.ready && held.lines.is_empty() && held.pending.is_empty());
        nothing.then(|| el::p().class("empty").child(talk.texts.room_empty()))
    };
    let dragging = RwSignal::new(false);
    let writable = move || {
        talk.info
            .with_untracked(|info| info.as_ref().is_some_and(|info| info.writable))
    };
    el::div()
        .class("lines-box")
        .on(ev::dragover, move |event: web_sys::DragEvent| {
            event.prevent_default();
            dragging.set(writable());
        })
        .on(ev::drop, move |event: web_sys::DragEvent| {
            event.prevent_default();
            dragging.set(false);
            let file = event
                .data_transfer()
                .and_then(|data| attach::first(data.files()));
            if let Some(file) = file.filter(|_| writable()) {
                attach::stage(talk, file);
            }
        })
        .child((
            el::section()
                .id(LIST)
                .class("lines")
                .tabindex("0")
                .aria_labelledby("title")
                .on(ev::scroll, scrolled)
                .child((empty, list)),
            to_end(talk),
            move || {
                dragging.get().then(|| {
                    el::div()
                        .class("drop")
                        .on(ev::dragleave, move |_| dragging.set(false))
                        .child(talk.texts.drop_here())
                })
            },
            super::composer::typing(talk),
        ))
        .into_any()
}

fn to_end(talk: Talk) -> AnyView {
    (move || {
        (!talk.at_end.get()).then(|| {
            el::div().class("to-end").child(
                IconButton {
                    label: talk.texts.newest().into(),
                    picture: Icon::Down,
                    look: "primary",
                }
                .view(move || jump_to_end(talk)),
            )
        })
    })
    .into_any()
}

/// What is on the screen at the end of a room has been read.
fn mark_read(talk: Talk) {
    let marked = RwSignal::new(0);
    Effect::new(move |_| {
        let last = talk
            .held
            .with(|held| held.lines.last().map(|line| line.seq));
        let seen = talk.at_end.get() && !document().hidden();
        if let Some(last) = last.filter(|last| seen && *last > marked.get_untracked()) {
            marked.set(last);
            talk.app.order(Ask::MarkRead {
                room: talk.room_now(),
                up_to: last,
            });
        }
    });
}

fn rows(talk: Talk) -> Vec<Row> {
    let held = talk.held.get();
    let read_before = talk.read_before.get();
    let mut rows: Vec<Row> = Vec::with_capacity(held.lines.len() + held.pending.len());
    let mut before: Option<Line> = None;
    let mut new_shown = false;
    let own_language = talk.texts.spoken();
    let speaks = |notice: &Notice| Language::from_code(&notice.language) == Some(own_language);
    let readable = held.lines.iter().any(|line| match &line.body {
        Body::Notice(notice) => speaks(notice),
        _ => false,
    });
    for line in held.lines {
        // One notice is enough: the others say the same in other languages.
        if readable && matches!(&line.body, Body::Notice(notice) if !speaks(notice)) {
            continue;
        }
        let place = match &before {
            Some(last) if last.seq == line.seq => rows.last().map_or(0, |row| row.key.1 + 1),
            _ => 0,
        };
        let day = dates::local_day(line.at);
        let other_day = before.as_ref().map(|last| dates::local_day(last.at)) != Some(day);
        let begins = !new_shown
            && !line.own
            && before.is_some()
            && read_before.is_some_and(|read| read > 0 && line.seq > read);
        new_shown |= begins;
        let first_of_group = other_day || begins || !continues(before.as_ref(), &line);
        let key = (
            line.seq,
            place,
            fingerprint(&(other_day, begins, first_of_group), &line),
        );
        rows.push(Row {
            key,
            day: other_day.then_some(line.at),
            new_begins: begins,
            first_of_group,
            what: What::Line(Box::new(line.clone())),
        });
        before = Some(line);
    }
    for (place, pending) in held.pending.into_iter().enumerate() {
        rows.push(Row {
            key: (u64::MAX, place, fingerprint(&(), &pending)),
            day: None,
            new_begins: false,
            first_of_group: place == 0 && before.as_ref().is_none_or(|line| !line.own),
            what: What::Pending(pending),
        });
    }
    rows
}

/// Whether somebody said it, other than what the room itself writes.
const fn is_message(body: &Body) -> bool {
    matches!(
        body,
        Body::Text { .. } | Body::File(_) | Body::Card(_) | Body::Deleted
    )
}

/// Whether a line goes on with what the one before began.
fn continues(before: Option<&Line>, line: &Line) -> bool {
    let talks = |line: &Line| is_message(&line.body);
    before.is_some_and(|last| {
        talks(last)
            && talks(line)
            && last.author == line.author
            && line.at - last.at < GROUP_SECONDS
    })
}

/// Differs when anything that is drawn differs.
fn fingerprint(place: &impl Hash, content: &impl std::fmt::Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    format!("{content:?}").hash(&mut hasher);
    hasher.finish()
}

fn row_view(talk: Talk, row: Row) -> AnyView {
    let texts = talk.texts;
    let day = row.day.map(|at| {
        let name = dates::day(texts, at);
        el::h2()
            .class("day")
            .child(el::span().child(name))
            .into_any()
    });
    let new = row
        .new_begins
        .then(|| el::p().class("new-mark").child(texts.new_messages()));
    let id = format!("line-{}-{}", row.key.0, row.key.1);
    let content = match row.what {
        What::Line(line) => match &line.body {
            body if is_message(body) => line::view(talk, *line, row.first_of_group),
            _ => system::view(talk, &line),
        },
        What::Pending(pending) => match pending.what {
            PendingWhat::Line(body) => line::pending(
                talk,
                pending.message,
                &body,
                pending.failed,
                row.first_of_group,
            ),
            _ => ().into_any(),
        },
    };
    el::div()
        .class("line")
        .id(id)
        .child((day, new, content))
        .into_any()
}

/// Keeps a line where it is on the screen while lines come and go above it.
pub(super) fn hold_still(seq: u64) -> impl FnOnce() {
    let before = offset(seq);
    move || {
        if let (Some(list), Some(before), Some(now)) = (by_id(LIST), before, offset(seq)) {
            #[expect(clippy::cast_possible_truncation, reason = "pixels")]
            let moved = (now - before).round() as i32;
            list.set_scroll_top(list.scroll_top() + moved);
        }
    }
}

fn offset(seq: u64) -> Option<f64> {
    Some(
        by_id(&format!("line-{seq}-0"))?
            .get_bounding_client_rect()
            .top(),
    )
}

pub(super) fn scroll_to_end() {
    // Twice: pictures and fonts may still change heights in the first frame.
    let go = || {
        if let Some(list) = by_id(LIST) {
            list.set_scroll_top(list.scroll_height());
        }
    };
    go();
    before_paint(go);
}

pub(super) fn scroll_to_line(seq: u64) {
    if let Some(line) = by_id(&format!("line-{seq}-0")) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Center);
        line.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
