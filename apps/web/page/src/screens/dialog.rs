//! The one dialog of the page: a native `<dialog>`, so that focus and Escape are right.

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With};
use siegel_web_bridge::view::{Body, FieldKind, Line, Member, RoomCard};
use siegel_web_bridge::{Ask, Compose, MessageId, PersonId, RoomId};
use siegel_web_texts::{Language, Texts, notice};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;
use tachys::reactive_graph::node_ref::NodeRef;

use super::conversation::Talk;
use super::{conversation, people, retention, settings};
use crate::app::{Action, App, Place};
use crate::browser::{self, spawn};
use crate::ui::{Field, button, text};

const EMOJI: [&str; 8] = ["👍", "❤️", "😊", "😂", "😢", "🙏", "✅", "❓"];

/// What the dialog shows.
#[derive(Clone)]
pub(crate) enum Dialog {
    /// Asks before something that cannot be taken back.
    Confirm {
        question: String,
        button: String,
        action: Action,
    },
    /// What can be begun.
    New,
    /// What can be done with a room.
    Room(Talk),
    /// What can be done with a message.
    Line(Talk, Box<Line>),
    /// A data card to be sent, with what was found in the text it is made of.
    Card(Talk, Vec<(FieldKind, String)>),
    /// A message to be said again in another room.
    Forward(Talk, MessageId),
    /// A picture in full size.
    Picture {
        url: String,
        name: String,
    },
    /// A file before it is sent.
    SendFile(Talk),
    Rename(RoomId, String),
    /// How long messages live in a room, days so far.
    Retention(RoomId, u32),
    /// The devices of a member.
    Devices(Box<Member>),
    /// What this account calls a person.
    Label(PersonId, String),
    /// Colleagues to add to a room.
    AddPeople(RoomId),
    /// Comparing four words.
    Verify {
        room: RoomId,
        person: PersonId,
        name: String,
    },
    /// Somebody's identity is another one than before.
    Changed {
        person: PersonId,
        name: String,
    },
    /// The notice as clients see it.
    Notice(Language),
    /// Another passphrase.
    Passphrase,
    /// A PIN for a client who had none.
    Pin,
    /// A passkey beside the passphrase or PIN.
    Passkey,
    Shortcuts,
}

/// The dialog itself; it shows what the app's signal says.
pub(super) fn host(app: App) -> AnyView {
    let node: NodeRef<el::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        let shown = app.dialog.with(Option::is_some);
        let Some(dialog) = node.get() else {
            return;
        };
        if shown && !dialog.open() {
            // Refused only when it is open or not in the document.
            dialog.show_modal().ok();
        } else if !shown && dialog.open() {
            dialog.close();
        }
    });
    let class = move || {
        app.dialog.with(|dialog| match dialog {
            Some(Dialog::Picture { .. }) => "picture",
            _ => "",
        })
    };
    el::dialog()
        .node_ref(node)
        .class(class)
        .aria_labelledby("dialog-title")
        .on(ev::close, move |_| app.dialog.set(None))
        .child(move || {
            let texts = app.texts();
            app.dialog.get().map(|dialog| content(app, texts, dialog))
        })
        .into_any()
}

/// Cancel, and the button that does it.
pub(super) fn buttons(app: App, texts: Texts, does: AnyView) -> AnyView {
    el::div()
        .class("dialog-buttons")
        .child((
            button(texts.cancel(), "", move || app.dialog.set(None)),
            does,
        ))
        .into_any()
}

/// The heading of a dialog.
pub(super) fn heading(words: impl Into<String>) -> AnyView {
    el::h2().id("dialog-title").child(words.into()).into_any()
}

