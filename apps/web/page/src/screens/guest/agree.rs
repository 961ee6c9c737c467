//! The notice, read aloud if wished, and one button to agree.

use reactive_graph::owner::on_cleanup;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::Ask;
use siegel_web_bridge::view::Standing;
use siegel_web_texts::{Language, Texts};
use tachys::html::element as el;
use tachys::prelude::*;

use super::{Found, Step, finish};
use crate::app::App;
use crate::browser::{spawn, speech};
use crate::screens::solo::solo_wide;
use crate::ui::{Icon, alert, button, icon, soft, title, working};
use crate::{trouble, worker};

pub(super) fn view(
    app: App,
    texts: Texts,
    step: RwSignal<Step>,
    done: RwSignal<bool>,
    found: Found,
) -> AnyView {
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let language = Language::from_code(&found.notice.language).unwrap_or(Language::German);
    on_cleanup(speech::stop);
    let (agreed, declined) = (found.clone(), found.clone());
    let agree = move || {
        let found = agreed.clone();
        busy.set(true);
        spawn(async move {
            let consent = Ask::Consent {
                room: found.room,
                notice: found.message,
                granted: true,
            };
            match worker::ask(consent).await {
                Ok(_) if is_protected(app) => finish(app, done),
                Ok(_) => step.set(Step::Pin),
                Err(trouble) => {
                    error.set(Some(trouble::sentence(app.texts_now(), &trouble)));
                    busy.set(false);
                }
            }
        });
    };
    let content = (
        title(texts.notice_title()),
        (language != texts.spoken()).then(|| soft(texts.notice_other_language())),
        listen(texts, language, found.notice.body.clone()),
        el::article()
            .class("notice-text")
            .attr("lang", found.notice.language.clone())
            .attr("dir", "auto")
            .child(found.notice.body.clone()),
        alert(error),
        move || {
            if busy.get() {
                return working(texts.loading());
            }
            let (agree, declined) = (agree.clone(), declined.clone());
            el::div()
                .class("stack")
                .child((
                    button(texts.notice_agree(), "primary large wide", agree),
                    button(texts.notice_decline(), "quiet wide", move || {
                        step.set(Step::Declined(declined.clone()));
                    }),
                ))
                .into_any()
        },
    );
    solo_wide(app, texts, content)
}

/// A button that reads aloud, where the device has a voice of its own for the language.
fn listen(texts: Texts, language: Language, body: String) -> Option<AnyView> {
    if !speech::can_read(language) {
        return None;
    }
    let reading = RwSignal::new(false);
    let view = move || {
        let (label, body) = (
            if reading.get() {
                texts.notice_stop()
            } else {
                texts.notice_listen()
            },
            body.clone(),
        );
        let press = move || {
            let begin = !reading.get_untracked();
            reading.set(begin);
            if begin {
                speech::read(language, &body);
            } else {
                speech::stop();
            }
        };
        el::div()
            .class("row")
            .child((icon(Icon::Sound), button(label, "", press)))
            .into_any()
    };
    Some(view.into_any())
}

fn is_protected(app: App) -> bool {
    matches!(
        app.standing.get_untracked(),
        Some(Standing::Open {
            protected: true,
            ..
        })
    )
}
