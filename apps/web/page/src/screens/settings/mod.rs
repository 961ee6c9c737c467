//! Settings of staff: this device, language and look, notifications, the organisation.

mod hours;
mod organisation;
pub(super) mod passphrase;
mod policy;
mod week;

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, With};
use siegel_web_texts::{Language, Texts};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::dialog::{Dialog, close, heading};
use super::passkey;
use super::shell::page;
use crate::app::{App, Place, Theme};
use crate::browser::notify::{self, Allowed};
use crate::browser::spawn;
use crate::ui::{button, soft, text};

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let content = (
        device(app, texts),
        passkey::section(app, texts),
        look(app, texts, &Language::STAFF),
        notifications(texts),
        hours::view(app, texts),
        el::section().child((
            el::h2().child(texts.settings_team()),
            button(texts.invitations(), "", move || app.go(Place::Invitations)),
        )),
        app.is_admin().then(|| organisation::view(app, texts)),
    );
    page(app, texts, texts.settings(), content)
}

fn device(app: App, texts: Texts) -> AnyView {
    let name = move || {
        app.profile.with(|profile| {
            let name = profile.as_ref().map_or("", |profile| profile.name.as_str());
            texts.signed_in_as(name)
        })
    };
    let lock = move || {
        let minutes = app.profile.with(|profile| {
            let profile = profile.as_ref();
            profile.map_or(0, |profile| profile.policy.lock_after_minutes)
        });
        match minutes {
            0 => texts.auto_lock_never().to_owned(),
            minutes => texts.auto_lock(u64::from(minutes)),
        }
    };
    el::section()
        .child((
            el::h2().child(texts.settings_device()),
            el::p().child(name),
            el::p().class("soft").child(lock),
            wipe_rule(app, texts),
            el::div().class("row").child((
                button(texts.lock_now(), "primary", move || app.lock()),
                button(texts.change_passphrase(), "", move || {
                    app.dialog.set(Some(Dialog::Passphrase));
                }),
                button(texts.shortcuts(), "", move || {
                    app.dialog.set(Some(Dialog::Shortcuts));
                }),
            )),
        ))
        .into_any()
}

/// After how many wrong tries this device empties itself, if the policy says so.
fn wipe_rule(app: App, texts: Texts) -> AnyView {
    (move || {
        let tries = app.profile.with(|profile| {
            let profile = profile.as_ref();
            profile.map_or(0, |profile| profile.policy.wipe_after_tries)
        });
        (tries > 0).then(|| {
            el::p()
                .class("soft")
                .child(texts.wipe_rule(&tries.to_string()))
        })
    })
    .into_any()
}

/// Language, and light or dark.
pub(super) fn look(app: App, texts: Texts, languages: &[Language]) -> AnyView {
    let languages: Vec<AnyView> = languages
        .iter()
        .map(|language| {
            let language = *language;
            radio(
                "language",
                language.own_name(),
                move || app.language.get() == language,
                move || app.choose_language(language),
            )
        })
        .collect();
    let themes: Vec<AnyView> = Theme::ALL
        .into_iter()
        .map(|theme| {
            let label = match theme {
                Theme::Auto => texts.theme_auto(),
                Theme::Light => texts.theme_light(),
                Theme::Dark => texts.theme_dark(),
            };
            radio(
                "theme",
                label,
                move || app.theme.get() == theme,
                move || app.choose_theme(theme),
            )
        })
        .collect();
    el::section()
        .child((
            el::fieldset().child((
                el::legend().child(el::h2().child(texts.language())),
                el::div().class("languages").child(languages),
            )),
            el::fieldset().child((
                el::legend().child(el::h2().child(texts.theme())),
                el::div().class("languages").child(themes),
            )),
        ))
        .into_any()
}

fn radio(
    group: &'static str,
    label: &'static str,
    on: impl Fn() -> bool + Send + 'static,
    choose: impl Fn() + 'static,
) -> AnyView {
    el::label()
        .class("choice")
        .child((
            el::input()
                .attr("type", "radio")
                .attr("name", group)
                .prop("checked", on)
                .on(ev::change, move |_| choose()),
            el::span().child(label),
        ))
        .into_any()
}

fn notifications(texts: Texts) -> AnyView {
    let allowed = RwSignal::new(notify::allowed());
    let control = move || match allowed.get() {
        Allowed::Yes => text(texts.notifications_are_on()),
        Allowed::No => text(texts.notifications_blocked()),
        Allowed::NotAsked => button(texts.notifications_on(), "", move || {
            spawn(async move { allowed.set(notify::ask().await) });
        }),
    };
    el::section()
        .child((
            el::h2().child(texts.notifications()),
            soft(texts.notifications_text()),
            control,
        ))
        .into_any()
}

/// All keyboard shortcuts.
pub(super) fn shortcuts(app: App, texts: Texts) -> AnyView {
    let keys = [
        ("Ctrl K", texts.shortcut_search()),
        ("Ctrl M", texts.shortcut_write()),
        ("Alt ↓", texts.shortcut_next()),
        ("Alt ↑", texts.shortcut_previous()),
        ("Ctrl L", texts.shortcut_lock()),
        ("Esc Esc Esc", texts.shortcut_quit()),
    ];
    let rows: Vec<AnyView> = keys
        .into_iter()
        .map(|(key, does)| (el::dt().child(el::kbd().child(key)), el::dd().child(does)).into_any())
        .collect();
    el::div()
        .class("stack")
        .child((
            heading(texts.shortcuts()),
            el::dl().class("keys").child(rows),
            close(app, texts),
        ))
        .into_any()
}