fn content(app: App, texts: Texts, dialog: Dialog) -> AnyView {
    match dialog {
        Dialog::Confirm {
            question,
            button: label,
            action,
        } => {
            let does = button(label, "danger", move || {
                app.dialog.set(None);
                action();
            });
            stack((heading(question), buttons(app, texts, does)))
        }
        Dialog::New => new(app, texts),
        Dialog::Room(talk) => room(app, texts, talk),
        Dialog::Line(talk, line) => message(app, texts, talk, *line),
        Dialog::Card(talk, found) => conversation::card::dialog(talk, texts, found),
        Dialog::Forward(talk, message) => conversation::forward::dialog(talk, texts, message),
        Dialog::Picture { url, name } => stack((
            el::img()
                .attr("src", url)
                .attr("alt", texts.image_of(&name)),
            el::h2()
                .id("dialog-title")
                .class("sr-only")
                .child(texts.image_of(&name)),
            el::div().class("dialog-buttons").child(close(app, texts)),
        )),
        Dialog::SendFile(talk) => conversation::staged_view(talk, texts),
        Dialog::Rename(room, title) => rename(app, texts, room, title),
        Dialog::Retention(room, days) => retention::view(app, texts, room, days),
        Dialog::Devices(member) => people::devices::view(app, texts, &member),
        Dialog::Label(person, current) => people::label::view(app, texts, person, current),
        Dialog::AddPeople(room) => people::add::view(app, texts, room),
        Dialog::Verify { room, person, name } => {
            people::verify::words(app, texts, room, person, name)
        }
        Dialog::Changed { person, name } => people::verify::changed(app, texts, person, &name),
        Dialog::Notice(language) => stack((
            heading(format!("{} – {}", texts.line_notice(), language.own_name())),
            el::div()
                .class("notice-text")
                .attr("lang", language.code())
                .attr("dir", "auto")
                .child(notice(language)),
            el::div().class("dialog-buttons").child(close(app, texts)),
        )),
        Dialog::Passphrase => settings::passphrase::view(app, texts),
        Dialog::Pin => stack((
            heading(texts.set_pin()),
            text(texts.pin_text()),
            super::guest::pin_form(app, texts, move || {
                app.dialog.set(None);
            }),
            close(app, texts),
        )),
        Dialog::Passkey => super::passkey::dialog(app, texts),
        Dialog::Shortcuts => settings::shortcuts(app, texts),
    }
}

fn stack(content: impl RenderHtml + 'static) -> AnyView {
    el::div()
        .class("stack")
        .child(content.into_any())
        .into_any()
}

/// Closes the dialog.
pub(super) fn close(app: App, texts: Texts) -> AnyView {
    button(texts.close(), "", move || app.dialog.set(None))
}

/// A line of a menu: closes the dialog and does it.
fn entry(
    app: App,
    label: impl Into<String>,
    look: &'static str,
    does: impl Fn() + 'static,
) -> AnyView {
    button(label, look, move || {
        app.dialog.set(None);
        does();
    })
}

fn new(app: App, texts: Texts) -> AnyView {
    let go = move |place: Place| move || app.go(place.clone());
    stack((
        heading(texts.begin_new()),
        el::div().class("menu").child((
            entry(
                app,
                texts.invite_client(),
                "",
                go(Place::InviteClient(None)),
            ),
            app.is_admin()
                .then(|| entry(app, texts.invite_staff(), "", go(Place::InviteStaff))),
            entry(app, texts.new_room(), "", go(Place::NewRoom)),
            entry(app, texts.wrong_title(), "", go(Place::WrongChannel)),
            entry(app, texts.invitations(), "", go(Place::Invitations)),
        )),
        close(app, texts),
    ))
}

fn room(app: App, texts: Texts, talk: Talk) -> AnyView {
    let room = talk.room_now();
    let info = talk.info_now();
    let manager = info.as_ref().is_some_and(|info| info.manager);
    let has_client = info.as_ref().is_some_and(|info| info.card.has_client);
    let days = info.as_ref().map_or(0, |info| info.retention_days);
    let card = info.map(|info| info.card);
    let current = card.as_ref().map(|card| card.title.clone());
    let current = current.unwrap_or_default();
    let (members, invite, renamed, leave, kept) = (
        room.clone(),
        room.clone(),
        room.clone(),
        room.clone(),
        room.clone(),
    );
    stack((
        heading(texts.room_menu()),
        el::div().class("menu").child((
            entry(app, texts.members(), "", move || {
                app.go(Place::Members(members.clone()));
            }),
            (manager && !has_client).then(|| {
                entry(app, texts.invite_client(), "", move || {
                    app.go(Place::InviteClient(Some(invite.clone())));
                })
            }),
            manager.then(|| {
                button(texts.rename(), "", move || {
                    app.dialog
                        .set(Some(Dialog::Rename(renamed.clone(), current.clone())));
                })
            }),
            manager.then(|| {
                button(texts.retention(), "", move || {
                    app.dialog.set(Some(Dialog::Retention(kept.clone(), days)));
                })
            }),
            quieter(app, texts, &room, card.as_ref()),
            button(texts.leave_room(), "danger", move || {
                let (texts, room) = (app.texts_now(), leave.clone());
                app.confirm(texts.leave_room_text(), texts.leave_room(), move || {
                    app.order(Ask::Leave(room.clone()));
                    app.say(app.texts_now().leave_room_asked());
                });
            }),
        )),
        close(app, texts),
    ))
}

