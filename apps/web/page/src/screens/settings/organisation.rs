//! For admins: the rules of the organisation, and closing accounts of people who leave.

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::view::{Person, Role};
use siegel_web_bridge::{Ask, Reply};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::policy;
use crate::app::App;
use crate::browser::spawn;
use crate::screens::people::{name, role_badge};
use crate::ui::{button, soft, working};
use crate::worker;

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    (policy::view(app, texts), team(app, texts)).into_any()
}

fn team(app: App, texts: Texts) -> AnyView {
    let people: RwSignal<Option<Vec<Person>>> = RwSignal::new(None);
    Effect::new(move |_| {
        app.people.get();
        spawn(async move {
            if let Ok(Reply::People(known)) = worker::ask(Ask::People).await {
                let own = app.profile.get_untracked().map(|profile| profile.person);
                let colleague = |person: &Person| {
                    person.role != Role::Client && Some(&person.person) != own.as_ref()
                };
                people.set(Some(known.into_iter().filter(colleague).collect()));
            }
        });
    });
    let list = move || {
        let Some(people) = people.get() else {
            return working(texts.loading());
        };
        if people.is_empty() {
            return soft(texts.team_none());
        }
        let items: Vec<AnyView> = people
            .into_iter()
            .map(|person| colleague(app, texts, person))
            .collect();
        el::ul().class("items").child(items).into_any()
    };
    el::section()
        .child((el::h2().child(texts.settings_team()), list))
        .into_any()
}

fn colleague(app: App, texts: Texts, person: Person) -> AnyView {
    let shown = name(texts, &person);
    let revoked = person.revoked;
    let (id, question) = (person.person.clone(), texts.revoke_sure(&shown));
    let done = texts.revoked_done(&shown);
    let revoke = move || {
        let (id, done) = (id.clone(), done.clone());
        app.confirm(question.clone(), app.texts_now().revoke(), move || {
            let (id, done) = (id.clone(), done.clone());
            spawn(async move {
                match worker::ask(Ask::RevokePerson(id)).await {
                    Ok(_) => app.say(done),
                    Err(trouble) => app.complain(&trouble),
                }
            });
        });
    };
    el::li()
        .child(
            el::div().class("item").child((
                el::div().class("grow stack-tight").child((
                    el::strong().attr("dir", "auto").child(shown),
                    el::span()
                        .class("small soft")
                        .child(person.position.clone()),
                )),
                role_badge(texts, person.role),
                match revoked {
                    true => el::span()
                        .class("badge bad")
                        .child(texts.status_revoked())
                        .into_any(),
                    false => button(texts.revoke(), "danger", revoke),
                },
            )),
        )
        .into_any()
}
