//! What this account calls a person; nobody else sees it.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{GetUntracked, Set};
use siegel_web_bridge::{Ask, PersonId};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use crate::app::App;
use crate::screens::dialog::{buttons, heading};
use crate::ui::{Field, button};

/// The dialog.
pub(in crate::screens) fn view(
    app: App,
    texts: Texts,
    person: PersonId,
    current: String,
) -> AnyView {
    let label = RwSignal::new(current);
    let save = move || {
        app.dialog.set(None);
        app.order(Ask::Label {
            person: person.clone(),
            label: label.get_untracked().trim().to_owned(),
        });
    };
    el::div()
        .class("stack")
        .child((
            heading(texts.label_set()),
            Field {
                id: "person-label",
                label: texts.label().into(),
                hint: texts.label_text().into(),
                value: label,
                autocomplete: "off",
            }
            .line(),
            buttons(app, texts, button(texts.save(), "primary", save)),
        ))
        .into_any()
}
