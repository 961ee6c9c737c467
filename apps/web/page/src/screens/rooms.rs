//! The list of rooms, with search above and the ways on below.

use reactive_graph::computed::Memo;
use reactive_graph::owner::Owner;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, With};
use siegel_web_bridge::RoomId;
use siegel_web_bridge::view::{Excerpt, ExcerptKind, RoomCard, RoomState};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;
use tachys::reactive_graph::OwnedView;
use tachys::view::keyed::keyed;

use super::dialog::Dialog;
use super::shell::{room_name, shows};
use super::{search, solo};
use crate::app::{App, Place};
use crate::browser::dates;
use crate::ui::{Icon, icon_button};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let sought = RwSignal::new(String::new());
    let searching = Memo::new(move |_| sought.with(|text| !text.trim().is_empty()));
    let client = app.is_client();
    el::aside()
        .class("list-pane")
        .aria_label(texts.rooms())
        .child((
            el::header().class("bar").child((
                el::div()
                    .class("bar-title")
                    .child(el::h1().child(texts.rooms())),
                client.then(|| solo::quick_exit(app, texts)),
                (!client).then(|| {
                    (
                        icon_button(texts.begin_new(), Icon::Add, move || {
                            app.dialog.set(Some(Dialog::New));
                        }),
                        icon_button(texts.settings(), Icon::Gear, move || {
                            app.go(Place::Settings);
                        }),
                    )
                }),
                client.then(|| {
                    icon_button(texts.my_data(), Icon::Gear, move || app.go(Place::MyData))
                }),
            )),
            (!client).then(|| {
                el::div()
                    .class("list-tools")
                    .child(search::field(texts, sought))
            }),
            el::nav()
                .class("scroll")
                .aria_label(texts.rooms())
                .child(move || {
                    if searching.get() {
                        search::results(app, texts, sought)
                    } else {
                        list(app, texts)
                    }
                }),
        ))
        .into_any()
}

fn list(app: App, texts: Texts) -> AnyView {
    // Which rooms there are, and in which order; a memo, because what stands on a card
    // changes far more often.
    let ids = |archived: bool| {
        Memo::new(move |_| {
            app.rooms.with(|rooms| {
                let chosen = rooms.iter().filter(|card| card.archived == archived);
                chosen.map(|card| card.room.clone()).collect::<Vec<_>>()
            })
        })
    };
    let (shown, archived) = (ids(false), ids(true));
    let none = move || {
        app.rooms.with(Vec::is_empty).then(|| {
            el::div().class("empty").child((
                el::h2().child(texts.no_rooms_title()),
                (!app.is_client()).then(|| el::p().child(texts.no_rooms_text())),
            ))
        })
    };
    (
        none,
        cards(app, texts, shown),
        archive(app, texts, archived),
    )
        .into_any()
}

/// A card of a room stays the same element wherever it moves: what is pressed while the order
/// changes never opens another room.
fn cards(app: App, texts: Texts, rooms: Memo<Vec<RoomId>>) -> AnyView {
    let parent = Owner::current().unwrap_or_default();
    let draw = move |_, room: RoomId| {
        let owner = parent.with(Owner::new);
        let view = owner.with(|| el::li().child(card_view(app, texts, room)).into_any());
        (drop::<usize>, OwnedView::new_with_owner(view, owner))
    };
    el::ul()
        .class("rooms")
        // A list that is being replaced may be asked once more.
        .child(move || {
            keyed(
                rooms.try_get().unwrap_or_default(),
                RoomId::clone,
                draw.clone(),
            )
        })
        .into_any()
}

/// Rooms that were put out of sight, behind one line.
fn archive(app: App, texts: Texts, rooms: Memo<Vec<RoomId>>) -> AnyView {
    let any = Memo::new(move |_| rooms.with(|rooms| !rooms.is_empty()));
    (move || {
        any.try_get().unwrap_or(false).then(|| {
            let count = move || texts.show_archived(&rooms.with(Vec::len).to_string());
            el::details()
                .class("archive")
                .child((el::summary().child(count), cards(app, texts, rooms)))
        })
    })
    .into_any()
}

