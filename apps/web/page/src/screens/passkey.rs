//! A passkey beside the passphrase or PIN: setting it up, taking it away, unlocking with it.

use std::cell::RefCell;
use std::rc::Rc;

use reactive_graph::graph::untrack;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With};
use siegel_web_bridge::view::Standing;
use siegel_web_bridge::{Ask, KnownPasskey, NewPasskey, Secret};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::dialog::{Dialog, buttons, heading};
use crate::app::App;
use crate::browser::passkey::{self, NoPasskey};
use crate::browser::spawn;
use crate::ui::{Field, alert, button, text, working};
use crate::{trouble, worker};

/// Part of a settings page; nothing where passkeys are of no use.
pub(super) fn section(app: App, texts: Texts) -> AnyView {
    let offered = RwSignal::new(false);
    spawn(async move { offered.set(passkey::can_be_offered().await) });
    let forbidden = move || {
        app.profile.with(|profile| {
            let profile = profile.as_ref();
            profile.is_none_or(|profile| profile.policy.forbid_passkeys)
        })
    };
    let frame = if app.is_client() { "card" } else { "" };
    (move || {
        let (protected, has_one) = open(app);
        let shown = has_one || (protected && offered.get() && !forbidden());
        shown.then(|| {
            el::section().class(frame).id("passkey").child((
                el::h2().child(texts.passkey()),
                match has_one {
                    true => set_up(app, texts),
                    false => offer(app, texts),
                },
            ))
        })
    })
    .into_any()
}

/// Whether something protects the open vault, and whether a passkey opens it.
fn open(app: App) -> (bool, bool) {
    app.standing.with(|standing| match standing {
        Some(Standing::Open {
            protected, passkey, ..
        }) => (*protected, *passkey),
        _ => (false, false),
    })
}

fn offer(app: App, texts: Texts) -> AnyView {
    (
        text(texts.passkey_text()),
        framed(app, texts.passkey_set_up(), move || {
            app.dialog.set(Some(Dialog::Passkey));
        }),
    )
        .into_any()
}

fn set_up(app: App, texts: Texts) -> AnyView {
    let remove = move || {
        spawn(async move {
            match worker::ask(Ask::RemovePasskey).await {
                Ok(_) => app.say(app.texts_now().passkey_removed()),
                Err(trouble) => app.complain(&trouble),
            }
        });
    };
    (
        text(texts.passkey_is_set_up()),
        framed(app, texts.passkey_remove(), remove),
    )
        .into_any()
}

/// Clients' buttons are as wide as their cards.
fn framed(app: App, label: &'static str, press: impl FnMut() + 'static) -> AnyView {
    if app.is_client() {
        return button(label, "wide", press);
    }
    let row = el::div().class("row");
    row.child(button(label, "", press)).into_any()
}

/// What it means, the passphrase or PIN, and the button.
pub(super) fn dialog(app: App, texts: Texts) -> AnyView {
    let current = RwSignal::new(String::new());
    let error = RwSignal::new(None);
    let busy = RwSignal::new(false);
    // A mistyped passphrase is no reason to make a second passkey.
    let made: Rc<RefCell<Option<NewPasskey>>> = Rc::default();
    let name = untrack(|| app.name());
    let submit = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let (name, made) = (name.clone(), Rc::clone(&made));
        spawn(async move {
            let outcome = add(&name, &made, current.get_untracked()).await;
            busy.set(false);
            let texts = app.texts_now();
            match outcome {
                Ok(()) => {
                    app.dialog.set(None);
                    app.say(texts.passkey_done());
                }
                Err(why) => error.set(Some(why.sentence(texts))),
            }
        });
    };
    let pin = app.is_client();
    el::form()
        .class("stack")
        .on(ev::submit, move |event| {
            event.prevent_default();
            submit();
        })
        .child((
            heading(texts.passkey_set_up()),
            text(texts.passkey_confirm()),
            el::p()
                .class("message warning")
                .child(texts.passkey_warning()),
            Field {
                id: "current",
                label: if pin { texts.pin() } else { texts.passphrase() }.into(),
                hint: String::new(),
                value: current,
                autocomplete: "current-password",
            }
            .secret(texts, pin),
            alert(error),
            move || match busy.get() {
                true => working(texts.loading()),
                false => buttons(
                    app,
                    texts,
                    el::button()
                        .attr("type", "submit")
                        .class("button primary")
                        .child(texts.go_on())
                        .into_any(),
                ),
            },
        ))
        .into_any()
}

enum NotAdded {
    NoPasskey(NoPasskey),
    Trouble(siegel_web_bridge::Trouble),
}

impl NotAdded {
    fn sentence(&self, texts: Texts) -> String {
        match self {
            Self::NoPasskey(why) => sentence(texts, *why).to_owned(),
            Self::Trouble(trouble) => trouble::sentence(texts, trouble),
        }
    }
}

async fn add(
    name: &str,
    made: &RefCell<Option<NewPasskey>>,
    current: String,
) -> Result<(), NotAdded> {
    let known = made.borrow().clone();
    let new = match known {
        Some(new) => new,
        None => {
            let new = passkey::make(name).await;
            new.map_err(NotAdded::NoPasskey)?
        }
    };
    made.replace(Some(new.clone()));
    let current = Secret(current);
    let added = worker::ask(Ask::AddPasskey { current, new }).await;
    added.map(drop).map_err(NotAdded::Trouble)
}

/// Unlocks by passkey; the sentence if that was nothing.
pub(super) async fn unlock(app: App, known: &KnownPasskey) -> Option<String> {
    let texts = app.texts_now();
    match passkey::ask(known).await {
        Err(why) => Some(sentence(texts, why).to_owned()),
        Ok(secret) => match worker::ask(Ask::UnlockByPasskey(secret)).await {
            Ok(_) => None,
            Err(trouble) => Some(trouble::sentence(texts, &trouble)),
        },
    }
}

fn sentence(texts: Texts, why: NoPasskey) -> &'static str {
    match why {
        NoPasskey::Refused => texts.passkey_refused(),
        NoPasskey::CannotEncrypt => texts.passkey_cannot(),
    }
}
