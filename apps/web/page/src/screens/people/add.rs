//! Choosing colleagues.

use std::collections::BTreeSet;

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Update, With};
use siegel_web_bridge::view::{Person, Role};
use siegel_web_bridge::{Ask, PersonId, Reply, RoomId};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::name;
use crate::app::App;
use crate::browser::{is_checked, spawn};
use crate::screens::dialog;
use crate::ui::{button, soft};
use crate::worker;

/// The dialog that adds colleagues to a room.
pub(in crate::screens) fn view(app: App, texts: Texts, room: RoomId) -> AnyView {
    let chosen = RwSignal::new(BTreeSet::new());
    let people = colleagues(app, Some(room.clone()));
    let add = {
        let room = room.clone();
        move || {
            let people: Vec<PersonId> = chosen.get_untracked().into_iter().collect();
            app.dialog.set(None);
            if !people.is_empty() {
                app.order(Ask::Add {
                    room: room.clone(),
                    people,
                });
            }
        }
    };
    el::div()
        .class("stack")
        .child((
            dialog::heading(texts.add_people()),
            boxes(texts, people, chosen),
            dialog::buttons(app, texts, button(texts.add(), "primary", add)),
        ))
        .into_any()
}

/// All colleagues that are not in a room yet; `None` until they are known.
pub(in crate::screens) fn colleagues(
    app: App,
    besides: Option<RoomId>,
) -> RwSignal<Option<Vec<Person>>> {
    let people: RwSignal<Option<Vec<Person>>> = RwSignal::new(None);
    Effect::new(move |_| {
        app.people.get();
        let besides = besides.clone();
        spawn(async move {
            let mut there = BTreeSet::new();
            if let Some(room) = besides
                && let Ok(Reply::Members(members)) = worker::ask(Ask::Members(room)).await
            {
                there.extend(members.into_iter().map(|member| member.person.person));
            }
            if let Some(own) = app.profile.get_untracked() {
                there.insert(own.person);
            }
            if let Ok(Reply::People(known)) = worker::ask(Ask::People).await {
                let fits = |person: &Person| {
                    person.role != Role::Client
                        && !person.revoked
                        && !there.contains(&person.person)
                };
                people.set(Some(known.into_iter().filter(fits).collect()));
            }
        });
    });
    people
}

/// A box to tick for each of them.
pub(in crate::screens) fn boxes(
    texts: Texts,
    people: RwSignal<Option<Vec<Person>>>,
    chosen: RwSignal<BTreeSet<PersonId>>,
) -> AnyView {
    (move || {
        let known = people.get()?;
        if known.is_empty() {
            return Some(soft(texts.nobody_yet()));
        }
        let boxes: Vec<AnyView> = known
            .into_iter()
            .map(|person| {
                let shown = name(texts, &person);
                let (id, ticked) = (person.person.clone(), person.person);
                el::label()
                    .class("choice")
                    .child((
                        el::input()
                            .attr("type", "checkbox")
                            .prop("checked", move || chosen.with(|all| all.contains(&ticked)))
                            .on(ev::change, move |event| {
                                chosen.update(|all| {
                                    if is_checked(&event) {
                                        all.insert(id.clone());
                                    } else {
                                        all.remove(&id);
                                    }
                                });
                            }),
                        el::span().child((
                            el::span().attr("dir", "auto").child(shown),
                            el::br(),
                            el::span().class("small soft").child(person.position),
                        )),
                    ))
                    .into_any()
            })
            .collect();
        Some(
            el::fieldset()
                .class("stack-tight")
                .child((el::legend().child(texts.choose_people()), boxes))
                .into_any(),
        )
    })
    .into_any()
}
