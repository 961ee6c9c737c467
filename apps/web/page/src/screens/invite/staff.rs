//! Inviting a colleague.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked};
use siegel_web_bridge::Ask;
use siegel_web_bridge::view::Role;
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::make;
use crate::app::App;
use crate::screens::shell::page;
use crate::ui::{Field, alert, choice, text, working};

pub(in crate::screens) fn view(app: App, texts: Texts) -> AnyView {
    let label = RwSignal::new(String::new());
    let admin = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let invite = move || {
        let role = if admin.get_untracked() {
            Role::Admin
        } else {
            Role::Staff
        };
        let ask = Ask::InviteStaff {
            label: label.get_untracked().trim().to_owned(),
            role,
        };
        make(app, ask, busy, error);
    };
    let form = el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            invite();
        })
        .child((
            text(texts.invite_staff_text()),
            Field {
                id: "label",
                label: texts.invite_label().into(),
                hint: texts.invite_label_staff_hint().into(),
                value: label,
                autocomplete: "off",
            }
            .line(),
            choice(texts.also_admin(), admin),
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
    page(app, texts, texts.invite_staff_title(), form)
}
