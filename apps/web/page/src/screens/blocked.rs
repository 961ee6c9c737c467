//! Screens on which nothing goes on: what happened, and the next step.

use siegel_web_bridge::view::{Standing, Unusable};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::solo::{seal, solo};
use crate::app::App;
use crate::browser::history;
use crate::ui::{Icon, button, text, title};

/// The screen for a standing that is not `None`, `Locked` or `Open`.
pub(super) fn view(app: App, texts: Texts, standing: &Standing) -> AnyView {
    match standing {
        Standing::Revoked => {
            let erase = button(texts.erase_device(), "danger wide", move || app.wipe());
            trouble(
                app,
                texts,
                texts.revoked_title(),
                &[texts.revoked_text()],
                erase,
            )
        }
        Standing::Unusable(Unusable::Browser) => {
            let sentences = [texts.unsupported_text()];
            trouble(
                app,
                texts,
                texts.unsupported_title(),
                &sentences,
                reload(texts),
            )
        }
        Standing::Unusable(Unusable::Damaged) => {
            let sentences = [texts.damaged_text(), texts.lost_next()];
            trouble(
                app,
                texts,
                texts.damaged_title(),
                &sentences,
                over(app, texts),
            )
        }
        Standing::Unusable(Unusable::Newer) => {
            let sentences = [texts.newer_text()];
            trouble(app, texts, texts.newer_title(), &sentences, reload(texts))
        }
        Standing::Unusable(Unusable::OtherVersion) => {
            let sentences = [texts.other_version_text()];
            trouble(
                app,
                texts,
                texts.other_tab_title(),
                &sentences,
                reload(texts),
            )
        }
        Standing::Lost => {
            let sentences = [texts.lost_text(), texts.lost_next()];
            trouble(app, texts, texts.lost_title(), &sentences, over(app, texts))
        }
        Standing::Unusable(Unusable::Broken)
        | Standing::None
        | Standing::Locked(_)
        | Standing::Open { .. } => {
            let sentences = [texts.error_internal()];
            trouble(app, texts, texts.damaged_title(), &sentences, reload(texts))
        }
    }
}

/// Everything was deleted at the person's wish.
pub(super) fn wiped(app: App, texts: Texts) -> AnyView {
    let content = (
        seal(Icon::Check, false),
        title(texts.wiped_title()),
        text(texts.wiped_text()),
    );
    solo(app, texts, content)
}

fn trouble(
    app: App,
    texts: Texts,
    heading: &'static str,
    sentences: &[&'static str],
    next: AnyView,
) -> AnyView {
    let sentences: Vec<AnyView> = sentences.iter().map(|sentence| text(*sentence)).collect();
    let content = (
        seal(Icon::Warning, true),
        title(heading),
        el::div().class("stack").child(sentences),
        next,
    );
    solo(app, texts, content)
}

fn reload(texts: Texts) -> AnyView {
    button(texts.reload(), "primary wide", history::reload)
}

/// Empties what is left and begins anew; asks first, since nothing brings it back.
fn over(app: App, texts: Texts) -> AnyView {
    button(texts.start_over(), "wide", move || {
        let texts = app.texts_now();
        app.confirm(texts.erase_device_sure(), texts.erase_device(), move || {
            app.wipe();
        });
    })
}
