//! Inviting a client: for whom, the first words, and the languages of the notice.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::view::Notice;
use siegel_web_bridge::{Ask, RoomId};
use siegel_web_texts::{Language, NOTICE_VERSION, Texts, notice};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::make;
use crate::app::App;
use crate::screens::dialog::Dialog;
use crate::screens::shell::page;
use crate::ui::{Field, alert, button, choice, soft, text, working};

pub(in crate::screens) fn view(app: App, texts: Texts, room: Option<RoomId>) -> AnyView {
    let label = RwSignal::new(String::new());
    let greeting = RwSignal::new(texts.greeting_default().to_owned());
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let languages: Vec<(Language, RwSignal<bool>)> = Language::ALL
        .into_iter()
        .map(|language| (language, RwSignal::new(true)))
        .collect();
    let offered = languages.clone();
    let invite = move || {
        let notices: Vec<Notice> = offered
            .iter()
            .filter(|(_, on)| on.get_untracked())
            .map(|(language, _)| Notice {
                version: NOTICE_VERSION.into(),
                language: language.code().into(),
                body: notice(*language).into(),
            })
            .collect();
        if notices.is_empty() {
            error.set(Some(app.texts_now().notice_language_choice().to_owned()));
            return;
        }
        let ask = Ask::InviteClient {
            room: room.clone(),
            label: label.get_untracked().trim().to_owned(),
            greeting: greeting.get_untracked().trim().to_owned(),
            notices,
        };
        make(app, ask, busy, error);
    };
    let boxes: Vec<AnyView> = languages
        .into_iter()
        .map(|(language, on)| {
            el::div()
                .class("row")
                .child((
                    el::span()
                        .class("grow")
                        .child(choice(language.own_name(), on)),
                    button(texts.notice_preview(), "quiet", move || {
                        app.dialog.set(Some(Dialog::Notice(language)));
                    }),
                ))
                .into_any()
        })
        .collect();
    let form = el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            invite();
        })
        .child((
            text(texts.invite_client_text()),
            Field {
                id: "label",
                label: texts.invite_label().into(),
                hint: texts.invite_label_client_hint().into(),
                value: label,
                autocomplete: "off",
            }
            .line(),
            Field {
                id: "greeting",
                label: texts.greeting().into(),
                hint: String::new(),
                value: greeting,
                autocomplete: "off",
            }
            .lines(),
            el::details().class("card").child((
                el::summary().child(texts.notice_language_choice()),
                soft(texts.notice_language_text()),
                el::div().class("stack-tight").child(boxes),
            )),
            alert(error),
            move || match busy.get() {
                true => working(texts.making_link()),
                false => el::button()
                    .attr("type", "submit")
                    .class("button primary")
                    .child(texts.make_link())
                    .into_any(),
            },
        ));
    page(app, texts, texts.invite_client_title(), form)
}