/// Silent or not, out of sight or not; for staff.
fn quieter(app: App, texts: Texts, room: &RoomId, card: Option<&RoomCard>) -> Option<AnyView> {
    let card = card.filter(|_| !app.is_client())?;
    let (muted, archived) = (card.muted, card.archived);
    let (silent, hidden) = (room.clone(), room.clone());
    let mute = if muted { texts.unmute() } else { texts.mute() };
    let archive = if archived {
        texts.unarchive()
    } else {
        texts.archive()
    };
    Some(
        (
            entry(app, mute, "", move || {
                app.order(Ask::Mute {
                    room: silent.clone(),
                    muted: !muted,
                });
            }),
            entry(app, archive, "", move || {
                app.order(Ask::Archive {
                    room: hidden.clone(),
                    archived: !archived,
                });
            }),
        )
            .into_any(),
    )
}

fn message(app: App, texts: Texts, talk: Talk, line: Line) -> AnyView {
    let Some(message) = line.message.clone() else {
        return close(app, texts);
    };
    let emoji: Vec<AnyView> = EMOJI
        .into_iter()
        .map(|emoji| {
            let target = message.clone();
            el::button()
                .attr("type", "button")
                .class("icon-button")
                .on(ev::click, move |_| {
                    app.dialog.set(None);
                    talk.say(Compose::React {
                        target: target.clone(),
                        emoji: emoji.to_owned(),
                    });
                })
                .child(emoji)
                .into_any()
        })
        .collect();
    let words = match &line.body {
        Body::Text { body, .. } => Some(body.clone()),
        _ => None,
    };
    let (answered, edited, deleted) = (line.clone(), message.clone(), message.clone());
    let (copied, editable) = (words.clone(), words.filter(|_| line.own));
    let mentions = line.mentions.clone();
    let forwarded =
        (!app.is_client() && conversation::forward::can_be(&line)).then(|| message.clone());
    stack((
        heading(texts.more_actions()),
        el::div()
            .class("emoji-row")
            .role("group")
            .aria_label(texts.react())
            .child(emoji),
        el::div().class("menu").child((
            entry(app, texts.reply(), "", move || {
                talk.answer(answered.clone())
            }),
            copied.map(|words| {
                entry(app, texts.copy(), "", move || {
                    let words = words.clone();
                    spawn(async move {
                        if browser::copy(&words).await {
                            app.say(app.texts_now().copied());
                        }
                    });
                })
            }),
            forwarded.map(|message| {
                button(texts.forward(), "", move || {
                    app.dialog.set(Some(Dialog::Forward(talk, message.clone())));
                })
            }),
            editable.map(|words| {
                entry(app, texts.edit(), "", move || {
                    talk.edit(edited.clone(), words.clone(), &mentions);
                })
            }),
            line.own.then(|| {
                button(texts.delete_for_all(), "danger", move || {
                    let (texts, target) = (app.texts_now(), deleted.clone());
                    let question = texts.delete_for_all_sure();
                    app.confirm(question, texts.delete_for_all(), move || {
                        talk.say(Compose::Delete(target.clone()));
                    });
                })
            }),
        )),
        close(app, texts),
    ))
}

fn rename(app: App, texts: Texts, room: RoomId, current: String) -> AnyView {
    let title_now = RwSignal::new(current);
    let save = move || {
        let title = title_now.get_untracked().trim().to_owned();
        if title.is_empty() {
            return;
        }
        app.dialog.set(None);
        app.order(Ask::Rename {
            room: room.clone(),
            title,
        });
    };
    stack((
        heading(texts.rename()),
        Field {
            id: "room-title",
            label: texts.room_title().into(),
            hint: texts.room_title_hint().into(),
            value: title_now,
            autocomplete: "off",
        }
        .line(),
        buttons(app, texts, button(texts.save(), "primary", save)),
    ))
}
