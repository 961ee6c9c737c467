//! Which language? Each is named in itself; flags stand for states, not for languages.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::Set;
use siegel_web_texts::{Language, Texts};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::Step;
use crate::app::App;
use crate::screens::solo::{seal, solo_wide};
use crate::ui::{Icon, title};

pub(super) fn view(app: App, texts: Texts, step: RwSignal<Step>) -> AnyView {
    let buttons: Vec<AnyView> = Language::ALL
        .into_iter()
        .map(|language| {
            el::button()
                .attr("type", "button")
                .class("button")
                .attr("lang", language.code())
                .attr("dir", "auto")
                .on(ev::click, move |_| {
                    step.set(Step::Opening);
                    app.choose_language(language);
                })
                .child(language.own_name())
                .into_any()
        })
        .collect();
    let content = (
        seal(Icon::Language, false),
        title(texts.choose_language()),
        el::div().class("languages").child(buttons),
    );
    solo_wide(app, texts, content)
}
