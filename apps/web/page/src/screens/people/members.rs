//! Who is in a room, what they may do, and how sure it is who they are.

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set};
use siegel_web_bridge::view::{Member, Role};
use siegel_web_bridge::{Ask, Reply, RoomId};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::{consents, name, role_badge, trust_badge};
use crate::app::App;
use crate::browser::spawn;
use crate::screens::dialog::Dialog;
use crate::screens::rooms::initials;
use crate::screens::shell::page;
use crate::ui::{button, soft, working};
use crate::worker;

pub(in crate::screens) fn view(app: App, texts: Texts, room: RoomId) -> AnyView {
    let members: RwSignal<Option<Vec<Member>>> = RwSignal::new(None);
    let asked = room.clone();
    Effect::new(move |_| {
        app.people.get();
        let room = asked.clone();
        spawn(async move {
            match worker::ask(Ask::Members(room)).await {
                Ok(Reply::Members(known)) => members.set(Some(known)),
                Ok(_) => {}
                Err(trouble) => app.complain(&trouble),
            }
        });
    });
    let list = move || {
        let Some(members) = members.get() else {
            return working(texts.loading());
        };
        let with_client = members
            .iter()
            .any(|member| member.person.role == Role::Client);
        let ledger = with_client.then(|| room.clone());
        let managing = members.iter().any(|member| member.own && member.manager);
        let items: Vec<AnyView> = members
            .into_iter()
            .map(|member| item(app, texts, &room, member, managing))
            .collect();
        let added = room.clone();
        (
            managing.then(|| {
                button(texts.add_people(), "", move || {
                    app.dialog.set(Some(Dialog::AddPeople(added.clone())));
                })
            }),
            el::ul().class("items").child(items),
            ledger
                .filter(|_| !app.is_client())
                .map(|room| consents::view(app, texts, room)),
        )
            .into_any()
    };
    let content = el::section().child((soft(texts.who_can_read()), list));
    page(app, texts, texts.members(), content)
}

fn item(app: App, texts: Texts, room: &RoomId, member: Member, managing: bool) -> AnyView {
    let shown = if member.own {
        format!("{} ({})", name(texts, &member.person), texts.you())
    } else {
        name(texts, &member.person)
    };
    let client = app.is_client();
    let devices = u64::try_from(member.devices.len()).unwrap_or(0);
    let about = el::div().class("grow stack-tight").child((
        el::strong().attr("dir", "auto").child(shown.clone()),
        (!member.person.position.is_empty()).then(|| {
            el::span()
                .class("small soft")
                .child(member.person.position.clone())
        }),
        el::div().class("row").child((
            role_badge(texts, member.person.role),
            (!member.own).then(|| trust_badge(texts, &member.person)),
            (member.manager && !client).then(|| el::span().class("badge").child(texts.manager())),
            (!client).then(|| {
                let shown = member.clone();
                button(texts.devices_count(devices), "quiet small", move || {
                    app.dialog
                        .set(Some(Dialog::Devices(Box::new(shown.clone()))));
                })
            }),
        )),
    ));
    let actions = (!member.own).then(|| actions(app, texts, room, &member, managing));
    el::li()
        .child(
            el::div().class("item").child((
                el::span()
                    .class("avatar")
                    .aria_hidden("true")
                    .child(initials(&shown)),
                about,
                actions,
            )),
        )
        .into_any()
}

fn actions(app: App, texts: Texts, room: &RoomId, member: &Member, managing: bool) -> AnyView {
    let person = member.person.person.clone();
    let shown = name(texts, &member.person);
    let (verified, changed, removed) = (person.clone(), person.clone(), person.clone());
    let (verified_room, removed_room, promoted_room) = (room.clone(), room.clone(), room.clone());
    let (words_name, changed_name) = (shown.clone(), shown.clone());
    let removable = managing;
    let labelled = (!app.is_client() && member.person.role == Role::Client)
        .then(|| (person.clone(), member.person.name.clone()));
    let question = texts.remove_sure(&shown);
    let promotable = managing && !member.manager && member.person.role != Role::Client;
    el::div()
        .class("row")
        .child((
            member.person.changed.then(|| {
                button(texts.verify(), "danger", move || {
                    app.dialog.set(Some(Dialog::Changed {
                        person: changed.clone(),
                        name: changed_name.clone(),
                    }));
                })
            }),
            (!member.person.changed && !member.person.provisional).then(|| {
                button(texts.verify(), "", move || {
                    app.dialog.set(Some(Dialog::Verify {
                        room: verified_room.clone(),
                        person: verified.clone(),
                        name: words_name.clone(),
                    }));
                })
            }),
            labelled.map(|(person, current)| {
                button(texts.label_set(), "quiet", move || {
                    app.dialog
                        .set(Some(Dialog::Label(person.clone(), current.clone())));
                })
            }),
            promotable.then(|| {
                button(texts.promote(), "quiet", move || {
                    app.order(Ask::Promote {
                        room: promoted_room.clone(),
                        person: person.clone(),
                    });
                })
            }),
            removable.then(|| {
                button(texts.remove(), "quiet", move || {
                    let (room, person) = (removed_room.clone(), removed.clone());
                    app.confirm(question.clone(), app.texts_now().remove(), move || {
                        app.order(Ask::Remove {
                            room: room.clone(),
                            person: person.clone(),
                        });
                    });
                })
            }),
        ))
        .into_any()
}
