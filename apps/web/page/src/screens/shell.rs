//! The app itself: the list of rooms, and beside or instead of it what was chosen.

use reactive_graph::computed::Memo;
use reactive_graph::traits::{Get, Set, With};
use siegel_web_bridge::view::Link;
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::{conversation, invite, my_data, new_room, people, rooms, settings, wrong_channel};
use crate::app::{App, Place};
use crate::browser::history;
use crate::ui::{Icon, button, icon, icon_button};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    app.keep_files();
    let place = Memo::new(move |_| app.place.get());
    let pane = move || match place.get() {
        Place::Rooms => "list",
        _ => "detail",
    };
    let class = if app.is_client() {
        "shell client"
    } else {
        "shell"
    };
    el::div()
        .class(class)
        .attr("data-pane", pane)
        .child((
            banners(app, texts),
            el::div().class("shell-body").child((
                rooms::view(app, texts),
                el::main()
                    .class("detail-pane")
                    .id("detail")
                    .child(move || detail(app, texts, &place.get())),
            )),
        ))
        .into_any()
}

fn detail(app: App, texts: Texts, place: &Place) -> AnyView {
    match place {
        Place::Rooms => el::div()
            .class("empty")
            .child((icon(Icon::Bubble), el::p().child(texts.choose_room())))
            .into_any(),
        Place::Room(room) => conversation::view(app, texts, room.clone()),
        Place::Members(room) => people::members::view(app, texts, room.clone()),
        Place::NewRoom => new_room::view(app, texts),
        Place::InviteClient(room) => invite::client::view(app, texts, room.clone()),
        Place::InviteStaff => invite::staff::view(app, texts),
        Place::Invitations => invite::list::view(app, texts),
        Place::Invitation(id) => invite::link::view(app, texts, id.clone()),
        Place::WrongChannel => wrong_channel::view(app, texts),
        Place::Settings => settings::view(app, texts),
        Place::MyData => my_data::view(app, texts),
    }
}

/// The bar of a page beside the list, with the way back on a narrow screen.
pub(super) fn page(
    app: App,
    texts: Texts,
    heading: impl Into<String>,
    content: impl RenderHtml + 'static,
) -> AnyView {
    (
        el::header().class("bar").child((
            back(texts),
            el::div()
                .class("bar-title")
                .child(el::h1().id("title").tabindex("-1").child(heading.into())),
            app.is_client().then(|| super::solo::quick_exit(app, texts)),
        )),
        el::div()
            .class("scroll")
            .child(el::div().class("sheet").child(content.into_any())),
    )
        .into_any()
}

/// One step back.
pub(super) fn back(texts: Texts) -> AnyView {
    icon_button(texts.back(), Icon::Back, history::back)
}

/// What holds for the whole app: no connection, a new version, the wrong relay.
fn banners(app: App, texts: Texts) -> AnyView {
    el::div()
        .role("status")
        .child((
            move || match app.connection.get() {
                Link::Offline => Some(el::p().class("banner").child(texts.offline()).into_any()),
                Link::WrongRelay => Some(
                    el::p()
                        .class("banner")
                        .child(texts.error_wrong_relay())
                        .into_any(),
                ),
                Link::Outdated => Some(
                    el::div()
                        .class("banner")
                        .child((
                            el::span().child(texts.error_outdated()),
                            button(texts.update_now(), "", move || app.renew()),
                        ))
                        .into_any(),
                ),
                _ => None,
            },
            move || {
                let said_already = app.connection.get() == Link::Outdated;
                (app.update_ready.get() && !said_already).then(|| {
                    el::div().class("banner").child((
                        el::span().child(texts.update_ready()),
                        button(texts.update_now(), "", move || app.renew()),
                        icon_button(texts.close(), Icon::Close, move || {
                            app.update_ready.set(false);
                        }),
                    ))
                })
            },
        ))
        .into_any()
}

/// A name to show for a room.
pub(super) fn room_name(texts: Texts, title: &str) -> String {
    if title.is_empty() {
        texts.untitled_room().to_owned()
    } else {
        title.to_owned()
    }
}

/// Whether a place shows a room.
pub(super) fn shows(app: App, room: &siegel_web_bridge::RoomId) -> bool {
    app.place
        .with(|place| matches!(place, Place::Room(shown) | Place::Members(shown) if shown == room))
}
