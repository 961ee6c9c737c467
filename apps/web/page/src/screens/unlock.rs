//! There is a vault: ask for what opens it.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With};
use siegel_web_bridge::view::{PasskeyView, Standing};
use siegel_web_bridge::{Ask, KnownPasskey, Secret, Trouble};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::passkey;
use super::solo::{seal, solo};
use crate::app::App;
use crate::browser::{self, spawn};
use crate::ui::{Field, Icon, alert, button, soft, text, title, working};
use crate::{trouble, worker};

pub(super) fn view(app: App, texts: Texts, pin: bool, known: PasskeyView) -> AnyView {
    let secret = RwSignal::new(String::new());
    let error = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let forgotten = RwSignal::new(false);
    let left = move || {
        app.standing.with(|standing| match standing {
            Some(Standing::Locked(screen)) => screen.tries_left,
            _ => None,
        })
    };
    let unlock = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn(async move {
            let answer = worker::ask(Ask::Unlock(Secret(secret.get_untracked()))).await;
            busy.set(false);
            if let Err(trouble) = answer {
                if let Trouble::WrongSecret { tries_left, .. } = trouble {
                    secret.set(String::new());
                    if tries_left == Some(0) {
                        app.emptied();
                        return;
                    }
                }
                error.set(Some(trouble::sentence(app.texts_now(), &trouble)));
                browser::focus("secret");
            }
        });
    };
    let intro = if pin {
        texts.unlock_intro_pin()
    } else {
        texts.unlock_intro()
    };
    // One button is the first choice.
    let look = match known {
        PasskeyView::Known(_) => "button wide",
        PasskeyView::None | PasskeyView::Damaged => "button primary wide",
    };
    let first = match known {
        PasskeyView::Known(_) => "by-passkey",
        PasskeyView::None | PasskeyView::Damaged => "secret",
    };
    browser::before_paint(move || browser::focus(first));
    let content = (
        seal(Icon::Lock, false),
        title(texts.unlock_title()),
        by_passkey(app, texts, known, busy, error),
        text(intro),
        // What a wrong try leaves is said with what went wrong.
        move || {
            let left = left().filter(|_| error.with(Option::is_none))?;
            Some(soft(texts.tries_left(u64::from(left))))
        },
        el::form()
            .class("stack")
            .on(ev::submit, move |event| {
                event.prevent_default();
                unlock();
            })
            .child((
                Field {
                    id: "secret",
                    label: if pin { texts.pin() } else { texts.passphrase() }.into(),
                    hint: String::new(),
                    value: secret,
                    autocomplete: "current-password",
                }
                .secret(texts, pin),
                alert(error),
                move || match busy.get() {
                    true => working(texts.loading()),
                    false => el::button()
                        .attr("type", "submit")
                        .class(look)
                        .child(texts.unlock())
                        .into_any(),
                },
            )),
        button(texts.passphrase_forgotten(), "quiet", move || {
            forgotten.set(true);
        }),
        move || {
            forgotten.get().then(|| {
                el::div().class("card").child((
                    text(texts.passphrase_forgotten_help()),
                    button(texts.erase_device(), "danger", move || {
                        let texts = app.texts_now();
                        app.confirm(texts.erase_device_sure(), texts.erase_device(), move || {
                            app.wipe();
                        });
                    }),
                ))
            })
        },
    );
    solo(app, texts, content)
}

/// The way past the passphrase, or why there is none any more.
fn by_passkey(
    app: App,
    texts: Texts,
    known: PasskeyView,
    busy: RwSignal<bool>,
    error: RwSignal<Option<String>>,
) -> AnyView {
    let known: KnownPasskey = match known {
        PasskeyView::None => return ().into_any(),
        PasskeyView::Damaged => {
            let sentence = texts.passkey_unfit();
            return el::p().class("message warning").child(sentence).into_any();
        }
        PasskeyView::Known(known) => known,
    };
    let unlock = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let known = known.clone();
        spawn(async move {
            let failure = passkey::unlock(app, &known).await;
            busy.set(false);
            if failure.is_some() {
                error.set(failure);
                browser::focus("secret");
            }
        });
    };
    el::button()
        .attr("type", "button")
        .id("by-passkey")
        .class("button primary wide")
        .on(ev::click, unlock)
        .child(texts.unlock_by_passkey())
        .into_any()
}
