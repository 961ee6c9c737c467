//! Becoming staff: the first admin sets the organisation up, colleagues join.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, With, WithUntracked};
use siegel_web_bridge::view::Standing;
use siegel_web_bridge::{Ask, Protection, Reply, Secret, Trouble};
use siegel_web_texts::{Language, Texts};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::solo::{seal, solo};
use super::start::languages;
use crate::app::App;
use crate::browser::{history, spawn};
use crate::ui::{Field, Icon, alert, text, title, working};
use crate::{trouble, worker};

/// Characters a passphrase has at least, if the policy asks for no more.
pub(super) const PASSPHRASE_CHARACTERS: usize = 10;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    SetUp,
    Join,
}

#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    position: RwSignal<String>,
    passphrase: RwSignal<String>,
    again: RwSignal<String>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

pub(super) fn view(app: App, texts: Texts, way: Way) -> AnyView {
    let form = Form {
        name: RwSignal::new(String::new()),
        position: RwSignal::new(String::new()),
        passphrase: RwSignal::new(String::new()),
        again: RwSignal::new(String::new()),
        error: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    // After a broken try the vault is there already, and its passphrase with it.
    let has_vault = app
        .standing
        .with_untracked(|standing| matches!(standing, Some(Standing::Open { .. })));
    let (heading, intro) = match way {
        Way::SetUp => (texts.setup_title(), texts.setup_text()),
        Way::Join => (texts.join_title(), texts.join_text()),
    };
    let content = (
        seal(Icon::Bubble, false),
        title(heading),
        text(intro),
        el::form()
            .class("stack")
            .on(ev::submit, move |event| {
                event.prevent_default();
                submit(app, form, way, has_vault);
            })
            .child((
                field(
                    "name",
                    texts.your_name(),
                    texts.your_name_hint(),
                    form.name,
                    "name",
                ),
                field(
                    "position",
                    texts.your_position(),
                    texts.your_position_hint(),
                    form.position,
                    "organization-title",
                ),
                (!has_vault).then(|| passphrase(texts, form)),
                alert(form.error),
                move || match form.busy.get() {
                    true => working(match way {
                        Way::SetUp => texts.working_setup(),
                        Way::Join => texts.working_join(),
                    }),
                    false => el::button()
                        .attr("type", "submit")
                        .class("button primary wide")
                        .child(texts.create_account())
                        .into_any(),
                },
            )),
        languages(app, &Language::STAFF),
    );
    solo(app, texts, content)
}

fn field(
    id: &'static str,
    label: &str,
    hint: &str,
    value: RwSignal<String>,
    autocomplete: &'static str,
) -> AnyView {
    Field {
        id,
        label: label.into(),
        hint: hint.into(),
        value,
        autocomplete,
    }
    .line()
}

fn passphrase(texts: Texts, form: Form) -> AnyView {
    let first = Field {
        id: "passphrase",
        label: texts.passphrase_new_title().into(),
        hint: texts.passphrase_new_text().into(),
        value: form.passphrase,
        autocomplete: "new-password",
    };
    let second = Field {
        id: "passphrase-again",
        label: texts.passphrase_repeat().into(),
        hint: String::new(),
        value: form.again,
        autocomplete: "new-password",
    };
    el::div()
        .class("stack")
        .child((
            first.secret(texts, false),
            strength(texts, form.passphrase),
            second.secret(texts, false),
        ))
        .into_any()
}

/// How good the passphrase is, in words. Length counts, since people choose words.
pub(super) fn strength(texts: Texts, passphrase: RwSignal<String>) -> AnyView {
    el::p()
        .class("small soft")
        .role("status")
        .child(move || {
            passphrase.with(|chosen| {
                let different: std::collections::BTreeSet<char> = chosen.chars().collect();
                match (chosen.chars().count(), different.len()) {
                    (0, _) => "",
                    (..14, _) | (_, ..7) => texts.strength_weak(),
                    (14..20, _) => texts.strength_fair(),
                    _ => texts.strength_good(),
                }
            })
        })
        .into_any()
}

fn submit(app: App, form: Form, way: Way, has_vault: bool) {
    let texts = app.texts_now();
    let complaint = if form.name.get_untracked().trim().is_empty() {
        Some(texts.name_missing().to_owned())
    } else if has_vault {
        None
    } else if form.passphrase.get_untracked().chars().count() < PASSPHRASE_CHARACTERS {
        Some(texts.passphrase_short(&PASSPHRASE_CHARACTERS.to_string()))
    } else if form.passphrase.get_untracked() != form.again.get_untracked() {
        Some(texts.passphrase_differs().to_owned())
    } else {
        None
    };
    let refused = complaint.is_some();
    form.error.set(complaint);
    if refused || form.busy.get_untracked() {
        return;
    }
    form.busy.set(true);
    spawn(async move {
        if let Err(trouble) = become_somebody(app, form, way, has_vault).await {
            form.error
                .set(Some(trouble::sentence(app.texts_now(), &trouble)));
        }
        form.busy.set(false);
    });
}

async fn become_somebody(
    app: App,
    form: Form,
    way: Way,
    has_vault: bool,
) -> Result<Reply, Trouble> {
    let link = Secret(app.link.get_untracked().unwrap_or_default());
    let (name, position) = (form.name.get_untracked(), form.position.get_untracked());
    let (name, position) = (name.trim().to_owned(), position.trim().to_owned());
    if !has_vault {
        let secret = Secret(form.passphrase.get_untracked());
        let made = worker::ask(Ask::Create(Protection::Passphrase(secret))).await;
        // A second press after a break finds the vault of the first.
        if !matches!(made, Ok(_) | Err(Trouble::AlreadyCreated)) {
            return made;
        }
    }
    let ask = match way {
        Way::SetUp => Ask::SetUp {
            link,
            name,
            position,
        },
        Way::Join => Ask::Join {
            link,
            name,
            position,
        },
    };
    let answer = worker::ask(ask).await?;
    history::forget_link();
    app.link.set(None);
    Ok(answer)
}
