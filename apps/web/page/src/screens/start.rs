//! Nobody was ever here, and no link opened the page: ask for one.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{GetUntracked, Set};
use siegel_web_bridge::{Ask, Secret};
use siegel_web_texts::{Language, Texts};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::solo::{seal, solo};
use crate::app::App;
use crate::browser::spawn;
use crate::ui::{Field, Icon, alert, button, text, title};
use crate::{trouble, worker};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let link = RwSignal::new(String::new());
    let error = RwSignal::new(None);
    let open = move || {
        spawn(async move {
            let pasted = link.get_untracked().trim().to_owned();
            match worker::ask(Ask::ReadLink(Secret(pasted.clone()))).await {
                Ok(_) => {
                    app.came_by_link.set(true);
                    app.link.set(Some(pasted));
                }
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        });
    };
    let content = (
        seal(Icon::Bubble, false),
        title(texts.start_title()),
        text(texts.start_text()),
        el::form()
            .class("stack")
            .on(ev::submit, move |event| {
                event.prevent_default();
                open();
            })
            .child((
                Field {
                    id: "link",
                    label: texts.start_paste().into(),
                    hint: String::new(),
                    value: link,
                    autocomplete: "off",
                }
                .line(),
                alert(error),
                el::button()
                    .attr("type", "submit")
                    .class("button primary wide")
                    .child(texts.start_open()),
            )),
        languages(app, &Language::STAFF),
    );
    solo(app, texts, content)
}

/// A row of languages, each named in itself.
pub(super) fn languages(app: App, offered: &[Language]) -> AnyView {
    let buttons: Vec<AnyView> = offered
        .iter()
        .map(|language| {
            let language = *language;
            let choose = move || app.choose_language(language);
            el::span()
                .attr("lang", language.code())
                .child(button(language.own_name(), "quiet", choose))
                .into_any()
        })
        .collect();
    el::nav()
        .class("row")
        .aria_label(app.texts_now().language())
        .child(buttons)
        .into_any()
}