fn card_view(app: App, texts: Texts, room: RoomId) -> AnyView {
    let (own, opened, shown) = (room.clone(), room.clone(), room);
    let card = Memo::new(move |_| {
        app.rooms
            .with(|rooms| rooms.iter().find(|card| card.room == own).cloned())
    });
    let current = move || {
        if shows(app, &shown) { "true" } else { "false" }
    };
    let class = move || match card.try_with(|card| card.as_ref().map_or(0, |card| card.unread)) {
        Some(1..) => "room-card unread",
        _ => "room-card",
    };
    el::button()
        .attr("type", "button")
        .class(class)
        .aria_current(current)
        .on(ev::click, move |_| app.go(Place::Room(opened.clone())))
        .child(move || {
            let card = card.try_get().flatten();
            card.map(|card| card_content(app, texts, &card))
        })
        .into_any()
}

fn card_content(app: App, texts: Texts, card: &RoomCard) -> AnyView {
    let name = room_name(texts, &card.title);
    (
        el::span()
            .class(if card.has_client {
                "avatar client"
            } else {
                "avatar"
            })
            .aria_hidden("true")
            .child(initials(&name)),
        el::span().class("grow").child((
            el::span()
                .class("room-name line")
                .child(el::bdi().child(name)),
            el::span()
                .class("line small soft")
                .child(second_line(texts, card)),
        )),
        side(texts, card, app.is_client()),
    )
        .into_any()
}

fn side(texts: Texts, card: &RoomCard, client: bool) -> AnyView {
    let unread = card.unread;
    el::span()
        .class("room-side")
        .child((
            (card.at > 0).then(|| {
                el::span()
                    .class("small soft")
                    .child(dates::short(texts, card.at))
            }),
            card.muted
                .then(|| el::span().class("badge").child(texts.muted())),
            card.mentioned.then(|| {
                (
                    el::span().class("count").aria_hidden("true").child("@"),
                    el::span().class("sr-only").child(texts.mentioned()),
                )
            }),
            (unread > 0).then(|| {
                (
                    el::span()
                        .class("count")
                        .aria_hidden("true")
                        .child(unread.to_string()),
                    el::span()
                        .class("sr-only")
                        .child(texts.unread(u64::from(unread))),
                )
            }),
            (card.has_client && !client)
                .then(|| el::span().class("badge client").child(texts.role_client())),
        ))
        .into_any()
}

/// What is most worth knowing of a room after its name.
fn second_line(texts: Texts, card: &RoomCard) -> String {
    match card.state {
        RoomState::Removed | RoomState::Closed => return texts.room_closed().to_owned(),
        RoomState::SplitView => return texts.line_split().to_owned(),
        RoomState::OutOfStep => return texts.line_put_back().to_owned(),
        RoomState::Refused | RoomState::Contested => return texts.contested().to_owned(),
        RoomState::Creating | RoomState::Active | RoomState::Settling | RoomState::RolledBack => {}
    }
    if card.failed > 0 {
        return texts.state_failed().to_owned();
    }
    if card.waiting > 0 {
        return texts.waiting_count(u64::from(card.waiting));
    }
    match &card.last {
        _ if card.drafted => texts.draft().to_owned(),
        Some(last) => excerpt(texts, last),
        None => texts.room_empty().to_owned(),
    }
}

/// A line in few words, with its author.
pub(super) fn excerpt(texts: Texts, excerpt: &Excerpt) -> String {
    let said = excerpt_kind(texts, &excerpt.kind);
    match (excerpt.own, excerpt.author_name.as_str()) {
        _ if excerpt.kind == ExcerptKind::Room => said,
        (true, _) => format!("{}: {said}", texts.you()),
        (false, "") => said,
        (false, name) => format!("\u{2068}{name}\u{2069}: {said}"),
    }
}

/// A line in few words.
pub(super) fn excerpt_kind(texts: Texts, kind: &ExcerptKind) -> String {
    match kind {
        ExcerptKind::Text(text) => text.clone(),
        ExcerptKind::Picture => texts.picture().to_owned(),
        ExcerptKind::Sound => texts.voice_message().to_owned(),
        ExcerptKind::File(name) => name.clone(),
        ExcerptKind::Card => texts.data_card().to_owned(),
        ExcerptKind::Notice => texts.line_notice().to_owned(),
        ExcerptKind::Consent { granted: true } => texts.consented_short().to_owned(),
        ExcerptKind::Consent { granted: false } => texts.withdrew_short().to_owned(),
        ExcerptKind::Deleted => texts.deleted_line().to_owned(),
        ExcerptKind::Room => texts.line_room().to_owned(),
        ExcerptKind::Gone => texts.reply_gone().to_owned(),
    }
}

/// Up to two letters of a name.
pub(super) fn initials(name: &str) -> String {
    let letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    letters.take(2).flat_map(char::to_uppercase).collect()
}
